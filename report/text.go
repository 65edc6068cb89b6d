package report

import (
	"fmt"
	"strings"

	"github.com/rca-engine/rca"
)

// text writes the form for a terminal. Without Verbose it is one screen, about forty lines; every list that is cut
// short counts what it holds back, and the last line says how to see it.
type text struct {
	*screen
	v       *view
	verbose bool
	held    []string
	seen    map[string]bool // evidence whose quote is on the screen
}

// How much of each list the one screen shows.
const (
	firstHappened = 3
	firstQuotes   = 3
	firstSteps    = 3
	firstLinks    = 4
	firstOthers   = 2
	firstTimes    = 5
)

func writeText(v *view, o Options) []byte {
	t := &text{screen: &screen{width: o.Width, color: o.Color}, v: v, verbose: o.Verbose, seen: map[string]bool{}}
	t.heading()
	t.happened()
	t.explained()
	t.caused()
	t.next()
	t.before()
	t.chain()
	if t.verbose {
		t.everything()
	} else {
		t.others()
		t.timeline()
		t.footer()
	}
	return t.b.Bytes()
}

// hold notes how many things a list does not show.
func (t *text) hold(n int, noun string) {
	if n > 0 {
		t.held = append(t.held, plural(int64(n), noun))
	}
}

func (t *text) heading() {
	v := t.v
	if v.Partial {
		for _, l := range wrap(partialNote, t.width) {
			t.line(piece{l, yellow})
		}
	}
	if note := redactionNote(v.Redaction); note != "" {
		for _, l := range wrap(note, t.width) {
			t.line(piece{l, yellow})
		}
	}
	badge := piece{strings.ToUpper(v.Badge()) + "  ", badgeStyle(v)}
	t.lines(hang(badge, v.Title(), bold, t.width, 3))
	indent := piece{strings.Repeat(" ", textWidth(badge.text)), plain}
	t.lines(hang(indent, v.Standing(), dim, t.width, 9))
	w, base := span(v.Window), v.Baseline.Kind
	if w == "" {
		w = "time not known"
	}
	if base == "" {
		base = "none"
	}
	t.lines(hang(indent, w+" · baseline: "+base, dim, t.width, 4))
}

func badgeStyle(v *view) style {
	switch v.Badge() {
	case string(rca.Confirmed):
		return green
	case string(rca.Likely):
		return yellow
	}
	return blue
}

func (t *text) happened() {
	var rows []row
	all := t.v.Happened()
	n := len(all)
	most := 99
	if !t.verbose {
		n, most = min(n, firstHappened), 2
		t.hold(len(all)-n, "sentence")
	}
	for _, s := range all[:n] {
		lead := piece{}
		if len(all) > 1 {
			lead = piece{"• ", dim}
		}
		rows = append(rows, hang(lead, s, plain, t.inner(), most)...)
	}
	t.box(t.v.Titles.Happened, bold, rows)
}

// explained shows all that a model said: whoever asked for it wants to read it.
func (t *text) explained() {
	if t.v.Explanation == nil {
		return
	}
	var rows []row
	for _, s := range t.v.Explained() {
		rows = append(rows, hang(piece{"• ", dim}, s, plain, t.inner(), 99)...)
	}
	t.box(t.v.ExplainedTitle(), bold, rows)
}

func (t *text) caused() {
	v := t.v
	var rows []row
	switch {
	case v.Top == nil:
		for _, l := range wrap(v.NothingNamed(), t.inner()) {
			rows = append(rows, row{{l, plain}})
		}
	case v.Verdict == rca.RootCauseFound:
		rows = t.cause(v.Top, firstQuotes)
	default:
		n := min(len(v.RootCauses), 3)
		for i := range v.RootCauses[:n] {
			h := &v.RootCauses[i]
			rows = append(rows, hang(piece{fmt.Sprintf("%d  ", i+1), bold}, name(h), bold, t.inner(), 2)...)
			rows = append(rows, t.quotes(h, 1, "   ")...)
		}
		t.hold(len(v.RootCauses)-n, "lead")
	}
	title := v.Titles.Caused
	if v.Top != nil && v.Verdict == rca.RootCauseFound {
		title += ": " + owner(v.Top)
	}
	t.box(title, bold, rows)
}

