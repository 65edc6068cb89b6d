package rank

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// Thresholds of the score, found on incidents and on healthy logs (RANKING-lab, section 4): without a baseline more is asked.
const (
	quietWithBaseline    = 12.0
	quietWithoutBaseline = 22.0
)

// judge gives the verdict and the grades, and writes the hypotheses out.
func (r *ranker) judge(hyps []*Hypothesis) *Output {
	out := &Output{Onset: r.onset}
	threshold := quietWithBaseline
	if !r.in.Given && r.in.Quiet.End != rca.NoTime {
		// Where there is no normal time at all, as in the log of a build, nothing can be taken for everyday noise either.
		threshold = quietWithoutBaseline
	}
	for _, c := range r.changes {
		out.Changes = append(out.Changes, r.change(c))
	}
	sort.SliceStable(out.Changes, func(i, j int) bool { return out.Changes[i].Time < out.Changes[j].Time })
	volume := int64(0)
	for _, f := range r.facts {
		if severity(f.Series) >= rca.SeverityError && f.Novelty == noveltyNew {
			volume += f.After
		}
	}
	if len(hyps) == 0 || hyps[0].Score < threshold && !r.speaksAlone(hyps[0]) && !r.unlikelyByChance(hyps[0].complaint()) && (volume < 5 || hyps[0].Level < know.Plausible) {
		out.Verdict = rca.NoIncident
		for _, h := range hyps {
			r.write(h)
			out.Rejected = append(out.Rejected, h.rejected(fmt.Sprintf("too weak: score %.1f, where %.0f is asked for", h.Score, threshold)))
		}
		out.Explained = func(*rca.Series) bool { return false }
		return out
	}
	hyps = r.ownWords(r.firstHand(r.saturated(hyps)))
	top := hyps[0]
	margin := 10.0
	for _, h := range hyps[1:] {
		// What complains of the top one is its effect, and no rival.
		// A proxy that only relays failures is none either.
		// Nor is whoever brought it about: both readings are told.
		if h.Score > 0 && top.client != h && h.sufferer != top && top.sufferer != h && top.node.blamers[h.node] == 0 && !(h.node.relays() && h.Level == know.Hearsay) {
			margin = top.Score / h.Score
			break
		}
	}
	top.Grade = r.grade(top, margin, threshold)
	out.Verdict = rca.RootCauseFound
	if top.Grade == "" {
		out.Verdict = rca.Inconclusive
		top.Grade = rca.Possible
	}
	top.Basis = r.basis(top, out.Verdict, margin)
	kept := []*Hypothesis{top}
	rest := hyps[1:]
	if cp := r.counterparty(top, rest); cp != nil {
		cp.Role = "counterparty"
		kept = append(kept, cp)
	}
	for _, h := range rest {
		if len(kept) >= 5 {
			break
		}
		if h.Role != "" {
			continue
		}
		if h.Score >= top.Score*.05 && h.Score >= threshold*.3 || h.served != nil && len(kept) < 3 {
			kept = append(kept, h)
		}
	}
	in := map[*Hypothesis]bool{}
	for i, h := range kept {
		in[h] = true
		r.write(h)
		if i > 0 {
			h.Grade = rca.Possible
			if h.Role == "" {
				h.Role = "lead"
				if h == top.sufferer {
					h.Role = "counterparty"
				} else if out.Verdict == rca.RootCauseFound && r.independent(h, top, threshold) {
					h.Role, h.Grade = "second cause", rca.Likely
				}
			}
		} else {
			h.Role = "cause"
			if out.Verdict == rca.Inconclusive {
				h.Role = "lead"
			}
		}
	}
	out.Hypotheses = kept
	for _, h := range hyps {
		if !in[h] && len(out.Rejected) < 8 {
			r.write(h)
			out.Rejected = append(out.Rejected, h.rejected(r.whyNot(h, top)))
		}
	}
	top.Links = r.chain(top)
	out.Explained = r.explained(top)
	r.unknowns(out, top)
	return out
}

