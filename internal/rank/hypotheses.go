package rank

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// levelFactor multiplies a score by how near to the cause the best words are.
var levelFactor = [...]float64{know.Hearsay: .6, know.Symptom: .8, know.Plausible: 1.6, know.FirstHand: 2.6}

// specific orders categories where a component has several at one level: how it ended says less than why.
func specific(c rca.Category) int {
	switch c {
	case rca.Crash, rca.DependencyDown, rca.DependencySlow:
		return 0
	case rca.CodeDefect:
		return 1
	}
	return 2
}

// hypotheses makes one for each component and category that has a vote, scores them, and orders them.
func (r *ranker) hypotheses() []*Hypothesis {
	type key struct {
		n *node
		c rca.Category
	}
	byKey := map[key]*Hypothesis{}
	var all []*Hypothesis
	for _, f := range r.facts {
		k := key{f.owner, f.cat}
		h := byKey[k]
		if h == nil {
			h = &Hypothesis{node: f.owner, Category: f.cat}
			byKey[k] = h
			all = append(all, h)
		}
		h.facts = append(h.facts, f)
		h.raw += f.vote
		h.Level = max(h.Level, f.level)
	}
	all = append(all, r.pairHypotheses()...)
	all = append(all, r.stopped()...)
	r.setOnset()
	all = append(all, r.idle()...)
	best := map[*node]*Hypothesis{}
	for _, h := range all {
		b := best[h.node]
		if b == nil || better(h, b) {
			best[h.node] = h
		}
	}
	var out []*Hypothesis
	for _, n := range r.sortedNodes() {
		if h := best[n]; h != nil {
			// What else is known of the same component supports it.
			for _, g := range all {
				if g != h && g.node == n {
					h.facts = append(h.facts, g.facts...)
					h.pairs = append(h.pairs, g.pairs...)
				}
			}
			out = append(out, h)
		}
	}
	r.score(out)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if math.Abs(a.Score-b.Score) > 1e-9 {
			return a.Score > b.Score
		}
		if a.Level != b.Level {
			return a.Level > b.Level
		}
		if len(a.node.blamers) != len(b.node.blamers) {
			return len(a.node.blamers) > len(b.node.blamers)
		}
		return a.node.name < b.node.name
	})
	return out
}

// take parts a component's hypothesis, nil if it has none, from the others.
func take(hyps []*Hypothesis, n *node) (h *Hypothesis, rest []*Hypothesis) {
	for _, x := range hyps {
		if x.node == n {
			h = x
		} else {
			rest = append(rest, x)
		}
	}
	return h, rest
}

func better(a, b *Hypothesis) bool {
	if a.Level != b.Level {
		return a.Level > b.Level
	}
	if a.Level >= know.Plausible && specific(a.Category) != specific(b.Category) {
		return specific(a.Category) > specific(b.Category)
	}
	if a.raw != b.raw {
		return a.raw > b.raw
	}
	return a.Category < b.Category
}

// setOnset finds when the trouble began: the first time at which 8 % of the weighted anomaly is reached.
func (r *ranker) setOnset() {
	r.onset = rca.NoTime
	total, sum := 0.0, 0.0
	var timed []*Fact
	for _, f := range r.facts {
		if f.First != rca.NoTime {
			timed = append(timed, f)
			total += f.vote
		}
	}
	for _, f := range timed { // facts are in the order of their first time
		sum += f.vote
		if sum >= .08*total {
			r.onset = f.First
			return
		}
	}
}

