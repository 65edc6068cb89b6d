package explain

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// Gate lets a sentence through that the lines it cites bear, and drops every other one with the reason.
type Gate struct {
	cited map[string]*bearing // by the id of an evidence or a signal that was shown
	names map[string]bool     // words that name a party: components of the report, systems
	after map[string][]string // by component: who stands behind it in a chain
	cause map[string]bool     // components of hypotheses
}

// bearing is what one citation can bear.
type bearing struct {
	component string
	text      string // of the line, for quotes
	words     string // all that the program knows of it, lower case, for names
	line      string // its number, "" of a signal
	numbers   []string
	at        rca.Time
}

// NewGate makes the gate of a report and of what was shown of it.
func NewGate(r *rca.Report, p *Pack, systems []string) *Gate {
	g := &Gate{cited: map[string]*bearing{}, names: map[string]bool{}, after: map[string][]string{}, cause: map[string]bool{}}
	name := func(s string) {
		if s = strings.ToLower(s); s != "" {
			g.names[s] = true
		}
	}
	for _, s := range systems {
		name(s)
	}
	for _, h := range r.RootCauses {
		name(h.Component)
		g.cause[strings.ToLower(h.Component)] = true
		for _, l := range h.Chain {
			name(l.From)
			name(l.To)
			from := strings.ToLower(l.From)
			g.after[from] = append(g.after[from], strings.ToLower(l.To))
		}
		for _, e := range h.Evidence {
			name(e.Component)
			if !slices.Contains(p.Shown, e.ID) {
				continue
			}
			b := &bearing{component: strings.ToLower(e.Component), text: plain(clip(e.Text, mostQuote)), at: e.Timestamp}
			b.words = strings.ToLower(strings.Join([]string{e.Text, e.Component, e.File, path.Base(e.File), e.Note, e.Role}, "\n"))
			b.numbers = append(numbersOf(e.Text), numbersOf(e.Note)...)
			b.line = fmt.Sprint(e.Line)
			b.numbers = append(b.numbers, b.line)
			if e.Count > 0 {
				b.numbers = append(b.numbers, fmt.Sprint(e.Count))
			}
			b.numbers = append(b.numbers, numbersOf(path.Base(e.File))...)
			b.numbers = append(b.numbers, timesOf(e.Timestamp)...)
			g.cited[e.ID] = b
		}
	}
	for _, s := range r.Signals {
		name(s.Component)
		if !slices.Contains(p.Shown, s.ID) {
			continue
		}
		b := &bearing{component: strings.ToLower(s.Component), at: s.At, words: strings.ToLower(strings.Join([]string{s.Text, s.Component, s.Template, string(s.Kind)}, "\n"))}
		b.numbers = append(numbersOf(s.Text), timesOf(s.At)...)
		for _, v := range s.Numbers {
			b.numbers = append(b.numbers, figures(v)...)
		}
		g.cited[s.ID] = b
	}
	for _, t := range r.Timeline {
		name(t.Component)
	}
	for _, d := range r.Differences {
		name(d.Component)
	}
	return g
}

// Let takes a draft through the gate.
func (g *Gate) Let(d Draft, e *rca.Explanation) {
	for _, c := range d.Sentences {
		if why := g.refuses(c); why != "" {
			e.Dropped = append(e.Dropped, why)
			continue
		}
		ids := slices.Clone(c.Evidence)
		slices.Sort(ids)
		e.Sentences = append(e.Sentences, rca.Sentence{Text: strings.TrimSpace(c.Text), Evidence: slices.Compact(ids)})
	}
	if len(e.Sentences) == 0 {
		e.Note = "nothing that the model said is borne by the lines it cited"
	}
}

// mostSentence bounds a sentence, in bytes.
const mostSentence = 600

