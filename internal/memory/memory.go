// Package memory remembers incidents and tells when one comes back.
//
// In: a finished *rca.Report. Out: what the memory knows of incidents like it (rca.SeenBefore), each likeness explained by numbers that
// can be checked.
//
// How it works. A report is reduced to a Fingerprint: the lines that are new, gone, more or less, weighted by how much they say, with the
// names of hosts and pods and all numbers taken out; the stack traces; who was hit; the cause that was told. A Vector of its words finds the
// nearest among the remembered ones (Index); those are compared part by part (Likeness), and only what is more alike than Threshold, and
// is not told to have another cause, is passed on: silence is better than a wrong "seen before".
//
// The memory is a File of JSON lines. An incident enters it with the cause that was told, unconfirmed. A person confirms, corrects or rejects
// that; only what a person said is told as the cause and as what fixed it. Nothing here reads a clock: the age of a memory is
// counted to the incident that asks.
package memory

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// MaxIncidents bounds a memory. Past it the oldest that nobody judged are forgotten first.
const MaxIncidents = 10_000

// Memory is a set of remembered incidents, in the order in which they were first remembered.
type Memory struct {
	Incidents []*Incident
	Broken    []Broken // lines of the file that could not be read; they are kept as they stand
}

// ErrUnknown is wrapped by the error of an id that no incident has, or more than one.
var ErrUnknown = errors.New("no such incident")

// Find gives the incident whose id is, or alone begins with, what is asked for.
func (m *Memory) Find(id string) (*Incident, error) {
	var found []*Incident
	for _, x := range m.Incidents {
		if x.ID == id {
			return x, nil
		}
		if id != "" && strings.HasPrefix(x.ID, id) {
			found = append(found, x)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("%w: %q is no id in this memory", ErrUnknown, id)
	}
	return nil, fmt.Errorf("%w: %d incidents have an id that begins with %q, write more of it", ErrUnknown, len(found), id)
}

// Remember adds an incident. One with the same inputs is there already when the same logs were analysed before: then what was
// understood of them is replaced, and what a person said of it stays. It tells whether the incident is a new one.
func (m *Memory) Remember(x *Incident) bool {
	for i, old := range m.Incidents {
		if old.ID == x.ID {
			y := *x
			y.Judgement = old.Judgement
			m.Incidents[i] = &y
			return false
		}
	}
	m.Incidents = append(m.Incidents, x)
	return true
}

// Forget takes an incident out.
func (m *Memory) Forget(x *Incident) {
	m.Incidents = slices.DeleteFunc(m.Incidents, func(y *Incident) bool { return x == y })
}

// Shrink forgets what is beyond MaxIncidents, and tells how many these were.
func (m *Memory) Shrink() int {
	over := len(m.Incidents) - MaxIncidents
	if over <= 0 {
		return 0
	}
	byAge := slices.Clone(m.Incidents)
	slices.SortStableFunc(byAge, func(a, b *Incident) int {
		if j, k := a.judged(), b.judged(); j != k {
			if k {
				return -1
			}
			return 1
		}
		return a.compareTime(b)
	})
	gone := map[*Incident]bool{}
	for _, x := range byAge[:over] {
		gone[x] = true
	}
	m.Incidents = slices.DeleteFunc(m.Incidents, func(x *Incident) bool { return gone[x] })
	return over
}

// Merge adds the incidents of another memory by their ids, and tells how many are new and which are judged differently in the two. Of
// those the judgement that stands here is kept; one that nobody judged here takes the other's.
func (m *Memory) Merge(other *Memory) (added int, conflicts []Conflict) {
	at := map[string]*Incident{}
	for _, x := range m.Incidents {
		at[x.ID] = x
	}
	for _, x := range other.Incidents {
		here := at[x.ID]
		switch {
		case here == nil:
			m.Incidents = append(m.Incidents, x)
			at[x.ID] = x
			added++
		case !here.judged():
			here.Judgement = x.Judgement
		case x.judged() && !here.agrees(x.Judgement):
			conflicts = append(conflicts, Conflict{ID: x.ID, Here: here.Known(), There: x.Known()})
		}
	}
	return added, conflicts
}

// Conflict is an incident of which two memories say different things.
type Conflict struct{ ID, Here, There string }

// Filter narrows a search. The zero value lets everything pass.
type Filter struct {
	Since, Until rca.Time // of the incident's start; zero or NoTime is no bound
	Component    string   // that is the cause or was hit
}

// Passes tells whether an incident is asked for.
func (f Filter) Passes(x *Incident) bool {
	if f.Since != 0 && f.Since != rca.NoTime && (x.Start == rca.NoTime || x.Start < f.Since) {
		return false
	}
	if f.Until != 0 && f.Until != rca.NoTime && (x.Start == rca.NoTime || x.Start > f.Until) {
		return false
	}
	if f.Component == "" {
		return true
	}
	role := roleOf(f.Component)
	return roleOf(x.Cause().Component) == role || slices.Contains(x.Hit, role)
}
