package detect

import (
	"fmt"
	"math"
	"math/rand"
	"testing"

	"github.com/rca-engine/rca"
)

// By hand: C(s,i)·C(n-s,m-i)/C(n,m), summed from 0 to k.
func TestHypergeometric(t *testing.T) {
	for _, c := range []struct {
		k, n, s, m int64
		want       float64
	}{
		{0, 10, 5, 3, 10.0 / 120},                 // C(5,3)/C(10,3)
		{1, 10, 5, 3, (10.0 + 5*10) / 120},        // + C(5,1)·C(5,2)
		{2, 10, 5, 3, (10.0 + 50 + 50) / 120},     // + C(5,2)·C(5,1)
		{3, 10, 5, 3, 1},                          // all
		{0, 4, 2, 2, 1.0 / 6},                     // one of six pairs
		{0, 52, 4, 5, 1712304.0 / 2598960},        // no ace in a hand of five
		{0, 20, 10, 10, 1.0 / 184756},             // ten lost of ten, ten kept of ten
		{9, 20, 19, 10, 0.5},                      // the one failure falls into the draw half of the time
		{0, 5, 0, 3, 1},                           // nothing to draw
		{0, 1000, 500, 10, 0.0009331878021844999}, // C(500,10)/C(1000,10)
	} {
		if got := hypergeometric(c.k, c.n, c.s, c.m); math.Abs(got-c.want) > 1e-9+1e-6*c.want {
			t.Errorf("hypergeometric(%d of %d, %d, %d) = %.12g, want %.12g", c.k, c.n, c.s, c.m, got, c.want)
		}
	}
}

func series(component, text string, sev rca.Severity) *rca.Series {
	return &rca.Series{Template: &rca.Template{ID: component + text, Text: text}, Component: component, Severity: sev}
}

var (
	take = series("shop", "order taken <*>", rca.SeverityInfo)
	pay  = series("shop", "payment asked <*>", rca.SeverityInfo)
	book = series("ledger", "booking written <*>", rca.SeverityInfo)
	mail = series("shop", "mail sent <*>", rca.SeverityInfo)
	odd  = series("shop", "coupon used <*>", rca.SeverityInfo) // in some traces only
	fail = series("ledger", "booking lost <*>", rca.SeverityError)
)

// traces makes n traces; lost says in which of them the booking does not come.
func traces(n int, seed int64, lost func(i int, r *rand.Rand) bool) []rca.Trace {
	r := rand.New(rand.NewSource(seed))
	out := make([]rca.Trace, n)
	for i := range out {
		at := rca.Time(i) * 1e9
		add := func(s *rca.Series) {
			at += 1e6
			out[i].Events = append(out[i].Events, rca.TraceEvent{Series: s, Count: 1, First: at, Place: rca.Place{Line: int64(at)}, Last: rca.Place{Line: int64(at)}})
		}
		out[i].ID = uint64(i)
		add(take)
		add(pay)
		if lost(i, r) {
			add(fail)
		} else {
			add(book)
		}
		if r.Intn(3) == 0 {
			add(odd)
		}
		add(mail)
	}
	return out
}

func never(int, *rand.Rand) bool { return false }

func TestLostPairsFindsAPlantedLoss(t *testing.T) {
	base := traces(60, 1, never)
	logs := traces(60, 2, func(i int, _ *rand.Rand) bool { return i >= 30 })
	got := LostPairs(logs, base)
	if len(got) == 0 {
		t.Fatal("nothing found")
	}
	p := got[0]
	if p.B != book || p.A != pay {
		t.Fatalf("%q no longer follows %q", p.B.Template.Text, p.A.Template.Text)
	}
	if p.BaseA != 60 || p.BaseB != 60 || p.SeenA != 60 || p.SeenB != 30 || p.Q >= significance {
		t.Errorf("%+v", p)
	}
	if want := rca.Time(30*1e9 + 2e6); p.FirstTime != want {
		t.Errorf("first without it at %d, want %d", p.FirstTime, want)
	}
	if p.Instead != fail || !p.LastBInLogs || p.LastBTime != rca.Time(29*1e9+3e6) {
		t.Errorf("in its place %v, the last at %d (in the logs: %v)", p.Instead, p.LastBTime, p.LastBInLogs)
	}
	for _, p := range got {
		if p.B == odd || p.B == mail {
			t.Errorf("%q is told as lost", p.B.Template.Text)
		}
	}
}

