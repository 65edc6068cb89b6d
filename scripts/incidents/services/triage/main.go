// Command triage decides who is seen first at the vet's: it reads the patient's sheet from records, by gRPC.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen")
	target := flag.String("records", "", "where records is")
	name := flag.String("name", "", "its name in the certificate")
	ca := flag.String("ca", "", "who signs certificates")
	flag.Parse()
	log := zerolog.New(zerolog.ConsoleWriter{Out: os.Stdout, NoColor: true, TimeFormat: "2006-01-02T15:04:05.000Z07:00"}).With().Timestamp().Logger()
	creds := insecure.NewCredentials()
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		if err != nil {
			log.Fatal().Err(err).Send()
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		creds = credentials.NewTLS(&tls.Config{RootCAs: pool, ServerName: *name})
	}
	conn, err := grpc.NewClient("passthrough:///"+*target, grpc.WithTransportCredentials(creds))
	if err != nil {
		log.Fatal().Err(err).Send()
	}
	http.HandleFunc("GET /triage/{patient}", func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		var sheet wrapperspb.StringValue
		if err := conn.Invoke(ctx, "/vet.Records/Sheet", wrapperspb.String(r.PathValue("patient")), &sheet); err != nil {
			log.Error().Str("patient", r.PathValue("patient")).Str("code", status.Code(err).String()).Err(err).Msg("patient not placed")
			http.Error(w, "no sheet", http.StatusServiceUnavailable)
			return
		}
		log.Info().Str("patient", r.PathValue("patient")).Dur("took", time.Since(start)).Msg("patient placed")
		fmt.Fprintln(w, sheet.Value)
	})
	log.Info().Str("listen", *listen).Msg("triage open")
	log.Fatal().Err(http.ListenAndServe(*listen, nil)).Send()
}
