// Command parcels knows where a parcel is, over HTTPS.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8443", "where to listen")
	dir := flag.String("tls", ".", "folder of server.pem and server.key")
	flag.Parse()
	out := log.New(os.Stdout, "", log.LstdFlags|log.Lmicroseconds)
	out.Printf("parcels 3.0.4 listening on %s", *listen)
	go func() {
		for range time.Tick(11 * time.Second) {
			out.Print("sync: depot 7 sent an empty manifest, keeping the old one")
		}
	}()
	http.HandleFunc("GET /parcels/{id}", func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := r.PathValue("id")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "{\"parcel\": %q, \"depot\": %d}\n", id, len(id))
		out.Printf("GET /parcels/%s 200 %s", id, time.Since(start))
	})
	server := &http.Server{Addr: *listen, ErrorLog: out}
	out.Fatal(server.ListenAndServeTLS(*dir+"/server.pem", *dir+"/server.key"))
}
