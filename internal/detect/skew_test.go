package detect_test

import (
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/detect"
)

// Two components whose lines of the same trace lie two hours apart have clocks that disagree; those that are slow have not.
func TestSkews(t *testing.T) {
	series := func(c string) *rca.Series { return &rca.Series{Component: c} }
	a, b, slow := series("door"), series("vault"), series("bank")
	var traces []rca.Trace
	for i := range 40 {
		at := rca.Time(int64(i) * 10e9)
		traces = append(traces, rca.Trace{ID: uint64(i), Events: []rca.TraceEvent{
			{Series: a, First: at}, {Series: b, First: at + 7200e9 + rca.Time(i)*1e6}, {Series: slow, First: at + rca.Time(i%20)*1e9},
		}})
	}
	got := detect.Skews(traces)
	found := false
	for _, s := range got {
		switch {
		case s.A == "door" && s.B == "vault":
			found = s.Ahead > 7199e9 && s.Ahead < 7201e9 && s.Traces == 40
		case s.A == "bank" && s.B == "door":
			t.Errorf("a slow answer was taken for a clock: %+v", s)
		}
	}
	if !found {
		t.Errorf("the skew of two hours was not found: %+v", got)
	}
	if s := detect.Skews(traces[:10]); len(s) != 0 {
		t.Errorf("ten traces are too few: %+v", s)
	}
}
