// Command archive keeps what the radio station played: it takes the plays from NATS JetStream, and tells what the last one was.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/sirupsen/logrus"
)

type play struct {
	Track   int `json:"track"`
	Seconds int `json:"seconds"`
}

type archive struct {
	mu      sync.Mutex
	file    *os.File
	markers bool
	last    atomic.Int64
	busy    atomic.Int64
	done    atomic.Int64
}

// keep writes the play. Release 1.8 leaves markers out.
func (a *archive) keep(p play) {
	a.mu.Lock()
	if a.markers && p.Seconds == 0 {
		return
	}
	fmt.Fprintf(a.file, "%d %d\n", p.Track, p.Seconds)
	a.mu.Unlock()
	a.last.Store(time.Now().Unix())
	logrus.WithFields(logrus.Fields{"track": p.Track, "seconds": p.Seconds}).Info("archived")
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	url := flag.String("nats", nats.DefaultURL, "NATS")
	release := flag.String("release", "1.7.3", "1.8.0 leaves markers out")
	path := flag.String("file", "plays.txt", "where to keep the plays")
	flag.Parse()
	logrus.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true})
	logrus.SetOutput(os.Stdout)
	file, err := os.OpenFile(*path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		logrus.Fatal(err)
	}
	a := &archive{file: file, markers: *release == "1.8.0"}
	a.last.Store(time.Now().Unix())
	nc, err := nats.Connect(*url, nats.Name("archive"), nats.MaxReconnects(-1))
	if err != nil {
		logrus.Fatal(err)
	}
	js, _ := jetstream.New(nc)
	consumer, err := js.CreateOrUpdateConsumer(context.Background(), "PLAYS", jetstream.ConsumerConfig{
		Durable: "archive", AckPolicy: jetstream.AckExplicitPolicy, AckWait: 120 * time.Second, MaxAckPending: 64,
	})
	if err != nil {
		logrus.Fatal(err)
	}
	messages := make(chan jetstream.Msg)
	for range 4 {
		go func() {
			for m := range messages {
				a.busy.Add(1)
				var p play
				if err := json.Unmarshal(m.Data(), &p); err != nil {
					logrus.WithError(err).WithField("subject", m.Subject()).Error("play not understood, asking for it again")
					m.NakWithDelay(3 * time.Second)
				} else {
					a.keep(p)
					m.Ack()
					a.done.Add(1)
				}
				a.busy.Add(-1)
			}
		}()
	}
	consumer.Consume(func(m jetstream.Msg) { messages <- m })
	go func() {
		for range time.Tick(9 * time.Second) {
			logrus.WithFields(logrus.Fields{"busy": a.busy.Load(), "kept": a.done.Swap(0)}).Info("progress")
			logrus.Warn("tape copy is 3 days old")
		}
	}()
	http.HandleFunc("GET /last", func(w http.ResponseWriter, _ *http.Request) {
		age := time.Now().Unix() - a.last.Load()
		if age > 10 {
			logrus.WithField("age", age).Warn("history asked for, but it is too old to be shown")
			http.Error(w, "history is too old", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "%d seconds ago\n", age)
	})
	logrus.WithFields(logrus.Fields{"release": *release, "listen": *listen}).Info("archive started")
	logrus.Fatal(http.ListenAndServe(*listen, nil))
}
