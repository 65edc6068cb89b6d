// Command desk is the radio station's mixing desk: it publishes what is played to NATS JetStream.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	url := flag.String("nats", nats.DefaultURL, "NATS")
	release := flag.String("release", "2.9.4", "3.0.0 writes the length as a time of day")
	flag.Parse()
	zerolog.TimeFieldFormat = zerolog.TimeFormatUnixMs
	log := zerolog.New(os.Stdout).With().Timestamp().Str("app", "desk").Logger()
	nc, err := nats.Connect(*url, nats.Name("desk"), nats.MaxReconnects(-1))
	if err != nil {
		log.Fatal().Err(err).Msg("nats")
	}
	js, _ := jetstream.New(nc)
	_, err = js.CreateOrUpdateStream(context.Background(), jetstream.StreamConfig{
		Name: "PLAYS", Subjects: []string{"plays.>"}, Retention: jetstream.WorkQueuePolicy, MaxBytes: 48 << 10, Discard: jetstream.DiscardNew,
	})
	if err != nil {
		log.Fatal().Err(err).Msg("stream")
	}
	http.HandleFunc("POST /play/{track}", func(w http.ResponseWriter, r *http.Request) {
		track, _ := strconv.Atoi(r.PathValue("track"))
		seconds := 90 + rand.IntN(200)
		if track%8 == 0 {
			seconds = 0 // a marker, not a track
		}
		play := map[string]any{"track": track, "seconds": seconds, "notes": strings.Repeat("on the air ", 40)}
		if *release == "3.0.0" {
			play["seconds"] = fmt.Sprintf("00:%02d:%02d", seconds/60, seconds%60)
		}
		body, _ := json.Marshal(play)
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		ack, err := js.Publish(ctx, "plays."+r.PathValue("track"), body)
		if err != nil {
			log.Error().Err(err).Int("track", track).Msg("play not published")
			http.Error(w, "not published", http.StatusServiceUnavailable)
			return
		}
		log.Info().Int("track", track).Uint64("seq", ack.Sequence).Int("bytes", len(body)).Msg("play published")
		if track == 13 {
			log.Warn().Int("track", track).Msg("track has no ISRC, publishing without")
		}
	})
	log.Info().Str("release", *release).Str("listen", *listen).Msg("desk is up")
	log.Fatal().Err(http.ListenAndServe(*listen, nil)).Msg("serve")
}