// saturated puts a party outside before a component that is only full because calls to that party take too long: the pool
// fills after the first time-outs, and is louder than they are.
func (r *ranker) saturated(hyps []*Hypothesis) []*Hypothesis {
	top := hyps[0]
	if top.Level > know.Symptom || top.Category != rca.Capacity && top.Category != rca.ResourceExhaustion {
		return hyps
	}
	for i, h := range hyps[1:] {
		if h.node.blamers[top.node] > 0 && !h.node.hasLog && h.Score >= top.Score*.2 && top.node.blamers[h.node] == 0 {
			h.Parts = append(h.Parts, rca.Part{Name: "saturation", Value: round(top.Score / h.Score), Why: top.node.name + " is full, and waits for it"})
			h.Score = top.Score * 1.01
			out := append([]*Hypothesis{h}, hyps[:i+1]...)
			return append(out, hyps[i+2:]...)
		}
	}
	return hyps
}

// ownWords follows the leading component's own explanation: where others complain of it, and its own log says of another, in words no
// weaker, what troubles it, that other one leads.
func (r *ranker) ownWords(hyps []*Hypothesis) []*Hypothesis {
	top := hyps[0]
	if top.Level > know.Plausible || top.node.tempo.silent != nil || len(top.pairs) > 0 || top.deed != nil || top.idle != nil || top.slow != nil {
		return hyps
	}
	said := map[*node]int64{}
	for _, f := range r.facts {
		if f.writer != top.node || f.Series.Access {
			continue
		}
		if f.owner == top.node {
			if f.level >= know.Plausible {
				return hyps
			}
			continue
		}
		if f.level >= top.Level && f.level >= know.Plausible {
			said[f.owner] += f.After
		}
	}
	for i, h := range hyps[1:] {
		if said[h.node] == 0 || h.node.blamers[top.node]*2 < top.node.blamed/4 {
			continue
		}
		h.Parts = append(h.Parts, rca.Part{Name: "own words", Value: round(1.01 * top.Score / h.Score), Why: "others complain of " + top.node.name + ", and its own log says that this one is why"})
		h.Score = top.Score * 1.01
		out := append([]*Hypothesis{h}, hyps[:i+1]...)
		return append(out, hyps[i+2:]...)
	}
	return hyps
}

// firstHand puts words of its own before hearsay of similar weight: where the leading component is only complained of, and
// another one says itself what may be the cause without complaining of the first, that one leads.
func (r *ranker) firstHand(hyps []*Hypothesis) []*Hypothesis {
	top := hyps[0]
	if top.Level != know.Hearsay {
		return hyps
	}
	for i, h := range hyps[1:] {
		enough := .5
		if h.Level == know.FirstHand && len(top.node.blamers) == 0 {
			enough = .2 // nobody complains of the first one: it only relays
		}
		if h.Level >= know.Plausible && h.sufferer == nil && h.Score >= top.Score*enough && top.node.blamers[h.node] == 0 {
			h.Parts = append(h.Parts, rca.Part{Name: "first-hand", Value: round(1.01 * top.Score / h.Score), Why: top.node.name + " is only complained of by others, and this one speaks for itself"})
			h.Score = top.Score * 1.01
			out := append([]*Hypothesis{h}, hyps[:i+1]...)
			return append(out, hyps[i+2:]...)
		}
	}
	return hyps
}

// grade applies the rule of levels; "" means that no cause can be told.
func (r *ranker) grade(h *Hypothesis, margin, threshold float64) rca.Grade {
	agree := len(h.node.blamers) >= 2 && (!h.node.hasLog || h.node.lines == 0 || h.node.tempo.silent != nil)
	second := r.secondLine(h)
	switch {
	case h.Level >= know.FirstHand && h.Score >= 3*threshold && margin > 1.5 && second:
		return rca.Confirmed
	case h.sufferer != nil && len(h.deed.linked) == 0:
		return rca.Possible // only the time ties its deed to the trouble
	case h.Level >= know.Plausible:
		if h.Score < threshold && !r.speaksAlone(h) {
			return ""
		}
		return rca.Likely
	case r.unlikelyByChance(h.complaint()):
		return rca.Possible
	case h.Level == know.Hearsay && len(h.node.blamers) == 0:
		return "" // it complains, and nobody knows of whom
	case margin < 1.5 || h.Score < 2*threshold:
		return ""
	case agree:
		return rca.Likely
	}
	return rca.Possible
}