func TestLostPairsOfAStatementThatIsGone(t *testing.T) {
	got := LostPairs(traces(20, 2, func(int, *rand.Rand) bool { return true }), traces(60, 1, never))
	if len(got) == 0 || got[0].B != book || got[0].SeenB != 0 || got[0].LastBInLogs || got[0].LastBTime == rca.NoTime {
		t.Fatalf("%+v", got)
	}
}

// Two halves of the same normal time differ in nothing, however they are drawn.
func TestLostPairsIsSilentOnNormalTimes(t *testing.T) {
	rare := func(_ int, r *rand.Rand) bool { return r.Intn(100) == 0 }
	for seed := range int64(50) {
		if got := LostPairs(traces(80, 2*seed, rare), traces(80, 2*seed+1, rare)); len(got) > 0 {
			t.Errorf("seed %d: %q after %q, %d of %d, q %g", seed, got[0].B.Template.Text, got[0].A.Template.Text, got[0].SeenB, got[0].SeenA, got[0].Q)
		}
	}
	if got := LostPairs(nil, traces(80, 1, never)); got != nil {
		t.Errorf("no logs: %v", got)
	}
}

// numbered is a series with one number a second, of the logs from second 0 to n.
func numbered(name string, n int, value func(i int) float64) *rca.Series {
	s := series("api", "served in <*>", rca.SeverityInfo)
	s.Count, s.First, s.Last = int64(n), 0, rca.Time(n-1)*1e9
	nu := rca.Number{Name: name}
	for i := range n {
		at := rca.Time(i) * 1e9
		v := int64(value(i) * 1000)
		nu.Points = append(nu.Points, rca.NumberPoint{Start: at, Count: 1, Sum: v, Min: v, Max: v})
		s.Buckets = append(s.Buckets, rca.Bucket{Start: at, Count: 1})
	}
	s.Numbers = []rca.Number{nu}
	return s
}

// found gives "kind at second" of the signals about numbers.
func found(s *rca.Series) string {
	in := Input{Series: []*rca.Series{s}, Quiet: rca.Window{Start: 0, End: 24e9}, Span: rca.Window{Start: 0, End: 99e9},
		Before: rca.Window{Start: rca.NoTime, End: rca.NoTime}, Step: 1}
	sigs, _ := Signals(in)
	out := ""
	for _, s := range sigs {
		if s.Kind == rca.SignalNumber || s.Kind == rca.SignalTrend {
			out += fmt.Sprintf("%s at %d;", s.Kind, s.At/1e9)
		}
	}
	return out
}

func TestNumbers(t *testing.T) {
	noise := func(seed int64) func() float64 {
		r := rand.New(rand.NewSource(seed))
		return func() float64 { return r.Float64()*4 - 2 }
	}
	n := noise(1)
	if got := found(numbered("ms", 100, func(i int) float64 {
		if i >= 60 {
			return 90 + n()
		}
		return 12 + n()
	})); got != "numeric shift at 60;" {
		t.Errorf("a level that shifts: %q", got)
	}
	if got := found(numbered("used", 100, func(i int) float64 { return 100 + float64(max(0, i-24))*8 })); got[:min(len(got), 8)] != "trend at" {
		t.Errorf("a level that climbs: %q", got)
	}
	if got := found(numbered("hits", 100, func(i int) float64 {
		if i >= 60 {
			return 1
		}
		return 95 + n()
	})); got != "numeric shift at 60;" {
		t.Errorf("a level that falls: %q", got)
	}
	for seed := range int64(30) {
		n := noise(seed)
		if got := found(numbered("ms", 100, func(int) float64 { return 12 + n() })); got != "" {
			t.Errorf("noise %d: %q", seed, got)
		}
	}
	if got := found(numbered("order_id", 100, func(i int) float64 { return float64(i * 100) })); got != "" {
		t.Errorf("a number that only counts: %q", got)
	}
}
