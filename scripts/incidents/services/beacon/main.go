// Command beacon tells boats how deep the water is; it asks gauge. With -keep it leaves the answers of gauge open.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

func main() {
	listen := flag.String("listen", "", "where to listen")
	gauge := flag.String("gauge", "", "URL of gauge")
	version := flag.String("version", "", "version")
	keep := flag.Bool("keep", false, "read the answers of gauge later")
	flag.Parse()
	log.SetOutput(os.Stdout)
	log.SetFlags(log.LstdFlags | log.LUTC)
	log.SetPrefix("beacon ")
	client := &http.Client{Timeout: 90 * time.Second}
	var asked, failed atomic.Int64
	http.HandleFunc("/depth/{pier}", func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		resp, err := client.Get(*gauge + "/pier/" + r.PathValue("pier"))
		if err != nil {
			failed.Add(1)
			log.Printf("error: pier %s: %v", r.PathValue("pier"), err)
			http.Error(w, "unknown depth", http.StatusBadGateway)
			return
		}
		if !*keep {
			defer resp.Body.Close()
			io.Copy(w, resp.Body)
		}
		log.Printf("pier %s: told boat %d", r.PathValue("pier"), n)
		if n%25 == 0 {
			log.Printf("warning: lamp at %d %% of its brightness", 80+n%10)
		}
	})
	http.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "beacon_asked_total %d\nbeacon_failed_total %d\n", asked.Load(), failed.Load())
	})
	log.Printf("version %s lit on %s", *version, *listen)
	log.Fatal(http.ListenAndServe(*listen, nil))
}
