package rank

import (
	"fmt"
	"sort"
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// durationName matches the names of numbers that say how long something took.
var durationName = expr.Lazy(`(?i)^(?:ms|s|secs?|seconds|millis|milliseconds|us|µs|in|took|after|elapsed|cost|latency|rt|rtime|request_time|upstream_response_time|response_time|resp_time|time_taken)$|duration|elapsed|latency|_ms$|_seconds$|millis`)

// slowest lets the component whose own numbers say that it takes ever longer go before those that only wait: time-outs name who was
// waited for at best, and the last of a chain of waiting components waits for nobody. It says so in calm lines.
func (r *ranker) slowest(hyps []*Hypothesis) []*Hypothesis {
	if len(hyps) == 0 || hyps[0].Level > know.Symptom {
		return hyps
	}
	top := hyps[0]
	waits := false
	for _, h := range hyps[:min(3, len(hyps))] {
		waits = waits || h.Category == rca.DependencySlow || h.Category == rca.Capacity || h.Category == rca.ResourceExhaustion
	}
	if !waits {
		return hyps
	}
	type slow struct {
		n     *node
		s     *rca.Signal
		times float64
	}
	by := map[*node]*slow{}
	for i := range r.in.Signals {
		s := &r.in.Signals[i]
		if s.Kind != rca.SignalTrend && s.Kind != rca.SignalNumber || s.Series == nil || s.Severity >= rca.SeverityWarn || s.Series.Access && proxies[productByName(s.Component)] {
			continue
		}
		name, _, _ := strings.Cut(s.Text, " ")
		n := r.nodes[family(s.Component)]
		before, after := s.Numbers["before"], s.Numbers["after"]
		if n == nil || n.relays() || !durationName().MatchString(name) || after < 3*before || after <= 0 {
			continue
		}
		if before <= 0 {
			before = after / 100
		}
		if x := by[n]; x == nil || after/before > x.times {
			by[n] = &slow{n, s, after / before}
		}
	}
	var cands []*slow
	for _, n := range r.sortedNodes() {
		if x := by[n]; x != nil && !r.complains(n) {
			cands = append(cands, x)
		}
	}
	if len(cands) == 0 {
		return hyps
	}
	sort.SliceStable(cands, func(i, j int) bool { return cands[i].times > cands[j].times })
	// Of two that are as slow as one another, the one that somebody complains of is only the nearer to the customer.
	sort.SliceStable(cands, func(i, j int) bool {
		return cands[i].times*2 > cands[j].times && cands[j].times*2 > cands[i].times && len(cands[i].n.blamers) < len(cands[j].n.blamers)
	})
	x := cands[0]
	if len(cands) > 1 && cands[1].times*2 > x.times && len(cands[1].n.blamers) == len(x.n.blamers) {
		return hyps // two that are slow, and neither says whom it waits for
	}
	if out := r.outside(x.n); out != nil {
		// It has nobody else to wait for than one party outside, which has no log: that one is slow.
		x = &slow{out, x.s, x.times}
	}
	h, rest := take(hyps, x.n)
	if h == nil {
		h = &Hypothesis{node: x.n}
	}
	if h.Level >= know.Plausible {
		return hyps
	}
	h.Category, h.Level = rca.DependencySlow, know.Plausible
	h.slow = x.s
	if x.n.hasLog {
		x.n.display[x.s.Component]++
	}
	h.Parts = append(h.Parts, rca.Part{Name: "slow", Value: round(top.Score * 1.1), Why: fmt.Sprintf("its own numbers say that it takes ever longer, and it complains of nobody: %s", x.s.Text)})
	h.Score = top.Score * 1.1
	return append([]*Hypothesis{h}, rest...)
}

// outside is the one party without a log that a component's lines name, wherever they do: in its settings, in the addresses that it calls.
func (r *ranker) outside(n *node) *node {
	var found *node
	for _, s := range r.in.Series {
		if r.nodes[family(s.Component)] != n {
			continue
		}
		for _, x := range s.Samples {
			text := x.Message
			for _, f := range x.Fields {
				text += " " + f.Value
			}
			for _, m := range urlHost().FindAllStringSubmatch(text, 4) {
				host := strings.ToLower(m[1])
				if !strings.Contains(host, ".") || digitsOnly(host) || strings.HasPrefix(host, "[") {
					continue
				}
				t := r.resolve(host, "", true)
				if t == nil || t == n || t.hasLog || t.product != "" {
					continue
				}
				if found != nil && found != t {
					return nil
				}
				found = t
			}
		}
	}
	return found
}

// complains tells whether a component says that somebody else is in trouble.
func (r *ranker) complains(n *node) bool {
	for _, f := range r.facts {
		if f.writer == n && (f.owner != n || f.cat == rca.DependencySlow || f.cat == rca.DependencyDown) {
			return true
		}
	}
	return false
}

// slowCites quotes lines of the slow time.
func (h *Hypothesis) slowCites() []Cite {
	var out []Cite
	s := h.slow.Series
	for i := len(s.Samples) - 1; i >= 0 && len(out) < 2; i-- {
		out = append(out, Cite{Sample: s.Samples[i], Role: "cause", Component: s.Component, Note: h.slow.Text, Count: s.Count})
	}
	return out
}
