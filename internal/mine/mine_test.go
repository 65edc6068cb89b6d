package mine

import (
	"fmt"
	"math/rand"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
)

// record makes the n-th record of a source: one line a second.
func record(n int, message string) rca.Record {
	return rca.Record{Position: rca.Position{Line: int64(n), EndLine: int64(n), Offset: int64(n) * 100, Length: 99}, Time: rca.Time(int64(n) * 1e9), Severity: rca.SeverityInfo, Component: "app", Message: message}
}

func records(messages ...string) []rca.Record {
	out := make([]rca.Record, len(messages))
	for i, m := range messages {
		out[i] = record(i, m)
	}
	return out
}

// mined runs records through blocks that begin at the cuts.
func mined(recs []rca.Record, cuts ...int) *Result {
	t := NewTable()
	from := 0
	var b Block
	for _, to := range append(cuts, len(recs)) {
		b.Add(recs[from:to])
		t.Add(&b, Context{})
		from = to
	}
	return t.Finish()
}

func texts(r *Result) []string {
	out := []string{}
	for _, t := range r.Templates {
		out = append(out, t.Text)
	}
	sort.Strings(out)
	return out
}

// What is masked in one message, before anything is merged.
func TestMask(t *testing.T) {
	for message, want := range map[string]string{
		"request served in 12 ms":                    "request served in # ms",
		"took 12.5ms, -3 left":                       "took #, # left",
		"read 1,234,567 rows":                        "read # rows",
		"from 10.0.0.5:5432 to 10.0.0.6":             "from <addr> to <addr>",
		"peer [2001:db8::1] mac 00:1a:2b:3c:4d:5e":   "peer [<addr>] mac <addr>",
		"dial db.internal:5432 failed":               "dial <host> failed",
		"GET https://shop.example/a?b=1 done":        "GET <url> done",
		"open /var/lib/data/base.db: no":             "open <path>: no",
		"id 0b1e9c5e-2f63-4f35-8a5e-2b8c6d0f7a11 ok": "id <uuid> ok",
		"at 0xdeadbee7, sum deadbeef01":              "at <hex>, sum <hex>",
		"core.17 of eth0":                            "core.% of eth%",
		"id_-1608 done":                              "id_% done",
		"user=anna age=7 admin=true ok=FALSE":        "user=<value> age=# admin=true ok=FALSE",
		`msg="two words" next`:                       `msg="<value>" next`,
		"plain words only":                           "plain words only",
		"  many   blanks\tand\ttabs ":                "many blanks and tabs",
		"":                                           "",
		"größe 12 µs":                                "größe # µs",
		"built Thu Aug 11 15:04:05 PDT 2005 by us":   "built <time> by us",
		"since Aug 11 15:04:05, May 3 clerks":        "since <time>, May # clerks",
		"open for 01:02:03, lap 12:07.25":            "open for <time>, lap <time>",
		"open for <1 sec and <1 shelf":               "open for <time> and <# shelf",
		"enter dir(/srv/a) from:/srv/b":              "enter dir(<path>) from:<path>",
		"ws=Source{7} x={1}":                         "ws=<value> x={#}",
		"clip.top:0 of till.local:80":                "clip.top:% of <host>",
	} {
		var sc scan
		sc.message(message)
		got := strings.NewReplacer("\x01", "#", "\x02", "<hex>", "\x03", "<addr>", "\x04", "<host>", "\x05", "<url>", "\x06", "<path>", "\x07", "<uuid>", "\x08", "<time>", "\x0f", "%", "\x10", "<value>").Replace(string(sc.key))
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", message, got, want)
		}
	}
}

