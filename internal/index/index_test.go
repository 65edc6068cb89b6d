package index_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/index"
)

// row is a record as the naive answers see it.
type row struct {
	index.Hit
	at rca.Time // where it stands in time's order
}

// generate makes records as several files give them: each source in its own order of time, overlapping with the others,
// with lines out of order, without time, over many lines.
func generate(seed uint64, n int) []row {
	rnd := rand.New(rand.NewPCG(seed, 1))
	rows := make([]row, 0, n)
	start := rca.Time(time.Date(2026, 11, 27, 4, 0, 0, 0, time.UTC).UnixNano())
	for s := 0; len(rows) < n; s++ {
		source := fmt.Sprintf("file-%d.log", s)
		unit := []int64{1e9, 1e6, 1e3, 1}[s%4]
		now := start + rca.Time(rnd.Int64N(3600)*1e9)
		last := rca.NoTime
		var line, offset int64 = 1, 0
		for range min(n-len(rows), 5000+rnd.IntN(30000)) {
			now += rca.Time(rnd.Int64N(2e9) / unit * unit)
			r := row{Hit: index.Hit{Ordinal: int64(len(rows)), Time: now}}
			switch rnd.IntN(20) {
			case 0:
				r.Time = rca.NoTime
			case 1:
				r.Time -= rca.Time(rnd.Int64N(1e12) / unit * unit)
			}
			if s%3 == 0 && line < 200 { // a banner
				r.Time = rca.NoTime
			}
			if r.Time != rca.NoTime {
				last = r.Time
			}
			r.at = last
			r.Position = rca.Position{Source: source, Line: line, EndLine: line, Offset: offset, Length: rnd.Int64N(300)}
			if rnd.IntN(10) == 0 {
				r.EndLine += rnd.Int64N(30)
			}
			line = r.EndLine + 1
			if rnd.IntN(50) == 0 {
				line += rnd.Int64N(5) // lines that are no records
			}
			offset += r.Length + 1
			r.Severity = rca.Severity(rnd.IntN(8))
			if rnd.IntN(3) > 0 {
				r.Severity = rca.SeverityInfo
			}
			r.Component = fmt.Sprintf("svc-%d", rnd.IntN(3+s))
			r.Template = fmt.Sprintf("request * of kind %d", int(math.Abs(rnd.NormFloat64()*30)))
			if s == 1 {
				r.Template = fmt.Sprintf("rare %d", rnd.IntN(4000)) // more than a block counts
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func build(t testing.TB, rows []row) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := index.NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	scratch := make([]byte, 0, 20_000) // strings live in memory that is used again, as in the pipeline
	for _, r := range rows {
		scratch = append(append(append(scratch[:0], r.Source...), r.Component...), r.Template...)
		text := unsafe.String(unsafe.SliceData(scratch), len(scratch))
		rec := rca.Record{Position: r.Position, Time: r.Time, Severity: r.Severity}
		rec.Source, text = text[:len(r.Source)], text[len(r.Source):]
		rec.Component, text = text[:len(r.Component)], text[len(r.Component):]
		if err := w.Add(&rec, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func open(t testing.TB, b []byte) *index.Reader {
	t.Helper()
	r, err := index.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// naive answers a query without any index.
func naive(rows []row, q index.Query) (all []row) {
	in := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
	for _, r := range rows {
		text := ""
		if q.Text != nil {
			text, _ = textOf(context.Background(), r.Source, r.Offset, r.Length)
		}
		if q.From != 0 && q.From != rca.NoTime && (r.at == rca.NoTime || r.at < q.From) ||
			q.To != 0 && q.To != rca.NoTime && (r.at == rca.NoTime || r.at >= q.To) ||
			r.Severity < q.MinSeverity || len(q.Severities) > 0 && !slices.Contains(q.Severities, r.Severity) ||
			!in(q.Sources, r.Source) || !in(q.Components, r.Component) || !in(q.Templates, r.Template) ||
			q.Match != nil && !q.Match.MatchString(text) || !strings.Contains(text, q.Contains) {
			continue
		}
		all = append(all, r)
	}
	if q.ByTime {
		slices.SortStableFunc(all, func(a, b row) int {
			if a.at != b.at {
				if a.at < b.at {
					return -1
				}
				return 1
			}
			return 0
		})
	}
	if q.Reverse {
		slices.Reverse(all)
	}
	return all
}

// textOf makes a text from where it stands.
func textOf(_ context.Context, source string, offset, length int64) (string, error) {
	return fmt.Sprintf("%s says %d of %d", source, offset*7919%1000, length), nil
}

func hits(rows []row) []index.Hit {
	all := make([]index.Hit, len(rows))
	for i, r := range rows {
		all[i] = r.Hit
	}
	return all
}

// diff compares first and explains after, for explaining is slow.
func diff[T comparable](want, got []T) string {
	if slices.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func randomQuery(rnd *rand.Rand, rows []row) index.Query {
	pick := func() row { return rows[rnd.IntN(len(rows))] }
	maybe := func(n int) bool { return rnd.IntN(n) == 0 }
	q := index.Query{ByTime: maybe(2), Reverse: maybe(2), Limit: 1 + rnd.IntN(200)}
	if maybe(3) {
		q.From = pick().Time
	}
	if maybe(3) {
		q.To = pick().Time
	}
	if q.From > q.To && q.To != 0 && q.To != rca.NoTime {
		q.From, q.To = q.To, q.From
	}
	if maybe(3) {
		q.MinSeverity = rca.Severity(rnd.IntN(8))
	}
	if maybe(4) {
		q.Severities = []rca.Severity{pick().Severity, pick().Severity}
	}
	if maybe(3) {
		q.Sources = []string{pick().Source, pick().Source}
	}
	if maybe(3) {
		q.Components = []string{pick().Component, "no-such-component"}
	}
	if maybe(3) {
		q.Templates = []string{pick().Template, pick().Template, pick().Template}
	}
	return q
}

// Every query gives what a plain filter gives, forward and backward, page by page.
func TestPageAgainstNaive(t *testing.T) {
	for seed := range uint64(2) {
		rows := generate(seed, 60_000)
		r := open(t, build(t, rows))
		rnd := rand.New(rand.NewPCG(seed, 2))
		for i := range 60 {
			q := randomQuery(rnd, rows)
			if i == 0 {
				q = index.Query{}
			}
			want := naive(rows, q)
			name := fmt.Sprintf("seed %d, query %d: %+v", seed, i, q)
			var got []index.Hit
			var page index.Page
			for n := 0; n == 0 || page.Next != "" && n < 4; n++ {
				q.After = page.Next
				var err error
				if page, err = r.Page(t.Context(), q); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if page.Total != int64(len(want)) || !page.Exact {
					t.Fatalf("%s: total %d (exact %t), want %d", name, page.Total, page.Exact, len(want))
				}
				if (n == 0) != (page.Previous == "") && len(page.Hits) > 0 {
					t.Fatalf("%s: page %d has previous %q", name, n, page.Previous)
				}
				got = append(got, page.Hits...)
			}
			if d := diff(hits(want[:min(len(want), len(got))]), got); d != "" || page.Next == "" && len(got) != len(want) {
				t.Fatalf("%s: %d hits of %d\n%s", name, len(got), len(want), d)
			}
			// And back again to the beginning.
			end := len(got) - len(page.Hits)
			for page.Previous != "" {
				q.After = page.Previous
				var err error
				if page, err = r.Page(t.Context(), q); err != nil {
					t.Fatalf("%s: back: %v", name, err)
				}
				if d := diff(got[end-len(page.Hits):end], page.Hits); d != "" || len(page.Hits) == 0 {
					t.Fatalf("%s: back from %d:\n%s", name, end, d)
				}
				end -= len(page.Hits)
			}
			if end != 0 {
				t.Fatalf("%s: the way back ends at %d", name, end)
			}
		}
	}
}

func TestAroundAgainstNaive(t *testing.T) {
	rows := generate(7, 60_000)
	r := open(t, build(t, rows))
	rnd := rand.New(rand.NewPCG(7, 2))
	for i := range 60 {
		q := randomQuery(rnd, rows)
		center := rows[rnd.IntN(len(rows))]
		q.Around = &rca.Position{Source: center.Source, Line: center.Line}
		want := naive(rows, q)
		at := 0 // of the first one that is not before the center
		for _, w := range want {
			before := w.Ordinal < center.Ordinal
			if q.ByTime && w.at != center.at {
				before = w.at < center.at
			}
			if w.Ordinal == center.Ordinal || before == q.Reverse {
				break
			}
			at++
		}
		from := max(0, at-q.Limit/2)
		to := min(len(want), from+q.Limit)
		page, err := r.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if d := diff(hits(want[from:to]), page.Hits); d != "" {
			t.Fatalf("query %d %+v around %d:\n%s", i, q, center.Ordinal, d)
		}
		if (page.Previous != "") != (from > 0) && q.Limit > 1 || (page.Next != "") != (to < len(want)) {
			t.Fatalf("query %d: from %d to %d of %d, previous %q, next %q", i, from, to, len(want), page.Previous, page.Next)
		}
		q.Around = nil
		if q.After = page.Next; q.After != "" {
			next, err := r.Page(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if d := diff(hits(want[to:min(len(want), to+q.Limit)]), next.Hits); d != "" {
				t.Fatalf("query %d: the page after:\n%s", i, d)
			}
		}
	}
}

func TestTextAgainstNaive(t *testing.T) {
	rows := generate(3, 60_000)
	r := open(t, build(t, rows))
	rnd := rand.New(rand.NewPCG(3, 2))
	for i := range 12 {
		q := randomQuery(rnd, rows)
		q.Text = textOf
		q.Match = regexp.MustCompile(fmt.Sprintf("says %d\\d? of", rnd.IntN(1000)))
		if i%3 == 0 {
			q.Match, q.Contains = nil, " of 29"
		}
		want := hits(naive(rows, q))
		var got []index.Hit
		for {
			page, err := r.Page(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if page.Exact || page.Total < int64(len(want)) {
				t.Fatalf("query %d: total %d, exact %t; there are %d", i, page.Total, page.Exact, len(want))
			}
			got = append(got, page.Hits...)
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if d := diff(want, got); d != "" {
			t.Fatalf("query %d %+v:\n%s", i, q, d)
		}
	}
}

// A filter by text that finds nothing gives up after a bounded number of texts, and goes on from there.
func TestTextIsBounded(t *testing.T) {
	rows := generate(4, 50_000)
	r := open(t, build(t, rows))
	read, pages := 0, 0
	q := index.Query{Contains: "no such text", Text: func(ctx context.Context, s string, o, l int64) (string, error) {
		read++
		return textOf(ctx, s, o, l)
	}}
	for {
		before := read
		page, err := r.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if pages++; read-before > 20_000 || len(page.Hits) > 0 {
			t.Fatalf("page %d read %d texts", pages, read-before)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if read != len(rows) || pages != 3 {
		t.Errorf("%d texts on %d pages", read, pages)
	}
	q.After = ""
	if h, err := r.Histogram(t.Context(), q, 10); err != nil || h.Exact || h.Total != 0 {
		t.Errorf("histogram: %+v, %v", h, err)
	}
	gone := errors.New("blob is gone")
	q.Text = func(context.Context, string, int64, int64) (string, error) { return "", gone }
	if _, err := r.Page(t.Context(), q); !errors.Is(err, gone) {
		t.Error(err)
	}
}

func TestHistogramAgainstNaive(t *testing.T) {
	for seed := range uint64(2) {
		rows := generate(seed+10, 60_000)
		r := open(t, build(t, rows))
		rnd := rand.New(rand.NewPCG(seed, 5))
		for i := range 60 {
			q := randomQuery(rnd, rows)
			switch {
			case i == 0:
				q = index.Query{}
			case i%10 == 1:
				q = index.Query{MinSeverity: rca.SeverityWarn}
			case i%10 == 2 && len(q.Templates) > 0 && len(q.Sources) > 0:
				q.Contains, q.Text = "says 1", textOf
			}
			most := 1 + rnd.IntN(300)
			h, err := r.Histogram(t.Context(), q, most)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]index.Counts, len(h.Buckets))
			var untimed index.Counts
			all := naive(rows, q)
			for _, w := range all {
				if w.at == rca.NoTime {
					untimed[w.Severity]++
					continue
				}
				b := int64(w.at-h.Start) / int64(h.Step)
				if w.at < h.Start || b >= int64(len(want)) {
					t.Fatalf("query %d %+v: record at %v lies outside of %d buckets from %v", i, q, w.at.Std(), len(want), h.Start.Std())
				}
				want[b][w.Severity]++
			}
			if d := diff(want, h.Buckets); d != "" || untimed != h.Untimed || h.Total != int64(len(all)) || len(h.Buckets) > most || !h.Exact {
				t.Fatalf("query %d %+v, %d buckets of %d by %v, total %d of %d:\n%s", i, q, len(h.Buckets), most, h.Step, h.Total, len(all), d)
			}
			if int64(h.Start)%int64(h.Step) != 0 {
				t.Errorf("buckets of %v begin at %v", h.Step, h.Start.Std())
			}
		}
	}
}

func TestContextAgainstNaive(t *testing.T) {
	rows := generate(5, 80_000)
	r := open(t, build(t, rows))
	rnd := rand.New(rand.NewPCG(5, 2))
	for range 60 {
		center := rows[rnd.IntN(len(rows))]
		same := naive(rows, index.Query{Sources: []string{center.Source}})
		at := slices.IndexFunc(same, func(w row) bool { return w.Ordinal == center.Ordinal })
		before, after := rnd.IntN(20), rnd.IntN(20)
		line := center.Line
		if center.EndLine > line && rnd.IntN(2) == 0 {
			line = center.EndLine // a line within the record
		}
		got, i, err := r.Context(t.Context(), rca.Position{Source: center.Source, Line: line}, before, after)
		if err != nil {
			t.Fatal(err)
		}
		want := hits(same[max(0, at-before):min(len(same), at+after+1)])
		if d := diff(want, got); d != "" || got[i].Ordinal != center.Ordinal {
			t.Fatalf("around %d:\n%s", center.Ordinal, d)
		}
	}
	if _, _, err := r.Context(t.Context(), rca.Position{Source: "no-such.log", Line: 1}, 1, 1); !errors.Is(err, index.ErrNotFound) {
		t.Error(err)
	}
	got, i, err := r.Context(t.Context(), rca.Position{Source: "file-0.log"}, 1, 1)
	if err != nil || i != 0 || got[0].Ordinal != 0 || len(got) != 2 {
		t.Errorf("before the first line: %v, %d, %v", got, i, err)
	}
}

func TestEmptyAndOdd(t *testing.T) {
	r := open(t, build(t, nil))
	if p, err := r.Page(t.Context(), index.Query{}); err != nil || len(p.Hits) != 0 || p.Next != "" || p.Total != 0 || !p.Exact {
		t.Errorf("empty: %+v, %v", p, err)
	}
	if h, err := r.Histogram(t.Context(), index.Query{}, 10); err != nil || h.Total != 0 || len(h.Buckets) != 0 {
		t.Errorf("empty: %+v, %v", h, err)
	}
	// Numbers at their limits come back as they were.
	odd := []row{
		{Hit: index.Hit{Time: math.MaxInt64, Position: rca.Position{Source: "a", Line: math.MaxInt64, EndLine: -5, Offset: math.MinInt64, Length: math.MaxInt64}}},
		{Hit: index.Hit{Ordinal: 1, Time: math.MinInt64 + 1, Severity: 7, Component: index.Other, Template: "\xff\x00"}},
		{Hit: index.Hit{Ordinal: 2, Time: 0}},
		{Hit: index.Hit{Ordinal: 3, Time: rca.NoTime, Position: rca.Position{Source: "never a time"}}},
	}
	r = open(t, build(t, odd))
	p, err := r.Page(t.Context(), index.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(hits(odd), p.Hits); d != "" {
		t.Error(d)
	}
	if h, err := r.Histogram(t.Context(), index.Query{}, 50); err != nil || h.Total != 4 || h.Untimed[0] != 1 {
		t.Errorf("%+v, %v", h, err)
	}
	// A name that is too long is cut, and found all the same.
	long := strings.Repeat("x", 10_000)
	r = open(t, build(t, []row{{Hit: index.Hit{Template: long}}}))
	if p, err := r.Page(t.Context(), index.Query{Templates: []string{long}}); err != nil || p.Total != 1 || len(p.Hits[0].Template) != 4096 {
		t.Errorf("%d hits, %v", p.Total, err)
	}
}

// More different names than the dictionary takes are counted as one.
func TestDictionaryIsBounded(t *testing.T) {
	var rows []row
	for i := range 70_000 {
		rows = append(rows, row{Hit: index.Hit{Ordinal: int64(i), Template: fmt.Sprint("unique ", i)}})
	}
	r := open(t, build(t, rows))
	f := func(template string, want int64) {
		t.Helper()
		if p, err := r.Page(t.Context(), index.Query{Templates: []string{template}}); err != nil || p.Total != want {
			t.Errorf("%s: %d records, %v; want %d", template, p.Total, err, want)
		}
	}
	f("unique 0", 1)
	f("unique 65534", 1)
	f("unique 65535", 0)
	f(index.Other, 70_000-65_535)
}

func TestRefusedQueries(t *testing.T) {
	rows := generate(1, 1000)
	r := open(t, build(t, rows))
	other := open(t, build(t, rows[:900]))
	first, err := r.Page(t.Context(), index.Query{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	f := func(r *index.Reader, q index.Query, want string) {
		t.Helper()
		if _, err := r.Page(t.Context(), q); !errors.Is(err, index.ErrQuery) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", q, err, want)
		}
	}
	f(r, index.Query{Limit: -1}, "limit")
	f(r, index.Query{Limit: 1001}, "limit")
	f(r, index.Query{After: "?"}, "no cursor")
	f(r, index.Query{After: "AAAA"}, "no cursor")
	f(r, index.Query{After: first.Next, ByTime: true}, "another query")
	f(r, index.Query{After: first.Next, Sources: []string{"x"}}, "another query")
	f(other, index.Query{After: first.Next}, "another query")
	f(r, index.Query{From: 5, To: 4}, "From lies after To")
	f(r, index.Query{Contains: "x"}, "no way to the text")
	f(r, index.Query{After: first.Next, Around: &rca.Position{}}, "at once")
	if _, err := r.Page(t.Context(), index.Query{After: first.Next, Limit: 20}); err != nil {
		t.Errorf("a cursor with another limit: %v", err)
	}
	if _, err := r.Histogram(t.Context(), index.Query{}, 0); !errors.Is(err, index.ErrQuery) {
		t.Error(err)
	}
	if _, err := r.Page(t.Context(), index.Query{Around: &rca.Position{Source: "x"}}); !errors.Is(err, index.ErrNotFound) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Page(ctx, index.Query{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestConcurrentQueries(t *testing.T) {
	rows := generate(6, 40_000)
	r := open(t, build(t, rows))
	want := hits(naive(rows, index.Query{ByTime: true, MinSeverity: rca.SeverityWarn})[:100])
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			p, err := r.Page(t.Context(), index.Query{ByTime: true, MinSeverity: rca.SeverityWarn})
			if err != nil || !cmp.Equal(want, p.Hits) {
				t.Errorf("%v, or other hits", err)
			}
		})
	}
	wg.Wait()
}

// A torn or changed file gives ErrCorrupt when it is opened or read, or the right answer.
func TestDamagedFile(t *testing.T) {
	rows := generate(2, 20_000)
	whole := build(t, rows)
	for _, n := range []int{0, 1, 11, 12, 35, len(whole) / 2, len(whole) - 30, len(whole) - 1} {
		if _, err := index.Open(bytes.NewReader(whole[:n]), int64(n)); !errors.Is(err, index.ErrCorrupt) {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
		if _, err := index.Open(bytes.NewReader(whole[:n]), int64(len(whole))); !errors.Is(err, index.ErrCorrupt) {
			t.Errorf("%d bytes that say they are %d: %v", n, len(whole), err)
		}
	}
	rnd := rand.New(rand.NewPCG(2, 2))
	q := index.Query{ByTime: true, Limit: 1000}
	want, err := open(t, whole).Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		bad := bytes.Clone(whole)
		at := rnd.IntN(len(bad))
		bad[at] ^= 1 << rnd.IntN(8)
		r, err := index.Open(bytes.NewReader(bad), int64(len(bad)))
		if err == nil {
			var got index.Page
			got, err = r.Page(t.Context(), q)
			if err == nil && !cmp.Equal(want.Hits, got.Hits) {
				t.Fatalf("bit of byte %d flipped: wrong hits", at)
			}
		}
		if err != nil && !errors.Is(err, index.ErrCorrupt) {
			t.Fatalf("bit of byte %d flipped: %v", at, err)
		}
	}
}

// A disk that fails is not called a corrupt index, and a writer says where it stopped.
func TestFailingDisk(t *testing.T) {
	broken := errors.New("input/output error")
	if _, err := index.Open(failing{broken}, 1000); !errors.Is(err, broken) || errors.Is(err, index.ErrCorrupt) {
		t.Error(err)
	}
	w, err := index.NewWriter(&limited{left: 1000, err: broken})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range generate(1, 20_000) {
		if err = w.Add(&rca.Record{Position: r.Position, Time: r.Time}, r.Template); err != nil {
			break
		}
	}
	if !errors.Is(err, broken) || !errors.Is(w.Close(), broken) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

type limited struct {
	left int
	err  error
}

func (l *limited) Write(b []byte) (int, error) {
	if l.left -= len(b); l.left < 0 {
		return 0, l.err
	}
	return len(b), nil
}