// score fills in the scores and the sentences that explain them.
func (r *ranker) score(hyps []*Hypothesis) {
	first := map[*Hypothesis]rca.Time{}
	var fresh []*Hypothesis
	for _, h := range hyps {
		if t, ok := r.ownOnset(h); ok {
			first[h] = t
			if h.Level <= know.Plausible {
				fresh = append(fresh, h)
			}
		} else {
			first[h] = rca.NoTime
		}
	}
	for _, h := range hyps {
		n := h.node
		part := func(name string, v float64, why string) {
			h.Parts = append(h.Parts, rca.Part{Name: name, Value: round(v), Why: why})
			h.Score *= v
		}
		h.Score = 1
		own, quoted := 0, 0
		for _, f := range h.facts {
			if f.writer == n {
				own++
			} else {
				quoted++
			}
		}
		part("trouble", 1+n.blame, fmt.Sprintf("of the trouble in the logs this much stays with %s after callers passed theirs on; %d components name it in %d lines", n.name, len(n.blamers), n.blamed))
		part("votes", math.Sqrt(1+h.raw), fmt.Sprintf("%d templates speak for it, %d of its own and %d of others", len(h.facts), own, quoted))
		part("level", levelFactor[h.Level], levelWords[h.Level])
		if h.Level <= know.Symptom && len(n.blamers) > 0 {
			switch {
			case !n.hasLog:
				part("silent", 1.4, "it is named by others and has no log here")
			case n.tempo.silent != nil:
				part("silent", 2, fmt.Sprintf("it is named by others, and writes nothing more from %s on", n.tempo.silent.at.Std().Format("15:04:05")))
			case own == 0 && n.lines == 0:
				part("silent", 1.4, "it is named by others and wrote nothing in the incident")
			case own == 0 && n.last != rca.NoTime && r.onset != rca.NoTime && n.last < r.onset && n.lines > 0:
				part("silent", 1.4, "it is named by others, and its own log ends before the trouble")
			case own == 0 && n.mass == 0 && n.product == "":
				part("alive", .6, "it is named by others, but its own log goes on without a complaint")
			}
		}
		if n.relays() && h.Level <= know.Symptom {
			part("proxy", .6, "a proxy relays trouble and seldom owns it")
		}
		if r.changedBefore(n, first[h]) {
			part("change", 1.25, "it was changed or restarted shortly before")
		}
	}
	r.orderByOnset(fresh, first)
}

// comparable is the share of another's score from which on the order of time decides between two. Warnings alone need more,
// for programs warn of much.
func (r *ranker) comparable(h *Hypothesis) float64 {
	if len(h.pairs) > 0 {
		return .06
	}
	for _, f := range h.facts {
		if f.owner == h.node && f.writer == h.node && f.Novelty == noveltyNew && (severity(f.Series) >= rca.SeverityError || len(f.Series.Stacks) > 0) {
			return .06
		}
	}
	return .25
}

