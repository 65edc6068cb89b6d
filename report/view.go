package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// view is a report made safe to show, with the choices that all forms share: what comes first, what is counted where.
type view struct {
	*rca.Report
	Titles  titles
	Top     *rca.Hypothesis  // the first cause or lead, nil if there is none
	Others  []rca.Hypothesis // the further ones
	For     []cited          // evidence for any hypothesis, each once
	Against []cited
	Clock   string // layout of the timeline's times
	numbers map[string]int
}

// cited is an evidence with the hypotheses that cite it.
type cited struct {
	rca.Evidence
	Ranks []int
}

func newView(r *rca.Report) *view {
	v := &view{Report: shown(r), Titles: titlesOf(r.Verdict), numbers: map[string]int{}}
	if len(v.RootCauses) > 0 {
		v.Top, v.Others = &v.RootCauses[0], v.RootCauses[1:]
	}
	v.collect()
	var times []rca.Time
	for _, e := range v.Timeline {
		times = append(times, e.Time)
	}
	v.Clock = clock(times)
	return v
}

// collect lists the evidence of all hypotheses, each once and numbered for links in order of first citation.
func (v *view) collect() {
	at := map[string]*cited{}
	var order []string
	for _, h := range v.RootCauses {
		for _, e := range h.Evidence {
			key := fmt.Sprintf("%s\x00%s\x00%d", e.ID, e.File, e.Line)
			if at[key] == nil {
				at[key] = &cited{Evidence: e}
				order = append(order, key)
				if v.numbers[e.ID] == 0 {
					v.numbers[e.ID] = len(order)
				}
			}
			if c := at[key]; !slices.Contains(c.Ranks, h.Rank) {
				c.Ranks = append(c.Ranks, h.Rank)
			}
		}
	}
	for _, key := range order {
		if at[key].Role == "against" {
			v.Against = append(v.Against, *at[key])
		} else {
			v.For = append(v.For, *at[key])
		}
	}
}

// Anchor is the link target of an evidence, or "" if no such evidence is in the report.
func (v *view) Anchor(id string) string {
	if n := v.numbers[id]; n > 0 {
		return fmt.Sprintf("evidence-%d", n)
	}
	return ""
}

// Title is the headline, or what can stand for it.
func (v *view) Title() string {
	switch {
	case v.Headline != "":
		return v.Headline
	case v.Top != nil && v.Top.Title != "":
		return v.Top.Title
	}
	return v.Titles.Verdict
}

// Badge is the verdict's word: the grade of the cause, if one was found.
func (v *view) Badge() string {
	if v.Verdict == rca.RootCauseFound && v.Top != nil {
		return string(v.Top.Grade)
	}
	return strings.ToLower(v.Titles.Verdict)
}

// Standing says in a sentence how to take the answer.
func (v *view) Standing() string {
	if v.Verdict != rca.RootCauseFound || v.Top == nil {
		return verdictMeaning(v.Verdict)
	}
	s := "Root cause " + string(v.Top.Grade)
	if m := gradeMeaning(v.Top.Grade); m != "" {
		s += ": " + m
	}
	if c := confidence(v.Top.Confidence); c != "" {
		s += "; " + c
	}
	return s + "."
}

// Happened is the text of the first box.
func (v *view) Happened() []string {
	if len(v.WhatHappened) > 0 {
		return v.WhatHappened
	}
	if v.Summary != "" {
		return []string{v.Summary}
	}
	return []string{"The report does not say."}
}

// ExplainedTitle is the title of what a model said.
func (v *view) ExplainedTitle() string { return "In the words of " + v.Explanation.Model }

// Explained are a model's sentences with the evidence that bears them, and what there is to say of the others.
func (v *view) Explained() []string {
	e := v.Explanation
	var out []string
	for _, s := range e.Sentences {
		out = append(out, s.Text+" ("+strings.Join(s.Evidence, ", ")+")")
	}
	var notes []string
	if e.Note != "" {
		notes = append(notes, e.Note)
	}
	if n := len(e.Dropped); n > 0 {
		notes = append(notes, plural(int64(n), "sentence")+" left out, which the cited lines do not bear")
	}
	if e.Omitted > 0 {
		notes = append(notes, plural(int64(e.Omitted), "line")+" of evidence did not fit and were not shown to the model")
	}
	if len(notes) > 0 {
		out = append(out, strings.ToUpper(notes[0][:1])+strings.Join(notes, "; ")[1:]+".")
	}
	return out
}

