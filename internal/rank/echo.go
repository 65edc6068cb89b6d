package rank

import (
	"strings"
)

// complaints finds who reports whose stack trace, where no line names the other party:
//
//   - client library: an innermost frame lies in a package called "<p>client", and p begins the name of another component;
//   - echo: the trace quotes another one whose two innermost frames are those of another component's own trace.
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
	for _, f := range r.facts {
		if k, ok := key(firstTrace(f)); ok {
			if own[f.writer] == nil {
				own[f.writer] = map[top]bool{}
			}
			own[f.writer][k] = true
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
		for _, t := range quotedTraces(f) {
			k, ok := key(t)
			if !ok {
				continue
			}
			for _, n := range r.sortedNodes() {
				if n != f.writer && own[n][k] {
					out[[2]*node{f.writer, n}] = true
				}
			}
		}
	}
	return out
}

// firstTrace is a fact's own trace: the first of those that its text holds.
func firstTrace(f *Fact) *stackTrace {
	if f.Stack == nil || len(f.Series.Stacks) == 0 {
		return nil
	}
	parts := strings.Split(f.Series.Stacks[0].Text, "Traceback (most recent call last)")
	for _, p := range parts {
		if strings.Contains(p, `File "`) {
			return parseStack(p)
		}
	}
	return f.Stack
}

// quotedTraces are the traces after the first.
func quotedTraces(f *Fact) []*stackTrace {
	var out []*stackTrace
	for _, s := range f.Series.Stacks {
		parts := strings.Split(s.Text, "Traceback (most recent call last)")
		for i, p := range parts {
			if i >= 1 && strings.Contains(p, `File "`) {
				out = append(out, parseStack(p))
			}
		}
	}
	return out
}
