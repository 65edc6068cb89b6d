package rank

import (
	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// basis names the kind of evidence on which the leading hypothesis stands. Answers of one kind are right about equally often, whatever
// their scores are: that share is what the report calls confidence.
func (r *ranker) basis(h *Hypothesis, verdict rca.Verdict, margin float64) string {
	if verdict != rca.RootCauseFound {
		switch {
		case h.Level >= know.Plausible:
			return "lead: words that may be the cause"
		case len(h.node.blamers) > 0:
			return "lead: others complain of it"
		}
		return "lead: it complains of nobody"
	}
	stack := false
	for _, f := range h.facts {
		stack = stack || f.owner == h.node && f.Stack != nil && f.Novelty == noveltyNew
	}
	switch {
	case h.Grade == rca.Confirmed:
		return "first-hand words and an independent second line"
	case h.sufferer != nil && len(h.deed.linked) > 0:
		return "a calm deed whose words the complaints repeat"
	case h.sufferer != nil:
		return "a calm deed at the right time"
	case h.heldBy:
		return "it holds what ran out"
	case h.idle != nil || h.slow != nil:
		return "its own numbers: slow, or idle after a change"
	case len(h.pairs) > 0:
		return "a statement that no longer follows"
	case h.Level >= know.FirstHand:
		return "first-hand words"
	case h.Level >= know.Plausible && stack:
		return "a new stack trace"
	case h.Level >= know.Plausible:
		return "words that may be the cause"
	case h.node.tempo.silent != nil || len(h.node.blamers) > 0 && (!h.node.hasLog || h.node.lines == 0):
		return "others complain of one that is silent"
	case len(h.node.blamers) > 0 && margin >= 3:
		return "others complain of it, and of nobody else as much"
	case len(h.node.blamers) > 0:
		return "others complain of it"
	}
	return "an error of its own that nobody can explain"
}

// confidences are how often answers on each kind of evidence were right, of how many: all incidents of docs/accuracy.md as they stand, and
// again with the true component's log, the knowledge of the proof, or half of the other logs missing, for what users bring is seldom
// whole. From rca eval --reliability with these four variants; the page has the reliability table.
var confidences = map[string][2]int{
	"a calm deed at the right time":                     {36, 40},
	"a calm deed whose words the complaints repeat":     {16, 17},
	"a new stack trace":                                 {137, 154},
	"a statement that no longer follows":                {8, 9},
	"an error of its own that nobody can explain":       {12, 30},
	"first-hand words":                                  {17, 27},
	"first-hand words and an independent second line":   {59, 67},
	"it holds what ran out":                             {9, 9},
	"its own numbers: slow, or idle after a change":     {11, 14},
	"lead: it complains of nobody":                      {6, 31},
	"lead: others complain of it":                       {4, 6},
	"others complain of it":                             {2, 2},
	"others complain of it, and of nobody else as much": {5, 16},
	"others complain of one that is silent":             {16, 29},
	"words that may be the cause":                       {25, 34},
}

// Confidence is the share, smoothed by one right and one wrong answer; ok is false where it is not known, as for all but the leading
// hypothesis.
func (h *Hypothesis) Confidence() (share float64, ok bool) {
	c, ok := confidences[h.Basis]
	if !ok {
		return 0, false
	}
	return round(float64(c[0]+1) / float64(c[1]+2)), true
}