// NothingNamed is the text of the second box when no cause is named.
func (v *view) NothingNamed() string {
	if v.Verdict != rca.NoIncident {
		return "No hypothesis is supported well enough to be listed."
	}
	s := fmt.Sprintf("Of %s in the window, %s of severity error or fatal.", plural(v.Coverage.Records, "record"), are(v.Coverage.Errors))
	if n := len(v.Differences); n > 0 {
		s += fmt.Sprintf(" %s in frequency from the baseline; none of them looks like an incident.", differs(n))
	}
	return s
}

// Steps are the next steps of the first cause; without a cause first the logs to fetch, then the steps of the leads.
func (v *view) Steps() []string {
	if v.Verdict == rca.RootCauseFound && v.Top != nil {
		return v.Top.NextSteps
	}
	out := slices.Clone(v.FetchNext)
	for _, h := range v.RootCauses {
		for _, s := range h.NextSteps {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// quotes picks the n lines that say most: those of the cause, but where there is room one of what followed.
func quotes(h *rca.Hypothesis, n int) []rca.Evidence {
	var cause, rest []rca.Evidence
	for _, e := range h.Evidence {
		switch e.Role {
		case "cause":
			cause = append(cause, e)
		case "against":
		default:
			rest = append(rest, e)
		}
	}
	if len(cause) >= n && len(rest) > 0 && n > 1 {
		cause = cause[:n-1]
	}
	all := append(cause, rest...)
	return all[:min(n, len(all))]
}

// turningPoints picks the n entries of the timeline that tell most, in order of time.
func turningPoints(all []rca.TimelineEntry, n int) []rca.TimelineEntry {
	if len(all) <= n {
		return all
	}
	rank := []string{"cause", "change", "first error", "symptom", "effect", "peak", "end"}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	weight := func(i int) int {
		if at := slices.Index(rank, all[i].Kind); at >= 0 {
			return at
		}
		return len(rank)
	}
	// The first of each kind before the second of any.
	seen := map[string]int{}
	turn := make([]int, len(all))
	for i, e := range all {
		turn[i] = seen[e.Kind]
		seen[e.Kind]++
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if turn[a] != turn[b] {
			return turn[a] - turn[b]
		}
		return weight(a) - weight(b)
	})
	picked := order[:n]
	slices.Sort(picked)
	var out []rca.TimelineEntry
	for _, i := range picked {
		out = append(out, all[i])
	}
	return out
}

// fact is one number of the coverage with its explanation.
type fact struct {
	Label, Value, Note string
	Bad                bool // something was lost
}

// Facts are the numbers of the coverage, so that they add up before the reader's eyes.
func (v *view) Facts() []fact {
	c := v.Coverage
	out := []fact{
		{Label: "Read", Value: plural(int64(c.Files), "file"), Note: byteSize(c.Bytes) + ", " + plural(c.Lines, "line")},
		{Label: "Records", Value: num(c.Records), Note: fmt.Sprintf("%s parsed + %s not parsed", num(c.Parsed), num(c.Unparsed))},
	}
	if c.Parsed+c.Unparsed != c.Records {
		out[1].Bad = true
		out[1].Note += fmt.Sprintf(": these do not add up, %s missing", num(c.Records-c.Parsed-c.Unparsed))
	} else if joined := c.Lines - c.Records; joined > 0 {
		out[1].Note += fmt.Sprintf("; the other %s continue a record", plural(joined, "line"))
	}
	add := func(bad bool, label, value, note string) {
		out = append(out, fact{Label: label, Value: value, Note: note, Bad: bad})
	}
	add(false, "Without time", num(c.WithoutTime), "records without a time of their own")
	add(c.CutLines > 0, "Cut", num(c.CutLines), fmt.Sprintf("lines longer than the limit; %s left out", byteSize(c.CutBytes)))
	add(len(c.Skipped) > 0, "Skipped", num(int64(len(c.Skipped))), "files or members not read")
	if c.ToldLost > 0 {
		add(true, "Told lost", num(c.ToldLost), "lines that the logs themselves say were suppressed or dropped")
	}
	add(false, "Errors", num(c.Errors), "records of severity error or fatal in the window")
	if c.Errors > 0 && v.Verdict != rca.NoIncident {
		add(false, "Explained", percent(c.ErrorsExplained, c.Errors), fmt.Sprintf("%s explained by a cause or its chain + %s not = %s",
			num(c.ErrorsExplained), num(c.Errors-c.ErrorsExplained), num(c.Errors)))
	}
	note := "distinct kinds of line"
	if c.Overflow > 0 {
		note += fmt.Sprintf("; %s fell into coarser ones to bound memory", plural(c.Overflow, "record"))
	}
	add(c.Overflow > 0, "Templates", num(int64(c.Templates)), note)
	return out
}

// CoverageLine is the coverage in one line.
func (v *view) CoverageLine() string {
	c := v.Coverage
	parts := []string{fmt.Sprintf("%s, %s, %s", plural(int64(c.Files), "file"), plural(c.Lines, "line"), plural(c.Records, "record"))}
	add := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, num(n)+" "+what)
		}
	}
	add(c.Unparsed, "not parsed")
	add(c.WithoutTime, "without time")
	add(c.CutLines, "cut")
	add(int64(len(c.Skipped)), "skipped")
	add(c.ToldLost, "told lost")
	if c.Errors > 0 && v.Verdict != rca.NoIncident {
		parts = append(parts, fmt.Sprintf("%s of %s explained", percent(c.ErrorsExplained, c.Errors), plural(c.Errors, "error")))
	} else {
		parts = append(parts, plural(c.Errors, "error"))
	}
	return strings.Join(parts, " · ")
}

