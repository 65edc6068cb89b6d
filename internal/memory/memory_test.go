package memory_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/memory"
)

// outage is the report of an incident: a till that cannot write because its disk is full, on a host, at a day of November, with a number
// in every line.
func outage(host string, day int) *rca.Report {
	at := rca.Time(time.Date(2026, 11, day, 10, 0, 0, 0, time.UTC).UnixNano())
	series := func(text string, line int64, stacks ...uint64) *rca.Series {
		s := &rca.Series{Template: &rca.Template{Text: text}, Component: "till", Host: host, Severity: rca.SeverityError,
			Samples: []rca.Sample{{Place: rca.Place{Source: 1, Line: line}}}}
		for _, x := range stacks {
			s.Stacks = append(s.Stacks, rca.Stack{Signature: x, Count: 1})
		}
		return s
	}
	full := series("write /var/lib/till/<*>: no space left on device", 7)
	lost := series("sale <*> was not stored on "+host+": receipt is missing", 9, 0xabc)
	return &rca.Report{Verdict: rca.RootCauseFound, Headline: "till: the disk is full", Window: rca.Window{Start: at, End: at + rca.Time(20*time.Minute)},
		RootCauses: []rca.Hypothesis{{Component: fmt.Sprintf("till-%d", day), Category: rca.DiskFull, Grade: rca.Confirmed, Evidence: []rca.Evidence{
			{Role: "cause", Component: "till", Place: rca.Place{Source: 1, Line: 7}, Text: fmt.Sprintf("2026-11-%02d ERROR write /var/lib/till/%d: no space left on device", day, day)},
			{Role: "symptom", Component: "till", Place: rca.Place{Source: 1, Line: 9}, Text: "a line"}}}},
		Differences: []rca.Difference{
			{Kind: "new", Component: "till", Severity: rca.SeverityError, Template: full.Template.Text, After: 3},
			{Kind: "new", Component: "till", Severity: rca.SeverityError, Template: lost.Template.Text, After: int64(10 * day)},
			{Kind: "more", Component: "desk", Severity: rca.SeverityInfo, Template: fmt.Sprintf("page %d of the guest book", day), After: 3}},
		Signals: []rca.Signal{{Kind: rca.SignalNew, Component: "till", Series: full}, {Kind: rca.SignalNew, Component: "till", Series: lost}, {Kind: rca.SignalSilence, Component: "printer"}},
		Made:    rca.Made{Inputs: []rca.Input{{Hash: fmt.Sprintf("%x", day), Records: 10}, {Hash: "base", Records: 10, Baseline: true}}},
	}
}

// strange is an incident of the same system with another cause and other proof.
func strange(day int) *rca.Report {
	r := outage("h9", day)
	r.RootCauses[0].Component, r.RootCauses[0].Category = "ledger", rca.Deadlock
	r.RootCauses[0].Evidence = []rca.Evidence{{Role: "cause", Component: "ledger", Text: "deadlock detected: process waits for ShareLock on transaction"}}
	r.Headline = "ledger: a deadlock"
	return r
}

