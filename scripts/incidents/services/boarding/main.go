// Command boarding lets people aboard: it asks seats, which it finds by name.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8082", "where to listen")
	seats := flag.String("seats", "", "URL of seats")
	dns := flag.String("dns", "127.0.0.1:53", "the name server")
	flag.Parse()
	logger := log.New(os.Stdout, "boarding ", log.LstdFlags|log.Lmsgprefix)
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, *dns)
	}}
	dialer := &net.Dialer{Resolver: resolver, Timeout: 3 * time.Second}
	client := &http.Client{Timeout: 4 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	go func() {
		for range time.Tick(12 * time.Second) {
			logger.Print("WARN gate 4 counts one passenger less than it scanned")
		}
	}()
	http.HandleFunc("POST /board/{passenger}", func(w http.ResponseWriter, r *http.Request) {
		passenger := r.PathValue("passenger")
		resp, err := client.Get(*seats + "/seat/" + passenger)
		if err != nil {
			logger.Printf("ERROR passenger %s is not aboard: %v", passenger, err)
			http.Error(w, "wait at the gate", http.StatusServiceUnavailable)
			return
		}
		defer resp.Body.Close()
		seat, _ := io.ReadAll(resp.Body)
		logger.Printf("INFO passenger %s is aboard, seat %s", passenger, seat)
		fmt.Fprintf(w, "%s\n", seat)
	})
	logger.Printf("INFO listening on %s", *listen)
	logger.Fatal(http.ListenAndServe(*listen, nil))
}
