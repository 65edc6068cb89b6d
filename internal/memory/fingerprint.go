package memory

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/rca-engine/rca"
)

// Fingerprint is what is characteristic of an incident, and would be again if it came back on other hosts at another time.
type Fingerprint struct {
	Told       Cause          `json:"told,omitzero"`        // the first cause, or lead, of the report
	Lead       bool           `json:"lead,omitempty"`       // the report found no cause, Told is the first of its leads
	Categories []rca.Category `json:"categories,omitempty"` // of all causes or leads
	Hit        []string       `json:"hit,omitempty"`        // the components that show it, by role
	Lines      []Feature      `json:"lines"`                // heaviest first
	Signals    []Feature      `json:"signals,omitempty"`    // what was noticed beside lines
	Stacks     []string       `json:"stacks,omitempty"`     // signatures of the innermost frames
	Hosts      []string       `json:"hosts,omitempty"`      // only to be told; no likeness asks for them
}

// Feature is a text, and how much it says.
type Feature struct {
	Text   string  `json:"text"`
	Weight float64 `json:"weight"`
}

// How much of an incident is kept.
const (
	maxLines   = 64
	maxSignals = 32
	maxStacks  = 16
	maxHit     = 32
	maxHosts   = 16
)

// What a line says, in powers of two. A line that the report cites as the cause is the incident's own; one that it cites as effect or
// symptom, or for a lead, may belong to many, as may an error that is new, a warning still more, and what is said in good order says a
// little, if it is new or gone. What is only more or less may follow the traffic: half of that. Of lines without a trouble of their own there
// may be hundreds, of which most only tell what the system did that hour: together they weigh as much as one that proves the cause, and so
// do all signals that are none of lines.
const (
	weightCause  = 4
	weightCited  = 2
	weightError  = 2
	weightWarn   = 1
	weightInfo   = 0.25
	weightSignal = 0.5
	shareOfRate  = 0.5
	mostTogether = weightCause
)

// Of makes the fingerprint of a report. A report as analyze.Run gives it has the series behind its signals, and so stacks and
// hosts; one that was read from JSON has not.
func Of(r *rca.Report) Fingerprint {
	f := Fingerprint{Hosts: hostsOf(r)}
	if len(r.RootCauses) > 0 {
		h := r.RootCauses[0]
		f.Told, f.Lead = Cause{visible(h.Component), h.Category}, r.Verdict != rca.RootCauseFound
	}
	for _, h := range r.RootCauses {
		if !slices.Contains(f.Categories, h.Category) {
			f.Categories = append(f.Categories, h.Category)
		}
	}
	lines, hit := weights{}, weights{}
	for _, d := range r.Differences {
		w := ofSeverity(d.Severity)
		if d.Kind == "more" || d.Kind == "less" {
			w *= shareOfRate
		}
		lines.add(constant(d.Template, f.Hosts), w)
		if d.Severity >= rca.SeverityWarn && d.After > d.Before {
			hit.add(roleOf(d.Component), w)
		}
	}
	templates := templatesAt(r)
	for i, h := range r.RootCauses {
		for _, e := range h.Evidence {
			w := float64(weightCited)
			switch {
			case e.Role == "against":
				continue
			case e.Role == "cause" && i == 0 && f.found():
				w = weightCause
			}
			text := templates[at{e.Place.Source, e.Place.Line}]
			if text == "" {
				text = e.Text
			}
			lines.add(constant(text, f.Hosts), w)
			if i == 0 && e.Component != "" {
				hit.add(roleOf(e.Component), w)
			}
		}
	}
	f.Lines = lines.heaviest(maxLines)
	quiet := slices.IndexFunc(f.Lines, func(x Feature) bool { return x.Weight < weightWarn })
	if quiet >= 0 {
		together(f.Lines[quiet:])
	}
	for _, x := range hit.heaviest(maxHit) {
		f.Hit = append(f.Hit, x.Text)
	}
	slices.Sort(f.Hit)
	f.Signals, f.Stacks = signalsOf(r, f.Hosts)
	return f
}

func ofSeverity(s rca.Severity) float64 {
	switch {
	case s >= rca.SeverityError:
		return weightError
	case s == rca.SeverityWarn:
		return weightWarn
	}
	return weightInfo
}

// weights collects texts; the same text twice counts as its heavier.
type weights map[string]float64

func (w weights) add(text string, n float64) {
	if text != "" && text != value && n > w[text] {
		w[text] = n
	}
}

