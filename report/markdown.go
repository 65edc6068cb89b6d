package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rca-engine/rca"
)

// markdown writes GitHub flavoured Markdown. Every string of the report passes through one of three doors: prose, where no
// character keeps a meaning; code, a span that nothing inside can close; fence, a block that nothing inside can
// close. Log text goes through the last two only.
type markdown struct {
	b strings.Builder
	v *view
}

func writeMarkdown(v *view) []byte {
	m := &markdown{v: v}
	m.heading()
	m.boxes()
	m.before()
	m.chain()
	m.others()
	m.timeline()
	m.differences()
	m.evidence()
	m.rejected()
	m.list("Unknown", v.Unknowns)
	m.list("Logs to get next", v.FetchNext)
	m.coverage()
	m.made()
	return []byte(strings.TrimRight(m.b.String(), "\n") + "\n")
}

func (m *markdown) p(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n\n", args...) }

func (m *markdown) heading() {
	v := m.v
	if v.Partial {
		m.p("> **%s**", prose(partialNote))
	}
	if note := redactionNote(v.Redaction); note != "" {
		m.p("> %s", prose(note))
	}
	m.p("# %s", prose(v.Title()))
	m.p("**%s** — %s", strings.ToUpper(prose(v.Badge())), prose(v.Standing()))
	window := span(v.Window)
	if window == "" {
		window = "time not known"
	}
	m.p("%s · baseline: %s", prose(window), prose(or(v.Baseline.Kind, "none")))
}

func (m *markdown) boxes() {
	v := m.v
	m.p("## %s", v.Titles.Happened)
	m.items("- ", v.Happened())
	if v.Explanation != nil {
		m.p("## %s", prose(v.ExplainedTitle()))
		m.items("- ", v.Explained())
	}
	title := v.Titles.Caused
	if v.Top != nil && v.Verdict == rca.RootCauseFound {
		title += ": " + owner(v.Top)
	}
	m.p("## %s", prose(title))
	switch {
	case v.Top == nil:
		m.p("%s", prose(v.NothingNamed()))
	case v.Verdict == rca.RootCauseFound:
		m.cause(v.Top, 4)
	default:
		for i := range v.RootCauses[:min(3, len(v.RootCauses))] {
			h := &v.RootCauses[i]
			m.p("**%d. %s** (%s)", i+1, prose(name(h)), prose(string(h.Grade)))
			m.quotes(h, 1)
		}
		if more := len(v.RootCauses) - 3; more > 0 {
			m.p("… %s further down.", plural(int64(more), "lead"))
		}
	}
	m.p("## %s", v.Titles.Next)
	steps := v.Steps()
	if len(steps) == 0 {
		m.p("None is known.")
		return
	}
	m.items("1. ", steps[:min(3, len(steps))])
	if more := steps[min(3, len(steps)):]; len(more) > 0 {
		m.open(plural(int64(len(more)), "more step"))
		m.items("- ", more)
		m.close()
	}
}

func (m *markdown) items(mark string, list []string) {
	for _, s := range list {
		m.b.WriteString(mark + prose(s) + "\n")
	}
	m.b.WriteString("\n")
}

// cause writes one hypothesis with its quoted lines.
func (m *markdown) cause(h *rca.Hypothesis, n int) {
	m.p("%s", prose(or(h.Summary, h.Title)))
	if h.Meaning != "" {
		m.p("*It means:* %s", prose(h.Meaning))
	}
	if h.Source != "" {
		m.p("*Documented in:* %s", code(h.Source))
	}
	m.quotes(h, n)
	for _, e := range h.Evidence {
		if e.Role == "against" {
			m.p("**Against it:** %s %s", prose(e.ID), prose(e.Note))
		}
	}
}

func (m *markdown) quotes(h *rca.Hypothesis, n int) {
	for _, e := range quotes(h, n) {
		note := ""
		if e.Note != "" {
			note = " — " + prose(e.Note)
		}
		if e.Absent != nil {
			note += " — " + prose(absent(e.Absent))
		}
		m.p("**%s** %s%s", prose(e.ID), code(where(e)), note)
		m.fence(e.Text)
	}
}

func (m *markdown) before() {
	if !m.v.Seen() {
		return
	}
	m.p("## %s", prose(m.v.SeenTitle()))
	for _, r := range m.v.Recalls() {
		m.p("**%s**", prose(r.What))
		facts := []string{r.Cause}
		if r.Fixed != "" {
			facts = append(facts, "What fixed it: "+r.Fixed)
		}
		m.items("- ", append(facts, "Alike: "+r.Alike))
	}
}

func (m *markdown) chain() {
	if m.v.Top != nil && len(m.v.Top.Chain) > 0 {
		m.p("## %s", chainTitle(m.v))
		m.links(m.v.Top.Chain)
	}
}

func (m *markdown) links(links []rca.Link) {
	for _, l := range links {
		weak := ""
		if l.Weakest {
			weak = " ⚠️ **weakest link**"
		}
		m.b.WriteString(fmt.Sprintf("- **%s → %s** — %s%s%s\n", prose(l.From), prose(l.To), prose(l.What), cites(l.Evidence), weak))
	}
	m.b.WriteString("\n")
}

func (m *markdown) others() {
	for i := range m.v.Others {
		h := &m.v.Others[i]
		m.p("### %s %d, %s: %s", otherWord(m.v), h.Rank, prose(string(h.Grade)), prose(name(h)))
		m.cause(h, 2)
		m.links(h.Chain)
		if m.v.Verdict == rca.RootCauseFound {
			m.items("1. ", h.NextSteps)
		}
	}
}

func (m *markdown) timeline() {
	if len(m.v.Timeline) == 0 {
		return
	}
	m.p("## Timeline")
	m.row("UTC", "Kind", "Component", "What", "Evidence")
	m.row("---", "---", "---", "---", "---")
	for _, e := range m.v.Timeline {
		m.row(formatTime(e.Time, m.v.Clock), prose(e.Kind), prose(e.Component), prose(e.Text), prose(e.Evidence))
	}
	m.b.WriteString("\n")
}

func (m *markdown) row(cells ...string) { m.b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

func (m *markdown) open(summary string) {
	m.p("<details>\n<summary>%s</summary>", summary) // words and counts of ours only
}

func (m *markdown) close() { m.p("</details>") }

func (m *markdown) differences() {
	v := m.v
	if len(v.Differences)+len(v.Signals) == 0 {
		return
	}
	m.p("## What differs from the baseline")
	if len(v.Differences) > 0 {
		m.open(plural(int64(len(v.Differences)), "difference"))
		m.row("Kind", "Before → after", "Course", "Component", "Severity", "Template")
		m.row("---", "---:", "---", "---", "---", "---")
		for _, d := range v.Differences {
			m.row(prose(d.Kind), change(d), spark(d.Spark, 16), prose(d.Component), d.Severity.String(), codeCell(d.Template))
		}
		m.b.WriteString("\n")
		m.close()
	}
	if len(v.Signals) > 0 {
		m.open(plural(int64(len(v.Signals)), "signal"))
		m.row("UTC", "Kind", "Component", "What", "Numbers", "Course")
		m.row("---", "---", "---", "---", "---", "---")
		for _, s := range v.Signals {
			m.row(formatTime(s.At, v.Clock), prose(string(s.Kind)), prose(s.Component), prose(s.Text), prose(numbersOf(s)), spark(s.Spark, 24))
		}
		m.b.WriteString("\n")
		m.close()
	}
}

func (m *markdown) evidence() {
	v := m.v
	for _, part := range []struct {
		title string
		list  []cited
	}{{"Evidence for", v.For}, {"Evidence against", v.Against}} {
		if len(part.list) == 0 {
			continue
		}
		m.p("## %s", part.title)
		m.open(plural(int64(len(part.list)), "line"))
		for _, e := range part.list {
			m.cited(e)
		}
		m.close()
	}
	for _, h := range v.RootCauses {
		if len(h.Parts) == 0 {
			continue
		}
		m.open(fmt.Sprintf("Why number %d ranks %s: score %s", h.Rank, ordinal(h.Rank), number(h.Score)))
		for _, p := range h.Parts {
			m.b.WriteString(fmt.Sprintf("- %+.2f **%s**: %s%s\n", p.Value, prose(p.Name), prose(p.Why), cites(p.Evidence)))
		}
		m.b.WriteString("\n")
		m.close()
	}
}

func (m *markdown) cited(e cited) {
	m.p("**%s** %s · %s", prose(e.ID), code(where(e.Evidence)), prose(about(e.Evidence)))
	if e.Note != "" {
		m.p("%s", prose(e.Note))
	}
	if e.Absent != nil {
		m.p("%s", prose(absent(e.Absent)))
	}
	text := e.Text
	if len(e.Context) > 0 {
		var b strings.Builder
		done := false
		for _, c := range e.Context {
			if c.Line >= e.Line && !done {
				b.WriteString("> " + strings.ReplaceAll(e.Text, "\n", "\n> ") + "\n")
				done = true
			}
			if c.Line != e.Line {
				b.WriteString("  " + c.Text + "\n")
			}
		}
		if done {
			text = strings.TrimRight(b.String(), "\n")
		}
	}
	m.fence(text)
	m.p("<sub>%s</sub>", prose(provenance(e.Evidence)))
}

func (m *markdown) rejected() {
	if len(m.v.Rejected) == 0 {
		return
	}
	m.p("## Looked at and rejected")
	for _, r := range m.v.Rejected {
		m.b.WriteString(fmt.Sprintf("- **%s · %s: %s** — %s%s\n", prose(r.Component), prose(string(r.Category)), prose(r.Title), prose(r.Why), cites(r.Evidence)))
	}
	m.b.WriteString("\n")
}

func (m *markdown) list(title string, items []string) {
	if len(items) > 0 {
		m.p("## %s", title)
		m.items("- ", items)
	}
}

func (m *markdown) coverage() {
	v := m.v
	m.p("## Coverage")
	m.row("", "", "")
	m.row("---", "---:", "---")
	for _, f := range v.Facts() {
		bad := ""
		if f.Bad {
			bad = " ⚠️"
		}
		m.row(f.Label+bad, f.Value, prose(f.Note))
	}
	m.b.WriteString("\n")
	for _, s := range v.Coverage.Skipped {
		m.b.WriteString(fmt.Sprintf("- skipped %s: %s\n", code(s.Name), prose(s.Reason)))
	}
	for _, w := range v.Warnings {
		m.b.WriteString("- ⚠️ " + prose(warningLine(w)) + "\n")
	}
	m.b.WriteString("\n")
}

func (m *markdown) made() {
	v := m.v
	m.p("## How this report was made")
	m.items("- ", []string{"Version: " + v.Made.Version, "Window: " + v.WindowLine(), "Baseline: " + v.BaselineLine()})
	for _, o := range v.options() {
		m.b.WriteString("- Option " + code(o.Label+" = "+o.Value) + "\n")
	}
	m.b.WriteString("\n")
	if len(v.Made.Inputs) == 0 {
		return
	}
	m.open(plural(int64(len(v.Made.Inputs)), "input"))
	m.row("Input", "Component", "Format", "Lines", "Bytes", "xxh64")
	m.row("---", "---", "---", "---:", "---:", "---")
	for _, i := range v.Made.Inputs {
		n := codeCell(i.Name)
		if i.Baseline {
			n += " (baseline)"
		}
		m.row(n, prose(i.Component), prose(i.Format), num(i.Lines), num(i.Bytes), codeCell(i.Hash))
	}
	m.b.WriteString("\n")
	m.close()
}

// cites lists ids of evidence behind a sentence.
func cites(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return " " + prose("["+strings.Join(ids, ", ")+"]")
}

// prose escapes text so that no character of it keeps a meaning in Markdown or HTML. A word that GitHub would turn into a link or
// a mention by itself becomes code, for no escape stops that.
func prose(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if strings.Contains(w, "@") || strings.Contains(w, "://") || strings.Contains(strings.ToLower(w), "www.") || strings.Contains(w, "|") && strings.Contains(w, "`") {
			words[i] = code(w)
			continue
		}
		words[i] = escapeWord(w)
	}
	return strings.Join(words, " ")
}

func escapeWord(w string) string {
	if !strings.ContainsAny(w, "\\`*_{}[]()<>#+-.!|~&=:^$") {
		return w
	}
	var b strings.Builder
	for _, r := range w {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '|':
			b.WriteString("&#124;")
		case r == '#':
			b.WriteString("&#35;")
		case strings.ContainsRune("\\`*_[]~^$", r), strings.ContainsRune("+-=.)", r) && blockStart(w):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// blockStart tells whether a word would open a list, a rule or a heading's underline if it began a line.
func blockStart(w string) bool {
	if strings.Trim(w, "-+=") == "" {
		return true
	}
	digits := strings.TrimRight(w, ".)")
	return len(w) == len(digits)+1 && strings.Trim(digits, "0123456789") == ""
}

// code writes a code span with a fence longer than any run of backticks inside.
func code(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if strings.ContainsAny(s, "|\\`") {
		return codeCell(s)
	}
	return "`" + s + "`"
}

// codeCell is code that also stands in a table, where a pipe or a backslash would be taken for the table's own. There, and
// around backticks, the code is written as HTML with numeric entities, which no parser takes for structure.
func codeCell(s string) string {
	if !strings.ContainsAny(s, "|\\`") {
		return code(s)
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range s {
		if r < utf8.RuneSelf && strings.ContainsRune("\\`*_{}[]()<>#+-.!|~&\"'=:@^$", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteString("</code>")
	return b.String()
}

// fence writes a block of code whose fence is longer than any run of backticks inside.
func (m *markdown) fence(text string) {
	longest, run := 2, 0
	for i := range len(text) {
		if text[i] == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	f := strings.Repeat("`", longest+1)
	m.b.WriteString(f + "text\n" + text + "\n" + f + "\n\n")
}
