package redact_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/redact"
)

// commonLogs is n bytes or a little more of the usual formats, with an e-mail address or a user in each fortieth line.
func commonLogs(n int) string {
	rnd := rand.New(rand.NewPCG(7, 7))
	hex := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789abcdef"[rnd.IntN(16)]
		}
		return string(b)
	}
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		at := fmt.Sprintf("2026-11-22 22:%02d:%02d.%03d", i/6000%60, i/100%60, i%1000)
		switch i % 6 {
		case 0:
			fmt.Fprintf(&b, `{"time":"%sZ","level":"info","service":"checkout","msg":"order accepted","order_id":"%s","amount":%d,"trace_id":"%s","duration_ms":%d}`, at, hex(12), rnd.IntN(9000), hex(32), rnd.IntN(400))
		case 1:
			fmt.Fprintf(&b, `ts=%sZ level=warn caller=pool.go:%d component=db msg="slow query" rows=%d elapsed=%dms stmt="SELECT id, total FROM orders WHERE id = $1"`, at, rnd.IntN(500), rnd.IntN(99), rnd.IntN(4000))
		case 2:
			fmt.Fprintf(&b, `10.0.%d.%d - - [22/Nov/2026:22:11:%02d +0000] "GET /api/items/%d?page=%d HTTP/1.1" 200 %d "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"`, rnd.IntN(256), rnd.IntN(256), i%60, rnd.IntN(1e6), rnd.IntN(40), rnd.IntN(1e5))
		case 3:
			fmt.Fprintf(&b, `%s [http-nio-8080-exec-%d] ERROR c.e.orders.OrderController - Request failed: java.net.SocketTimeoutException: Read timed out after %d ms`, at, rnd.IntN(64), rnd.IntN(9999))
		case 4:
			fmt.Fprintf(&b, `Nov 22 22:11:%02d node%d kubelet[%d]: I1122 22:11:01.%06d %d reconciler.go:224] operationExecutor.VerifyControllerAttachedVolume started for pod "api-%s" (UID: "%s-%s-4%s-8%s-%s")`, i%60, rnd.IntN(9), rnd.IntN(9999), rnd.IntN(1e6), rnd.IntN(9999), hex(10), hex(8), hex(4), hex(3), hex(3), hex(12))
		case 5:
			fmt.Fprintf(&b, `%s INFO [worker-%d] consumed offset %d of partition %d in topic orders.v1, lag %d`, at, rnd.IntN(16), rnd.Int64N(1e12), rnd.IntN(64), rnd.IntN(5000))
			if i%40 == 5 {
				fmt.Fprintf(&b, ` user=worker%d mail=someone%d@example.com`, rnd.IntN(100), rnd.IntN(100))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func BenchmarkCopy(b *testing.B) {
	text := commonLogs(8 << 20)
	run := func(name string, o redact.Options) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r, err := redact.New(o)
				if err != nil {
					b.Fatal(err)
				}
				if err := r.Copy(io.Discard, strings.NewReader(text)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/byte")
		})
	}
	run("default", redact.Options{})
	run("addresses and hosts", redact.Options{IP: true, Hosts: []string{"internal"}})
	run("own pattern", redact.Options{Patterns: []redact.Pattern{{Name: "TICKET", Expr: `OPS-[0-9]+`}}})
}
