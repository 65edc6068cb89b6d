package exam

import (
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"sort"
)

// Cell is one kind of evidence: how often an answer on it was right.
type Cell struct {
	Basis     string
	Right, Of int
}

// Cells counts by basis, over the answers that were given (a lead of an inconclusive report is one too).
func Cells(all []Outcome) []Cell {
	at := map[string]*Cell{}
	for _, o := range all {
		if !o.Answered || o.Basis == "" {
			continue
		}
		c := at[o.Basis]
		if c == nil {
			c = &Cell{Basis: o.Basis}
			at[o.Basis] = c
		}
		c.Of++
		if o.Right && !o.nothing() {
			c.Right++
		}
	}
	var out []Cell
	for _, c := range at {
		out = append(out, *c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Basis < out[j].Basis })
	return out
}

// nothing tells whether there was nothing to be right about: healthy logs.
func (o *Outcome) nothing() bool { return o.Silence && o.Variant != "blinded" }

// Share is the share of right answers, smoothed towards one half by one right and one wrong answer, as where few were given
// little is known.
func (c Cell) Share() float64 { return float64(c.Right+1) / float64(c.Of+2) }

// CrossValidated gives each outcome the confidence that the other nine folds would have given it. All questions about one
// incident are in one fold.
func CrossValidated(all []Outcome) []Outcome {
	const folds = 10
	out := append([]Outcome(nil), all...)
	fold := func(o *Outcome) int {
		h := fnv.New32a()
		h.Write([]byte(o.Incident))
		return int(h.Sum32() % folds)
	}
	for k := range folds {
		var train []Outcome
		for i := range all {
			if fold(&all[i]) != k {
				train = append(train, all[i])
			}
		}
		share := map[string]float64{}
		for _, c := range Cells(train) {
			share[c.Basis] = c.Share()
		}
		for i := range out {
			if fold(&out[i]) == k {
				s, ok := share[out[i].Basis]
				if !ok {
					s = .5
				}
				out[i].Conf = s
			}
		}
	}
	return out
}

// Reliability is one line of a reliability table.
type Reliability struct {
	From, To, Said, Right float64
	N                     int
}

// Calibration compares what was said with what was right, in ten steps, and gives the expected calibration error: the mean
// distance of the two, weighted by the number of answers (Naeini, Cooper and Hauskrecht 2015).
func Calibration(all []Outcome) (table []Reliability, ece float64) {
	const steps = 10
	table = make([]Reliability, steps)
	n := 0
	for i := range all {
		o := &all[i]
		if !o.Answered || o.Basis == "" {
			continue
		}
		k := min(int(o.Conf*steps), steps-1)
		r := &table[k]
		r.N++
		r.Said += o.Conf
		if o.Right && !o.nothing() {
			r.Right++
		}
		n++
	}
	for i := range table {
		r := &table[i]
		r.From, r.To = float64(i)/steps, float64(i+1)/steps
		if r.N == 0 {
			continue
		}
		ece += math.Abs(r.Said-r.Right) / float64(n)
		r.Said /= float64(r.N)
		r.Right /= float64(r.N)
	}
	return table, ece
}

// WriteCalibration prints the cells and the reliability table.
func WriteCalibration(w io.Writer, all []Outcome) {
	fmt.Fprintf(w, "%-46s %6s %6s %6s\n", "kind of evidence", "right", "of", "share")
	for _, c := range Cells(all) {
		fmt.Fprintf(w, "%-46s %6d %6d %6.2f\n", c.Basis, c.Right, c.Of, c.Share())
	}
	for _, v := range []struct {
		name string
		all  []Outcome
	}{{"as told in the reports", all}, {"cross-validated, ten folds by incident", CrossValidated(all)}} {
		t, ece := Calibration(v.all)
		fmt.Fprintf(w, "\nreliability, %s\n%-12s %6s %6s %6s\n", v.name, "confidence", "n", "said", "right")
		for _, r := range t {
			if r.N > 0 {
				fmt.Fprintf(w, "%.1f to %.1f   %6d %6.2f %6.2f\n", r.From, r.To, r.N, r.Said, r.Right)
			}
		}
		fmt.Fprintf(w, "expected calibration error %.3f\n", ece)
	}
}