// refuses gives the reason why a sentence is not borne, without its words: a lie is not to be read even as one that was dropped.
func (g *Gate) refuses(c Claim) string {
	text := strings.TrimSpace(c.Text)
	switch {
	case text == "":
		return "an empty sentence"
	case len(text) > mostSentence:
		return fmt.Sprintf("a sentence of %d bytes", len(text))
	case strings.ContainsFunc(text, hidden):
		return "a sentence with hidden characters"
	case len(c.Evidence) == 0:
		return "a sentence without evidence"
	}
	var borne []*bearing
	for _, id := range c.Evidence {
		b := g.cited[id]
		if b == nil {
			return "a sentence that cites what was not shown"
		}
		borne = append(borne, b)
	}
	rest, quotes := unquote(text)
	for _, q := range quotes {
		if !slices.ContainsFunc(borne, func(b *bearing) bool { return b.text != "" && strings.Contains(b.text, q) }) {
			return "a quote that does not stand in the cited lines"
		}
	}
	for _, n := range numbersOf(rest) {
		if isID(n) && slices.Contains(c.Evidence, n) {
			continue
		}
		if !slices.ContainsFunc(borne, func(b *bearing) bool { return b.hasNumber(n) }) {
			return "a number or a time that does not stand in the cited lines"
		}
	}
	parties := g.parties(rest)
	for _, p := range parties {
		if !slices.ContainsFunc(borne, func(b *bearing) bool { return b.component == p || hasWord(b.words, p) }) {
			return "a name that does not stand in the cited lines"
		}
	}
	for _, w := range identifiers(rest) {
		if !slices.ContainsFunc(borne, func(b *bearing) bool { return strings.Contains(b.words, w) }) {
			return "a name that does not stand in the cited lines"
		}
	}
	if w := opening(text); w != "" && !slices.ContainsFunc(borne, func(b *bearing) bool { return hasWord(b.words, w) }) {
		return "a name that does not stand in the cited lines"
	}
	for _, n := range linesOf(rest) {
		if !slices.ContainsFunc(borne, func(b *bearing) bool { return b.line == n }) {
			return "a line that is not the one cited"
		}
	}
	low := strings.ToLower(rest)
	for _, w := range denials {
		if hasWord(low, w) {
			return "a sentence that denies the incident"
		}
	}
	if said, of := support(low, borne); of > 1 && said*2 < of {
		return "a sentence of which the cited lines say less than half"
	}
	return g.order(rest, borne)
}

// order drops what turns the order of the cited lines, or of the chain, round: "A led to B" where B's line is older, or where the chain goes
// from B to A, or where nothing joins them.
func (g *Gate) order(text string, borne []*bearing) string {
	low := strings.ToLower(text)
	rest := low
	for _, w := range orderWords {
		for i := indexWord(rest, w.text); i >= 0; i = indexWord(rest, w.text) {
			rest = rest[:i] + strings.Repeat(" ", len(w.text)) + rest[i+len(w.text):]
			left, right := g.parties(low[:i]), g.parties(low[i+len(w.text):])
			switch {
			case w.back && strings.TrimSpace(low[:i]) == "":
				left, right = g.split(low[i+len(w.text):])
			case w.back:
				left, right = right, left
			}
			if why := g.follows(left, right, w.causal, borne); why != "" {
				return why
			}
		}
	}
	for _, w := range []string{"cause", "causes", "culprit", "origin", "fault", "reason", "blame"} {
		if indexWord(low, w) < 0 {
			continue
		}
		for _, p := range g.parties(low) {
			if !g.cause[p] {
				return "a cause that no hypothesis tells of"
			}
		}
		if !slices.ContainsFunc(borne, func(b *bearing) bool { return g.cause[b.component] }) {
			return "a cause without a line of it"
		}
	}
	return ""
}

// follows drops that one of the first came before, or caused, one of the second, where it is known not to be so.
func (g *Gate) follows(first, second []string, causal bool, borne []*bearing) string {
	for _, a := range first {
		for _, b := range second {
			if a == b {
				continue
			}
			if causal && g.reaches(b, a) && !g.reaches(a, b) {
				return "a cause and its effect the wrong way round"
			}
			if causal && !g.reaches(a, b) && !complains(borne, b, a) {
				return "a cause and an effect that no chain and no cited line joins"
			}
			at, bt := earliest(borne, a), earliest(borne, b)
			if at != rca.NoTime && bt != rca.NoTime && at > bt {
				return "an order that the times of the cited lines contradict"
			}
		}
	}
	return ""
}

// split parts "because of A, B failed" at the comma.
func (g *Gate) split(s string) (first, second []string) {
	i := strings.IndexByte(s, ',')
	if i < 0 {
		return nil, nil
	}
	return g.parties(s[:i]), g.parties(s[i:])
}

// reaches tells whether the chains lead from one party to another.
func (g *Gate) reaches(from, to string) bool {
	seen := map[string]bool{from: true}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, n := range g.after[queue[0]] {
			if n == to {
				return true
			}
			if !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return false
}

// complains tells whether a cited line of one party names another.
func complains(borne []*bearing, of, about string) bool {
	return slices.ContainsFunc(borne, func(b *bearing) bool { return b.component == of && b.text != "" && hasWord(b.words, about) })
}

func earliest(borne []*bearing, component string) rca.Time {
	at := rca.NoTime
	for _, b := range borne {
		if b.component == component && b.at != rca.NoTime && (at == rca.NoTime || b.at < at) {
			at = b.at
		}
	}
	return at
}
