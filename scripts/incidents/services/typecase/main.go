// Command typecase takes pages from the editors and has etcher make a proof of each; it tries twice.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", "", "where to listen")
	etcher := flag.String("etcher", "", "URL of etcher")
	flag.Parse()
	say := func(level int, text string) {
		fmt.Fprintf(os.Stdout, "{\"lv\":%d,\"at\":%.3f,\"who\":\"typecase\",\"what\":%q}\n", level, float64(time.Now().UnixMilli())/1000, text)
	}
	client := &http.Client{Timeout: 4 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	pages := 0
	http.HandleFunc("/page/{page}", func(w http.ResponseWriter, r *http.Request) {
		page := r.PathValue("page")
		var last string
		for try := 1; try <= 2; try++ {
			resp, err := client.Post(*etcher+"/proof/"+page, "text/plain", nil)
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode == http.StatusCreated {
					say(6, "page "+page+" proofed")
					if pages++; pages%22 == 0 {
						say(4, "letter q is missing in case 2")
					}
					w.WriteHeader(http.StatusCreated)
					return
				}
				err = fmt.Errorf("etcher: %s", resp.Status)
			}
			last = err.Error()
			say(4, fmt.Sprintf("page %s, try %d: %s", page, try, last))
			time.Sleep(400 * time.Millisecond)
		}
		say(3, "page "+page+" goes unproofed: "+last)
		http.Error(w, "unproofed", http.StatusBadGateway)
	})
	say(6, "typecase listens on "+*listen)
	say(2, fmt.Sprint(http.ListenAndServe(*listen, nil)))
}
