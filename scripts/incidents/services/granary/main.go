// Command granary sells grain: it asks silo how much there is, and scale how heavy the lorry is.
package main

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", "", "where to listen")
	silo := flag.String("silo", "", "URL of silo")
	scale := flag.String("scale", "", "URL of scale")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{AddSource: true, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.SourceKey {
			return slog.Attr{}
		}
		return a
	}})).With("app", "granary")
	client := &http.Client{Timeout: 4 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(url string) error {
		resp, err := client.Get(url)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return err
	}
	handle := func(name, base string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			err := ask(base + r.URL.Path)
			if err == nil {
				log.Info("asked "+name, "path", r.URL.Path, "ms", time.Since(start).Milliseconds())
				return
			}
			log.Log(context.Background(), slog.LevelError, name+" did not answer", "path", r.URL.Path, "ms", time.Since(start).Milliseconds(), "err", err)
			http.Error(w, "come again", http.StatusGatewayTimeout)
		}
	}
	http.Handle("/grain/{kind}", handle("silo", *silo))
	http.Handle("/weigh/{lorry}", handle("scale", *scale))
	log.Info("granary open", "listen", *listen)
	log.Error("granary closed", "err", http.ListenAndServe(*listen, nil))
}
