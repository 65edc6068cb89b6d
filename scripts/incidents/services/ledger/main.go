// Command ledger sums up the sales of each tea, every 0.8 s.
// Release 1.9.0 (build tag v190) forgets to close its rows, as real releases have.
package main

import (
	"context"
	"database/sql"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

func main() {
	url := flag.String("db", "", "URL of the database")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stdout, nil)).With("service", "ledger")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	db, err := sql.Open("pgx", *url)
	if err != nil {
		log.Error("open database", "err", err)
		os.Exit(1)
	}
	log.Info("ledger started", "version", version)
	tick := time.NewTicker(800 * time.Millisecond)
	for tea := 1; ; tea = tea%40 + 1 {
		select {
		case <-ctx.Done():
			log.Info("ledger stopped")
			return
		case <-tick.C:
		}
		cents, err := sum(ctx, db, tea)
		if err != nil {
			log.Error("sum up sales", "tea", tea, "err", err)
			continue
		}
		log.Info("summed up sales", "tea", tea, "cents", cents, "db_open", db.Stats().OpenConnections, "db_in_use", db.Stats().InUse)
	}
}
