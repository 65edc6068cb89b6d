package report_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/report"
)

func TestUnknownFormat(t *testing.T) {
	if err := report.Write(new(bytes.Buffer), quiet(), report.Options{Format: "pdf"}); err == nil {
		t.Error("no error")
	}
}

func TestReadIsStrict(t *testing.T) {
	good := string(render(t, cascade(), report.Options{Format: report.JSON}))
	f := func(what, in string) {
		t.Helper()
		if _, err := report.Read(strings.NewReader(in)); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	f("an unknown field", strings.Replace(good, `"verdict"`, `"extra": 1, "verdict"`, 1))
	f("a second value", good+"{}")
	f("a torn file", good[:len(good)/2])
	f("another version", strings.Replace(good, `"schema_version": 1`, `"schema_version": 2`, 1))
	f("an unknown verdict", strings.Replace(good, "root_cause_found", "sure", 1))
	f("an unknown grade", strings.Replace(good, `"confirmed"`, `"certain"`, 1))
	f("an unknown category", strings.Replace(good, `"disk-full"`, `"gremlins"`, 1))
	f("nothing", "")
}

// What a model said stands in every form, each sentence with its evidence, and what was left out is counted.
func TestExplanation(t *testing.T) {
	r := cascade()
	r.Explanation = &rca.Explanation{Model: "ollama/tiny", Sentences: []rca.Sentence{{Text: "The pool of the ledger ran dry.", Evidence: []string{"E1", "S2"}}},
		Dropped: []string{"a sentence without evidence", "an empty sentence"}, Shown: 9, Omitted: 3, Usage: rca.ModelUsage{In: 700, Out: 60}, Note: "the model was brief"}
	for _, f := range report.Formats {
		got := string(render(t, r, report.Options{Format: f, Width: 160}))
		wants := []string{"ollama/tiny", "The pool of the ledger ran dry.", "E1", "S2"}
		if f != report.JSON {
			wants = append(wants, "he model was brief", "2 sentences left out", "3 lines of evidence did not fit")
		}
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q", f, want)
			}
		}
	}
}

// TestOneScreen keeps the short form short, and honest about what it leaves out.
func TestOneScreen(t *testing.T) {
	for name, r := range reports() {
		out := string(render(t, r, report.Options{}))
		most := 48
		if r.SeenBefore != nil {
			most += 6 // the box of what was seen before
		}
		if n := strings.Count(out, "\n"); name != "hostile" && n > most {
			t.Errorf("%s: %d lines", name, n)
		}
		if !strings.Contains(out, "--verbose shows them: ") {
			t.Errorf("%s does not say what it holds back", name)
		}
	}
	if out := render(t, inconclusive(), report.Options{}); !bytes.HasPrefix(out, []byte("PARTIAL REPORT")) {
		t.Error("a partial report does not say so on its first line")
	}
}

// TestHonestWords: what is not a cause is not called one.
func TestHonestWords(t *testing.T) {
	for _, o := range forms {
		if o.Format == report.JSON {
			continue
		}
		for name, r := range map[string]*rca.Report{"inconclusive": inconclusive(), "quiet": quiet()} {
			out := string(render(t, r, o))
			for _, bad := range []string{"What caused it", "Causal chain", "Root cause", "confidence"} {
				if strings.Contains(out, bad) {
					t.Errorf("%s, %+v says %q", name, o, bad)
				}
			}
		}
	}
}

// TestVerboseHoldsNothingBack looks for every string of the report in the long forms.
func TestVerboseHoldsNothingBack(t *testing.T) {
	r := cascade()
	squeeze := func(s string) string { return regexp.MustCompile(`[^\pL\pN]+`).ReplaceAllString(s, "") }
	long := squeeze(string(render(t, r, report.Options{Verbose: true, Width: 4000})))
	var want []string
	for _, h := range r.RootCauses {
		want = append(want, h.Summary, h.Component, h.Meaning)
		want = append(want, h.NextSteps...)
		for _, e := range h.Evidence {
			want = append(want, e.ID, e.File, e.Note, strings.Split(e.Text, "\n")[0])
		}
		for _, l := range h.Chain {
			want = append(want, l.What)
		}
		for _, p := range h.Parts {
			want = append(want, p.Name, p.Why)
		}
	}
	for _, x := range r.Rejected {
		want = append(want, x.Title, x.Why)
	}
	for _, x := range r.Timeline {
		want = append(want, x.Text)
	}
	for _, x := range r.Differences {
		want = append(want, x.Template)
	}
	for _, x := range r.Signals {
		want = append(want, x.Text)
	}
	for _, x := range r.Warnings {
		want = append(want, x.Text, x.Remedy)
	}
	for _, x := range r.Made.Inputs {
		want = append(want, x.Name, x.Hash)
	}
	want = append(append(append(want, r.WhatHappened...), r.Unknowns...), r.FetchNext...)
	for _, w := range want {
		if !strings.Contains(long, squeeze(w)) {
			t.Errorf("not shown: %s", w)
		}
	}
}

