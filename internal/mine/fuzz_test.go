package mine

import (
	"strings"
	"testing"

	"github.com/rca-engine/rca"
)

// Any text is counted once, and where the input is cut into blocks changes nothing.
func FuzzMine(f *testing.F) {
	f.Add("request 17 served\nrequest 18 served\nuser=anna failed", uint16(1))
	f.Add("GET|/a/17?x=1\nGET|/a/18\nPOST|http://h/b%20c#d;e", uint16(2))
	f.Add("a=\nb==\n=c\n,,,\n(((\n\"\n'x=\"y z\" w\n1e9 -1e-9 .5 99999999999999999999", uint16(3))
	f.Add("\x01 \x02\n\xff\xfe\n\x0f\x10\x11\x12", uint16(1))
	f.Add("db.internal is 10.0.0.5\nlookup db-1.x: 10.0.0.6\nblk_1 blk_2 blk_3", uint16(2))
	f.Add("first 1\n!second 2\n!third;k:3\n!\tat a.B.c(B.java:1)\nfourth", uint16(2))
	f.Add("x\ty\nException: bad\tat a.B.c(B.java:1)\tat a.B.d(B.java:2)", uint16(1))
	f.Fuzz(func(t *testing.T, text string, at uint16) {
		if len(text) > 1<<16 {
			t.Skip()
		}
		var recs []rca.Record
		for i, line := range strings.Split(text, "\n") {
			r := record(i, line)
			switch {
			case strings.Contains(line, "|"):
				method, path, _ := strings.Cut(line, "|")
				r.Status, r.Format = 100+len(line)%500, "access"
				r.Fields = []rca.Field{{Key: "method", Value: method}, {Key: "path", Value: path}}
			case strings.Contains(line, "\t"):
				m, stack, _ := strings.Cut(line, "\t")
				r.Message, r.Stack = m, strings.ReplaceAll(stack, "\t", "\n\t")
				r.Severity = rca.SeverityError
			case strings.Contains(line, ";"):
				for _, p := range strings.Split(line, ";") {
					k, v, _ := strings.Cut(p, ":")
					r.Fields = append(r.Fields, rca.Field{Key: k, Value: v})
				}
				r.Trace = line
			}
			if strings.HasPrefix(line, "!") {
				r.Time = rca.NoTime
			}
			recs = append(recs, r)
		}
		cut := int(at) % (len(recs) + 1)
		one, two := mined(recs), mined(recs, cut)
		var count int64
		for _, s := range one.Series {
			count += s.Count
			if len(s.Samples) == 0 {
				t.Fatalf("a series of %q without a sample", s.Template.Text)
			}
		}
		if count != int64(len(recs)) {
			t.Fatalf("%d of %d records counted", count, len(recs))
		}
		same(t, one, two)
	})
}
