package analyze_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rca-engine/rca/analyze"
)

// corpus writes logs of eight formats, each about an eighth of size bytes: the same bytes every time. In the last tenth of the
// time the database's disk is full, and who asks it fails.
func corpus(dir string, size int64) error {
	start := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	files := []struct {
		name string
		line func(r *rand.Rand, i int, t time.Time, bad bool) string
	}{
		{"gateway-access.log", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			status := 200
			if bad && r.Intn(3) == 0 {
				status = 502
			}
			return fmt.Sprintf(`10.0.%d.%d - - [%s] "GET /orders/%d?page=%d HTTP/1.1" %d %d "-" "Mozilla/5.0 (X11; Linux x86_64)"`, r.Intn(9), r.Intn(250), t.Format("02/Jan/2006:15:04:05 -0700"), r.Intn(1e6), r.Intn(9), status, 400+r.Intn(9000))
		}},
		{"orders.json", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			if bad && r.Intn(3) == 0 {
				return fmt.Sprintf(`{"time":"%s","level":"error","service":"orders","msg":"order not stored","error":"ERROR: could not extend file \"base/16384/%d\": No space left on device (SQLSTATE 53100)","order":%d}`, t.Format(time.RFC3339Nano), r.Intn(9e4), r.Intn(1e6))
			}
			return fmt.Sprintf(`{"time":"%s","level":"info","service":"orders","msg":"order stored","order":%d,"user":"u%d","duration_ms":%d}`, t.Format(time.RFC3339Nano), r.Intn(1e6), r.Intn(500), 5+r.Intn(40))
		}},
		{"billing.log", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			return fmt.Sprintf("%s INFO  [worker-%d] shop.billing.Ledger - invoice %d of customer c%d booked in %d ms", t.Format("2006-01-02 15:04:05,000"), r.Intn(8), r.Intn(1e6), r.Intn(900), r.Intn(60))
		}},
		{"cache.log", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			return fmt.Sprintf(`time=%s level=info component=cache msg="entry read" key=order:%d hit=%t size=%d`, t.Format(time.RFC3339Nano), r.Intn(1e6), r.Intn(5) > 0, r.Intn(5000))
		}},
		{"postgres.log", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			if bad && r.Intn(3) == 0 {
				return fmt.Sprintf("%s [%d] shop@orders ERROR:  could not extend file \"base/16384/%d\": No space left on device", t.Format("2006-01-02 15:04:05.000 MST"), 4000+r.Intn(20), r.Intn(9e4))
			}
			return fmt.Sprintf("%s [%d] shop@orders LOG:  duration: %d.%03d ms  statement: UPDATE orders SET state = %d WHERE id = %d", t.Format("2006-01-02 15:04:05.000 MST"), 4000+r.Intn(20), r.Intn(40), r.Intn(1000), r.Intn(5), r.Intn(1e6))
		}},
		{"node1.syslog", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			return fmt.Sprintf("%s node1 dockerd[812]: container c%d health check %d passed", t.Format("Jan _2 15:04:05"), r.Intn(40), r.Intn(1e4))
		}},
		{"controller.log", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			return fmt.Sprintf(`I%s       1 reconciler.go:%d] "Reconciled" pod="shop/api-%d" attempt=%d`, t.Format("0102 15:04:05.000000"), 200+r.Intn(4), r.Intn(40), r.Intn(5))
		}},
		{"mail.log", func(r *rand.Rand, i int, t time.Time, bad bool) string {
			return fmt.Sprintf("%s stdout F mail %d to user%d@shop.example was handed to relay %d", t.Format(time.RFC3339Nano), r.Intn(1e6), r.Intn(900), r.Intn(3))
		}},
	}
	for k, f := range files {
		out, err := os.Create(filepath.Join(dir, f.name))
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(out, 1<<20)
		r := rand.New(rand.NewSource(int64(k)))
		want := size / int64(len(files))
		for i, n := 0, int64(0); n < want; i++ {
			// An hour, whatever the size.
			t := start.Add(time.Duration(float64(time.Hour) * float64(n) / float64(want))).Truncate(time.Millisecond)
			m, _ := fmt.Fprintln(w, f.line(r, i, t, n > want/10*9))
			n += int64(m)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
	}
	return nil
}

// With RCA_CORPUS=FOLDER and RCA_CORPUS_MB=N it leaves a corpus there, for whoever times the command itself.
func TestCorpus(t *testing.T) {
	dir, size := os.Getenv("RCA_CORPUS"), int64(1)
	if dir == "" {
		dir = t.TempDir()
	} else if n, err := strconv.ParseInt(os.Getenv("RCA_CORPUS_MB"), 10, 64); err == nil {
		size = n
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := corpus(dir, size<<20); err != nil {
		t.Fatal(err)
	}
	if size > 16 {
		return
	}
	rep, err := analyze.Run(context.Background(), []string{dir}, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.RootCauses) == 0 || rep.RootCauses[0].Component != "postgres" || rep.Coverage.Files != 8 {
		t.Errorf("%s: %v of %d files", rep.Verdict, names(rep), rep.Coverage.Files)
	}
}

func BenchmarkRun(b *testing.B) {
	dir := b.TempDir()
	const size = 16 << 20
	if err := corpus(dir, size); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := analyze.Run(context.Background(), []string{dir}, analyze.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
