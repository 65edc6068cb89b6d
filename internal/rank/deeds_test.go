package rank

import (
	"strings"
	"testing"

	"github.com/rca-engine/rca"
)

// one makes a series of one occurrence.
func one(message string, fields ...rca.Field) *rca.Series {
	x := rca.Sample{Message: message, Fields: fields, Place: rca.Place{Lines: 1, Line: 1}}
	return &rca.Series{Template: &rca.Template{ID: message, Text: message}, Component: "press", Severity: rca.SeverityInfo, Count: 1, Samples: []rca.Sample{x}, First: 1e9, Last: 1e9}
}

// What counts as another value of a setting, and what only differs.
func TestReworded(t *testing.T) {
	for _, c := range []struct {
		old, now string
		terse    bool
		want     string // "" for nothing
	}{
		{"next letter every 7.0 s", "next letter every 0.15 s", false, "every is 0.15 now"},
		{"run as user press -m 64 -t 2", "run as user press -m 2 -t 2", false, "-m is 2 now"},
		{"copying the plates to /srv/shelf", "copying the plates to /srv/tape", false, "to is /srv/tape now"},
		{"pass over all folders, owner press, mode 755", "pass over all folders, owner root, mode 755", false, "owner is root now"},
		{"plates in the order [1, 2, 3, 4]", "plates in the order [4, 3, 2, 1]", false, "order is"},
		{"7 rules are loaded", "6 rules are loaded", true, "6"},
		{"7 rules are loaded", "6 rules are loaded", false, ""},                                                                    // of one that writes much a bare number is a measure
		{"job 5f2b9c1e77aa done by press", "job 77aa5f2b9c1e done by press", false, ""},                                            // ids
		{"page printed at 10:01:02 by press", "page printed at 10:05:09 by press", false, ""},                                      // times
		{"pool_total=1 pool_idle=3 of press", "pool_total=0 pool_idle=3 of press", false, ""},                                      // measures of use
		{"wrote 27 sheets (0.7 of all) in 3 rolls of 9, 4 left", "wrote 31 sheets (2.7 of all) in 8 rolls of 1, 2 left", true, ""}, // a report of measures
		{"press is warm", "ink is low", false, ""},
	} {
		got := reworded(one(c.now), []*rca.Series{one(c.old)}, c.terse)
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%q after %q: got %q, want %q", c.now, c.old, got, c.want)
		}
	}
}

func TestFamily(t *testing.T) {
	for in, want := range map[string]string{"till-2": "till", "Till": "till", "till": "till", "worker_12": "worker", "http2": "http2", "press-7da4da3a8-x2x9q": "press", "press-3f875c7b9": "press", "night-watchman": "night-watchman"} {
		if got := family(in); got != want {
			t.Errorf("family(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"ledger.internal": "ledger", "ledger.shop.svc.cluster.local": "ledger", "api.bank.example": "api.bank.example", "10.0.0.1": "10.0.0.1"} {
		if got := inside(in); got != want {
			t.Errorf("inside(%q) = %q, want %q", in, got, want)
		}
	}
}

// steps makes a series with one line in each of the seconds.
func steps(component string, seconds ...int) *rca.Series {
	s := one("tick of " + component)
	s.Component, s.Buckets = component, nil
	for i, at := range seconds {
		s.Buckets = append(s.Buckets, rca.Bucket{Start: rca.Time(at) * 1e9, Count: 1, First: rca.Place{Lines: 1, Line: int64(i + 1)}})
	}
	s.Count = int64(len(seconds))
	s.First, s.Last = rca.Time(seconds[0])*1e9, rca.Time(seconds[len(seconds)-1])*1e9
	return s
}

func seq(from, to, by int) []int {
	var out []int
	for i := from; i < to; i += by {
		out = append(out, i)
	}
	return out
}

func TestPaused(t *testing.T) {
	if p := paused([]*rca.Series{steps("a", seq(0, 30, 1)...)}, nil, 60e9); p == nil || p.at != 29e9 {
		t.Errorf("a component that wrote each second and stopped half a minute before the end has not fallen silent: %v", p)
	}
	if p := paused([]*rca.Series{steps("a", seq(0, 58, 1)...)}, nil, 60e9); p != nil {
		t.Error("two quiet seconds at the end are no silence")
	}
	if p := paused([]*rca.Series{steps("a", 0, 1, 2, 3, 30, 31, 32, 33, 34)}, nil, 60e9); p != nil {
		t.Error("who pauses for as long in normal times has not fallen silent")
	}
}

func TestClockStep(t *testing.T) {
	run := func(series ...*rca.Series) *node {
		r := &ranker{in: Input{Series: series}, nodes: map[string]*node{}}
		for _, s := range series {
			n := r.node(s.Component)
			n.hasLog, n.last = true, max(n.last, s.Last)
		}
		r.readTempo()
		return r.offClock()
	}
	jump := append(seq(0, 20, 1), seq(320, 340, 1)...)
	if n := run(steps("desk", jump...), steps("gate", seq(0, 40, 1)...), steps("hut", seq(0, 40, 2)...)); n == nil || n.name != "desk" {
		t.Errorf("the clock that jumped five minutes ahead is not desk's: %v", n)
	}
	if n := run(steps("desk", append(seq(0, 20, 1), seq(320, 340, 1)...)...), steps("gate", seq(0, 340, 1)...)); n != nil {
		t.Error("who was silent for five minutes and ends with the others has a good clock")
	}
}
