package index_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/index"
)

// records is how many records the benchmarks take: RCA_BENCH_RECORDS, or a million.
func records() int {
	if n, err := strconv.Atoi(os.Getenv("RCA_BENCH_RECORDS")); err == nil {
		return n
	}
	return 1_000_000
}

// stream writes records of eight services over one day, file by file: milliseconds apart, 400 templates of which few make
// up most, one record in ten over more than one line.
func stream(b testing.TB, w *index.Writer, n int) {
	rnd := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(rnd, 1.2, 4, 399)
	var templates, components [400]string
	for i := range templates {
		templates[i] = fmt.Sprintf("order * for user * was handled by step %d in * ms", i)
		components[i] = fmt.Sprintf("com.shop.module%d", i%25)
	}
	levels := []rca.Severity{rca.SeverityInfo, rca.SeverityInfo, rca.SeverityInfo, rca.SeverityDebug, rca.SeverityWarn, rca.SeverityInfo, rca.SeverityInfo, rca.SeverityError}
	const sources = 8
	var r rca.Record
	day := rca.Time(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC).UnixNano())
	gap := int64(86400e3) * sources / int64(n) * 2
	for s := range sources {
		r = rca.Record{Position: rca.Position{Source: fmt.Sprintf("logs/service-%d.log", s)}, Time: day}
		for range n / sources {
			k := zipf.Uint64()
			r.Time += rca.Time(rnd.Int64N(gap+1) * 1e6)
			r.Line = r.EndLine + 1
			r.EndLine = r.Line
			if rnd.IntN(10) == 0 {
				r.EndLine += rnd.Int64N(20)
			}
			r.Offset += r.Length + 1
			r.Length = 80 + int64(k%50) + rnd.Int64N(20) + 60*(r.EndLine-r.Line)
			r.Severity, r.Component = levels[k%8], components[k]
			if err := w.Add(&r, templates[k]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func benchIndex(b *testing.B) []byte {
	var buf bytes.Buffer
	w, err := index.NewWriter(&buf)
	if err != nil {
		b.Fatal(err)
	}
	stream(b, w, records())
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// discard counts what is written to it, and looks at the heap every 2 MB.
type discard struct{ n, peak uint64 }

func (d *discard) Write(p []byte) (int, error) {
	if d.n += uint64(len(p)); d.n>>21 != (d.n-uint64(len(p)))>>21 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		d.peak = max(d.peak, m.HeapAlloc)
	}
	return len(p), nil
}

func BenchmarkBuild(b *testing.B) {
	n := records()
	for b.Loop() {
		var d discard
		w, err := index.NewWriter(&d)
		if err != nil {
			b.Fatal(err)
		}
		stream(b, w, n)
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(d.n)/float64(n), "bytes/record")
		b.ReportMetric(float64(d.peak)/1e6, "heap-MB")
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrecords/s")
}

func BenchmarkQuery(b *testing.B) {
	r := open(b, benchIndex(b))
	noon := rca.Time(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC).UnixNano())
	hour := rca.Time(time.Hour)
	page := func(name string, q index.Query) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p, err := r.Page(b.Context(), q)
				if err != nil || len(p.Hits) == 0 {
					b.Fatal(len(p.Hits), err)
				}
			}
		})
	}
	page("first", index.Query{})
	page("first by time", index.Query{ByTime: true})
	page("last by time", index.Query{ByTime: true, Reverse: true})
	page("errors by time", index.Query{ByTime: true, MinSeverity: rca.SeverityError})
	page("rare template", index.Query{Templates: []string{"order * for user * was handled by step 390 in * ms"}, ByTime: true})
	page("component and severity", index.Query{Components: []string{"com.shop.module7"}, MinSeverity: rca.SeverityWarn, ByTime: true})
	page("hour, component, severity", index.Query{From: noon, To: noon + hour, Components: []string{"com.shop.module7"}, MinSeverity: rca.SeverityWarn, ByTime: true})
	page("around", index.Query{Around: &rca.Position{Source: "logs/service-5.log", Line: 50_000}, ByTime: true})
	histogram := func(name string, q index.Query) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Histogram(b.Context(), q, 120); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	histogram("histogram of all", index.Query{})
	histogram("histogram of a component", index.Query{Components: []string{"com.shop.module7"}})
	b.Run("context", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := r.Context(b.Context(), rca.Position{Source: "logs/service-5.log", Line: 50_000}, 20, 20); err != nil {
				b.Fatal(err)
			}
		}
	})
}
