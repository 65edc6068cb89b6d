package rank

import (
	"math"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// LostPair is a statement that in normal times nearly always follows another within a trace, and that stops doing so.
type LostPair struct {
	A, B           *rca.Series // B is the one that no longer comes; both of the baseline
	Normal, OfA    int64       // traces of the baseline with B, and with A
	Seen, Expected int64       // the same in the incident
	Q              float64     // chance, after correction
	LastB          rca.Sample
	LastA          rca.Sample
	Replaced       *rca.Series // the error that took B's place, if any
}

// pairHypotheses makes a hypothesis of each component that lost a pair.
func (r *ranker) pairHypotheses() []*Hypothesis {
	var out []*Hypothesis
	by := map[*node]*Hypothesis{}
	for i := range r.in.Pairs {
		p := &r.in.Pairs[i]
		n := r.node(family(p.B.Component))
		n.display[p.B.Component]++
		strength := -math.Log10(math.Max(p.Q, 1e-30))
		h := by[n]
		if h == nil {
			h = &Hypothesis{node: n, Category: rca.CodeDefect, Level: know.Plausible}
			by[n] = h
			out = append(out, h)
		}
		n.level = max(n.level, know.Plausible)
		n.blame += strength
		h.raw += strength
		h.Cites = append(h.Cites,
			Cite{Sample: p.LastA, Role: "cause", Component: p.A.Component, Note: "the last line before the one that no longer comes"},
			Cite{Sample: p.LastB, Role: "cause", Component: p.B.Component, Note: "this line followed in normal times and stops coming", Absent: &rca.Absent{Expected: p.Expected, Seen: p.Seen}})
	}
	return out
}
