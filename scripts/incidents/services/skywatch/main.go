// Command skywatch shows the polar lights' forecast, which it fetches from outside, through a proxy.
package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", "", "where to listen")
	proxy := flag.String("proxy", "", "URL of the proxy")
	forecast := flag.String("forecast", "", "URL of the forecast")
	flag.Parse()
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey:
			return slog.Int64("epoch_ms", a.Value.Time().UnixMilli())
		case slog.LevelKey:
			return slog.String("sev", a.Value.String())
		case slog.MessageKey:
			return slog.String("event", a.Value.String())
		}
		return a
	}}))
	p, err := url.Parse(*proxy)
	if err != nil {
		panic(err)
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(p), DisableKeepAlives: true}}
	http.HandleFunc("/lights/{place}", func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		resp, err := client.Get(*forecast + "/forecast/" + r.PathValue("place"))
		if err == nil && resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("forecast: %s", resp.Status)
		}
		if err != nil {
			log.Error("no forecast", "place", r.PathValue("place"), "cause", err.Error())
			http.Error(w, "dark", http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		n, _ := io.Copy(w, resp.Body)
		log.Info("forecast shown", "place", r.PathValue("place"), "bytes", n, "us", time.Since(start).Microseconds())
	})
	go func() {
		for range time.Tick(13 * time.Second) {
			log.Warn("camera 2 is snowed in")
		}
	}()
	log.Info("skywatch up", "listen", *listen)
	log.Error("skywatch down", "cause", http.ListenAndServe(*listen, nil).Error())
}
