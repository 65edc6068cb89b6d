package parse_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/parse"
)

var seeds = []string{
	"2026-11-22 22:11:02.123 INFO [main] com.acme.Till - opened\n2026-11-22 22:11:03.123 ERROR [main] com.acme.Till - failed\njava.lang.IllegalStateException: no\n\tat com.acme.Till.open(Till.java:12)\nCaused by: java.io.IOException: x\n\t... 23 more\n2026-11-22 22:11:04.000 INFO [main] com.acme.Till - on\n",
	`{"time":"2026-11-22T22:11:02Z","level":"INFO","msg":"a \"quoted\" b","n":1.5,"o":{"k":"v","l":[1,2]}}` + "\n" + `{"time":"2026-11-22T22:11:03Z","level":"ERROR","msg":"c","err":"x\ny"}` + "\n",
	`{"log":"2026-11-22 22:11:02 INFO a\n","stream":"stdout","time":"2026-11-22T22:11:02.1Z"}` + "\n" + `{"log":"2026-11-22 22:11:03 INFO b\n","stream":"stdout","time":"2026-11-22T22:11:03.1Z"}` + "\n",
	"2026-11-22T22:11:02.123456789Z stdout F a\n2026-11-22T22:11:02.2Z stdout P half\n2026-11-22T22:11:02.3Z stdout F whole\n",
	"Nov 24 01:58:09 shop sshd[12]: Accepted publickey for x from 10.0.0.1 port 22\nNov 22 22:11:03 shop kernel: [ 12.5] oom\n<30>Nov 22 22:11:04 shop cron[3]: (root) CMD (x)\n",
	"192.0.2.1 - - [24/Nov/2026:01:56:08 +0000] \"GET /a?b=c HTTP/1.1\" 500 12 \"-\" \"curl\" rt=0.1\n",
	"2026-11-22 22:11:02.585 UTC [46] a@b LOG:  duration: 12.5 ms  statement: SELECT 1\n\tFROM x\n2026-11-22 22:11:02.585 UTC [46] a@b DETAIL:  d\n",
	"10213:M 24 Nov 2026 02:01:35.184 * Ready\nI1122 22:11:08.087000       1 a.go:12] \"msg\" k=\"v\"\n",
	"ts=2026-11-22T22:11:02Z level=warn msg=\"a b\" k=v\nplain line\n\n  indented\nTraceback (most recent call last):\n  File \"a.py\", line 1, in b\nValueError: x\npanic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1\n",
	"\x1b[31mred\x1b[0m \x00\x00 \xff\xfe\n\r\n",
}

// Any bytes: nothing panics, every record lies in its block and in order, every line is counted, and cutting a block where Cut
// says gives the same records as parsing it whole.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		l := parse.Detect(in, parse.Options{Reference: rca.Time(1795385462e9)})
		var p parse.Parser
		whole := describe(t, p.Parse(l, in), in, 0, 0)
		lines := int64(bytes.Count(in, []byte("\n")))
		if len(in) > 0 && in[len(in)-1] != '\n' {
			lines++
		}
		if p.Stats.Lines != lines {
			t.Fatalf("%d lines counted, %d are there", p.Stats.Lines, lines)
		}
		if len(in) > 64<<10 {
			return
		}
		var parts []string
		var q parse.Parser
		line, offset := int64(0), 0
		for rest := in; len(rest) > 0; {
			n := 0
			for size := 64; n == 0; size *= 2 {
				eof := size >= len(rest)
				n = l.Cut(rest[:min(size, len(rest))], eof)
			}
			parts = append(parts, describe(t, q.Parse(l, rest[:n]), rest[:n], line, offset)...)
			line += q.Stats.Lines
			offset += n
			rest = rest[n:]
		}
		if a, b := strings.Join(whole, "\n"), strings.Join(parts, "\n"); a != b {
			t.Fatalf("whole:\n%s\nin parts:\n%s", a, b)
		}
	})
}

func describe(t *testing.T, recs []rca.Record, block []byte, line int64, offset int) []string {
	t.Helper()
	out := make([]string, 0, len(recs))
	at := int64(-1)
	for i := range recs {
		r := &recs[i]
		if r.Offset <= at || r.Offset < 0 || r.Length < 0 || r.Offset+r.Length > int64(len(block)) || r.EndLine < r.Line {
			t.Fatalf("record %d: offset %d length %d lines %d-%d in a block of %d, after %d", i, r.Offset, r.Length, r.Line, r.EndLine, len(block), at)
		}
		at = r.Offset
		out = append(out, fmt.Sprintf("%d-%d @%d+%d %v %s %q %q %q %s", line+r.Line, line+r.EndLine, int64(offset)+r.Offset, r.Length, r.Time, r.Severity, r.Component, r.Message, r.Stack, r.Format))
	}
	return out
}
