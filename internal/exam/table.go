package exam

import (
	"fmt"
	"io"

	"github.com/rca-engine/rca"
)

// Row sums up the outcomes of one variant.
type Row struct {
	Variant                                 string
	N, Found, First, Three, Category, Proof int
	Both, Loudest, Earliest                 int
	Sure                                    int // wrong, and confirmed or with a confidence of .8 and more
	Silence                                 bool
}

// Rows sums up by variant, in the order in which they come. Incidents that the logs cannot tell are counted only where
// silence is asked for.
func Rows(all []Outcome) []Row {
	var rows []Row
	at := map[string]int{}
	for _, o := range all {
		if !o.Solvable && !o.Silence {
			continue
		}
		i, ok := at[o.Variant]
		if !ok {
			i = len(rows)
			at[o.Variant] = i
			rows = append(rows, Row{Variant: o.Variant, Silence: o.Silence})
		}
		r := &rows[i]
		add := func(n *int, ok bool) {
			if ok {
				*n++
			}
		}
		r.N++
		add(&r.Found, o.Found)
		add(&r.First, o.First)
		add(&r.Three, o.Three)
		add(&r.Category, o.Category)
		add(&r.Proof, o.Proved)
		add(&r.Both, o.First && o.Proved)
		add(&r.Loudest, o.Loudest)
		add(&r.Earliest, o.Earliest)
		add(&r.Sure, o.Sure())
	}
	return rows
}

// Sure tells of the worst kind of answer: a wrong cause told with confidence.
func (o *Outcome) Sure() bool {
	return o.Found && !o.First && (o.Grade == rca.Confirmed || o.Conf >= .8)
}

// WriteTable prints the rows.
func WriteTable(w io.Writer, rows []Row) {
	fmt.Fprintf(w, "%-26s %4s %6s %6s %6s %6s %6s %6s %6s %6s  %s\n", "", "n", "told", "AC@1", "AC@3", "categ", "proof", "both", "unsure", "SURE", "naive: loudest, earliest")
	for _, r := range rows {
		if r.Silence {
			fmt.Fprintf(w, "%-26s %4d %6d %6s %6s %6s %6s %6s %6s %6d  silence is right\n", r.Variant, r.N, r.Found, "", "", "", "", "", "", r.Sure)
			continue
		}
		fmt.Fprintf(w, "%-26s %4d %6d %6d %6d %6d %6d %6d %6d %6d  %d, %d\n", r.Variant, r.N, r.Found, r.First, r.Three, r.Category, r.Proof, r.Both, r.N-r.Found, r.Sure, r.Loudest, r.Earliest)
	}
	fmt.Fprint(w, `
told: verdict root_cause_found · AC@k: the true component is among the first k causes · categ, proof: rank 1 has the right category, cites a
line that proves it · both: component and proof · unsure: inconclusive or no incident · SURE: a wrong cause, confirmed or with a
confidence of .8 and more · naive: the component with most new error lines, with the first new error line
`)
}