// heaviest gives the n heaviest, the same ones whatever the order in which they came.
func (w weights) heaviest(n int) []Feature {
	var all []Feature
	for t, x := range w {
		all = append(all, Feature{t, x})
	}
	slices.SortFunc(all, func(a, b Feature) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Text, b.Text))
	})
	return all[:min(n, len(all))]
}

// signalsOf gives what was noticed beside single templates, by kind and component's role, and the stack traces of what is new.
func signalsOf(r *rca.Report, hosts []string) ([]Feature, []string) {
	found := weights{}
	count := map[uint64]int64{}
	for _, s := range r.Signals {
		switch s.Kind {
		case rca.SignalNew, rca.SignalBurst:
			if s.Series != nil {
				for _, x := range s.Series.Stacks {
					count[x.Signature] += x.Count
				}
			}
		case rca.SignalGone, rca.SignalRate: // their lines are among the differences
		case rca.SignalNumber, rca.SignalTrend, rca.SignalLimit, rca.SignalValue:
			found.add(fmt.Sprintf("%s: %s", s.Kind, constant(s.Template, hosts)), weightSignal)
		default:
			found.add(fmt.Sprintf("%s: %s", s.Kind, roleOf(s.Component)), weightSignal)
		}
	}
	var signatures []uint64
	for x := range count {
		signatures = append(signatures, x)
	}
	slices.SortFunc(signatures, func(a, b uint64) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	var stacks []string
	for _, x := range signatures[:min(maxStacks, len(signatures))] {
		stacks = append(stacks, fmt.Sprintf("%016x", x))
	}
	signals := found.heaviest(maxSignals)
	together(signals)
	return signals, stacks
}

// together lowers weights so that they are in all no more than mostTogether.
func together(list []Feature) {
	sum := total(list, func(string) float64 { return 1 })
	if sum <= mostTogether {
		return
	}
	for i := range list {
		list[i].Weight = math.Round(1000*list[i].Weight*mostTogether/sum) / 1000
	}
}

// found tells whether a cause was told, not a lead.
func (f *Fingerprint) found() bool { return f.Told.Component != "" && !f.Lead }

// proof gives the lines that prove the told cause; none of a mere lead.
func (f *Fingerprint) proof() []Feature {
	n := slices.IndexFunc(f.Lines, func(x Feature) bool { return x.Weight < weightCause })
	if n < 0 {
		n = len(f.Lines)
	}
	return f.Lines[:n]
}

// at is where a record begins.
type at struct {
	source int32
	line   int64
}

// templatesAt gives the templates of the records that the signals' series keep, by their places: an evidence has its line only as it stands.
func templatesAt(r *rca.Report) map[at]string {
	out := map[at]string{}
	for _, s := range r.Signals {
		if s.Series == nil {
			continue
		}
		for _, x := range s.Series.Samples {
			out[at{x.Source, x.Line}] = s.Series.Template.Text
		}
	}
	return out
}

// hostsOf gives the names of hosts that the signals' series know, by alphabet.
func hostsOf(r *rca.Report) []string {
	var out []string
	for _, s := range r.Signals {
		if s.Series == nil || s.Series.Host == "" {
			continue
		}
		if h := visible(s.Series.Host); !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	return out[:min(maxHosts, len(out))]
}

// total is what all features weigh together.
func total(all []Feature, rare func(string) float64) float64 {
	n := 0.0
	for _, x := range all {
		n += x.Weight * rare(x.Text)
	}
	return n
}

// overlap is the weighted Jaccard likeness of two sets of features: what they share over what they have together.
func overlap(a, b []Feature, rare func(string) float64) float64 {
	have := make(map[string]float64, len(b))
	for _, x := range b {
		have[x.Text] = x.Weight
	}
	sum := 0.0
	for _, x := range a {
		sum += math.Min(x.Weight, have[x.Text]) * rare(x.Text)
	}
	if both := total(a, rare) + total(b, rare) - sum; both > 0 {
		return sum / both
	}
	return 0
}

// jaccard is the share of two sets that is in both.
func jaccard[T comparable](a, b []T) float64 {
	n := shared(a, b)
	if all := len(a) + len(b) - n; all > 0 {
		return float64(n) / float64(all)
	}
	return 0
}

func shared[T comparable](a, b []T) int {
	n := 0
	for _, x := range a {
		if slices.Contains(b, x) {
			n++
		}
	}
	return n
}