// stopped makes a hypothesis of each component that was stopped, did not come back, and is missed by others.
func (r *ranker) stopped() []*Hypothesis {
	type state struct {
		stop, start rca.Time
		fact        *Fact
	}
	by := map[*node]*state{}
	for _, f := range r.changes {
		kind := f.changeKind()
		n := r.changeOf(f)
		s := by[n]
		if s == nil {
			s = &state{stop: rca.NoTime, start: rca.NoTime}
			by[n] = s
		}
		last := f.Series.Last
		switch kind {
		case "stop":
			if last >= s.stop {
				s.stop, s.fact = last, f
			}
		case "start", "restart":
			s.start = max(s.start, last)
		}
	}
	var out []*Hypothesis
	for _, n := range r.sortedNodes() {
		s := by[n]
		if s == nil || s.fact == nil || s.stop == rca.NoTime || s.start > s.stop || len(n.blamers) == 0 {
			continue
		}
		s.fact.owner, s.fact.level, s.fact.cat, s.fact.why = n, know.Plausible, rca.DependencyDown, "it stopped, and no start follows"
		n.level = max(n.level, know.Plausible)
		n.display[n.name] += 0
		if n.hasLog {
			n.display[s.fact.Series.Component] += boolInt(s.fact.writer == n)
		}
		out = append(out, &Hypothesis{node: n, Category: rca.DependencyDown, Level: know.Plausible, facts: []*Fact{s.fact}, raw: 4})
	}
	return out
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ownOnset is when a component first showed new trouble of its own that nobody has an explanation for: a stack trace, an error, a
// warning that came three times, a pair of statements that came apart.
func (r *ranker) ownOnset(h *Hypothesis) (rca.Time, bool) {
	t, ok := rca.NoTime, false
	note := func(at rca.Time) {
		if at != rca.NoTime && (t == rca.NoTime || at < t) {
			t, ok = at, true
		}
	}
	for _, f := range h.facts {
		if f.writer != h.node || f.owner != h.node || f.Series.Access {
			continue
		}
		if f.Novelty != noveltyNew {
			continue
		}
		if f.level >= know.Plausible && len(f.Series.Stacks) > 0 || f.Found == nil && f.cat == rca.CodeDefect && (severity(f.Series) >= rca.SeverityError || f.After >= 3) {
			note(f.First)
		}
	}
	for _, p := range h.pairs {
		note(p.FirstTime)
	}
	return t, ok
}

// orderByOnset puts those whose new trouble nobody can explain into the order of time: the first to show it is most often at
// fault, and how much each wrote says nothing. A component that complains of another comes after it. Their scores are
// handed round among themselves, so that hypotheses with an explanation keep their place.
func (r *ranker) orderByOnset(fresh []*Hypothesis, first map[*Hypothesis]rca.Time) {
	if len(fresh) < 2 {
		return
	}
	sort.SliceStable(fresh, func(i, j int) bool { return fresh[i].Score > fresh[j].Score })
	for i := range fresh {
		// The earliest of those that are not hopelessly weaker than the strongest one left.
		k := i
		for j := i + 1; j < len(fresh); j++ {
			if fresh[j].Score >= r.comparable(fresh[j])*fresh[i].Score && first[fresh[j]] < first[fresh[k]] {
				k = j
			}
		}
		h := fresh[k]
		copy(fresh[i+1:k+1], fresh[i:k])
		fresh[i] = h
	}
	complains := r.complaints()
	for round := 0; round < 20; round++ {
		moved := false
		for i := 0; i < len(fresh); i++ {
			for j := i + 1; j < len(fresh); j++ {
				x, y := fresh[i].node, fresh[j].node
				told := y.blamers[x] > 0 && x.blamers[y] == 0
				if told || complains[[2]*node{x, y}] && !complains[[2]*node{y, x}] {
					h := fresh[j]
					copy(fresh[i+1:j+1], fresh[i:j])
					fresh[i] = h
					moved = true
					break
				}
			}
		}
		if !moved {
			break
		}
	}
	scores := make([]float64, len(fresh))
	for i, h := range fresh {
		scores[i] = h.Score
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(scores)))
	for i, h := range fresh {
		if want := scores[i]; want != h.Score && h.Score > 0 {
			h.Parts = append(h.Parts, rca.Part{Name: "onset", Value: round(want / h.Score), Why: fmt.Sprintf("number %d of %d components with new, unexplained trouble of their own, in the order of time", i+1, len(fresh))})
			h.Score = want
		}
	}
}

var levelWords = [...]string{know.Hearsay: "only hearsay: others could not reach it or got errors from it", know.Symptom: "a symptom of its own", know.Plausible: "words that may be the cause: an exception, a crash, a stop", know.FirstHand: "first-hand words of a cause"}

func round(f float64) float64 { return math.Round(f*1000) / 1000 }

// changedBefore tells whether a component was changed within two minutes before an instant.
func (r *ranker) changedBefore(n *node, t rca.Time) bool {
	if t == rca.NoTime {
		t = r.onset
	}
	for _, c := range r.changes {
		who := r.changeOf(c)
		if who == n && c.First != rca.NoTime && c.First <= t+5e9 && t-c.First < 120e9 {
			return true
		}
	}
	return false
}

// changeKind names what a change line tells of.
func (f *Fact) changeKind() string {
	for _, e := range f.All {
		if e.Change != "" {
			return e.Change
		}
	}
	return "start"
}

// changeOf is the component that a change line is about.
func (r *ranker) changeOf(f *Fact) *node {
	for _, e := range f.All {
		if e.Change != "" {
			if e.Owner == know.Subject {
				if n := r.resolve(e.Target, "", false); n != nil {
					return n
				}
			}
			break
		}
	}
	return f.writer
}