// owner is the component that a hypothesis names, and its kind of fault.
func owner(h *rca.Hypothesis) string { return h.Component + " · " + string(h.Category) }

// name is a hypothesis in a line: who, which kind of fault, what.
func name(h *rca.Hypothesis) string {
	return owner(h) + ": " + h.Title
}

// cause writes one hypothesis with its quoted lines.
func (t *text) cause(h *rca.Hypothesis, n int) []row {
	most := 3
	if t.verbose {
		n, most = n+1, 99
	}
	var rows []row
	if s := or(h.Summary, h.Title); s != "" {
		rows = append(rows, hang(piece{}, s, plain, t.inner(), most)...)
	}
	if t.verbose && h.Meaning != "" {
		m := h.Meaning
		if h.Source != "" {
			m += " (" + h.Source + ")"
		}
		rows = append(rows, hang(piece{"It means: ", dim}, m, plain, t.inner(), most)...)
	}
	rows = append(rows, t.quotes(h, n, "")...)
	for _, e := range h.Evidence {
		if e.Role == "against" {
			rows = append(rows, hang(piece{"Against it: ", yellow}, e.ID+" "+or(e.Note, e.Text), yellow, t.inner(), 1)...)
		}
	}
	return rows
}

// quotes writes the lines that say most, each under its place.
func (t *text) quotes(h *rca.Hypothesis, n int, indent string) []row {
	var rows []row
	for _, e := range quotes(h, n) {
		t.seen[e.ID] = true
		id := cut(e.ID, 8)
		lead := indent + id + " "
		rows = append(rows, row{{indent, plain}, {id, cyan}, {" " + fitPath(where(e), t.inner()-textWidth(lead)), dim}})
		pad := strings.Repeat(" ", textWidth(lead))
		for _, l := range quoted(e.Text, t.inner()-textWidth(pad), 2) {
			rows = append(rows, row{{pad, plain}, {l, plain}})
		}
		if e.Absent != nil {
			rows = append(rows, hang(piece{pad, plain}, absent(e.Absent), dim, t.inner(), 1)...)
		}
	}
	return rows
}

// fitPath shortens a path from its left, for its end is what tells.
func fitPath(s string, n int) string {
	if textWidth(s) <= n {
		return s
	}
	r := []rune(s)
	for i := range r {
		if tail := "…" + string(r[i+1:]); textWidth(tail) <= n {
			return tail
		}
	}
	return "…"
}

func (t *text) next() {
	steps := t.v.Steps()
	n, most := len(steps), 99
	if !t.verbose {
		n, most = min(n, firstSteps), 2
		t.hold(len(steps)-n, "step")
	} else if t.v.Verdict == rca.RootCauseFound {
		n = len(steps)
	}
	var rows []row
	for i, s := range steps[:n] {
		rows = append(rows, hang(piece{fmt.Sprintf("%d  ", i+1), bold}, s, plain, t.inner(), most)...)
	}
	if len(rows) == 0 {
		rows = []row{{{"None is known.", dim}}}
	}
	t.box(t.v.Titles.Next, bold, rows)
}

// before tells of earlier incidents; on the one screen of the first.
func (t *text) before() {
	if !t.v.Seen() {
		return
	}
	all := t.v.Recalls()
	n, most := len(all), 99
	if !t.verbose {
		n, most = 1, 1
		t.hold(len(all)-n, "earlier incident")
	}
	var rows []row
	for _, r := range all[:n] {
		rows = append(rows, hang(piece{}, r.What, bold, t.inner(), most)...)
		rows = append(rows, hang(piece{"  ", plain}, r.Cause, plain, t.inner(), most)...)
		if r.Fixed != "" {
			rows = append(rows, hang(piece{"  What fixed it: ", green}, r.Fixed, plain, t.inner(), max(most, 2))...)
		}
		rows = append(rows, hang(piece{"  ", plain}, r.Alike, dim, t.inner(), most)...)
	}
	t.box(t.v.SeenTitle(), bold, rows)
}

func (t *text) chain() {
	if t.v.Top == nil || len(t.v.Top.Chain) == 0 {
		return
	}
	links := t.v.Top.Chain
	n := len(links)
	if !t.verbose {
		if n > firstLinks {
			n = firstLinks
		}
		t.hold(len(links)-n, "link")
	} else {
		t.section(chainTitle(t.v))
	}
	t.links(links, n)
}

