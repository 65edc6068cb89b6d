package rank

import (
	"math"
	"sort"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// edge says that one component complains of another.
type edge struct {
	from, to *node
	count    int64
	weight   float64
	facts    []*Fact
}

func log2(n int64) float64 { return math.Log2(float64(n)) }

// keepShare is how much of a component's trouble stays with it, by the level of its own words: a component that only
// complains of others passes its trouble on to them.
var keepShare = [...]float64{know.Hearsay: .15, know.Symptom: .5, know.Plausible: .85, know.FirstHand: .97}

// blame passes trouble along the edges from who complains to whom. Eight rounds are more than the longest chains
// seen; the first hop carries nearly all (RANKING-lab, section 2).
func (r *ranker) blame() {
	r.edges = map[[2]*node]*edge{}
	own := map[*node]know.Level{}
	for _, f := range r.facts {
		sev := 1.0
		if severity(f.Series) >= rca.SeverityError {
			sev = 2
		}
		m := sev * log2(1+f.After)
		if f.Novelty == noveltyBurst {
			m *= .7
		}
		f.writer.mass += m
		if f.owner == f.writer {
			own[f.writer] = max(own[f.writer], f.level)
			continue
		}
		f.owner.blamed += f.After
		f.owner.blamers[f.writer] += f.After
		k := [2]*node{f.writer, f.owner}
		e := r.edges[k]
		if e == nil {
			e = &edge{from: f.writer, to: f.owner}
			r.edges[k] = e
		}
		e.count += f.After
		e.weight += m
		e.facts = append(e.facts, f)
	}
	nodes := r.sortedNodes()
	out := map[*node][]*edge{}
	for _, e := range r.sortedEdges() {
		out[e.from] = append(out[e.from], e)
	}
	cur := map[*node]float64{}
	for _, n := range nodes {
		cur[n] = n.mass
		n.blame = 0
	}
	for round := 0; round < 8; round++ {
		next := map[*node]float64{}
		for _, n := range nodes {
			m := cur[n]
			if m == 0 {
				continue
			}
			total := 0.0
			for _, e := range out[n] {
				total += e.weight
			}
			if total == 0 {
				n.blame += m
				continue
			}
			keep := keepShare[own[n]]
			// Text of a party's own that others quote is as good as its own log: those who hold it keep what they are given.
			keep = math.Max(keep, keepShare[min(n.level, know.FirstHand)]*boolf(n.level >= know.Plausible))
			n.blame += m * keep
			for _, e := range out[n] {
				next[e.to] += m * (1 - keep) * e.weight / total
			}
		}
		cur = next
	}
	for _, n := range nodes {
		n.blame += cur[n]
	}
}

func boolf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (r *ranker) sortedEdges() []*edge {
	out := make([]*edge, 0, len(r.edges))
	for _, e := range r.edges {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.from.name != b.from.name {
			return a.from.name < b.from.name
		}
		return a.to.name < b.to.name
	})
	return out
}
