package memory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// Aspect is one way in which two incidents are alike.
type Aspect int

// The aspects: of words (the vectors), of lines, and of structure (the others).
const (
	ByWords     Aspect = iota // cosine of the vectors: the same things said in nearly the same words
	ByLines                   // weighted Jaccard of lines and signals, by their rarity in the memory: the same things said
	ByStacks                  // Jaccard of the signatures of stack traces
	ByComponent               // the told causes name the same component
	ByCategory                // the told causes are of the same kind
	ByHit                     // Jaccard of the components that show it
	aspects
)

var aspectNames = [aspects]string{"words", "lines", "stack traces", "component", "category", "hit"}

func (a Aspect) String() string { return aspectNames[a] }

// Weights says how much each aspect counts. They are reasoned, not fitted: what was said counts twice what structure does, for the same
// fault in one system hits the same components as its neighbours do.
type Weights [aspects]float64

// DefaultWeights is what Recall uses.
var DefaultWeights = Weights{ByWords: 2, ByLines: 2, ByStacks: 1, ByComponent: 1, ByCategory: 1, ByHit: 1}

// Threshold is the likeness from which on an incident is told: more alike than not.
const Threshold = 0.5

// Likeness compares two incidents aspect by aspect, each from 0 to 1. An aspect that neither of them shows is not asked: it says nothing, for or
// against.
type Likeness struct {
	Values  [aspects]float64
	Asked   [aspects]bool
	Differs bool // both told a cause that is at least likely, of different kinds: whatever else is alike, this is another fault
	parts   [aspects]string
	shown   bool // at least one line or stack trace is in both
}

// Score is the weighted mean of what was asked, rounded to what is shown.
func (l *Likeness) Score(w Weights) float64 {
	sum, all := 0.0, 0.0
	for a := range aspects {
		if l.Asked[a] {
			sum += float64(w[a] * l.Values[a])
			all += w[a]
		}
	}
	if all == 0 {
		return 0
	}
	return math.Round(100*sum/all) / 100
}

// Tells says whether the likeness is enough to be told.
func (l *Likeness) Tells(w Weights) bool { return l.shown && !l.Differs && l.Score(w) >= Threshold }

// Parts gives the aspects that were asked, each in words with the numbers that its value comes from.
func (l *Likeness) Parts() []rca.Part {
	var out []rca.Part
	for a := range aspects {
		if l.Asked[a] {
			out = append(out, rca.Part{Name: a.String(), Value: math.Round(100*l.Values[a]) / 100, Why: l.parts[a]})
		}
	}
	return out
}

func (l *Likeness) set(a Aspect, v float64, why string) {
	l.Values[a], l.Asked[a], l.parts[a] = v, true, why
}

// compare tells how like an earlier incident b is to a. rare is the rarity of a line in the memory.
func compare(a, b *Fingerprint, cosine float64, rare func(string) float64) Likeness {
	var l Likeness
	l.set(ByWords, max(0, cosine), fmt.Sprintf("the words of their lines are alike by %.2f", max(0, cosine)))

	same, proofs, proofsSame := 0, 0, 0
	for _, x := range a.Lines {
		in := slices.ContainsFunc(b.Lines, func(y Feature) bool { return y.Text == x.Text })
		if in {
			same++
		}
		if x.Weight >= weightCause {
			proofs++
			if in {
				proofsSame++
			}
		}
	}
	why := fmt.Sprintf("%d of its %s", same, count(len(a.Lines), "telling line"))
	if proofs > 0 {
		why += fmt.Sprintf(", %d of the %d that prove its cause", proofsSame, proofs)
	}
	signs := sharedFeatures(a.Signals, b.Signals)
	if signs > 0 {
		why += fmt.Sprintf(", %d of its %s", signs, count(len(a.Signals), "other sign"))
	}
	l.set(ByLines, overlap(slices.Concat(a.Lines, a.Signals), slices.Concat(b.Lines, b.Signals), rare), why)

	stacks := shared(a.Stacks, b.Stacks)
	if len(a.Stacks)+len(b.Stacks) > 0 {
		l.set(ByStacks, jaccard(a.Stacks, b.Stacks), fmt.Sprintf("%d of its %s", stacks, count(len(a.Stacks), "stack trace")))
	}
	l.shown = same > 0 || stacks > 0

	if a.Told.Component != "" && b.Told.Component != "" {
		if roleOf(a.Told.Component) == roleOf(b.Told.Component) {
			l.set(ByComponent, 1, "the same component was told as the cause: "+a.Told.Component)
		} else {
			l.set(ByComponent, 0, "another component was told as the cause: "+b.Told.Component)
		}
		if a.Told.Category == b.Told.Category {
			l.set(ByCategory, 1, "the same kind of cause was told: "+string(a.Told.Category))
		} else {
			l.set(ByCategory, 0, "another kind of cause was told: "+string(b.Told.Category))
			l.Differs = sure(a.Grade) && sure(b.Grade)
		}
	}
	if len(a.Hit)+len(b.Hit) > 0 {
		l.set(ByHit, jaccard(a.Hit, b.Hit), fmt.Sprintf("%d of its %s", shared(a.Hit, b.Hit), count(len(a.Hit), "component")))
	}
	return l
}

func sure(g rca.Grade) bool { return g == rca.Confirmed || g == rca.Likely }

func sharedFeatures(a, b []Feature) int {
	n := 0
	for _, x := range a {
		if slices.ContainsFunc(b, func(y Feature) bool { return y.Text == x.Text }) {
			n++
		}
	}
	return n
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// hostsApart says how the hosts of two incidents differ; nothing where one of them names none.
func hostsApart(a, b []string) string {
	switch n := shared(a, b); {
	case len(a) == 0 || len(b) == 0:
		return ""
	case n == 0:
		return fmt.Sprintf("other hosts: %s then, %s now", few(b), few(a))
	case n == len(a) && n == len(b):
		return "the same " + map[bool]string{true: "host", false: "hosts"}[n == 1] + ": " + few(a)
	default:
		return fmt.Sprintf("%d of its %s", n, count(len(a), "host"))
	}
}

// few names some of a list.
func few(list []string) string {
	const some = 3
	if len(list) <= some {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:some], ", "), len(list)-some)
}
