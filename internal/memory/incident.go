package memory

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rca-engine/rca"
)

// Incident is what is kept of one: nothing of its logs but templates.
type Incident struct {
	ID       string      `json:"id"` // made of the hashes of its logs
	Start    rca.Time    `json:"start"`
	End      rca.Time    `json:"end"`
	Verdict  rca.Verdict `json:"verdict"`
	Headline string      `json:"headline"`
	Fingerprint
	Judgement
}

// Cause is who is to blame for what.
type Cause struct {
	Component string       `json:"component,omitempty"`
	Category  rca.Category `json:"category,omitempty"`
}

func (c Cause) String() string { return c.Component + " · " + string(c.Category) }

// State says what a person made of the cause that was told.
type State string

// The states. Unconfirmed is what nobody judged.
const (
	Unconfirmed State = "unconfirmed"
	Confirmed   State = "confirmed"
	Corrected   State = "corrected" // another cause than the told one was the true one
	Rejected    State = "rejected"  // the told cause was wrong, the true one is not known
)

// Judgement is what persons said of an incident.
type Judgement struct {
	State      State    `json:"state"`
	True       Cause    `json:"true_cause,omitzero"` // what a person confirmed, or put in the told one's place
	Resolution string   `json:"resolution,omitempty"`
	Said       rca.Time `json:"said,omitzero"`      // when it was last judged
	Confirmed  int      `json:"confirmed,omitzero"` // how often it was judged so
	Refuted    int      `json:"refuted,omitzero"`
}

// maxText bounds what a person may write, and a headline, in bytes.
const maxText = 2000

// New makes an incident of a report. There is none in a report of healthy logs, in one that was interrupted, and where no input
// has a hash to tell it by.
func New(r *rca.Report) (*Incident, error) {
	switch {
	case r.Verdict == rca.NoIncident:
		return nil, errors.New("there is no incident to remember")
	case r.Partial:
		return nil, errors.New("the analysis was interrupted, and half an incident is not remembered")
	}
	var hashes []string
	for _, in := range r.Made.Inputs {
		if !in.Baseline && in.Records > 0 {
			hashes = append(hashes, in.Hash)
		}
	}
	if len(hashes) == 0 {
		return nil, errors.New("no log was read")
	}
	slices.Sort(hashes)
	sum := sha256.New()
	for _, h := range hashes {
		sum.Write([]byte(h + "\n"))
	}
	return &Incident{ID: hex.EncodeToString(sum.Sum(nil)[:6]), Start: r.Window.Start, End: r.Window.End, Verdict: r.Verdict,
		Headline: clip(visible(r.Headline), maxText), Fingerprint: Of(r), Judgement: Judgement{State: Unconfirmed}}, nil
}

// Confirm notes that the told cause was the true one.
func (x *Incident) Confirm(resolution string, now time.Time) error {
	if x.Told.Component == "" {
		return fmt.Errorf("confirm %s: no cause was told; rca memory correct names one", x.ID)
	}
	return x.judge(Confirmed, x.Told, resolution, now)
}

// Correct notes the true cause, which is another than the told one.
func (x *Incident) Correct(c Cause, resolution string, now time.Time) error {
	if c.Component == "" {
		return fmt.Errorf("correct %s: the true cause needs a component", x.ID)
	}
	if !slices.Contains(rca.Categories, c.Category) {
		return fmt.Errorf("correct %s: unknown category %q, want one of %q", x.ID, c.Category, rca.Categories)
	}
	x.Refuted++
	return x.judge(Corrected, c, resolution, now)
}

// Reject notes that the told cause was wrong. What was said before of a cause and of what fixed it no longer stands.
func (x *Incident) Reject(now time.Time) {
	x.State, x.True, x.Resolution, x.Said = Rejected, Cause{}, "", rca.Time(now.UnixNano())
	x.Refuted++
}

func (x *Incident) judge(s State, c Cause, resolution string, now time.Time) error {
	if len(resolution) > maxText {
		return fmt.Errorf("judge %s: the resolution has %d bytes, at most %d are kept", x.ID, len(resolution), maxText)
	}
	if s != x.State || c != x.True {
		x.Resolution = "" // it belongs to what was said before
	}
	if resolution != "" {
		x.Resolution = visible(resolution)
	}
	x.State, x.True, x.Said = s, Cause{visible(c.Component), c.Category}, rca.Time(now.UnixNano())
	x.Confirmed++
	return nil
}

// Cause is the best that is known: what a person said, else what was told, unless that was rejected.
func (x *Incident) Cause() Cause {
	switch x.State {
	case Confirmed, Corrected:
		return x.True
	case Rejected:
		return Cause{}
	}
	return x.Told
}

// Known says in words what is known of the cause, and from whom.
func (x *Incident) Known() string {
	switch x.State {
	case Confirmed, Corrected:
		return fmt.Sprintf("%s: %s", x.State, x.True)
	case Rejected:
		return "rejected: " + x.Told.String()
	}
	if x.Told.Component == "" {
		return "no cause told"
	}
	return "told: " + x.Told.String()
}

func (x *Incident) judged() bool { return x.State != Unconfirmed }

func (x *Incident) agrees(j Judgement) bool { return x.State == j.State && x.True == j.True }

func (x *Incident) compareTime(y *Incident) int {
	return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.ID, y.ID))
}

// halfLife is the age at which an incident's word counts half: systems change, and so does what breaks them.
const halfLife = 365 * 24 * time.Hour

// standing is from 0 to 1 what an incident's word is worth to one at an instant: its trust, a half for one that nobody judged
// (Laplace's rule of succession), faded by its age.
func (x *Incident) standing(at rca.Time) float64 {
	trust := float64(1+x.Confirmed) / float64(2+x.Confirmed+x.Refuted)
	if x.State == Corrected {
		trust = float64(1+x.Confirmed) / float64(2+x.Confirmed) // what was refuted is the told cause, not the one that stands
	}
	if at == rca.NoTime || x.Start == rca.NoTime || at <= x.Start {
		return trust
	}
	return trust * math.Exp2(-float64(at-x.Start)/float64(halfLife))
}
