package rank

import (
	"fmt"
	"slices"
	"sort"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// tempo is how a component's writing went on: whether it fell silent, gave up its work, or lost its clock. What does not come is
// often the only trace of a cause: a process that hangs complains of nothing.
type tempo struct {
	silent *pause // nothing at all came any more
	work   *pause // what it mostly wrote no longer came, other lines did
	step   *step  // its stamps jump, and everybody else's do not
}

// pause is an end of something that came regularly.
type pause struct {
	at       rca.Time // of the last line
	expected float64  // active steps of time that a normal pace would have given since
	last     rca.Sample
	series   *rca.Series
}

// step is a jump of a component's clock.
type step struct {
	from, to rca.Time
	by       rca.Time
	before   rca.Sample // the last line before
	after    rca.Sample // the first line after
	series   *rca.Series
}

// Limits of a pause. Steps of time in which something was written are counted, not lines: programs write in bursts.
const (
	pauseExpected = 6.0 // active steps missing
	pauseGap      = 3   // times the longest normal pause
	pauseLeast    = 5e9 // ns
	workShare     = 4   // what vanished was at least one part in so many of what the component normally writes
)

// readTempo looks at every component's lines over time.
func (r *ranker) readTempo() {
	by := map[*node][]*rca.Series{}
	base := map[*node][]*rca.Series{}
	for _, s := range r.in.Series {
		n := r.nodes[family(s.Component)]
		if n == nil || !n.hasLog || s.First == rca.NoTime {
			continue
		}
		if s.Baseline {
			base[n] = append(base[n], s)
		} else {
			by[n] = append(by[n], s)
		}
	}
	nodes := r.sortedNodes()
	r.clockSteps(nodes, by)
	end := r.logsEnd(nodes)
	if end == rca.NoTime {
		return
	}
	abreast(len(nodes), func(i int) { nodes[i].readPauses(by[nodes[i]], base[nodes[i]], end) })
}

// readPauses looks for what a component no longer writes at the end of the logs.
func (n *node) readPauses(now, base []*rca.Series, end rca.Time) {
	if n.tempo.step != nil || len(now) == 0 {
		return
	}
	n.tempo.silent = paused(now, base, end)
	if n.tempo.silent != nil || n.accessOnly {
		return
	}
	var all int64
	for _, s := range base {
		all += s.Count
	}
	for _, s := range now {
		if s.Severity >= rca.SeverityWarn || s.Access {
			continue
		}
		var same []*rca.Series
		var before int64
		for _, b := range base {
			if b.Template.ID == s.Template.ID {
				same = append(same, b)
				before += b.Count
			}
		}
		if before*workShare < all || before == 0 {
			continue
		}
		if p := paused([]*rca.Series{s}, same, end); p != nil && (n.tempo.work == nil || p.at < n.tempo.work.at) {
			n.tempo.work = p
		}
	}
}

// logsEnd is where the logs end: the latest last line that another component's last line confirms.
func (r *ranker) logsEnd(nodes []*node) rca.Time {
	var lasts []rca.Time
	for _, n := range nodes {
		if n.hasLog && n.last != rca.NoTime && n.tempo.step == nil {
			lasts = append(lasts, n.last)
		}
	}
	sort.Slice(lasts, func(i, j int) bool { return lasts[i] > lasts[j] })
	for i := range lasts {
		if i+1 < len(lasts) && lasts[i]-lasts[i+1] < 30e9 {
			return lasts[i]
		}
	}
	if len(lasts) > 0 {
		return lasts[0]
	}
	return rca.NoTime
}

// active gives the steps of time in which the series have lines, sorted.
func active(series []*rca.Series) []rca.Time {
	var ts []rca.Time
	for _, s := range series {
		for _, b := range s.Buckets {
			ts = append(ts, b.Start)
		}
	}
	slices.Sort(ts)
	return slices.Compact(ts)
}

// paused tells whether lines that came regularly, in the normal time or before, no longer come until the end.
func paused(now, before []*rca.Series, end rca.Time) *pause {
	last := rca.NoTime
	for _, s := range now {
		if n := len(s.Buckets); n > 0 {
			last = max(last, s.Buckets[n-1].Start)
		}
	}
	gap := end - last
	if last == rca.NoTime || gap < pauseLeast {
		return nil
	}
	ts := active(now)
	steps, span, longest := 0, rca.Time(0), rca.Time(0)
	for _, xs := range [][]rca.Time{ts, active(before)} {
		if len(xs) < 2 {
			continue
		}
		steps += len(xs)
		span += xs[len(xs)-1] - xs[0]
		for i := 1; i < len(xs); i++ {
			longest = max(longest, xs[i]-xs[i-1])
		}
	}
	if steps < 8 || span <= 0 || gap < pauseGap*longest {
		return nil
	}
	expected := float64(steps) / float64(span) * float64(gap)
	if expected < pauseExpected {
		return nil
	}
	p := &pause{at: last, expected: expected}
	for _, s := range now {
		if len(s.Buckets) == 0 {
			continue
		}
		b := s.Buckets[len(s.Buckets)-1]
		if b.Start == last && (p.series == nil || b.First.Line > p.last.Line) {
			p.series, p.last = s, rca.Sample{Place: b.First, Time: b.Start}
			p.at = max(p.at, s.Last)
		}
	}
	return p
}

// clockSteps finds components whose stamps jump ahead while all others' go on: a pause of theirs is as long as they end later than
// everybody else. A process that was only silent ends with the others.
func (r *ranker) clockSteps(nodes []*node, by map[*node][]*rca.Series) {
	for _, n := range nodes {
		others, count := rca.NoTime, 0
		for _, m := range nodes {
			if m != n && m.hasLog && m.last != rca.NoTime {
				others = max(others, m.last)
				count++
			}
		}
		ahead := n.last - others
		if count == 0 || ahead < 20e9 {
			continue
		}
		ts := active(by[n])
		if len(ts) < 10 {
			continue
		}
		var gap, from, to rca.Time
		for i := 1; i < len(ts); i++ {
			if d := ts[i] - ts[i-1]; d > gap {
				gap, from, to = d, ts[i-1], ts[i]
			}
		}
		if gap < 30e9 {
			continue
		}
		if ahead < gap*8/10 || ahead > gap*12/10 || from > others {
			continue
		}
		st := &step{from: from, to: to, by: to - from}
		for _, s := range by[n] {
			for _, b := range s.Buckets {
				if b.Start == from && b.First.Line >= st.before.Line {
					st.before = rca.Sample{Place: b.First, Time: b.Start}
				}
				if b.Start == to && (st.after.Lines == 0 || b.First.Line < st.after.Line) {
					st.after, st.series = rca.Sample{Place: b.First, Time: b.Start}, s
				}
			}
		}
		if st.series != nil {
			n.tempo.step = st
		}
	}
}

// offClock is the component whose clock jumped, if there is just one.
func (r *ranker) offClock() *node {
	var found *node
	for _, n := range r.sortedNodes() {
		if n.tempo.step == nil {
			continue
		}
		if found != nil {
			return nil
		}
		found = n
	}
	return found
}

// fellSilent is the component that stopped writing before others began to wait for somebody whom they do not name: one that
// complains of nothing itself, and the first of all by two seconds.
func (r *ranker) fellSilent(f *Fact) *node {
	var best, second *node
	for _, n := range r.sortedNodes() {
		p := n.tempo.silent
		if p == nil || n == f.writer || n.relays() || overseers[n.product] || f.First != rca.NoTime && p.at > f.First+2e9 {
			continue
		}
		switch {
		case best == nil || p.at < best.tempo.silent.at:
			best, second = n, best
		case second == nil || p.at < second.tempo.silent.at:
			second = n
		}
	}
	if best == nil || second != nil && second.tempo.silent.at-best.tempo.silent.at < 2e9 {
		return nil
	}
	for _, g := range r.facts {
		if g.writer == best {
			return nil
		}
	}
	return best
}

// tempoCites quotes what a component's pace shows.
func (n *node) tempoCites() []Cite {
	var out []Cite
	if p := n.tempo.silent; p != nil {
		out = append(out, Cite{Sample: p.last, Role: "cause", Component: n.name, Note: "its last lines: then it writes nothing more", Absent: &rca.Absent{Expected: int64(p.expected)}})
	}
	if p := n.tempo.work; p != nil {
		out = append(out, Cite{Sample: p.last, Role: "cause", Component: n.name, Note: "its work stops: this line no longer comes", Absent: &rca.Absent{Expected: int64(p.expected)}})
	}
	if s := n.tempo.step; s != nil {
		why := fmt.Sprintf("its clock jumps by %s between these two lines", s.by.Std().Sub(rca.Time(0).Std()))
		out = append(out, Cite{Sample: s.before, Role: "cause", Component: n.name, Note: why}, Cite{Sample: s.after, Role: "cause", Component: n.name, Note: why})
	}
	return out
}

// idle makes a hypothesis of a component that gave up its work right after its own start or change, before anybody complained: it
// has no words for its fault. Its victims give up their work as well, but later, and they complain.
func (r *ranker) idle() []*Hypothesis {
	var first *node
	for _, n := range r.sortedNodes() {
		p := n.tempo.work
		if p == nil || r.complainsEarly(n, p.at) {
			continue
		}
		if first == nil || p.at < first.tempo.work.at {
			first = n
		}
	}
	if first == nil {
		return nil
	}
	at := first.tempo.work.at
	if r.onset != rca.NoTime && at > r.onset+2e9 {
		return nil // others were in trouble before
	}
	var change *Fact
	for _, c := range r.changes {
		if r.changeOf(c) == first && c.First != rca.NoTime && c.First > at-20e9 && c.First < at+20e9 {
			change = c
		}
	}
	if change == nil {
		return nil
	}
	h := &Hypothesis{node: first, Category: rca.CodeDefect, Level: know.Plausible, raw: 4, idle: change}
	first.level = max(first.level, know.Plausible)
	first.display[change.Series.Component]++
	return []*Hypothesis{h}
}

// complainsEarly tells whether a component says something of another party near an instant.
func (r *ranker) complainsEarly(n *node, at rca.Time) bool {
	for _, f := range r.facts {
		if f.writer == n && f.owner != n && f.First != rca.NoTime && f.First < at+10e9 {
			return true
		}
	}
	return false
}
