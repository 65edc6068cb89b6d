package memory

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rca-engine/rca"
)

// candidates is how many of the nearest by their vectors are compared aspect by aspect. maxMatches is how many are told.
const (
	candidates = 64
	maxMatches = 5
)

// Searcher finds the incidents of a memory that are like another. It is made once and does not see what is remembered afterwards.
type Searcher struct {
	incidents []*Incident
	index     Index
	having    map[string]int // how many incidents have a line, a signal, a component or category as their cause, a component that is hit
}

// Search makes the memory ready to be searched.
func (m *Memory) Search() (*Searcher, error) {
	s := &Searcher{incidents: slices.Clone(m.Incidents), having: map[string]int{}}
	for _, x := range s.incidents {
		if err := s.index.Add(x.Vector()); err != nil {
			return nil, fmt.Errorf("index incident %s: %w", x.ID, err)
		}
		for t := range x.texts() {
			s.having[t]++
		}
	}
	return s, nil
}

// texts are all texts by which an incident may agree with another, each once.
func (x *Incident) texts() map[string]bool {
	all := map[string]bool{}
	for _, list := range [][]Feature{x.Lines, x.Signals, features(x.Hit), {{Text: roleOf(x.Told.Component)}, {Text: string(x.Told.Category)}}} {
		for _, f := range list {
			all[f.Text] = true
		}
	}
	return all
}

// rare is the rarity of a text among the remembered incidents: 1 for one that none or only one has, near 0 for one that all have.
func (s *Searcher) rare(text string) float64 {
	n := float64(len(s.incidents) + 1)
	return math.Log(n/float64(max(1, s.having[text]))) / math.Log(n)
}

// Match is a remembered incident with its likeness to the one that asked.
type Match struct {
	*Incident
	Likeness Likeness
}

// Like gives the remembered incidents that are nearest to one, most alike first, at most n, told or not. The incident itself, by its id, is
// not among them.
func (s *Searcher) Like(x *Incident, f Filter, n int) ([]Match, error) {
	if len(s.incidents) == 0 {
		return nil, nil
	}
	hits, err := s.index.Nearest(x.Vector(), max(n, candidates), func(i int) bool {
		return s.incidents[i].ID != x.ID && f.Passes(s.incidents[i])
	})
	if err != nil {
		return nil, fmt.Errorf("search memory: %w", err)
	}
	var out []Match
	for _, h := range hits {
		y := s.incidents[h.N]
		out = append(out, Match{y, compare(&x.Fingerprint, y, float64(h.Cosine), s.rare)})
	}
	slices.SortStableFunc(out, func(a, b Match) int {
		return cmp.Compare(b.Likeness.Score(DefaultWeights), a.Likeness.Score(DefaultWeights))
	})
	return out[:min(n, len(out))], nil
}

// Recall says what the memory knows of incidents like this one. Of two that are nearly as much alike the one goes first whose word is
// worth more: a confirmed one before one that nobody judged, a recent one before an old one, and a rejected one last.
func (s *Searcher) Recall(x *Incident, f Filter) (*rca.SeenBefore, error) {
	like, err := s.Like(x, f, candidates)
	if err != nil {
		return nil, err
	}
	like = slices.DeleteFunc(like, func(m Match) bool { return !m.Likeness.Tells(DefaultWeights, Threshold) })
	worth := func(m Match) float64 { return m.Likeness.Score(DefaultWeights) * (1 + m.standing(x.Start)) / 2 }
	slices.SortStableFunc(like, func(a, b Match) int { return cmp.Compare(worth(b), worth(a)) })
	out := &rca.SeenBefore{Threshold: Threshold, First: rca.NoTime, Last: rca.NoTime}
	for _, y := range s.incidents {
		if y.ID != x.ID && f.Passes(y) {
			out.Compared++
		}
	}
	for _, m := range like {
		one := sameTime(x, m.Incident)
		if !one {
			out.Times++
			if m.Start != rca.NoTime {
				if out.First == rca.NoTime || m.Start < out.First {
					out.First = m.Start
				}
				out.Last = max(out.Last, m.Start)
			}
		}
		if len(out.Matches) == maxMatches {
			continue
		}
		c := m.Cause()
		r := rca.Recalled{ID: m.ID, Headline: m.Headline, Start: m.Start, SameTime: one, Likeness: m.Likeness.Score(DefaultWeights), Parts: m.Likeness.Parts(),
			Hosts: hostsApart(x.Hosts, m.Hosts), State: string(m.State), Component: c.Component, Category: c.Category}
		if m.State == Confirmed || m.State == Corrected {
			r.Fixed = m.Resolution
		}
		out.Matches = append(out.Matches, r)
	}
	return out, nil
}

// apart is how long after each other two beginnings may be for their incidents to be one. Other logs of one incident show its beginning
// some minutes later, or sooner; the ends say nothing, for a window goes on to the last line of its logs.
const apart = rca.Time(time.Hour)

// sameTime tells whether two incidents began together. Other logs of one incident did, and are no recurrence.
func sameTime(a, b *Incident) bool {
	if a.Start == rca.NoTime || b.Start == rca.NoTime {
		return false
	}
	first, second := a, b
	if b.Start < a.Start {
		first, second = b, a
	}
	return second.Start-first.Start <= apart && second.Start <= first.End
}
