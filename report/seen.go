package report

import (
	"fmt"
	"strings"

	"github.com/rca-engine/rca"
)

// Seen tells whether there is an earlier incident to show. Where a memory was asked and knew none, nothing is said: that is what is to be
// expected.
func (v *view) Seen() bool { return v.SeenBefore != nil && len(v.SeenBefore.Matches) > 0 }

// SeenTitle heads the section, with how often and when.
func (v *view) SeenTitle() string {
	s := v.SeenBefore
	switch {
	case s.Times == 0:
		return "Seen at the same time"
	case !known(s.Last):
		return fmt.Sprintf("Seen before: %s", times(s.Times))
	case s.Times == 1:
		return "Seen before: once, on " + fullTime(s.Last)
	}
	return fmt.Sprintf("Seen before: %s, last on %s", times(s.Times), fullTime(s.Last))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return num(int64(n)) + " times"
}

// recalled is an earlier incident in words: what it was, what is known of its cause, what fixed it, and why it is thought alike.
type recalled struct{ What, Cause, Fixed, Alike string }

// Recalls are the earlier incidents, the one most worth reading first.
func (v *view) Recalls() []recalled {
	var out []recalled
	for _, r := range v.SeenBefore.Matches {
		x := recalled{What: fmt.Sprintf("%s, likeness %s of 1: %s", r.ID, number(r.Likeness), r.Headline), Cause: causeThen(r), Fixed: r.Fixed}
		if known(r.Start) {
			x.What = fullTime(r.Start) + ", " + x.What
		}
		if r.SameTime {
			x.What += " (at the same time: other logs of this incident, perhaps)"
		}
		var alike []string
		for _, p := range r.Parts {
			alike = append(alike, p.Why)
		}
		if r.Hosts != "" {
			alike = append(alike, r.Hosts)
		}
		x.Alike = strings.Join(alike, "; ")
		out = append(out, x)
	}
	return out
}

// causeThen says what is known of an earlier incident's cause, and who says so. What nobody confirmed is not told as knowledge.
func causeThen(r rca.Recalled) string {
	cause := r.Component + " · " + string(r.Category)
	switch r.State {
	case "confirmed":
		return "A person confirmed its cause: " + cause + "."
	case "corrected":
		return "A person found its cause, which is not the one that was told: " + cause + "."
	case "rejected":
		return "A person rejected the cause that was told then; the true one is not known."
	}
	if r.Component == "" {
		return "No cause was told then."
	}
	return "Told then, confirmed by nobody: " + cause + "."
}