// What messages become templates together, and which stay apart.
func TestMerge(t *testing.T) {
	names := []string{"anna", "bert", "carla", "dirk", "emma", "fritz"}
	each := func(form string, values []string) []string {
		var out []string
		for _, v := range values {
			out = append(out, fmt.Sprintf(form, v), fmt.Sprintf(form, v))
		}
		return out
	}
	for name, c := range map[string]struct{ in, want []string }{
		"state words stay apart": {each("Service payments %s now", []string{"Started", "Paused", "Stopped"}),
			[]string{"Service payments Paused now", "Service payments Started now", "Service payments Stopped now"}},
		"two outcomes stay apart":      {each("login of the clerk %s", []string{"succeeded", "failed"}), []string{"login of the clerk failed", "login of the clerk succeeded"}},
		"users merge after a cue":      {each("session opened for %s today", names), []string{"session opened for <*> today"}},
		"hosts merge after a cue":      {each("connection from %s closed", []string{"ledger-a", "till-b", "gate-c", "web-d"}), []string{"connection from <*> closed"}},
		"true and false are two":       {each("cache reload enabled=%s done", []string{"true", "false"}), []string{"cache reload enabled=false done", "cache reload enabled=true done"}},
		"values of a key merge":        {each("reload region=%s done", names), []string{"reload region=<*> done"}},
		"keys do not merge":            {[]string{"reload region=a done", "reload zone=a done", "reload host=a done", "reload user=a done"}, []string{"reload host=<*> done", "reload region=<*> done", "reload user=<*> done", "reload zone=<*> done"}},
		"lists collapse":               {[]string{"replicas 1, 2, 3 ready", "replicas 1, 2, 3, 4 ready", "replicas 5, 6, 7, 8, 9 ready"}, []string{"replicas <*> ready"}},
		"numbered words in a row":      {[]string{"delete blk_1 blk_2 blk_3", "delete blk_4 blk_5 blk_6 blk_7"}, []string{"delete <*>"}},
		"a digit that never changes":   {[]string{"mount ext4 on volume in 3 ms", "mount ext4 on volume in 4 ms"}, []string{"mount ext4 on volume in <*> ms"}},
		"a digit that changes":         {[]string{"worker7 is idle", "worker8 is idle"}, []string{"worker<*> is idle"}},
		"a digit of a name":            {[]string{"over IPv6 for job_1445144423722", "over IPv6 for job_1445144423722"}, []string{"over IPv6 for job_<*>"}},
		"qualified names":              {[]string{"received shop.intent.action.OPEN", "received shop.intent.action.CLOSED.EARLY"}, []string{"received <*>"}},
		"exceptions are none":          {[]string{"caught shop.till.EmptyException", "caught shop.till.FullException"}, []string{"caught shop.till.EmptyException", "caught shop.till.FullException"}},
		"dots that lead to a value":    {[]string{"fetch depth.....3", "fetch threshold.....4"}, []string{"fetch depth.....<*>", "fetch threshold.....<*>"}},
		"the same text is one":         {[]string{"hello there", "hello there"}, []string{"hello there"}},
		"different lengths stay apart": {[]string{"stop", "stop now", "stop now please"}, []string{"stop", "stop now", "stop now please"}},
	} {
		if got := texts(mined(records(c.in...))); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

// ownShape is a message of which no other has the shape.
func ownShape(i int) string {
	r := rand.New(rand.NewSource(int64(i)))
	w := func() string {
		b := make([]byte, 6)
		for k := range b {
			b[k] = 'g' + byte(r.Intn(20))
		}
		return string(b)
	}
	return strings.Join([]string{w(), w(), w(), w()}, " ")
}

// Every line with a shape of its own: bounded, counted, and the same however the input is cut.
func TestBounds(t *testing.T) {
	const n = 100_000
	recs := make([]rca.Record, n)
	for i := range recs {
		recs[i] = record(i, ownShape(i))
	}
	run := func(size int) (*Result, *Table) {
		table := NewTable()
		var b Block
		for i := 0; i < n; i += size {
			b.Add(recs[i:min(i+size, n)])
			table.Add(&b, Context{})
		}
		return table.Finish(), table
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	one, table := run(5000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if len(table.shapes) > 2*maxShapes || len(table.order) > 2*maxCells {
		t.Errorf("%d shapes, %d cells", len(table.shapes), len(table.order))
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 400<<20 {
		t.Errorf("%d MB for %d shapes", grown>>20, n)
	}
	var count int64
	for _, s := range one.Series {
		count += s.Count
	}
	if one.Overflow == 0 || count != n {
		t.Errorf("%d records folded, %d counted of %d", one.Overflow, count, n)
	}
	runtime.KeepAlive(table)
	two, _ := run(777)
	if one.Overflow != two.Overflow || len(one.Templates) != len(two.Templates) {
		t.Fatalf("blocks of 5000 and 777: overflow %d and %d, templates %d and %d", one.Overflow, two.Overflow, len(one.Templates), len(two.Templates))
	}
	same(t, one, two)
}

// Many components with many templates each are bounded too.
func TestBoundOfSeries(t *testing.T) {
	table := NewTable()
	var b Block
	const components, each = 2000, 60
	for c := range components {
		recs := make([]rca.Record, each)
		for i := range recs {
			recs[i] = record(i, "step "+strings.Repeat("a", i+1)+" done")
			recs[i].Component = fmt.Sprintf("c%d", c)
		}
		b.Add(recs)
		table.Add(&b, Context{Component: "file"})
	}
	if len(table.order) > 2*maxCells || table.Overflow == 0 {
		t.Errorf("%d series, %d records folded", len(table.order), table.Overflow)
	}
	var count int64
	for _, s := range table.Finish().Series {
		count += s.Count
	}
	if count != components*each {
		t.Errorf("%d of %d records counted", count, components*each)
	}
}

// same wants two results equal in what later stages see.
func same(t *testing.T, a, b *Result) {
	t.Helper()
	if !reflect.DeepEqual(texts(a), texts(b)) {
		t.Fatalf("templates differ:\n%.2000q\n%.2000q", texts(a), texts(b))
	}
	if len(a.Series) != len(b.Series) {
		t.Fatalf("%d and %d series", len(a.Series), len(b.Series))
	}
	for i := range a.Series {
		x, y := *a.Series[i], *b.Series[i]
		if x.Template.Text != y.Template.Text {
			t.Fatalf("series %d is of %q and of %q", i, x.Template.Text, y.Template.Text)
		}
		if !reflect.DeepEqual(x, y) {
			t.Fatalf("series of %q differ:\n%+v\n%+v", x.Template.Text, x, y)
		}
	}
}

// A record of a known shape costs no allocation, whatever kind of line it is.
func TestNoAllocationOfKnownShapes(t *testing.T) {
	access := func(n int) rca.Record {
		r := record(n, "GET /orders/17 200")
		r.Status, r.Format = 200, "access"
		r.Fields = []rca.Field{{Key: "method", Value: "GET"}, {Key: "path", Value: "/orders/17?x=1"}, {Key: "bytes", Value: "512"}}
		return r
	}
	for name, mk := range map[string]func(int) rca.Record{
		"words":   func(n int) rca.Record { return record(n, "the cache was warmed") },
		"numbers": func(n int) rca.Record { return record(n, "request 17 served in 12 ms for 10.0.0.5:80") },
		"pairs":   func(n int) rca.Record { return record(n, "served user=anna took=12ms path=/a/b ok=true") },
		"fields": func(n int) rca.Record {
			r := record(n, "served")
			r.Fields = []rca.Field{{Key: "user", Value: "anna"}, {Key: "ms", Value: "12"}, {Key: "err", Value: "timeout of 30s"}}
			return r
		},
		"access": access,
		"stack": func(n int) rca.Record {
			r := record(n, "order lost")
			r.Stack = "java.lang.IllegalStateException: no stock\n\tat shop.Order.place(Order.java:17)"
			return r
		},
	} {
		recs := make([]rca.Record, 2000)
		for i := range recs {
			recs[i] = mk(i)
		}
		var b Block
		b.Add(recs)
		if n := testing.AllocsPerRun(20, func() { b.Add(recs) }); n != 0 {
			t.Errorf("%s: %.0f allocations for %d records", name, n, len(recs))
		}
	}
}

// Plain words are stepped over eight bytes at once; the key must be that of single bytes, whatever stands where.
func TestMaskOfWordsAndBlanks(t *testing.T) {
	pieces := []string{"to", "delete", " ", "  ", "replicas", "\t", "5", "\x7f", "é", "a=b", "{", "Ask", "x"}
	rng := rand.New(rand.NewSource(1))
	for range 20000 {
		var m strings.Builder
		for range 1 + rng.Intn(9) {
			m.WriteString(pieces[rng.Intn(len(pieces))])
			if rng.Intn(2) == 0 {
				m.WriteByte(' ')
			}
		}
		var whole, words scan
		whole.message(m.String())
		var want []string
		for _, w := range strings.Fields(m.String()) {
			words.reset()
			words.message(w)
			want = append(want, string(words.key))
		}
		if got := string(whole.key); got != strings.Join(want, " ") {
			t.Fatalf("%q: key %q, want %q", m.String(), got, strings.Join(want, " "))
		}
	}
}
