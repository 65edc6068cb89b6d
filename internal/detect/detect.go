// Package detect finds what is worth noticing in the series: what is new, gone, bursting, slower, fuller, silent.
//
// In: the series of the logs and of the baseline, and which time is taken as normal. Out: signals, each with its
// numbers, strongest first. A signal is no cause; ranking decides that.
//
// Each detector is a function in a file of its own and a line in detectors.
package detect

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/rca-engine/rca"
)

// Input is what the detectors look at.
type Input struct {
	Series []*rca.Series
	Given  bool       // Series holds baseline ones
	Quiet  rca.Window // the normal part of the logs, when no baseline is given
	Span   rca.Window // of the logs
	Before rca.Window // of the baseline
	Step   int64      // seconds of a bucket
}

type detector func(in *Input, pairs []pair) []rca.Signal

var detectors = []detector{templates, numbers, limits, values, ratios, gaps, severityShift, traffic}

// maxSignals bounds what is told of each kind.
const maxSignals = 40

// pair is one template of one component, before and after.
type pair struct {
	series *rca.Series // of the logs; of the baseline if it no longer comes
	base   *rca.Series
	before int64
	after  int64
	first  rca.Time
	rateB  float64 // lines a second
	rateA  float64
}

// Signals runs all detectors, side by side: they only read.
func Signals(in Input) ([]rca.Signal, []rca.Difference) {
	pairs := in.pairs()
	found := make([][]rca.Signal, len(detectors))
	var wg sync.WaitGroup
	for i, d := range detectors {
		wg.Go(func() {
			s := d(&in, pairs)
			sort.SliceStable(s, func(i, j int) bool { return weight(&s[i]) > weight(&s[j]) })
			found[i] = s[:min(len(s), maxSignals)]
		})
	}
	differences := in.differences(pairs)
	wg.Wait()
	out := slices.Concat(found...)
	for i := range out {
		out[i].ID = fmt.Sprintf("S%d", i+1)
	}
	return out, differences
}

func weight(s *rca.Signal) float64 { return s.Numbers["weight"] }

type pairKey struct {
	template, component string
	severity            rca.Severity
	status              int
}

func (in *Input) seconds() (before, after float64) {
	length := func(w rca.Window) float64 {
		if w.Start == rca.NoTime || w.End == rca.NoTime {
			return 1
		}
		return math.Max(1, float64(w.End-w.Start)/1e9)
	}
	if in.Given {
		return length(in.Before), length(in.Span)
	}
	q := length(in.Quiet)
	return q, math.Max(1, length(in.Span)-q)
}

func (in *Input) pairs() []pair {
	base := map[pairKey]*rca.Series{}
	used := map[*rca.Series]bool{}
	key := func(s *rca.Series) pairKey {
		return pairKey{s.Template.ID, s.Component, s.Severity, s.Status / 100}
	}
	for _, s := range in.Series {
		if s.Baseline {
			base[key(s)] = s
		}
	}
	b, a := in.seconds()
	var out []pair
	for _, s := range in.Series {
		if s.Baseline {
			continue
		}
		p := pair{series: s, after: s.Count, first: s.First}
		if in.Given {
			if p.base = base[key(s)]; p.base != nil {
				p.before = p.base.Count
				used[p.base] = true
			}
		} else if in.Quiet.End != rca.NoTime && s.First != rca.NoTime {
			p.before = s.Within(in.Quiet)
			p.after -= p.before
			p.first = s.FirstAfter(in.Quiet.End)
		}
		p.rateB, p.rateA = float64(p.before)/b, float64(p.after)/a
		out = append(out, p)
	}
	for _, s := range in.Series {
		if s.Baseline && !used[s] {
			out = append(out, pair{series: s, base: s, before: s.Count, rateB: float64(s.Count) / b, first: rca.NoTime})
		}
	}
	return out
}

// known tells whether there is anything to compare with.
func (in *Input) known() bool { return in.Given || in.Quiet.End != rca.NoTime }

// differences lists what is new, gone, more and less, the most telling first.
func (in *Input) differences(pairs []pair) []rca.Difference {
	if !in.known() {
		return nil
	}
	type scored struct {
		d rca.Difference
		w float64
	}
	var all []scored
	b, a := in.seconds()
	for _, p := range pairs {
		kind, w := "", 0.0
		expected := float64(p.before) * a / b
		switch {
		case p.before == 0 && p.after > 0:
			kind, w = "new", math.Log2(1+float64(p.after))
		case p.after == 0 && expected >= 5:
			kind, w = "gone", math.Log2(1+expected)
		case p.after >= 5 && float64(p.after) >= 3*expected && z(p.after, expected) >= 4:
			kind, w = "more", math.Log2(float64(p.after)/math.Max(expected, .5))
		case expected >= 10 && float64(p.after)*3 <= expected && -z(p.after, expected) >= 3:
			kind, w = "less", math.Log2(expected/math.Max(float64(p.after), .5))
		}
		if kind == "" {
			continue
		}
		w *= 1 + float64(max(p.series.Severity, rca.SeverityInfo)-rca.SeverityInfo)
		all = append(all, scored{rca.Difference{Kind: kind, Component: p.series.Component, Severity: p.series.Severity, Template: p.series.Template.Text, ID: p.series.Template.ID, Before: p.before, After: p.after, Spark: in.spark(p.series)}, w})
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].w > all[j].w })
	if len(all) > 200 {
		all = all[:200]
	}
	out := make([]rca.Difference, len(all))
	for i := range all {
		out[i] = all[i].d
	}
	return out
}

func z(n int64, expected float64) float64 {
	return (float64(n) - expected) / math.Sqrt(expected+1)
}

// sparkSteps is into how many equal steps the time is cut for a small picture.
const sparkSteps = 30

func (in *Input) spark(s *rca.Series) []int64 {
	if in.Span.Start == rca.NoTime || in.Span.End <= in.Span.Start || s.Baseline {
		return nil
	}
	out := make([]int64, sparkSteps)
	w := in.Span.End - in.Span.Start + 1
	for _, b := range s.Buckets {
		i := int(float64(b.Start-in.Span.Start) / float64(w) * sparkSteps)
		out[max(0, min(i, sparkSteps-1))] += b.Count
	}
	return out
}
