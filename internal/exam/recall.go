package exam

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/memory"
)

// Recollection is how well a memory of all incidents finds the fellows of one: those of the same fault.
type Recollection struct {
	Incident   string  `json:"incident"`
	Variant    string  `json:"variant"`
	Fault      string  `json:"fault"`
	Silent     bool    `json:"silent,omitempty"` // no incident was found in its logs: nothing is remembered and nothing asked
	Told       string  `json:"told_cause,omitempty"`
	Fellows    int     `json:"fellows"` // how many of the remembered ones have the same fault
	Rank       int     `json:"rank"`    // of the first fellow among all remembered ones, by likeness; 0 if there is none
	Likeness   float64 `json:"likeness"`
	Right      int     `json:"told_right"` // fellows that are told as seen before
	Wrong      int     `json:"told_wrong"` // incidents of another fault that are
	Nearest    string  `json:"nearest_other,omitempty"`
	NearLike   float64 `json:"nearest_other_likeness"`
	like       []memory.Match
	faultsByID map[string]string
}

// Recollect remembers what the engine finds in every incident as it stands, then asks for each what is like it among the others. The other
// variants are asked too: one that changes an incident should find the unchanged one, and to one that calls for silence whatever is told
// is told wrongly.
func Recollect(ctx context.Context, incidents []*Incident, variants []Variant, prepare func(*Question)) ([]Recollection, error) {
	qs := questions(incidents, Variants[:1])
	known := len(qs)
	for _, v := range variants {
		if v.Name != Variants[0].Name {
			qs = append(qs, questions(incidents, []Variant{v})...)
		}
	}
	found := make([]*memory.Incident, len(qs))
	err := each(ctx, qs, prepare, func(i int) error {
		rep, err := qs[i].report(ctx, "")
		if err != nil {
			return err
		}
		if rep.Verdict != rca.NoIncident {
			found[i], err = memory.New(rep)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	m := &memory.Memory{}
	faults := map[string]string{}
	names := map[string]string{}
	for i, x := range found[:known] {
		if x != nil {
			m.Remember(x)
			faults[x.ID], names[x.ID] = qs[i].Fault, qs[i].Name
		}
	}
	s, err := m.Search()
	if err != nil {
		return nil, err
	}
	var out []Recollection
	for i, x := range found {
		r := Recollection{Incident: qs[i].Name, Variant: qs[i].Variant, Fault: qs[i].Fault, Silent: x == nil, faultsByID: faults}
		if qs[i].Silence {
			r.Fault = "" // nothing has happened: no incident is its fellow
		}
		if x != nil {
			r.Told = x.Known()
			if r.like, err = s.Like(x, memory.Filter{}, len(m.Incidents)); err != nil {
				return nil, err
			}
			r.judge(memory.DefaultWeights, memory.Threshold, names)
		}
		out = append(out, r)
	}
	return out, nil
}

// judge counts with the matches as they are ranked by some weights.
func (r *Recollection) judge(w memory.Weights, threshold float64, names map[string]string) {
	r.Fellows, r.Rank, r.Likeness, r.Right, r.Wrong, r.Nearest, r.NearLike = 0, 0, 0, 0, 0, "", 0
	like := slices.Clone(r.like)
	slices.SortStableFunc(like, func(a, b memory.Match) int {
		return int(math.Round(100 * (b.Likeness.Score(w) - a.Likeness.Score(w))))
	})
	for i, m := range like {
		score, told := m.Likeness.Score(w), m.Likeness.Tells(w, threshold)
		if r.faultsByID[m.ID] != r.Fault {
			if r.Nearest == "" {
				r.Nearest, r.NearLike = names[m.ID], score
			}
			if told {
				r.Wrong++
			}
			continue
		}
		r.Fellows++
		if r.Rank == 0 {
			r.Rank, r.Likeness = i+1, score
		}
		if told {
			r.Right++
		}
	}
}

// Recall sums up recollections.
type Recall struct {
	Incidents int // in whose logs one was found
	Asked     int // of these, with a fellow
	First     int // whose first is a fellow
	MRR       float64
	Fellows   int // pairs of fellows
	Right     int // of these, told as seen before
	Wrong     int // pairs of different faults that are told so
	Confused  int // incidents of which something is told wrongly
	Silences  int // questions to which silence is right
	Broken    int // of these, where something is told all the same
}

// SumUp counts.
func SumUp(all []Recollection) Recall {
	var s Recall
	for _, r := range all {
		if r.Fault == "" {
			s.Silences++
			if r.Wrong > 0 {
				s.Broken++
			}
			continue
		}
		if r.Silent {
			continue
		}
		s.Incidents++
		s.Wrong += r.Wrong
		if r.Wrong > 0 {
			s.Confused++
		}
		if r.Fellows == 0 {
			continue
		}
		s.Asked++
		s.Fellows += r.Fellows
		s.Right += r.Right
		s.MRR += 1 / float64(r.Rank)
		if r.Rank == 1 {
			s.First++
		}
	}
	if s.Asked > 0 {
		s.MRR /= float64(s.Asked)
	}
	return s
}

// WriteRecall prints the sums, by variant, and those of all with other thresholds and with each weight halved, doubled and taken away: how much the answer hangs on them.
func WriteRecall(w io.Writer, all []Recollection) {
	fmt.Fprintf(w, "%-26s %9s %7s %7s %6s %14s %11s %9s %9s\n", "", "incidents", "asked", "first", "MRR", "fellows told", "wrong told", "confused", "silence")
	row := func(name string, list []Recollection) {
		s := SumUp(list)
		fmt.Fprintf(w, "%-26s %9d %7d %7d %6.3f %8d of %-3d %11d %9d %5d/%-3d\n", name, s.Incidents, s.Asked, s.First, s.MRR, s.Right, s.Fellows, s.Wrong, s.Confused, s.Broken, s.Silences)
	}
	for rest := all; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(r Recollection) bool { return r.Variant != rest[0].Variant })
		if n < 0 {
			n = len(rest)
		}
		row(rest[0].Variant, rest[:n])
		rest = rest[n:]
	}
	again := func(name string, w memory.Weights, threshold float64) {
		list := slices.Clone(all)
		for i := range list {
			list[i].judge(w, threshold, nil)
		}
		row(name, list)
	}
	for _, t := range []float64{.4, .5, .7, .8} {
		again(fmt.Sprintf("threshold %.1f", t), memory.DefaultWeights, t)
	}
	for a := range len(memory.DefaultWeights) {
		for _, by := range []struct {
			name   string
			factor float64
		}{{"halved", .5}, {"doubled", 2}, {"taken away", 0}} {
			changed := memory.DefaultWeights
			changed[a] *= by.factor
			again(memory.Aspect(a).String()+" "+by.name, changed, memory.Threshold)
		}
	}
}

// Line is a recollection in a line for a person.
func (r *Recollection) Line() string {
	name := filepath.Base(r.Incident)
	switch {
	case r.Silent:
		return fmt.Sprintf("         %-34s no incident was found", name)
	case r.Fault == "":
		return fmt.Sprintf("         %-34s %s: %d told, nearest %.2f %s", name, r.Variant, r.Wrong, r.NearLike, r.Nearest)
	case r.Fellows == 0 && r.Fault != "":
		return fmt.Sprintf("no fellow %-34s %d told wrongly, nearest %.2f %s", name, r.Wrong, r.NearLike, r.Nearest)
	}
	return fmt.Sprintf("rank %-4d %-34s %.2f, %d of %d fellows told; %d told wrongly, nearest other %.2f %s", r.Rank, name, r.Likeness, r.Right, r.Fellows, r.Wrong, r.NearLike, r.Nearest)
}
