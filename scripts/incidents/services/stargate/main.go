// Command stargate is the observatory's portal: it takes a pass for the astronomer and goes to the telescope or the plates.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

var serial atomic.Int64

func logf(level, format string, args ...any) {
	fmt.Fprintf(os.Stdout, "ts=%s level=%s caller=stargate/main.go %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), level, fmt.Sprintf(format, args...))
}

func get(url, pass string) (string, int, error) {
	req, _ := http.NewRequest("GET", url, nil)
	if pass != "" {
		req.Header.Set("Authorization", "Bearer "+pass)
	}
	resp, err := (&http.Client{Timeout: 4 * time.Second}).Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), resp.StatusCode, err
}

func main() {
	listen := flag.String("listen", "", "where to listen")
	passes := flag.String("passes", "", "URL of domepass")
	telescope := flag.String("telescope", "", "URL of telescope")
	plates := flag.String("plates", "", "URL of plates")
	flag.Parse()
	http.HandleFunc("/{what}/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, start := serial.Add(1), time.Now()
		base := map[string]string{"point": *telescope, "plate": *plates}[r.PathValue("what")]
		if base == "" {
			logf("warn", "msg=\"no such page\" req=%d path=%s", id, r.URL.Path)
			http.NotFound(w, r)
			return
		}
		pass, status, err := get(*passes+"/pass/astronomer-"+fmt.Sprint(1+rand.IntN(20)), "")
		if err == nil && status == 200 {
			_, status, err = get(base+r.URL.Path, strings.TrimSpace(pass))
		}
		if err != nil || status != 200 {
			logf("error", "msg=\"request failed\" req=%d path=%s upstream=%s status=%d err=%q dur=%s", id, r.URL.Path, base, status, fmt.Sprint(err), time.Since(start).Round(time.Millisecond))
			http.Error(w, "try again", http.StatusBadGateway)
			return
		}
		logf("info", "msg=served req=%d path=%s status=%d dur=%s", id, r.URL.Path, status, time.Since(start).Round(time.Millisecond))
	})
	logf("info", "msg=\"stargate listening\" addr=%s", *listen)
	logf("error", "msg=ended err=%q", fmt.Sprint(http.ListenAndServe(*listen, nil)))
}