// cites chooses the lines to quote for a hypothesis: higher level first, its own log before quotes, its category first.
func (h *Hypothesis) cites(r *ranker) []Cite {
	facts := append([]*Fact(nil), h.facts...)
	sort.SliceStable(facts, func(i, j int) bool {
		a, b := facts[i], facts[j]
		if (a.cat == h.Category) != (b.cat == h.Category) {
			return a.cat == h.Category
		}
		if a.level != b.level {
			return a.level > b.level
		}
		if (a.writer == h.node) != (b.writer == h.node) {
			return a.writer == h.node
		}
		return a.First < b.First
	})
	var out []Cite
	for _, f := range facts {
		if len(out) >= 5 {
			break
		}
		if f.Stack != nil && len(f.Stack.frames) > 0 && f.writer == h.node && f.level >= know.Plausible && !hasStackCite(out) {
			out = append(out, r.stackCites(f)...)
			continue
		}
		role := "cause"
		if f.writer != h.node {
			role = "effect"
		}
		out = append(out, f.cite(role))
		if b, ok := r.in.Before[f.Series]; ok && f.writer == h.node && len(out) < 5 && f.Found == nil {
			out = append(out, Cite{Sample: rca.Sample{Place: b.Place, Time: b.First}, Role: "cause", Component: f.Series.Component, Note: "the line before it in the same trace", Count: b.Count})
		}
	}
	if len(out) > 7 {
		out = out[:7]
	}
	return out
}

func hasStackCite(cs []Cite) bool {
	for _, c := range cs {
		if c.Note == "innermost frame" {
			return true
		}
	}
	return false
}

// cite quotes the line of a fact that matched.
func (f *Fact) cite(role string) Cite {
	x := f.sample()
	c := Cite{Sample: x, Role: role, Component: f.Series.Component, Note: f.why, Count: f.After}
	if f.Found != nil && f.Found.Category != "" {
		c.Note = f.Found.Title + "; " + f.why
		if f.Found.Line < len(f.Sub) {
			c.SubLine = f.Sub[f.Found.Line]
			c.Text = f.Lines[f.Found.Line]
		}
	} else if len(f.Lines) > 0 {
		c.SubLine, c.Text = f.Sub[f.telling], f.Lines[f.telling]
	}
	return c
}

// sample is the first kept occurrence within the incident.
func (f *Fact) sample() rca.Sample {
	s := f.Series
	for _, x := range s.Samples {
		if f.First == rca.NoTime || x.Time == rca.NoTime || x.Time >= f.First {
			if len(s.Stacks) > 0 && x.Stack == "" {
				continue
			}
			return x
		}
	}
	return s.Samples[len(s.Samples)-1]
}

// stackCites quotes a trace: the three innermost frames of the program's own packages, the exception, the head.
func (r *ranker) stackCites(f *Fact) []Cite {
	x := f.sample()
	t := parseStack(x.Stack)
	var out []Cite
	add := func(line int, note string) {
		out = append(out, Cite{Sample: x, SubLine: line + 1, Role: "cause", Component: f.Series.Component, Note: note, Count: f.After})
	}
	own := 0
	for _, fr := range t.frames {
		if r.ownPackage(fr) {
			own++
		}
	}
	n := 0
	for _, fr := range t.frames {
		if own > 0 && !r.ownPackage(fr) || own == 0 && fr.library && n == 0 && len(t.frames) > 3 {
			continue
		}
		note := "frame"
		if n == 0 {
			note = "innermost frame"
		}
		add(fr.line, note)
		if n++; n == 3 {
			break
		}
	}
	if t.exception != "" {
		add(t.last, "the exception")
	}
	out = append(out, Cite{Sample: x, Role: "cause", Component: f.Series.Component, Note: f.why, Count: f.After})
	return out
}

// ownPackage tells whether a frame lies in a package that bears the name of one of the components.
func (r *ranker) ownPackage(fr frame) bool {
	parts := strings.FieldsFunc(strings.ToLower(fr.file+"/"+fr.function), func(c rune) bool { return c == '/' || c == '.' })
	for _, p := range parts {
		if len(p) < 3 || p == "lib" || p == "usr" {
			continue
		}
		for _, n := range r.order {
			if !n.hasLog {
				continue
			}
			for _, w := range strings.FieldsFunc(n.name, func(c rune) bool { return c == '-' || c == '_' }) {
				if w == p && w != "service" && w != "server" && w != "api" && w != "agent" {
					return true
				}
			}
		}
	}
	return false
}
