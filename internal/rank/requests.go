package rank

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// requestID matches the id of a request that a message quotes, as the answers of most servers give it to their clients.
var requestID = expr.Lazy(`(?i)\b(?:request|trace|correlation)[-_ ]?id\b["']?\s*[:=]?\s*["']?([a-z0-9][\w-]{7,63})`)

// served is a component that worked on what failed: on the same request, or on the same thing.
type served struct {
	n     *node
	event rca.TraceEvent
	text  string
}

// requests looks for the other party of a complaint that names nobody: a client that tells of its failed request is seldom the
// cause of it. Who worked on that request is known by its id; who worked on the same thing (a volume, an order) by the id of the
// thing. Before a component that only complains, those of the request are told first; else they are leads.
func (r *ranker) requests(hyps []*Hypothesis) []*Hypothesis {
	if len(hyps) == 0 || hyps[0].Level >= know.FirstHand || hyps[0].sufferer != nil || len(hyps[0].pairs) > 0 || len(hyps[0].node.blamers) > 0 {
		return hyps
	}
	top := hyps[0]
	parties, answered := r.sameRequest(top)
	lead := top.Level <= know.Symptom && answered
	things := r.sameThing(top, parties)
	parties = append(parties, things...)
	for i, p := range parties[:min(len(parties), 3)] {
		h, rest := take(hyps, p.n)
		if h != nil {
			if i > 0 || !lead || h.Level < top.Level {
				continue // it has a place of its own
			}
			hyps = append([]*Hypothesis{h}, rest...)
			h.Parts = append(h.Parts, rca.Part{Name: "request", Value: round(top.Score * 1.05 / h.Score), Why: p.text})
			h.Score = top.Score * 1.05
			h.served, h.client = &parties[i], top
			continue
		}
		h = &Hypothesis{node: p.n, Category: rca.CodeDefect, Level: know.Symptom, served: &parties[i]}
		p.n.display[p.event.Series.Component]++
		at := len(hyps)
		h.Score = top.Score * .3
		if i == 0 && lead {
			at, h.Score, h.client = 0, top.Score*1.05, top
		}
		for at > 1 && hyps[at-1].Score < h.Score {
			at--
		}
		h.Parts = append(h.Parts, rca.Part{Name: "request", Value: round(h.Score), Why: p.text})
		hyps = append(hyps[:at], append([]*Hypothesis{h}, hyps[at:]...)...)
	}
	return hyps
}

// sameRequest are the components that wrote lines in a request in which a hypothesis' own complaints arose, in the order of time.
// With answered they worked on a request whose id the complaint quotes: it came with an answer from the other side, while the
// trace that a line belongs to passed through callers as well.
func (r *ranker) sameRequest(top *Hypothesis) (out []served, answered bool) {
	seen := map[*node]bool{top.node: true}
	for _, f := range top.facts {
		if f.writer != top.node {
			continue
		}
		for _, x := range f.Series.Samples {
			quoted := quotedIDs(x)
			for _, id := range append(quoted, x.Trace) {
				t := r.traceOf(id)
				if t == nil || id == "" || answered && id == x.Trace {
					continue
				}
				for _, e := range t.Events {
					n := r.nodes[family(e.Series.Component)]
					if n == nil || seen[n] || n.relays() {
						continue
					}
					seen[n] = true
					answered = answered || id != x.Trace
					out = append(out, served{n, e, fmt.Sprintf("it worked on the request that failed: %s", short(id, 60))})
				}
			}
		}
	}
	return out, answered
}

// quotedIDs are the ids of requests that a line quotes.
func quotedIDs(x rca.Sample) []string {
	var out []string
	for _, text := range [...]string{x.Message, x.Stack} {
		for _, m := range requestID().FindAllStringSubmatch(text, 4) {
			out = append(out, m[1])
		}
	}
	return out
}

// traceOf finds a kept trace by its id.
func (r *ranker) traceOf(id string) *rca.Trace {
	h := xxhash.Sum64String(id)
	i := sort.Search(len(r.in.Traces), func(i int) bool { return r.in.Traces[i].ID >= h })
	if i < len(r.in.Traces) && r.in.Traces[i].ID == h {
		return &r.in.Traces[i]
	}
	return nil
}

// uuid is what most systems name their things by.
var uuid = expr.Lazy(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)

// sameThing are the components with the most statements of the thing whose id the complaints of a hypothesis quote.
func (r *ranker) sameThing(top *Hypothesis, known []served) []served {
	var ids []string
	for _, f := range top.facts {
		if f.writer == top.node {
			for _, x := range f.Series.Samples {
				requests := strings.Join(append(quotedIDs(x), x.Trace), " ")
				for _, id := range uuid().FindAllString(x.Message, 4) {
					if !slices.Contains(ids, id) && !strings.Contains(requests, id) && len(ids) < 8 {
						ids = append(ids, id)
					}
				}
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	seen := map[*node]bool{top.node: true}
	for _, p := range known {
		seen[p.n] = true
	}
	found := map[*node]*served{}
	statements := map[*node]int{}
	for _, s := range r.in.Series {
		n := r.nodes[family(s.Component)]
		if s.Baseline || n == nil || seen[n] || n.relays() {
			continue
		}
		for _, x := range s.Samples {
			id := mentions(x.Message, ids)
			if id == "" {
				continue
			}
			statements[n]++
			if found[n] == nil {
				found[n] = &served{n, rca.TraceEvent{Series: s, Place: x.Place, First: x.Time, Count: s.Count}, "it writes of the same thing: " + id}
			}
			break
		}
	}
	var out []served
	for _, n := range r.sortedNodes() {
		if found[n] != nil {
			out = append(out, *found[n])
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return statements[out[i].n] > statements[out[j].n] })
	return out
}

// mentions gives the first of some ids that a text holds, "" if none.
func mentions(text string, ids []string) string {
	for _, id := range ids {
		if strings.Contains(text, id) {
			return id
		}
	}
	return ""
}

// cite quotes the line by which the party is known.
func (s *served) cite() Cite {
	return Cite{Sample: rca.Sample{Place: s.event.Place, Time: s.event.First}, Role: "cause", Component: s.event.Series.Component, Note: s.text, Count: s.event.Count}
}