func incident(t *testing.T, r *rca.Report) *memory.Incident {
	t.Helper()
	x, err := memory.New(r)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func recall(t *testing.T, m *memory.Memory, x *memory.Incident) *rca.SeenBefore {
	t.Helper()
	s, err := m.Search()
	if err != nil {
		t.Fatal(err)
	}
	seen, err := s.Recall(x, memory.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// The same fault on another host, on another day, with other numbers and ten times the traffic is told; another fault of the same
// components at the same hour is not.
func TestSeenBefore(t *testing.T) {
	m := &memory.Memory{}
	first := incident(t, outage("db-one.example.com", 2))
	m.Remember(first)
	m.Remember(incident(t, strange(3)))
	x := incident(t, outage("db-two.example.com", 20))
	seen := recall(t, m, x)
	if seen.Compared != 2 || seen.Times != 1 || len(seen.Matches) != 1 || seen.Last != first.Start {
		t.Fatalf("%+v", seen)
	}
	r := seen.Matches[0]
	if r.ID != first.ID || r.Likeness < .95 || r.State != "unconfirmed" || r.Fixed != "" {
		t.Errorf("%+v", r)
	}
	var why []string
	for _, p := range r.Parts {
		why = append(why, p.Why)
	}
	all := strings.Join(append(why, r.Hosts), "; ")
	for _, want := range []string{"1 of its 1 proving line", "of its 3 telling lines, of 3 then", "1 of its 1 other sign", "1 of its 1 stack trace, of 1 then", "the same kind of cause was told: disk-full",
		"other hosts: db-one.example.com then, db-two.example.com now"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %s", want, all)
		}
	}
}

// The numbers in the words are those that the likeness is made of.
func TestWordsFollowNumbers(t *testing.T) {
	a, b := outage("h1", 2), outage("h2", 20)
	b.Signals[1].Series.Stacks = append(b.Signals[1].Series.Stacks, rca.Stack{Signature: 1, Count: 1}, rca.Stack{Signature: 2, Count: 1})
	b.Differences = append(b.Differences, rca.Difference{Kind: "new", Component: "door", Severity: rca.SeverityError, Template: "the door is jammed", After: 3})
	m := &memory.Memory{}
	m.Remember(incident(t, a))
	seen := recall(t, m, incident(t, b))
	if len(seen.Matches) != 1 {
		t.Fatalf("%+v", seen)
	}
	sum, weights := 0.0, 0.0
	for _, p := range seen.Matches[0].Parts {
		var n, now, then int
		switch p.Name {
		case "stack traces":
			if _, err := fmt.Sscanf(p.Why, "%d of its %d stack traces, of %d then", &n, &now, &then); err != nil {
				t.Fatal(p.Why, err)
			}
		case "hit":
			if _, err := fmt.Sscanf(p.Why, "%d of its %d components that are hit, of %d then", &n, &now, &then); err != nil {
				t.Fatal(p.Why, err)
			}
		case "lines":
			if _, err := fmt.Sscanf(p.Why, "%d of its %d telling lines, of %d then", &n, &now, &then); err != nil || n != 3 || now != 4 || then != 3 {
				t.Error(p.Why, err)
			}
			n = 0
		}
		if n > 0 && math.Abs(p.Value-float64(n)/float64(now+then-n)) > .006 {
			t.Errorf("%s is told as %.2f: %s", p.Name, p.Value, p.Why)
		}
		w := map[string]float64{"proof": 2, "lines": 2, "words": 2}[p.Name]
		sum += max(w, 1) * p.Value
		weights += max(w, 1)
	}
	if got := seen.Matches[0].Likeness; math.Abs(got-sum/weights) > .02 {
		t.Errorf("likeness %.2f, of its parts %.2f", got, sum/weights)
	}
}

// The same logs analysed again are the same incident: they are no recurrence, and what a person said of them stays.
func TestSameLogsAreOneIncident(t *testing.T) {
	m := &memory.Memory{}
	x := incident(t, outage("h1", 2))
	if !m.Remember(x) {
		t.Error("not new")
	}
	if err := x.Confirm("bought a disk", time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	again := incident(t, outage("h1", 2))
	if seen := recall(t, m, again); seen.Times != 0 || seen.Compared != 0 || len(seen.Matches) != 0 {
		t.Errorf("it is seen before itself: %+v", seen)
	}
	if m.Remember(again) {
		t.Error("it is remembered twice")
	}
	if got := m.Incidents[0]; len(m.Incidents) != 1 || got.State != memory.Confirmed || got.Resolution != "bought a disk" {
		t.Errorf("%+v", m.Incidents)
	}
	// Other logs of the same hour are told, and not counted as once more.
	other := outage("h1", 2)
	other.Made.Inputs[0].Hash = "other"
	if seen := recall(t, m, incident(t, other)); seen.Times != 0 || len(seen.Matches) != 1 || !seen.Matches[0].SameTime {
		t.Errorf("%+v", seen)
	}
}

// Only what a person said is told as the cause and as what fixed it; what was rejected goes last and names no cause; old ones fade.
func TestJudgement(t *testing.T) {
	m := &memory.Memory{}
	var all []*memory.Incident
	for day := 1; day <= 4; day++ {
		x := incident(t, outage("h1", day))
		all = append(all, x)
		m.Remember(x)
	}
	now := time.Unix(1, 0)
	if err := all[0].Confirm("deleted old receipts", now); err != nil {
		t.Fatal(err)
	}
	if err := all[1].Correct(memory.Cause{Component: "backup", Category: rca.Configuration}, "three copies, not 300", now); err != nil {
		t.Fatal(err)
	}
	all[2].Reject(now)
	x := incident(t, outage("h1", 20))
	seen := recall(t, m, x)
	if len(seen.Matches) != 4 || seen.Times != 4 {
		t.Fatalf("%+v", seen)
	}
	at := map[string]rca.Recalled{}
	for _, r := range seen.Matches {
		at[r.ID] = r
	}
	if r := at[all[0].ID]; r.State != "confirmed" || r.Component != "till-1" || r.Fixed != "deleted old receipts" {
		t.Errorf("confirmed: %+v", r)
	}
	if r := at[all[1].ID]; r.State != "corrected" || r.Component != "backup" || r.Category != rca.Configuration || r.Fixed != "three copies, not 300" {
		t.Errorf("corrected: %+v", r)
	}
	if r := at[all[2].ID]; r.State != "rejected" || r.Component != "" || r.Fixed != "" || seen.Matches[3].ID != r.ID {
		t.Errorf("rejected: %+v", r)
	}
	if r := at[all[3].ID]; r.State != "unconfirmed" || r.Fixed != "" || seen.Matches[2].ID != r.ID {
		t.Errorf("unconfirmed: %+v", r)
	}
	// Ten years later the confirmed one says less than a fresh one that nobody judged.
	old := incident(t, outage("h1", 20))
	old.Start = rca.Time(time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	fresh := incident(t, outage("h1", 19))
	fresh.Start, fresh.End = old.Start-rca.Time(24*time.Hour), old.Start-rca.Time(23*time.Hour)
	m.Remember(fresh)
	if seen := recall(t, m, old); seen.Matches[0].ID != fresh.ID {
		t.Errorf("the old one goes first: %+v", seen.Matches[0])
	}
	// What was said before no longer stands once another thing is said.
	if err := all[0].Correct(memory.Cause{Component: "till", Category: rca.Permission}, "", now); err != nil || all[0].Resolution != "" {
		t.Errorf("%v %+v", err, all[0].Judgement)
	}
	if err := all[0].Correct(memory.Cause{Component: "till", Category: "gremlins"}, "", now); err == nil || !strings.Contains(err.Error(), "gremlins") {
		t.Errorf("an unknown category: %v", err)
	}
}

// Nothing is told of what nobody could explain, of healthy logs, and of half a run.
func TestSilence(t *testing.T) {
	lead := outage("h1", 2)
	lead.Verdict, lead.RootCauses[0].Grade = rca.Inconclusive, rca.Possible
	m := &memory.Memory{}
	x := incident(t, lead)
	m.Remember(x)
	if seen := recall(t, m, incident(t, outage("h1", 20))); len(seen.Matches) != 0 {
		t.Errorf("a mere lead is told: %+v", seen.Matches)
	}
	if err := x.Correct(memory.Cause{Component: "till", Category: rca.DiskFull}, "", time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if seen := recall(t, m, incident(t, outage("h1", 20))); len(seen.Matches) != 1 {
		t.Errorf("what a person explained is not told: %+v", seen)
	}
	healthy, half, empty := outage("h1", 2), outage("h1", 2), outage("h1", 2)
	healthy.Verdict, half.Partial, empty.Made.Inputs = rca.NoIncident, true, nil
	for _, r := range []*rca.Report{healthy, half, empty} {
		if x, err := memory.New(r); err == nil {
			t.Errorf("it is remembered: %+v", x)
		}
	}
}

// A filter narrows by time and by component, whatever its replica's number.
func TestFilter(t *testing.T) {
	a, b := incident(t, outage("h1", 2)), incident(t, strange(12))
	mid := rca.Time(time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC).UnixNano())
	f := func(f memory.Filter, want ...*memory.Incident) {
		t.Helper()
		for _, x := range []*memory.Incident{a, b} {
			if got := f.Passes(x); got != slices.Contains(want, x) {
				t.Errorf("%+v: %s passes: %v", f, x.Headline, got)
			}
		}
	}
	f(memory.Filter{}, a, b)
	f(memory.Filter{Since: mid}, b)
	f(memory.Filter{Until: mid}, a)
	f(memory.Filter{Component: "ledger"}, b)
	f(memory.Filter{Component: "till-77"}, a, b)
	f(memory.Filter{Component: "moon"})
}

// A fingerprint made twice is the same, and its text is bounded.
func TestFingerprintIsBounded(t *testing.T) {
	r := outage("h1", 2)
	letters := "abcdefghij"
	for i := range 500 {
		word := strings.Repeat(string(letters[i%10])+string(letters[i/10%10])+string(letters[i/100]), 40)
		r.Differences = append(r.Differences, rca.Difference{Kind: "new", Severity: rca.SeverityInfo, Template: word, After: 3, Component: word})
		r.Signals = append(r.Signals, rca.Signal{Kind: rca.SignalSilence, Component: word})
	}
	a, b := memory.Of(r), memory.Of(r)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("two fingerprints of one report differ")
	}
	quiet := 0.0
	for _, l := range a.Lines {
		if len(l.Text) > 240 {
			t.Errorf("a line of %d bytes", len(l.Text))
		}
		if l.Weight < 1 {
			quiet += l.Weight
		}
	}
	if len(a.Lines) != 64 || len(a.Signals) != 32 || quiet > 4.1 {
		t.Errorf("%d lines, %d signals; quiet lines weigh %.2f", len(a.Lines), len(a.Signals), quiet)
	}
}

// A file that is written and read is the same memory; its broken lines are told with their numbers and are still there after a rewrite.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.jsonl")
	m := &memory.Memory{}
	m.Remember(incident(t, outage("h1", 2)))
	m.Remember(incident(t, strange(3)))
	if err := m.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(b), "\n")
	torn := lines[0] + `{"id":"torn","headli` + "\n" + lines[1] + lines[1] + `{"id":"later","state":"unconfirmed","mood":"new key"}` + "\n" + lines[2]
	if err := os.WriteFile(path, []byte(torn), 0o600); err != nil {
		t.Fatal(err)
	}
	err = memory.UpdateFile(path, func(m *memory.Memory) error {
		if len(m.Incidents) != 2 || len(m.Broken) != 3 || m.Broken[0].Line != 2 || m.Broken[1].Line != 4 || m.Broken[2].Line != 5 {
			t.Errorf("%d incidents, broken: %+v", len(m.Incidents), m.Broken)
		}
		m.Incidents[1].Reject(time.Unix(1, 0))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.SplitAfter(string(after), "\n")
	if len(got) != 7 || strings.Join(got[:5], "") != strings.Join(strings.SplitAfter(torn, "\n")[:5], "") || !strings.Contains(got[5], `"state":"rejected"`) {
		t.Errorf("%s", after)
	}
	left, err := filepath.Glob(path + ".*")
	if err != nil || len(left) != 1 {
		t.Errorf("beside it lie %v", left)
	}
}

// Another kind of file, and one of a later version, are refused before anything is written.
func TestFileOfAnotherKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for text, want := range map[string]string{"2026-11-24 a log\n": ":1: this is no memory file", `{"rca_memory":2}` + "\n": "use a newer rca"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := memory.UpdateFile(path, func(*memory.Memory) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
		if b, _ := os.ReadFile(path); string(b) != text {
			t.Errorf("it was changed: %q", b)
		}
	}
}

// Many that write at once lose nothing.
func TestUpdatesAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.jsonl")
	done := make(chan error)
	const n = 20
	for day := 1; day <= n; day++ {
		x := incident(t, outage("h1", day))
		go func() {
			done <- memory.UpdateFile(path, func(m *memory.Memory) error { m.Remember(x); return nil })
		}()
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	m, err := memory.ReadFile(path)
	if err != nil || len(m.Incidents) != n {
		t.Errorf("%d incidents, %v", len(m.Incidents), err)
	}
}

// Two memories merge by ids: a judgement is taken over where there is none, and told where it is another.
func TestMerge(t *testing.T) {
	now := time.Unix(1, 0)
	here, there := &memory.Memory{}, &memory.Memory{}
	for day := 1; day <= 3; day++ {
		here.Remember(incident(t, outage("h1", day)))
	}
	for day := 2; day <= 5; day++ {
		there.Remember(incident(t, outage("h1", day)))
	}
	here.Incidents[1].Reject(now)
	for _, x := range there.Incidents[:2] {
		if err := x.Confirm("a bigger disk", now); err != nil {
			t.Fatal(err)
		}
	}
	added, conflicts := here.Merge(there)
	if added != 2 || len(here.Incidents) != 5 {
		t.Errorf("%d added, %d in all", added, len(here.Incidents))
	}
	if len(conflicts) != 1 || conflicts[0].ID != here.Incidents[1].ID || here.Incidents[1].State != memory.Rejected || !strings.Contains(conflicts[0].There, "confirmed") {
		t.Errorf("%+v", conflicts)
	}
	if x := here.Incidents[2]; x.State != memory.Confirmed || x.Resolution != "a bigger disk" {
		t.Errorf("%+v", x.Judgement)
	}
}

// Past its bound a memory forgets the oldest of those that nobody judged.
func TestShrink(t *testing.T) {
	m := &memory.Memory{}
	for i := range memory.MaxIncidents + 2 {
		m.Incidents = append(m.Incidents, &memory.Incident{ID: fmt.Sprint(i), Start: rca.Time(i), Judgement: memory.Judgement{State: memory.Unconfirmed}})
	}
	m.Incidents[0].Reject(time.Unix(1, 0))
	if n := m.Shrink(); n != 2 || len(m.Incidents) != memory.MaxIncidents || m.Incidents[0].ID != "0" || m.Incidents[1].ID != "3" {
		t.Errorf("%d gone; first %s, %s", n, m.Incidents[0].ID, m.Incidents[1].ID)
	}
}
