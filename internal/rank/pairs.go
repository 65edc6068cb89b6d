package rank

import (
	"fmt"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// pairWeight is what a lost pair adds, as much as a stack trace that came some times: how improbable chance is says
// nothing about how near to the cause the component is.
const pairWeight = 3.0

// pairHypotheses makes a hypothesis of each component that lost a pair: it did what came first, and not what always followed.
func (r *ranker) pairHypotheses() []*Hypothesis {
	var out []*Hypothesis
	by := map[*node]*Hypothesis{}
	for i := range r.in.Pairs {
		p := &r.in.Pairs[i]
		n := r.node(family(p.B.Component))
		n.hasLog = true
		n.display[p.B.Component]++
		h := by[n]
		if h == nil {
			h = &Hypothesis{node: n, Category: rca.CodeDefect, Level: know.Plausible}
			by[n] = h
			out = append(out, h)
		}
		n.level = max(n.level, know.Plausible)
		if len(h.pairs) == 0 {
			n.blame += pairWeight
			h.raw += pairWeight
		}
		h.pairs = append(h.pairs, p)
		if n.firstBad == rca.NoTime || p.FirstTime != rca.NoTime && p.FirstTime < n.firstBad {
			n.firstBad = p.FirstTime
		}
	}
	return out
}

// pairCites quotes the last line before the break, the line that no longer comes, and the error that took its place.
func pairCites(p *rca.LostPair) []Cite {
	at := func(pl rca.Place, t rca.Time) rca.Sample { return rca.Sample{Place: pl, Time: t} }
	out := []Cite{{Sample: at(p.FirstA, p.FirstTime), Role: "cause", Component: p.A.Component, Note: fmt.Sprintf("the last line before the break; in normal times another follows in %d of %d traces", p.BaseB, p.BaseA), Count: p.SeenA}}
	if p.Instead != nil {
		out = append(out, Cite{Sample: at(p.InsteadAt, p.InsteadTime), Role: "cause", Component: p.Instead.Component, Note: "the error that comes in its place"})
	}
	if p.LastBTime != rca.NoTime {
		note := "its last occurrence: it stops coming"
		if !p.LastBInLogs {
			note = "from the baseline: it never comes in the logs"
		}
		out = append(out, Cite{Sample: at(p.LastB, p.LastBTime), Role: "cause", Component: p.B.Component, Note: note, Absent: &rca.Absent{Expected: p.SeenA, Seen: p.SeenB}})
	}
	return out
}
