package exam_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/exam"
)

// A memory of our own incidents finds each one again when a tenth of its lines are lost or its neighbours change places, tells of none that
// it was seen before as another, and nothing in healthy logs.
func TestRecollect(t *testing.T) {
	all := slices.DeleteFunc(load(t), func(x *exam.Incident) bool { return x.HeldOut })
	chosen, err := exam.Choose([]string{"10 % lost", "reordered", "healthy halves"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := exam.Recollect(t.Context(), all, chosen, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := exam.SumUp(found)
	if s.Wrong != 0 || s.Broken != 0 {
		t.Errorf("told wrongly of %d incidents, in %d of %d healthy logs", s.Confused, s.Broken, s.Silences)
		for _, r := range found {
			if r.Wrong > 0 {
				t.Log(r.Line())
			}
		}
	}
	if s.Asked < 80 || s.First*100 < s.Asked*95 || s.MRR < .97 {
		t.Errorf("of %d with a fellow %d find one first, MRR %.3f", s.Asked, s.First, s.MRR)
	}
	var b strings.Builder
	exam.WriteRecall(&b, found)
	for _, want := range []string{"as it is", "10 % lost", "threshold 0.8", "proof taken away"} {
		if !strings.Contains(b.String(), "\n"+want) {
			t.Errorf("the table has no %q:\n%s", want, b.String())
		}
	}
}
