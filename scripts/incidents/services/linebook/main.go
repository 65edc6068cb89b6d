// Command linebook is what the app of the tram line talks to: it asks the planner and the signs.
package main

import (
	"flag"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	listen := flag.String("listen", "", "where to listen")
	plan := flag.String("plan", "", "URL of the planner")
	signs := flag.String("signs", "", "URL of the signs")
	flag.Parse()
	log.SetOutput(os.Stdout)
	log.SetFlags(log.Ldate | log.Ltime | log.Lmicroseconds | log.Lshortfile)
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	handle := func(base string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			resp, err := client.Get(base + r.URL.Path)
			if err != nil {
				log.Printf("E! %s: %v", r.URL.Path, err)
				http.Error(w, "no connection", http.StatusBadGateway)
				return
			}
			resp.Body.Close()
			log.Printf("I! %s %d %s", r.URL.Path, resp.StatusCode, time.Since(start).Round(100*time.Microsecond))
		}
	}
	http.Handle("/plan/", handle(*plan))
	http.Handle("/sign/", handle(*signs))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		log.Printf("W! unknown path %s", strings.ToLower(r.URL.Path))
		http.NotFound(w, r)
	})
	log.Printf("I! linebook listens on %s", *listen)
	log.Fatal(http.ListenAndServe(*listen, nil))
}
