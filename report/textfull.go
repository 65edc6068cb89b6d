package report

import (
	"fmt"
	"strings"

	"github.com/rca-engine/rca"
)

// everything writes the sections that follow the one screen when Verbose is asked for. Nothing is left out here; only
// long lines are cut, with a mark.
func (t *text) everything() {
	v := t.v
	for i := range v.Others {
		h := &v.Others[i]
		t.section(fmt.Sprintf("%s %d, %s: %s, %s", otherWord(v), h.Rank, h.Grade, owner(h), h.Title))
		t.lines(t.cause(h, firstQuotes))
		if len(h.Chain) > 0 {
			t.links(h.Chain, len(h.Chain))
		}
		if v.Verdict == rca.RootCauseFound {
			for j, s := range h.NextSteps {
				t.lines(hang(piece{fmt.Sprintf("Step %d  ", j+1), bold}, s, plain, t.width, 99))
			}
		}
	}
	if len(v.Timeline) > 0 {
		t.section("Timeline (UTC)")
		t.entries(v.Timeline, 99)
	}
	t.differences()
	t.signals()
	t.evidence("Evidence for", v.For)
	t.evidence("Evidence against", v.Against)
	t.parts()
	t.rejected()
	t.list("Unknown", v.Unknowns)
	t.list("Logs to get next", v.FetchNext)
	t.coverage()
	t.made()
}

// otherWord names a further hypothesis by what the verdict allows.
func otherWord(v *view) string {
	if v.Verdict == rca.RootCauseFound {
		return "Cause"
	}
	return "Lead"
}

func (t *text) differences() {
	if len(t.v.Differences) == 0 {
		return
	}
	t.section("What differs from the baseline (lines before → after)")
	counts, who := 0, 0
	for _, d := range t.v.Differences {
		counts, who = max(counts, textWidth(change(d))), max(who, min(t.width/5, textWidth(d.Component)))
	}
	for _, d := range t.v.Differences {
		lead := "  " + pad(d.Kind, 4) + "  " + strings.Repeat(" ", counts-textWidth(change(d))) + change(d) + "  "
		if bars := spark(d.Spark, min(20, t.width/6)); bars != "" {
			lead += bars + "  "
		}
		t.lines(hang(piece{lead, diffStyle(d)}, pad(d.Component, who)+"  "+d.Severity.String(), dim, t.width, 2))
		for _, l := range quoted(d.Template, t.width-8, 2) {
			t.line(piece{"        " + l, plain})
		}
	}
}

func diffStyle(d rca.Difference) style {
	if d.Kind == "new" && d.Severity >= rca.SeverityError {
		return red
	}
	return plain
}

func (t *text) signals() {
	if len(t.v.Signals) == 0 {
		return
	}
	t.section("Signals")
	for _, s := range t.v.Signals {
		lead := piece{"  " + pad(formatTime(s.At, t.v.Clock), len(t.v.Clock)) + "  ", dim}
		what := fmt.Sprintf("%s · %s: %s", s.Kind, s.Component, s.Text)
		if n := numbersOf(s); n != "" {
			what += " (" + n + ")"
		}
		t.lines(hang(lead, what, plain, t.width, 99))
		if bars := spark(s.Spark, min(40, t.width/2)); bars != "" {
			t.line(piece{strings.Repeat(" ", textWidth(lead.text)) + bars, cyan})
		}
	}
}

func (t *text) evidence(title string, list []cited) {
	if len(list) == 0 {
		return
	}
	t.section(title)
	for _, e := range list {
		t.line(piece{pad(cut(e.ID, 8), 4), cyan}, piece{fitPath(where(e.Evidence), t.width-8), bold})
		t.lines(hang(piece{"    ", plain}, about(e.Evidence), dim, t.width, 3))
		if e.Note != "" {
			t.lines(hang(piece{"    ", plain}, e.Note, plain, t.width, 9))
		}
		if e.Absent != nil {
			t.lines(hang(piece{"    ", plain}, absent(e.Absent), yellow, t.width, 3))
		}
		t.context(e.Evidence)
		t.lines(hang(piece{"    ", plain}, provenance(e.Evidence), dim, t.width, 3))
	}
}

// context quotes an evidence between its neighbours.
func (t *text) context(e rca.Evidence) {
	quote := func() {
		for _, l := range quoted(e.Text, t.width-6, 4) {
			t.line(piece{"    ▌ ", red}, piece{l, bold})
		}
	}
	done := false
	for _, c := range e.Context {
		if c.Line >= e.Line && !done {
			quote()
			done = true
		}
		if c.Line != e.Line {
			t.line(piece{"    │ ", dim}, piece{cut(c.Text, t.width-6), dim})
		}
	}
	if !done {
		quote()
	}
}

// parts tells what a hypothesis' score is made of.
func (t *text) parts() {
	for _, h := range t.v.RootCauses {
		if len(h.Parts) == 0 {
			continue
		}
		t.section(fmt.Sprintf("Why %s ranks %s (score %s)", h.Component, ordinal(h.Rank), number(h.Score)))
		for _, p := range h.Parts {
			why := p.Why
			if len(p.Evidence) > 0 {
				why += " [" + strings.Join(p.Evidence, " ") + "]"
			}
			t.lines(hang(piece{fmt.Sprintf("  %+.2f  ", p.Value), dim}, p.Name+": "+why, plain, t.width, 9))
		}
	}
}

func ordinal(n int) string {
	switch n {
	case 1:
		return "first"
	case 2:
		return "second"
	case 3:
		return "third"
	}
	return fmt.Sprintf("%dth", n)
}

func (t *text) rejected() {
	if len(t.v.Rejected) == 0 {
		return
	}
	t.section("Looked at and rejected")
	for _, r := range t.v.Rejected {
		why := r.Why
		if len(r.Evidence) > 0 {
			why += " [" + strings.Join(r.Evidence, " ") + "]"
		}
		t.lines(hang(piece{"  ✗ ", dim}, fmt.Sprintf("%s · %s: %s", r.Component, r.Category, r.Title), bold, t.width, 3))
		t.lines(hang(piece{"    ", dim}, why, plain, t.width, 9))
	}
}

func (t *text) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	t.section(title)
	for _, s := range items {
		t.lines(hang(piece{"  • ", dim}, s, plain, t.width, 99))
	}
}

func (t *text) coverage() {
	t.section("Coverage")
	for _, f := range t.v.Facts() {
		st := plain
		if f.Bad {
			st = yellow
		}
		t.lines(hang(piece{"  " + pad(f.Label, 13) + pad(f.Value, 12) + " ", st}, f.Note, dim, t.width, 3))
	}
	for _, s := range t.v.Coverage.Skipped {
		t.lines(hang(piece{"  ✗ ", yellow}, s.Name+": "+s.Reason, plain, t.width, 3))
	}
	for _, w := range t.v.Warnings {
		t.lines(hang(piece{"  ! ", yellow}, warningLine(w), plain, t.width, 5))
	}
}

func (t *text) made() {
	v := t.v
	t.section("How this report was made")
	fact := func(label, value string) {
		t.lines(hang(piece{"  " + pad(label, 13), dim}, value, plain, t.width, 9))
	}
	fact("Version", v.Made.Version)
	fact("Window", v.WindowLine())
	fact("Baseline", v.BaselineLine())
	for _, o := range v.options() {
		fact("Option", o.Label+" = "+o.Value)
	}
	for _, i := range v.Made.Inputs {
		t.lines(hang(piece{"  Input        ", dim}, i.Name, plain, t.width, 2))
		t.lines(hang(piece{"               ", dim}, inputLine(i), dim, t.width, 3))
	}
}