// speaksAlone tells whether a single line is enough: a stack trace that no component had in the baseline, for healthy programs
// do not throw new exceptions, or a pair of statements that came apart.
func (r *ranker) speaksAlone(h *Hypothesis) bool {
	if !r.in.Given {
		// Without any normal time, as in the log of a build, the first-hand words of a cause stand for themselves.
		return r.in.Quiet.End == rca.NoTime && h.Level == know.FirstHand
	}
	if len(h.pairs) > 0 {
		return true
	}
	for _, f := range h.facts {
		if f.owner == h.node && f.Stack != nil && f.Novelty == noveltyNew && severity(f.Series) >= rca.SeverityWarn {
			return true
		}
	}
	return false
}

// complaint is the hypothesis whose lines say that something is wrong at all.
func (h *Hypothesis) complaint() *Hypothesis {
	if h.client != nil {
		return h.client
	}
	return h
}

// unlikelyByChance tells whether errors that the baseline lacks are there too often to have been missed in it by chance:
// with c of them now, s lines of the component now and b in the baseline, all fall on this side with (s/(s+b))^c. A
// short baseline misses rare errors of healthy programs (RANKING-public, 3.7).
func (r *ranker) unlikelyByChance(h *Hypothesis) bool {
	if !r.in.Given {
		return false
	}
	var c int64
	for _, f := range h.facts {
		if f.owner == h.node && f.writer == h.node && f.level >= know.Symptom && f.Novelty == noveltyNew && f.Before == 0 && severity(f.Series) >= rca.SeverityError && !f.Series.Access {
			c += f.After
		}
	}
	now, before := float64(h.node.lines), float64(h.node.linesBefore)
	return c > 0 && before > 0 && math.Pow(now/(now+before), float64(c)) <= .1
}

// secondLine tells whether something independent agrees: an effect that another component tells of, or a change of its own.
func (r *ranker) secondLine(h *Hypothesis) bool {
	for _, f := range h.facts {
		if f.writer != h.node {
			return true
		}
	}
	return len(h.node.blamers) > 0 || r.changedBefore(h.node, h.node.firstBad)
}

// independent tells whether a hypothesis is a cause beside the first one: it says so first-hand, others complain of it, and
// neither of the two complains of the other.
func (r *ranker) independent(h, top *Hypothesis, threshold float64) bool {
	return h.Level >= know.FirstHand && h.Score >= threshold && len(h.node.blamers) > 0 && h.node.blamers[top.node] == 0 && top.node.blamers[h.node] == 0
}

// counterparty is the other party of the same fault: whoever blames the cause most, or whom it blames.
func (r *ranker) counterparty(top *Hypothesis, rest []*Hypothesis) *Hypothesis {
	var best *Hypothesis
	var most int64
	for _, h := range rest {
		n := top.node.blamers[h.node] + h.node.blamers[top.node]
		if n > most && !(h.node.relays() && best != nil) {
			best, most = h, n
		}
	}
	return best
}

