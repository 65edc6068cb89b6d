package parse_test

import (
	"fmt"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/parse"
)

// benchFormats are lines as programs write them, by format.
var benchFormats = []struct {
	name, format string
	line         func(i int) string
}{
	{"json", "json", func(i int) string {
		return fmt.Sprintf(`{"time":"2026-11-22T22:%02d:%02d.%03dZ","level":"info","service":"orders","msg":"request served","user":"u%d","path":"/orders/%d","status":200,"duration_ms":%d}`, i/60%60, i%60, i%1000, i%50, i, i%90)
	}},
	{"access", "access", func(i int) string {
		return fmt.Sprintf(`10.0.%d.%d - - [22/Nov/2026:22:%02d:%02d +0000] "GET /orders/%d?page=2 HTTP/1.1" 200 %d "-" "Mozilla/5.0 (X11; Linux x86_64)" 0.0%d`, i%7, i%250, i/60%60, i%60, i, 512+i%900, i%90)
	}},
	{"stamped", "stamped", func(i int) string {
		return fmt.Sprintf("2026-11-22 22:%02d:%02d,%03d INFO  [worker-%d] shop.Orders - order %d stored in %d ms", i/60%60, i%60, i%1000, i%8, i, i%90)
	}},
	{"syslog", "syslog", func(i int) string {
		return fmt.Sprintf("Nov 22 22:%02d:%02d node1 dockerd[%d]: container c%d was started by user %d", i/60%60, i%60, 800+i%3, i%40, i%9)
	}},
	{"logfmt", "logfmt", func(i int) string {
		return fmt.Sprintf(`time=2026-11-22T22:%02d:%02d.%03dZ level=info msg="request served" user=u%d path=/orders/%d duration=%dms`, i/60%60, i%60, i%1000, i%50, i, i%90)
	}},
	{"postgres", "postgres", func(i int) string {
		return fmt.Sprintf("2026-11-22 22:%02d:%02d.%03d UTC [%d] shop@orders LOG:  duration: %d.%03d ms  statement: SELECT * FROM orders WHERE id = %d", i/60%60, i%60, i%1000, 4000+i%20, i%90, i%1000, i)
	}},
	{"klog", "klog", func(i int) string {
		return fmt.Sprintf(`I1122 22:%02d:%02d.%06d       1 reconciler.go:224] "Starting reconcile" pod="shop/api-%d" attempt=%d`, i/60%60, i%60, i, i%40, i%5)
	}},
	{"cri+json", "cri+json", func(i int) string {
		return fmt.Sprintf(`2026-11-22T22:%02d:%02d.%09dZ stdout F {"ts":"2026-11-22T22:%02d:%02dZ","level":"info","msg":"request served","id":%d}`, i/60%60, i%60, i, i/60%60, i%60, i)
	}},
	{"plain", "plain", func(i int) string {
		return fmt.Sprintf("the order %d of customer %d was stored", i, i%50)
	}},
}

func block(line func(int) string, n int) []byte {
	var b []byte
	for i := range n {
		b = append(append(b, line(i)...), '\n')
	}
	return b
}

func layout(b []byte) *parse.Layout {
	return parse.Detect(b[:min(len(b), 64<<10)], parse.Options{Reference: rca.Time(1795384800e9)})
}

func BenchmarkParse(b *testing.B) {
	for _, f := range benchFormats {
		b.Run(f.name, func(b *testing.B) {
			text := block(f.line, 4000)
			l := layout(text)
			var p parse.Parser
			p.Parse(l, text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				p.Parse(l, text)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/byte")
		})
	}
}

// A record costs no further allocation once the parser's memory has grown, in any format.
func TestNoAllocationPerRecord(t *testing.T) {
	for _, f := range benchFormats {
		text := block(f.line, 2000)
		l := layout(text)
		if l.Format != f.format {
			t.Errorf("%s: read as %s (%s)", f.name, l.Format, l.Why)
		}
		var p parse.Parser
		if n := len(p.Parse(l, text)); n != 2000 {
			t.Errorf("%s: %d records of 2000 lines", f.name, n)
		}
		if n := testing.AllocsPerRun(20, func() { p.Parse(l, text) }); n > 0 {
			t.Errorf("%s: %.0f allocations for 2000 records", f.name, n)
		}
	}
}