// TestCoverageThatDoesNotAddUp is said, not smoothed over.
func TestCoverageThatDoesNotAddUp(t *testing.T) {
	r := quiet()
	r.Coverage.Parsed = 10
	for _, o := range []report.Options{{Verbose: true}, {Format: report.Markdown}, {Format: report.HTML}} {
		if !strings.Contains(string(render(t, r, o)), "do not add up") {
			t.Errorf("%+v does not say it", o)
		}
	}
}

// TestPoorReports renders what a broken run may leave behind.
func TestPoorReports(t *testing.T) {
	for _, r := range []*rca.Report{
		{},
		{Verdict: rca.RootCauseFound},
		{Verdict: rca.Inconclusive, RootCauses: make([]rca.Hypothesis, 5), Timeline: make([]rca.TimelineEntry, 3)},
		{Verdict: "new", RootCauses: []rca.Hypothesis{{Chain: make([]rca.Link, 9), Evidence: make([]rca.Evidence, 9)}}, Timeline: []rca.TimelineEntry{{Time: at("01:00:00")}}},
	} {
		for _, o := range forms {
			render(t, r, o)
		}
	}
}

func Example() {
	r := &rca.Report{
		SchemaVersion: rca.SchemaVersion,
		Verdict:       rca.NoIncident,
		Headline:      "nothing happened",
		WhatHappened:  []string{"Twelve lines in twelve hours, all of them calm."},
		Window:        rca.Window{Start: rca.NoTime, End: rca.NoTime},
		Coverage:      rca.Coverage{Files: 1, Lines: 12, Records: 12, Parsed: 12},
	}
	if err := report.Write(os.Stdout, r, report.Options{Width: 60}); err != nil {
		panic(err)
	}
	// Output:
	// NO INCIDENT  nothing happened
	//              Nothing in these logs asks for a cause, so none
	//              is named.
	//              time not known · baseline: none
	// ╭─ What was seen ──────────────────────────────────────────╮
	// │ Twelve lines in twelve hours, all of them calm.          │
	// ╰──────────────────────────────────────────────────────────╯
	// ╭─ Why no cause is named ──────────────────────────────────╮
	// │ Of 12 records in the window, 0 are of severity error or  │
	// │ fatal.                                                   │
	// ╰──────────────────────────────────────────────────────────╯
	// ╭─ If something is wrong all the same ─────────────────────╮
	// │ None is known.                                           │
	// ╰──────────────────────────────────────────────────────────╯
	// Coverage  1 file, 12 lines, 12 records · 0 errors
}

// A redacted report says so first, in each form for people, and how much was replaced.
func TestRedactedReportSaysSo(t *testing.T) {
	r := cascade()
	r.Redaction = &rca.Redaction{Quotes: 1, Kinds: []rca.Redacted{{Kind: "EMAIL", Values: 3, Replaced: 7}, {Kind: "USER", Values: 1, Replaced: 1}}}
	r.RootCauses[0].Evidence[0].Redacted = true
	for _, f := range []report.Format{report.Text, report.Markdown, report.HTML} {
		s := strings.Join(strings.Fields(string(render(t, r, report.Options{Format: f, Verbose: true, Width: 200}))), " ")
		for _, want := range []string{"REDACTED REPORT: values were replaced by pseudonyms, the same by the same (EMAIL 3, USER 1). 1 quote was changed by it", "redacted: the text is not that of the log"} {
			if !strings.Contains(s, want) {
				t.Errorf("%s does not say %q", f, want)
			}
		}
	}
}
