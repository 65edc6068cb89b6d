package rank

import (
	"slices"
	"strings"
)

// complaints finds who reports whose stack trace, where no line names the other party:
//
//   - client library: an innermost frame lies in a package called "<p>client", and p begins the name of another component;
//   - echo: the trace comes with another one, whose two innermost frames are those of another component's only trace.
//
// On one host with true clocks the order of time says the same; between hosts it does not (RANKING-public, 3.4).
func (r *ranker) complaints() map[[2]*node]bool {
	out := map[[2]*node]bool{}
	type top [2]frame
	own := map[*node]map[top]bool{}
	key := func(t *stackTrace) (top, bool) {
		if t == nil || len(t.frames) < 2 {
			return top{}, false
		}
		a, b := t.frames[0], t.frames[1]
		return top{{file: a.file, function: a.function}, {file: b.file, function: b.function}}, true
	}
	traces := map[*Fact][]top{}
	for _, f := range r.facts {
		for _, t := range tracesOf(f) {
			if k, ok := key(t); ok && !slices.Contains(traces[f], k) {
				traces[f] = append(traces[f], k)
			}
		}
		if len(traces[f]) == 1 {
			if own[f.writer] == nil {
				own[f.writer] = map[top]bool{}
			}
			own[f.writer][traces[f][0]] = true
		}
	}
	for _, f := range r.facts {
		if f.Stack == nil {
			continue
		}
		for i, fr := range f.Stack.frames {
			if i >= 6 {
				break
			}
			for _, part := range strings.Split(fr.file, "/") {
				p, ok := strings.CutSuffix(part, "client")
				if !ok || len(p) < 3 {
					continue
				}
				for _, n := range r.sortedNodes() {
					if n != f.writer && strings.HasPrefix(n.name, p) {
						out[[2]*node{f.writer, n}] = true
					}
				}
			}
		}
		if len(traces[f]) < 2 {
			continue
		}
		for _, k := range traces[f] {
			for _, n := range r.sortedNodes() {
				if n != f.writer && own[n][k] {
					out[[2]*node{f.writer, n}] = true
				}
			}
		}
	}
	return out
}

// tracesOf are the traces that a fact's text holds: its own, and those of others that came to it with an answer.
func tracesOf(f *Fact) []*stackTrace {
	var out []*stackTrace
	for _, s := range f.Series.Stacks {
		for _, p := range strings.Split(s.Text, "Traceback (most recent call last)") {
			if strings.Contains(p, `File "`) {
				out = append(out, parseStack(p))
			}
		}
	}
	return out
}
