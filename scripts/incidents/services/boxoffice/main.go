// Command boxoffice sells tickets; it reads the programme from the web server for each.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

type show struct {
	ID     int       `json:"id"`
	Title  string    `json:"title"`
	Hall   int       `json:"hall"`
	Cents  int       `json:"cents"`
	Starts time.Time `json:"starts"`
}

func say(code byte, format string, args ...any) {
	now := time.Now().UTC()
	fmt.Fprintf(os.Stdout, "%c%s %7d boxoffice/main.go] %s\n", code, now.Format("0102 15:04:05.000000"), os.Getpid(), fmt.Sprintf(format, args...))
}

func find(url string, id int) (show, error) {
	resp, err := (&http.Client{Timeout: 3 * time.Second}).Get(url)
	if err != nil {
		return show{}, err
	}
	defer resp.Body.Close()
	var programme struct {
		Edition int    `json:"edition"`
		Shows   []show `json:"shows"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&programme); err != nil {
		return show{}, fmt.Errorf("decoding %s: %w", url, err)
	}
	return programme.Shows[id%len(programme.Shows)], nil
}

func main() {
	listen := flag.String("listen", "", "where to listen")
	programme := flag.String("programme", "", "URL of the programme")
	flag.Parse()
	sold := 0
	http.HandleFunc("/ticket/{show}", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.PathValue("show"))
		s, err := find(*programme, id)
		if err != nil {
			say('E', "ticket %d not sold: %v", id, err)
			http.Error(w, "sorry", http.StatusInternalServerError)
			return
		}
		say('I', "ticket for %q, hall %d, %d cents", s.Title, s.Hall, s.Cents)
		if sold++; sold%20 == 0 {
			say('W', "printer 2 is low on paper")
		}
	})
	say('I', "listening on %s", *listen)
	say('F', "%v", http.ListenAndServe(*listen, nil))
}