// write fills in what a reader sees of a hypothesis.
func (r *ranker) write(h *Hypothesis) {
	if h.Component != "" {
		return
	}
	h.Component = h.node.show()
	held := h.Cites
	h.Cites = nil
	defer func() {
		if h.heldBy {
			h.Cites = append(held, h.Cites...)
			if len(h.Cites) > 8 {
				h.Cites = h.Cites[:8]
			}
		}
	}()
	for i, p := range h.pairs {
		if i < 2 {
			h.Cites = append(h.Cites, pairCites(p)...)
		}
	}
	if h.deed != nil {
		h.Cites = append(h.Cites, Cite{Sample: h.deed.sample, Role: "cause", Component: h.deed.series.Component, Note: h.deed.text, Count: h.deed.series.Count})
	}
	if h.slow != nil {
		h.Cites = append(h.Cites, h.slowCites()...)
	}
	if h.served != nil {
		h.Cites = append(h.Cites, h.served.cite())
		if h.client != nil {
			for i, f := range h.client.facts {
				if i < 3 {
					h.Cites = append(h.Cites, f.cite("effect"))
				}
			}
		}
	}
	if h.sufferer != nil && len(h.facts) == 0 {
		for i, f := range h.sufferer.facts {
			if i < 3 {
				h.Cites = append(h.Cites, f.cite("effect"))
			}
		}
	}
	if h.idle != nil {
		c := h.idle.cite("cause")
		c.Note = "it was started or changed, and then gave up its work"
		h.Cites = append(h.Cites, c)
	}
	if h.idle != nil || h.Level <= know.Symptom || h.Category == rca.TimeSkew {
		h.Cites = append(h.Cites, h.node.tempoCites()...)
	}
	h.Cites = append(h.Cites, h.cites(r)...)
	if len(h.Cites) > 8 {
		h.Cites = h.Cites[:8]
	}
	facts := append([]*Fact(nil), h.facts...)
	sort.SliceStable(facts, func(i, j int) bool {
		a, b := facts[i], facts[j]
		if (a.cat == h.Category) != (b.cat == h.Category) {
			return a.cat == h.Category
		}
		return a.level > b.level
	})
	title := titles[h.Category]
	for _, f := range facts {
		if f.Found != nil && f.Found.Category == h.Category {
			h.Entry = f.Found.Entry
			title = f.Found.Title
			break
		}
	}
	if h.Entry == nil && len(facts) > 0 {
		f := facts[0]
		if f.Stack != nil && f.Stack.exception != "" && f.writer == h.node {
			title = "a new exception: " + short(f.Stack.exception, 90)
		} else if f.writer == h.node && len(f.Lines) > 0 {
			title = "a new error: " + short(f.Lines[0], 90)
		}
	}
	if h.heldBy {
		title, h.Entry = "holds ever more of a shared resource until it runs out", nil
	} else if h.sufferer != nil && len(h.facts) == 0 {
		title = "did what it never does just before the trouble of " + h.sufferer.node.show()
	} else if h.served != nil && len(h.facts) == 0 {
		title = "worked on what failed, and says nothing of it"
	} else if h.slow != nil {
		title, h.Entry = "takes ever longer, and waits for nobody", nil
	} else if h.idle != nil {
		title, h.Entry = "gave up its work after it was started or changed", nil
	} else if h.Entry == nil && h.node.tempo.silent != nil && h.Level == know.Hearsay {
		title = "fell silent and does not answer"
	} else if len(h.pairs) > 0 && h.Entry == nil {
		title = "a line that normally follows no longer comes"
	}
	h.Title = h.Component + ": " + title
	h.Summary = r.summary(h)
	if h.Entry != nil {
		if h.Entry.Confirm != "" {
			h.NextSteps = append(h.NextSteps, "confirm: "+h.Entry.Confirm)
		}
		if h.Entry.Do != "" {
			h.NextSteps = append(h.NextSteps, h.Entry.Do)
		}
	}
	if s := h.sufferer; s != nil && len(h.NextSteps) == 0 {
		h.NextSteps = append(h.NextSteps, fmt.Sprintf("see what %s began or changed at that moment, and undo it; %s only suffers from it, if this is the cause", h.Component, s.node.show()))
		r.write(s)
		if s.Entry != nil && s.Entry.Confirm != "" {
			h.NextSteps = append(h.NextSteps, "confirm: "+s.Entry.Confirm)
		}
	}
	if len(h.NextSteps) == 0 {
		if s := nextSteps[h.Category]; s != "" {
			h.NextSteps = append(h.NextSteps, strings.ReplaceAll(s, "IT", h.Component))
		}
		if h.node.hasLog && h.node.lines > 0 && h.Level == know.Hearsay && h.node.last != rca.NoTime && h.node.last < r.onset {
			h.NextSteps = append(h.NextSteps, fmt.Sprintf("%s wrote its last line at %s, before the trouble: see whether its process still runs", h.Component, h.node.last.Std().Format("15:04:05")))
		}
	}
	if !h.node.hasLog {
		h.NextSteps = append(h.NextSteps, "get the log of "+h.Component+": there is none here")
	}
}

