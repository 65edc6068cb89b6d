package detect

import (
	"fmt"
	"math"
	"sort"

	"github.com/rca-engine/rca"
)

// numbers finds numeric positions and fields whose level shifted or that climb: latency, memory, queues, pools.
func numbers(in *Input, pairs []pair) []rca.Signal {
	if !in.known() {
		return nil
	}
	var out []rca.Signal
	for _, p := range pairs {
		if p.series.Baseline || p.before < 3 || p.after < 3 {
			continue
		}
		for i := range p.series.Numbers {
			n := &p.series.Numbers[i]
			if n.Name == "" || identifier(n.Name) {
				continue
			}
			var before, after []rca.NumberPoint
			if in.Given {
				if p.base == nil {
					continue
				}
				for k := range p.base.Numbers {
					if p.base.Numbers[k].Name == n.Name {
						before = p.base.Numbers[k].Points
					}
				}
				after = n.Points
			} else {
				k := sort.Search(len(n.Points), func(i int) bool { return n.Points[i].Start > in.Quiet.End })
				before, after = n.Points[:k], n.Points[k:]
			}
			if s, ok := shift(p.series, n.Name, before, after); ok {
				s.Spark = means(n.Points)
				out = append(out, s)
			}
		}
	}
	return out
}

// identifier tells counters and ids, whose growth says nothing.
func identifier(name string) bool {
	switch name {
	case "id", "pid", "port", "order_id", "seq", "offset", "line", "thread", "timestamp", "time", "version", "order", "user", "product", "#", "process":
		return true
	}
	return len(name) > 3 && (name[len(name)-3:] == "_id" || name[len(name)-2:] == "Id")
}

func mean(pts []rca.NumberPoint) (float64, int64) {
	sum, n := 0.0, int64(0)
	for _, p := range pts {
		sum += float64(p.Sum)
		n += p.Count
	}
	if n == 0 {
		return 0, 0
	}
	return sum / float64(n) / 1000, n
}

// shift compares the mean of each step of time: the median step after against the spread of the steps before.
func shift(s *rca.Series, name string, before, after []rca.NumberPoint) (rca.Signal, bool) {
	if len(before) < 3 || len(after) < 3 {
		return rca.Signal{}, false
	}
	b, _ := mean(before)
	med, spread := stepStats(before)
	// The worst third of the time after, for an incident seldom fills the logs.
	steps := make([]float64, 0, len(after))
	for _, p := range after {
		steps = append(steps, float64(p.Sum)/float64(p.Count)/1000)
	}
	sorted := append([]float64(nil), steps...)
	sort.Float64s(sorted)
	hi := sorted[len(sorted)*5/6]
	lo := sorted[len(sorted)/6]
	v := hi
	if math.Abs(lo-med) > math.Abs(hi-med) {
		v = lo
	}
	gate := math.Max(4*spread, math.Abs(med)*.8)
	if len(before) < 8 { // of few points the spread says little
		gate = math.Max(gate, math.Max(3, 2*math.Abs(med)))
	}
	if math.Abs(v-med) < gate || math.Abs(v-med) < 1e-6 {
		return rca.Signal{}, false
	}
	kind, word := rca.SignalNumber, "shifted"
	climbing := 0
	for i := 1; i < len(steps); i++ {
		if steps[i] >= steps[i-1] {
			climbing++
		}
	}
	if len(steps) >= 5 && climbing >= len(steps)*8/10 && steps[len(steps)-1] > med+gate {
		kind, word = rca.SignalTrend, "climbs"
		v = steps[len(steps)-1]
	}
	at := rca.NoTime
	for i, p := range after {
		if math.Abs(steps[i]-med) >= gate/2 {
			at = p.Start
			break
		}
	}
	return rca.Signal{Kind: kind, Component: s.Component, Severity: s.Severity, Template: s.Template.Text, At: at, Series: s,
		Text:    fmt.Sprintf("%s %s from %s to %s", name, word, figure(med), figure(v)),
		Numbers: map[string]float64{"before": round(b), "after": round(v), "spread": round(spread), "weight": math.Abs(v-med) / math.Max(spread, math.Abs(med)*.1+1e-9)}}, true
}

func round(f float64) float64 { return math.Round(f*1000) / 1000 }

func figure(f float64) string {
	switch a := math.Abs(f); {
	case a >= 1e6:
		return fmt.Sprintf("%.3g million", f/1e6)
	case a >= 100:
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprintf("%.3g", f)
}

// stepStats gives the median of the steps' means and their median deviation from it.
func stepStats(pts []rca.NumberPoint) (float64, float64) {
	v := make([]float64, 0, len(pts))
	for _, p := range pts {
		v = append(v, float64(p.Sum)/float64(p.Count)/1000)
	}
	sort.Float64s(v)
	med := v[len(v)/2]
	for i := range v {
		v[i] = math.Abs(v[i] - med)
	}
	sort.Float64s(v)
	return med, 1.48 * v[len(v)/2]
}

func means(pts []rca.NumberPoint) []int64 {
	var out []int64
	for _, p := range pts {
		out = append(out, p.Sum/max(p.Count, 1)/1000)
	}
	if len(out) > sparkSteps {
		out = out[len(out)-sparkSteps:]
	}
	return out
}
