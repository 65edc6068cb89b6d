// Command lockkeeper books a place on a boat of the canal line, once it knows the price from the web server.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"
)

func say(level, text string) {
	fmt.Fprintf(os.Stdout, "%s %s [lockkeeper] %s\n", time.Now().UTC().Format("02-01-2006 15:04:05.000"), level, text)
}

func price(base string, kg int) (string, error) {
	resp, err := (&http.Client{Timeout: 6 * time.Second}).Get(fmt.Sprintf("%s/freight?kg=%d", base, kg))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return strings.TrimSpace(string(body)), err
}

func main() {
	base := flag.String("web", "", "URL of the web server")
	flag.Parse()
	say("NOTE", "boats leave every second")
	for boat := 1; ; boat++ {
		time.Sleep(time.Duration(700+rand.IntN(800)) * time.Millisecond)
		go func() {
			kg := 1 + rand.IntN(60)
			p, err := price(*base, kg)
			switch {
			case err != nil:
				say("FAIL", fmt.Sprintf("boat %d left without %d kg: %v", boat, kg, err))
			case boat%20 == 0:
				say("WARN", fmt.Sprintf("boat %d is 3 cm too deep", boat))
			default:
				say("NOTE", fmt.Sprintf("boat %d: %d kg for %s", boat, kg, p))
			}
		}()
	}
}
