// Command till sells tea: it asks pricing for a price and writes sales and stock to PostgreSQL.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

type till struct {
	db      *pgxpool.Pool
	pricing string
	log     *slog.Logger
	client  http.Client
	serial  atomic.Int64
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "where to listen")
	db := flag.String("db", "", "URL of the database")
	pricing := flag.String("pricing", "", "URL of pricing")
	flag.Parse()
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("service", "till")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	pool, err := pgxpool.New(ctx, *db)
	if err != nil {
		log.Error("open database", "error", err)
		os.Exit(1)
	}
	t := &till{db: pool, pricing: *pricing, log: log, client: http.Client{Timeout: 3 * time.Second}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /teas", t.handle(t.teas))
	mux.HandleFunc("POST /checkout", t.handle(t.checkout))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	server := &http.Server{Addr: *listen, Handler: mux}
	go t.remind(ctx)
	go func() {
		<-ctx.Done()
		log.Info("stopping")
		server.Close()
	}()
	log.Info("listening", "address", *listen, "version", "4.2.0")
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Error("serve", "error", err)
	}
}

// remind repeats a warning nobody has cared about for months.
func (t *till) remind(ctx context.Context) {
	for range time.Tick(14 * time.Second) {
		if ctx.Err() != nil {
			return
		}
		t.log.Warn("exchange rates are older than a day, using them", "age_hours", 31)
	}
}

type answer struct {
	Status int
	Body   any
}

func (t *till) handle(do func(context.Context, *http.Request) (answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := fmt.Sprintf("t%06d", t.serial.Add(1))
		ctx, cancel := context.WithTimeout(r.Context(), 9*time.Second)
		defer cancel()
		a, err := do(ctx, r)
		args := []any{"request", id, "method", r.Method, "path", r.URL.Path, "ms", time.Since(start).Milliseconds()}
		if err != nil {
			t.log.Error("request failed", append(args, "status", 500, "error", err.Error())...)
			http.Error(w, "try again later", http.StatusInternalServerError)
			return
		}
		t.log.Info("request served", append(args, "status", a.Status)...)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.Status)
		json.NewEncoder(w).Encode(a.Body)
	}
}

func (t *till) teas(ctx context.Context, _ *http.Request) (answer, error) {
	rows, err := t.db.Query(ctx, "SELECT tea_id, name FROM stock WHERE quantity > 0 ORDER BY tea_id")
	if err != nil {
		return answer{}, fmt.Errorf("list teas: %w", err)
	}
	defer rows.Close()
	teas := map[int]string{}
	for rows.Next() {
		var id int
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return answer{}, fmt.Errorf("list teas: %w", err)
		}
		teas[id] = name
	}
	if err := rows.Err(); err != nil {
		return answer{}, fmt.Errorf("list teas: %w", err)
	}
	return answer{200, teas}, nil
}

func (t *till) checkout(ctx context.Context, r *http.Request) (answer, error) {
	var sale struct{ Tea, Grams int }
	if err := json.NewDecoder(io.LimitReader(r.Body, 4096)).Decode(&sale); err != nil {
		return answer{400, "bad request"}, nil
	}
	cents, err := t.price(ctx, sale.Tea, sale.Grams)
	if err != nil {
		return answer{}, fmt.Errorf("price tea %d: %w", sale.Tea, err)
	}
	tx, err := t.db.Begin(ctx)
	if err != nil {
		return answer{}, fmt.Errorf("begin sale: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, "UPDATE stock SET quantity = quantity - $1 WHERE tea_id = $2", sale.Grams, sale.Tea); err != nil {
		return answer{}, fmt.Errorf("take %d g of tea %d from stock: %w", sale.Grams, sale.Tea, err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO sales (tea_id, grams, cents) VALUES ($1, $2, $3)", sale.Tea, sale.Grams, cents); err != nil {
		return answer{}, fmt.Errorf("write sale: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return answer{}, fmt.Errorf("commit sale: %w", err)
	}
	return answer{201, map[string]int{"cents": cents}}, nil
}

func (t *till) price(ctx context.Context, tea, grams int) (int, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/price?tea=%d&grams=%d", t.pricing, tea, grams), nil)
	if err != nil {
		return 0, err
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var price struct{ Cents int }
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("pricing answered %s", resp.Status)
	}
	return price.Cents, json.NewDecoder(resp.Body).Decode(&price)
}