// chainTitle heads the chain of the first hypothesis.
func chainTitle(v *view) string {
	if v.Verdict == rca.RootCauseFound {
		return "Causal chain"
	}
	return "Chain of the first lead"
}

func (t *text) links(links []rca.Link, n int) {
	from, to := 0, 0
	most := max(10, t.width/4)
	for _, l := range links {
		from, to = max(from, min(most, textWidth(l.From))), max(to, min(most, textWidth(l.To)))
	}
	for i, l := range links[:n] {
		what := l.What
		if len(l.Evidence) > 0 {
			what += " [" + strings.Join(l.Evidence, " ") + "]"
		}
		if l.Weakest {
			what += " ◀ weakest link"
		}
		lead := t.label("Chain", i) + pad(cut(l.From, from), from) + " ──▶ " + pad(cut(l.To, to), to) + "  "
		st := plain
		if l.Weakest {
			st = yellow
		}
		t.lines(hang(piece{lead, bold}, what, st, t.width, lines(t.verbose, 2)))
	}
}

// label heads a list of the one screen at its first line; with Verbose the list has a heading of its own.
func (t *text) label(word string, i int) string {
	switch {
	case t.verbose:
		return "  "
	case i == 0:
		return pad(word, 10)
	}
	return strings.Repeat(" ", 10)
}

func lines(verbose bool, n int) int {
	if verbose {
		return 99
	}
	return n
}

// others names the further causes, one line each.
func (t *text) others() {
	if t.v.Verdict != rca.RootCauseFound || len(t.v.Others) == 0 {
		return
	}
	n := min(len(t.v.Others), firstOthers)
	for i := range t.v.Others[:n] {
		h := &t.v.Others[i]
		t.lines(hang(piece{t.label("Also", i), bold}, fmt.Sprintf("%s, %s", h.Grade, name(h)), plain, t.width, 1))
	}
	t.hold(len(t.v.Others)-n, "further cause")
}

func (t *text) timeline() {
	if len(t.v.Timeline) == 0 {
		return
	}
	picked := turningPoints(t.v.Timeline, firstTimes)
	t.hold(len(t.v.Timeline)-len(picked), "turning point")
	t.entries(picked, 1)
}

func (t *text) entries(list []rca.TimelineEntry, most int) {
	kind, who := 0, 0
	for _, e := range list {
		kind, who = max(kind, textWidth(e.Kind)), max(who, min(t.width/5, textWidth(e.Component)))
	}
	for i, e := range list {
		at := formatTime(e.Time, t.v.Clock)
		lead := t.label("Timeline", i) + pad(at, len(t.v.Clock)) + "  " + pad(e.Kind, kind) + "  " + pad(cut(e.Component, who), who) + "  "
		what := e.Text
		if e.Evidence != "" && most > 1 {
			what += " [" + e.Evidence + "]"
		}
		st := dim
		if e.Kind == "cause" {
			st = bold
		}
		t.lines(hang(piece{lead, st}, what, plain, t.width, most))
	}
}

// footer ends the one screen: the coverage in a line, and what was held back.
func (t *text) footer() {
	v := t.v
	t.lines(hang(piece{"Coverage  ", bold}, v.CoverageLine(), plain, t.width, 3))
	n := 0
	for _, list := range [][]cited{v.For, v.Against} {
		for _, e := range list {
			if !t.seen[e.ID] {
				n++
			}
		}
	}
	t.hold(n, "line of evidence")
	t.hold(len(v.Differences), "difference")
	t.hold(len(v.Signals), "signal")
	t.hold(len(v.Rejected), "rejected hypothesis")
	t.hold(len(v.Unknowns), "unknown")
	if v.Verdict == rca.RootCauseFound {
		t.hold(len(v.FetchNext), "hint of logs to get next")
	}
	t.hold(len(v.Warnings), "warning")
	t.hold(len(v.Made.Inputs), "input")
	if len(t.held) > 0 {
		t.lines(hang(piece{"… ", dim}, "not shown, --verbose shows them: "+strings.Join(t.held, ", "), dim, t.width, 9))
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
