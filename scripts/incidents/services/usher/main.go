// Command usher fetches costumes from the wardrobe for the actors.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	base := flag.String("wardrobe", "", "URL of the wardrobe")
	flag.Parse()
	say := func(level, format string, args ...any) {
		fmt.Fprintf(os.Stdout, "%s\t%s\tusher\t%s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z0700"), level, fmt.Sprintf(format, args...))
	}
	say("info", "doors open")
	client := &http.Client{Timeout: 5 * time.Second}
	for n := 1; ; n++ {
		time.Sleep(time.Duration(500+rand.IntN(900)) * time.Millisecond)
		costume := 1 + rand.IntN(60)
		resp, err := client.Post(fmt.Sprintf("%s/wardrobe?costume=%d", *base, costume), "text/plain", strings.NewReader(""))
		switch {
		case err != nil:
			say("error", "actor %d has nothing to wear\t{\"costume\": %d, \"error\": %q}", n, costume, err)
			continue
		case resp.StatusCode != http.StatusCreated:
			say("error", "actor %d has nothing to wear\t{\"costume\": %d, \"status\": %q}", n, costume, resp.Status)
		case n%19 == 0:
			say("warn", "actor %d is late\t{\"costume\": %d}", n, costume)
		default:
			say("info", "actor %d is dressed\t{\"costume\": %d}", n, costume)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}