// BaselineLine says what was taken as normal.
func (v *view) BaselineLine() string {
	kind := v.Baseline.Kind
	switch kind {
	case "", "none":
		kind = "none"
	}
	s := kind
	if w := span(v.Baseline.Window); w != "" && kind != "none" {
		s += ", " + w
	}
	if v.Baseline.Why != "" {
		s += ": " + v.Baseline.Why
	}
	return s
}

// WindowLine says which time is looked at.
func (v *view) WindowLine() string {
	s := span(v.Window)
	if s == "" {
		s = "not known, no record has a time"
	}
	if v.Window.Why != "" {
		s += ": " + v.Window.Why
	}
	return s
}

// options lists the options the report was made with, by name.
func (v *view) options() []fact {
	var out []fact
	for k, x := range v.Made.Options {
		out = append(out, fact{Label: k, Value: x})
	}
	slices.SortFunc(out, func(a, b fact) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// numbersOf writes a signal's numbers by name.
func numbersOf(s rca.Signal) string {
	var out []string
	for k, x := range s.Numbers {
		out = append(out, k+" "+number(x))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// where is an evidence's position, as a shell or an editor takes it.
func where(e rca.Evidence) string { return fmt.Sprintf("%s:%d", e.File, e.Line) }

// about says in a line what role an evidence plays, whose it is, how often and when.
func about(e rca.Evidence) string {
	s := roleWord(e.Role)
	if e.Component != "" {
		s += " · " + e.Component
	}
	if e.Count > 1 {
		s += " · " + num(e.Count) + " such lines"
	}
	if known(e.Timestamp) {
		s += " · " + fullTime(e.Timestamp)
	}
	return s
}

// provenance says where the raw bytes stand and how they were checked.
func provenance(e rca.Evidence) string {
	s := fmt.Sprintf("byte %s, %s, sha256 %s, %s", num(e.Offset), plural(e.Length, "byte"), short(e.SHA256), checkedWord(e.Checked))
	if e.Redacted {
		s = fmt.Sprintf("byte %s, %s, redacted: the text is not that of the log", num(e.Offset), plural(e.Length, "byte"))
	}
	if e.TextCut {
		s += fmt.Sprintf("; text cut at %s", plural(rca.MaxEvidence, "byte"))
	}
	return s
}

func short(hash string) string {
	if first, rest := head(hash, 12); rest != "" {
		return first + "…"
	}
	return hash
}

// warningLine writes a warning with its place and count.
func warningLine(w rca.Warning) string {
	s := w.Text
	if w.Count > 1 {
		s += fmt.Sprintf(" (%s times)", num(w.Count))
	}
	switch {
	case w.Source != "" && w.Line > 0:
		s = fmt.Sprintf("%s:%d: %s", w.Source, w.Line, s)
	case w.Source != "":
		s = w.Source + ": " + s
	}
	if w.Remedy != "" {
		s += " → " + w.Remedy
	}
	return s
}

// inputLine says what was read of one input.
func inputLine(i rca.Input) string {
	parts := []string{}
	for _, p := range []string{i.Component, i.Format} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	parts = append(parts, plural(i.Lines, "line"), byteSize(i.Bytes), "xxh64 "+i.Hash)
	if i.Baseline {
		parts = append(parts, "baseline")
	}
	return strings.Join(parts, " · ")
}

func differs(n int) string {
	if n == 1 {
		return "One kind of line differs"
	}
	return num(int64(n)) + " kinds of line differ"
}

func are(n int64) string {
	if n == 1 {
		return "1 is"
	}
	return num(n) + " are"
}
