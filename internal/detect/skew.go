package detect

import (
	"sort"

	"github.com/rca-engine/rca"
)

// Skew says that two components' clocks disagree.
type Skew struct {
	A, B   string
	Ahead  rca.Time // how much later B's stamps are
	Traces int
}

const (
	skewTraces = 20                // shared traces that an estimate needs
	skewLeast  = 5 * rca.Time(1e9) // less may be the time that requests take
)

// Skews estimates how far clocks are apart, only where pairs of events agree: components that share many traces, and whose
// first lines in them lie apart by nearly the same time in each. That is a clock or a zone, not a slow request.
func Skews(sets ...[]rca.Trace) []Skew {
	type pairOf struct{ a, b string }
	by := map[pairOf][]rca.Time{}
	for _, set := range sets {
		for _, t := range set {
			first := map[string]rca.Time{}
			var names []string
			for _, e := range t.Events {
				c := e.Series.Component
				if e.First == rca.NoTime {
					continue
				}
				if _, ok := first[c]; !ok {
					first[c] = e.First
					names = append(names, c)
				}
			}
			sort.Strings(names)
			for i, a := range names {
				for _, b := range names[i+1:] {
					by[pairOf{a, b}] = append(by[pairOf{a, b}], first[b]-first[a])
				}
			}
		}
	}
	var out []Skew
	for p, d := range by {
		if len(d) < skewTraces {
			continue
		}
		sort.Slice(d, func(i, j int) bool { return d[i] < d[j] })
		lo, mid, hi := d[len(d)/10], d[len(d)/2], d[len(d)*9/10]
		off := mid
		if off < 0 {
			off = -off
		}
		if off >= skewLeast && hi-lo < off/5 {
			out = append(out, Skew{p.a, p.b, mid, len(d)})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].A != out[j].A {
			return out[i].A < out[j].A
		}
		return out[i].B < out[j].B
	})
	return out
}