var titles = map[rca.Category]string{
	rca.ResourceExhaustion: "a resource is used up", rca.DiskFull: "no space left", rca.DependencyDown: "does not answer", rca.Crash: "it crashed", rca.DependencySlow: "answers too slowly",
	rca.Configuration: "a setting is wrong", rca.CodeDefect: "a fault of its own", rca.Credential: "a secret is wrong or expired", rca.Permission: "not allowed", rca.DNS: "its name is not resolved",
	rca.Network: "cannot be reached over the network", rca.TLS: "its certificate or handshake fails", rca.LockContention: "a lock is held", rca.Deadlock: "transactions wait for each other",
	rca.SchemaChange: "the shape of stored data changed", rca.BadData: "input that it cannot digest", rca.TimeSkew: "clocks disagree", rca.RateLimit: "refused by a quota", rca.Capacity: "more traffic than it can take",
}

// nextSteps are what to look at where no entry of the failure knowledge says it; IT is the component.
var nextSteps = map[rca.Category]string{
	rca.DependencyDown: "see whether IT runs and listens where it is asked, and read its own log of that minute", rca.DependencySlow: "look at the load, the locks and the queues of IT in that minute",
	rca.CodeDefect: "read the cited place in the code of IT; compare with its last release", rca.Configuration: "compare the settings of IT with the last ones that worked",
	rca.ResourceExhaustion: "look at what IT holds and at its limit; compare with its last release", rca.Crash: "find what ended the process of IT: its last lines, its supervisor, the kernel's log",
	rca.Network: "try the connection to IT by hand from the same host", rca.TLS: "look at the certificate of IT: openssl s_client -connect HOST:PORT", rca.Capacity: "compare the traffic of IT with that of the day before",
	rca.BadData: "find the message or record that IT could not digest, and where it came from", rca.Permission: "compare owner, mode and grants of what IT tried to open", rca.Credential: "see whether the secret of IT was changed or has expired",
}

