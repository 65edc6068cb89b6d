// Command outward asks somebody outside on behalf of others, and remembers good answers for a moment.
//
// The host outside is one of our own programs on a loopback port: -connect says which.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	base := flag.String("base", "", "URL outside")
	connect := flag.String("connect", "", "where that really is")
	keep := flag.Duration("keep", 2*time.Second, "how long an answer is remembered")
	timeout := flag.Duration("timeout", 10*time.Second, "how long to wait")
	style := flag.String("log", "text", "text or json")
	grumble := flag.String("grumble", "", "a warning to repeat")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if *style == "json" {
		log = slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	client := http.Client{Timeout: *timeout, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, *connect)
		},
	}}
	var mu sync.Mutex
	known := map[string]string{}
	at := map[string]time.Time{}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		mu.Lock()
		text, ok := known[r.URL.Path], time.Since(at[r.URL.Path]) < *keep
		mu.Unlock()
		if ok {
			log.Info("answered from memory", "path", r.URL.Path)
			fmt.Fprint(w, text)
			return
		}
		req, _ := http.NewRequestWithContext(r.Context(), r.Method, *base+r.URL.Path, nil)
		resp, err := client.Do(req)
		if err != nil {
			log.Error("no answer", "path", r.URL.Path, "took", time.Since(start).Round(time.Millisecond), "err", err)
			http.Error(w, "no answer", http.StatusGatewayTimeout)
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 400))
		if resp.StatusCode != http.StatusOK {
			log.Error("refused", "url", *base+r.URL.Path, "status", resp.StatusCode, "retry_after", resp.Header.Get("Retry-After"), "body", string(body))
			http.Error(w, "refused", http.StatusBadGateway)
			return
		}
		mu.Lock()
		known[r.URL.Path], at[r.URL.Path] = string(body), time.Now()
		mu.Unlock()
		log.Info("answered", "path", r.URL.Path, "took", time.Since(start).Round(time.Millisecond))
		w.Write(body)
	})
	if *grumble != "" {
		go func() {
			for range time.Tick(13 * time.Second) {
				log.Warn(*grumble)
			}
		}()
	}
	log.Info("listening", "address", *listen, "outside", *base)
	log.Error("serve", "err", http.ListenAndServe(*listen, nil))
}
