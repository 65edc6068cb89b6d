package rank

import (
	"fmt"
	"sort"
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// usage matches the names that programs give to what they hold of a shared resource.
var usage = expr.Lazy(`(?i)in_?use|open|active|busy|acquired|checked_?out|borrowed|used|conn|pool|held|size|total|count`)

// limitReached matches how programs say that all of something is taken.
var limitReached = expr.Lazy(`(?i)too many|limit (?:of|reached|exceeded)|exhausted|slots are|no (?:more|free|available) \w+|maximum .{0,30}(?:reached|exceeded)|reserved for`)

// holder finds who used up a shared resource. A server that refuses everybody because its connections are taken is seldom
// at fault: the party whose own numbers say that it holds ever more of them is. It complains least, for it has what it wants.
func (r *ranker) holder(hyps []*Hypothesis) []*Hypothesis {
	if len(hyps) == 0 {
		return hyps
	}
	top := hyps[0]
	shared := false
	for _, f := range top.facts {
		known := f.Found != nil && f.Found.Owner == know.Holder && top.Category == rca.ResourceExhaustion
		// A server that nothing is known of says it in words like these.
		unknown := f.Found == nil && top.node.product != "" && limitReached().MatchString(strings.Join(f.Lines, " "))
		shared = shared || f.owner == top.node && (known || unknown)
	}
	if !shared {
		return hyps
	}
	type grown struct {
		n      *node
		signal *rca.Signal
		by     float64
	}
	var all []grown
	for i := range r.in.Signals {
		s := &r.in.Signals[i]
		if s.Kind != rca.SignalTrend && s.Kind != rca.SignalNumber || s.Series == nil || !usage().MatchString(s.Text) {
			continue
		}
		n := r.nodes[family(s.Component)]
		by := s.Numbers["after"] - s.Numbers["before"]
		if n == nil || n == top.node || proxies[n.product] || by < 2 {
			continue
		}
		all = append(all, grown{n, s, by})
	}
	if len(all) == 0 {
		return hyps
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].by > all[j].by })
	g := all[0]
	h, rest := take(hyps, g.n)
	if h == nil {
		h = &Hypothesis{node: g.n}
	}
	h.Category, h.Level = rca.ResourceExhaustion, know.Plausible
	h.heldBy, h.held = true, fmt.Sprintf("%s ran out of what it shares, and %s holds ever more of it: %s", top.node.name, g.n.name, g.signal.Text)
	g.n.display[g.signal.Component]++
	h.Parts = append(h.Parts, rca.Part{Name: "holder", Value: round(top.Score * 1.2), Why: h.held})
	h.Score = top.Score * 1.2
	s := g.signal.Series
	for i := len(s.Samples) - 1; i >= 0 && i >= len(s.Samples)-2; i-- {
		h.Cites = append(h.Cites, Cite{Sample: s.Samples[i], Role: "cause", Component: s.Component, Note: g.signal.Text, Count: s.Count})
	}
	for _, c := range r.changes {
		if r.changeOf(c) == g.n && c.First != rca.NoTime && len(h.Cites) < 4 {
			h.Cites = append(h.Cites, Cite{Sample: c.sample(), Role: "cause", Component: c.Series.Component, Note: "it was started or changed before", Count: c.After})
		}
	}
	// The server is the holder's first victim, and those that it refuses come after it.
	e := &edge{from: top.node, to: g.n}
	for _, f := range top.facts {
		if f.owner == top.node {
			e.facts = append(e.facts, f)
			e.count += f.After
		}
	}
	if len(e.facts) > 0 {
		r.edges[[2]*node{top.node, g.n}] = e
	}
	g.n.blamers[top.node] += e.count
	return append([]*Hypothesis{h}, rest...)
}
