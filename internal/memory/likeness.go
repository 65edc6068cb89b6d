package memory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// Aspect is one way in which two incidents are alike: in what was said (the first two and the last), or in structure. They are told in this order.
type Aspect int

// The aspects: of words (the vectors), of lines, and of structure (the others).
const (
	ByProof     Aspect = iota // of the lines that prove the told causes, each with its nearest: the same thing said to be broken
	ByLines                   // weighted Jaccard of lines and signals, by their rarity in the memory: the same things said
	ByStacks                  // Jaccard of the signatures of stack traces
	ByComponent               // the told causes name the same component
	ByCategory                // the told causes are of the same kind
	ByHit                     // Jaccard of the components that show it, by their rarity
	ByWords                   // cosine of the vectors: nearly the same words
	aspects
)

var aspectNames = [aspects]string{"proof", "lines", "stack traces", "component", "category", "hit", "words"}

func (a Aspect) String() string { return aspectNames[a] }

// Weights says how much each aspect counts. They are reasoned, not fitted: what was said counts twice what structure does, for other
// faults of one system hit the same components.
type Weights [aspects]float64

// DefaultWeights is what Recall uses.
var DefaultWeights = Weights{ByProof: 2, ByLines: 2, ByStacks: 1, ByComponent: 1, ByCategory: 1, ByHit: 1, ByWords: 2}

// Threshold is the likeness from which on an incident is told, leastProof that of the lines that prove the two causes. docs/memory.md
// has what other thresholds would have told.
const (
	Threshold  = 0.6
	leastProof = 0.5
)

// Likeness compares two incidents aspect by aspect, each from 0 to 1. An aspect that neither of them shows is not asked: it says nothing, for or
// against. That two agree on what nearly all remembered incidents have in common says little too: there the aspect is asked by the rarity of
// what they agree on.
type Likeness struct {
	Values  [aspects]float64
	Asked   [aspects]float64 // from 0, not asked, to 1
	Differs bool             // both told a cause that is at least likely, of different kinds: whatever else is alike, this is another fault
	parts   [aspects]string
	shown   bool // at least one line or stack trace is in both
	known   bool // the earlier one's cause was found, or a person said something of it
}

// Score is the weighted mean of what was asked, rounded to what is shown.
func (l *Likeness) Score(w Weights) float64 {
	sum, all := 0.0, 0.0
	for a := range aspects {
		sum += float64(w[a] * l.Asked[a] * l.Values[a])
		all += w[a] * l.Asked[a]
	}
	if all == 0 {
		return 0
	}
	return math.Round(100*sum/all) / 100
}

// Tells says whether the likeness is enough to be told. Of an incident that nobody could explain then there is nothing to tell now, and one
// whose proof is another has another cause, however much alike the damage is.
func (l *Likeness) Tells(w Weights, threshold float64) bool {
	if l.Asked[ByProof] > 0 && l.Values[ByProof] < leastProof {
		return false
	}
	return l.shown && l.known && !l.Differs && l.Score(w) >= threshold
}

// Parts gives the aspects that were asked, each in words with the numbers that its value comes from.
func (l *Likeness) Parts() []rca.Part {
	var out []rca.Part
	for a := range aspects {
		if l.Asked[a] > 0 {
			out = append(out, rca.Part{Name: a.String(), Value: math.Round(100*l.Values[a]) / 100, Why: l.parts[a]})
		}
	}
	return out
}

func (l *Likeness) set(a Aspect, v float64, why string) {
	l.Values[a], l.Asked[a], l.parts[a] = v, 1, why
}

// compare tells how like an earlier incident is to a, by the cosine of their vectors and the rarity of texts in the memory.
func compare(a *Fingerprint, earlier *Incident, cosine float64, rare func(string) float64) Likeness {
	b := &earlier.Fingerprint
	l := Likeness{known: b.found() || earlier.judged()}
	l.set(ByWords, max(0, cosine), fmt.Sprintf("the words of their lines are alike by %.2f", max(0, cosine)))

	same := sharedFeatures(a.Lines, b.Lines)
	why := fmt.Sprintf("%d of its %s, of %d then", same, count(len(a.Lines), "telling line"), len(b.Lines))
	signs := sharedFeatures(a.Signals, b.Signals)
	if signs > 0 {
		why += fmt.Sprintf(", %d of its %s", signs, count(len(a.Signals), "other sign"))
	}
	l.set(ByLines, overlap(slices.Concat(a.Lines, a.Signals), slices.Concat(b.Lines, b.Signals), rare), why)

	if p, q := a.proof(), b.proof(); len(p) > 0 && len(q) > 0 {
		near := nearness(p, q)
		l.set(ByProof, near, fmt.Sprintf("%d of its %s of the cause, in words they are alike by %.2f", sharedFeatures(p, q), count(len(p), "proving line"), near))
	}

	stacks := shared(a.Stacks, b.Stacks)
	if len(a.Stacks)+len(b.Stacks) > 0 {
		l.set(ByStacks, jaccard(a.Stacks, b.Stacks), fmt.Sprintf("%d of its %s, of %d then", stacks, count(len(a.Stacks), "stack trace"), len(b.Stacks)))
	}
	l.shown = same > 0 || stacks > 0

	if a.Told.Component != "" && b.Told.Component != "" {
		if roleOf(a.Told.Component) == roleOf(b.Told.Component) {
			l.set(ByComponent, 1, "the same component was told as the cause: "+a.Told.Component)
			l.Asked[ByComponent] = rare(roleOf(a.Told.Component))
		} else {
			l.set(ByComponent, 0, "another component was told as the cause: "+b.Told.Component)
		}
		if a.Told.Category == b.Told.Category {
			l.set(ByCategory, 1, "the same kind of cause was told: "+string(a.Told.Category))
			l.Asked[ByCategory] = rare(string(a.Told.Category))
		} else {
			l.set(ByCategory, 0, "another kind of cause was told: "+string(b.Told.Category))
		}
		l.Differs = a.found() && b.found() && otherFault(a, b, stacks)
	}
	if len(a.Hit)+len(b.Hit) > 0 {
		l.set(ByHit, overlap(features(a.Hit), features(b.Hit), rare), fmt.Sprintf("%d of its %s that are hit, of %d then", shared(a.Hit, b.Hit), count(len(a.Hit), "component"), len(b.Hit)))
	}
	return l
}

// otherFault tells whether two causes that were found are different ones: of different kinds, or defects of which the stack traces
// lead to no place in common, for a defect is a place in the code.
func otherFault(a, b *Fingerprint, stacks int) bool {
	if a.Told.Category != b.Told.Category {
		return true
	}
	return a.Told.Category == rca.CodeDefect && stacks == 0 && len(a.Stacks) > 0 && len(b.Stacks) > 0
}

// nearness is how near each line is to the one of the other side that is nearest to it by its words, in the mean of both sides.
func nearness(a, b []Feature) float64 {
	vectors := func(list []Feature) []Vector {
		out := make([]Vector, len(list))
		for i, x := range list {
			out[i] = Embed([]Feature{x})
		}
		return out
	}
	side := func(a, b []Vector) float64 {
		sum := 0.0
		for _, x := range a {
			best := float32(0)
			for _, y := range b {
				best = max(best, dot(x.Values, y.Values))
			}
			sum += float64(best)
		}
		return sum / float64(len(a))
	}
	p, q := vectors(a), vectors(b)
	return min(1, (side(p, q)+side(q, p))/2)
}

func features(list []string) []Feature {
	out := make([]Feature, len(list))
	for i, s := range list {
		out[i] = Feature{s, 1}
	}
	return out
}

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
