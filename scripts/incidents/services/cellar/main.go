// Command cellar plans the bottling: it asks vat, which it finds by name.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

type line struct {
	Severity string `json:"severity"`
	Time     string `json:"timestamp"`
	Message  string `json:"message"`
	Error    string `json:"error,omitempty"`
	Path     string `json:"http_path,omitempty"`
}

func say(severity, message, path string, err error) {
	l := line{Severity: severity, Time: time.Now().UTC().Format(time.RFC3339Nano), Message: message, Path: path}
	if err != nil {
		l.Error = err.Error()
	}
	json.NewEncoder(os.Stdout).Encode(l)
}

func main() {
	listen := flag.String("listen", "", "where to listen")
	vat := flag.String("vat", "", "URL of vat")
	dns := flag.String("dns", "", "the name server")
	flag.Parse()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, *dns)
	}}
	dialer := &net.Dialer{Resolver: resolver, Timeout: 3 * time.Second}
	client := &http.Client{Timeout: 4 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	go func() {
		for range time.Tick(11 * time.Second) {
			say("WARNING", "corks for fewer than 400 bottles left", "", nil)
		}
	}()
	http.HandleFunc("/bottle/{vat}", func(w http.ResponseWriter, r *http.Request) {
		resp, err := client.Get(*vat + "/vat/" + r.PathValue("vat"))
		if err != nil {
			say("ERROR", "not bottled", r.URL.Path, err)
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		say("INFO", "bottled", r.URL.Path, nil)
	})
	say("INFO", "cellar listens on "+*listen, "", nil)
	say("CRITICAL", "cellar ends", "", http.ListenAndServe(*listen, nil))
}