func short(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

func (r *ranker) summary(h *Hypothesis) string {
	var b strings.Builder
	if h.sufferer != nil && h.Entry == nil {
		fmt.Fprintf(&b, "%s. Only the time ties it to the trouble of %s", strings.ToUpper(h.deed.text[:1])+h.deed.text[1:], h.sufferer.node.show())
		if len(h.deed.linked) > 0 {
			b.Reset()
			fmt.Fprintf(&b, "%s, and the complaints speak of the same: %s", strings.ToUpper(h.deed.text[:1])+h.deed.text[1:], strings.Join(h.deed.linked[:min(3, len(h.deed.linked))], ", "))
		}
		b.WriteString(".")
		return b.String()
	}
	if h.served != nil && len(h.facts) == 0 {
		return strings.ToUpper(h.served.text[:1]) + h.served.text[1:] + "."
	}
	if h.heldBy {
		return strings.ToUpper(h.held[:1]) + h.held[1:] + "."
	}
	if h.Entry != nil && h.Entry.Means != "" {
		b.WriteString(h.Entry.Means)
	} else {
		b.WriteString(strings.ToUpper(levelWords[h.Level][:1]) + levelWords[h.Level][1:] + ".")
	}
	if n := len(h.node.blamers); n > 0 {
		var who []string
		for m := range h.node.blamers {
			who = append(who, m.name)
		}
		sort.Strings(who)
		if len(who) > 4 {
			who = append(who[:4], fmt.Sprintf("%d more", n-4))
		}
		fmt.Fprintf(&b, " %s complain%s of it in %d lines.", strings.Join(who, ", "), plural(n), h.node.blamed)
	}
	return b.String()
}

func plural(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

func (h *Hypothesis) rejected(why string) rca.Rejected {
	return rca.Rejected{Component: h.Component, Category: h.Category, Title: h.Title, Why: why}
}

func (r *ranker) whyNot(h, top *Hypothesis) string {
	switch {
	case h.Level < top.Level:
		return fmt.Sprintf("its evidence is weaker (%s), and %s explains more", strings.SplitN(levelWords[h.Level], ":", 2)[0], top.Component)
	case top.node.blamers[h.node] > 0:
		return fmt.Sprintf("it complains of %s in %d lines: an effect", top.Component, top.node.blamers[h.node])
	}
	return fmt.Sprintf("score %.1f against %.1f", h.Score, top.Score)
}

// chain walks from the cause to those that complain of it, and on to those that complain of them.
func (r *ranker) chain(top *Hypothesis) []Link {
	var out []Link
	done := map[*node]bool{top.node: true}
	queue := []*node{top.node}
	for len(queue) > 0 && len(out) < 8 {
		n := queue[0]
		queue = queue[1:]
		var into []*edge
		for _, e := range r.sortedEdges() {
			if e.to == n && !done[e.from] {
				into = append(into, e)
			}
		}
		sort.SliceStable(into, func(i, j int) bool { return into[i].count > into[j].count })
		for _, e := range into {
			if len(out) >= 8 {
				break
			}
			done[e.from] = true
			queue = append(queue, e.from)
			facts := append([]*Fact(nil), e.facts...)
			sort.SliceStable(facts, func(i, j int) bool { return facts[i].After > facts[j].After })
			l := Link{From: n.show(), To: e.from.show(), What: fmt.Sprintf("%d lines", e.count)}
			if len(facts[0].Lines) > 0 {
				l.What = short(facts[0].Lines[0], 100)
			}
			c := facts[0].cite("effect")
			c.Role = "effect"
			if len(queue) > 0 && n != top.node {
				c.Role = "symptom"
			}
			l.Cites = append(l.Cites, c)
			out = append(out, l)
		}
	}
	return out
}

// explained tells which series the cause or its chain accounts for.
func (r *ranker) explained(top *Hypothesis) func(*rca.Series) bool {
	set := map[*rca.Series]bool{}
	mark := func(f *Fact) {
		set[f.Series] = true
		for _, s := range f.also {
			set[s] = true
		}
	}
	reach := map[*node]bool{top.node: true}
	for round := 0; round < 8; round++ {
		for _, e := range r.sortedEdges() {
			if reach[e.to] {
				for _, f := range e.facts {
					mark(f)
				}
				reach[e.from] = true
			}
		}
	}
	for _, f := range top.facts {
		mark(f)
	}
	return func(s *rca.Series) bool { return set[s] }
}

func (r *ranker) change(f *Fact) Change {
	c := Change{Time: f.First, Component: r.changeOf(f).name, Kind: f.changeKind()}
	c.Cite = Cite{Sample: f.sample(), Role: "effect", Component: f.Series.Component, Note: c.Kind, Count: f.After}
	return c
}

// unknowns tells what is missing: parties without a log, and causes that only others tell of.
func (r *ranker) unknowns(out *Output, top *Hypothesis) {
	for _, h := range out.Hypotheses {
		if !h.node.hasLog {
			out.FetchNext = append(out.FetchNext, fmt.Sprintf("the log of %s: %d lines of others name it, and it has none here", h.Component, h.node.blamed))
		}
	}
	if top.Level <= know.Symptom {
		out.Unknowns = append(out.Unknowns, fmt.Sprintf("why %s is in trouble: no first-hand line of a cause is in these logs", top.Component))
	}
	if r.onset != rca.NoTime && r.in.Window.Start != rca.NoTime && !r.in.Given && r.onset-r.in.Window.Start < 2e9 {
		out.Unknowns = append(out.Unknowns, "what came before: the logs begin with the trouble already there")
		out.FetchNext = append(out.FetchNext, "the logs of the time before the first line here")
	}
}
