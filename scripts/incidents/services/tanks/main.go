// Command tanks keeps what each aquarium tank was last fed in etcd.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	members := flag.String("etcd", "", "addresses of etcd, with commas")
	flag.Parse()
	log, _ := zap.NewProduction(zap.AddStacktrace(zap.DPanicLevel))
	client, err := clientv3.New(clientv3.Config{Endpoints: strings.Split(*members, ","), DialTimeout: 3 * time.Second})
	if err != nil {
		log.Fatal("etcd", zap.Error(err))
	}
	answer := func(w http.ResponseWriter, r *http.Request, do func(context.Context, string) (string, error)) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		text, err := do(ctx, "/tanks/"+r.PathValue("tank"))
		fields := []zap.Field{zap.String("method", r.Method), zap.String("tank", r.PathValue("tank")), zap.Duration("took", time.Since(start))}
		if err != nil {
			log.Error("tank not served", append(fields, zap.Error(err))...)
			http.Error(w, "the tank is not available", http.StatusServiceUnavailable)
			return
		}
		log.Info("tank served", fields...)
		fmt.Fprintln(w, text)
	}
	http.HandleFunc("GET /tank/{tank}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, func(ctx context.Context, key string) (string, error) {
			got, err := client.Get(ctx, key)
			if err != nil || len(got.Kvs) == 0 {
				return "never fed", err
			}
			return string(got.Kvs[0].Value), nil
		})
	})
	http.HandleFunc("POST /feed/{tank}", func(w http.ResponseWriter, r *http.Request) {
		food, _ := io.ReadAll(r.Body)
		answer(w, r, func(ctx context.Context, key string) (string, error) {
			_, err := client.Put(ctx, key, string(food))
			return "fed", err
		})
	})
	go func() {
		for range time.Tick(11 * time.Second) {
			log.Warn("salinity probe out of calibration, using the last good value", zap.Int("tank", 7))
		}
	}()
	log.Info("tanks ready", zap.String("listen", *listen))
	log.Fatal("serve", zap.Error(http.ListenAndServe(*listen, nil)))
}
