package redact

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Pattern is a rule of the user's own: what Expr matches is replaced by <NAME_1> and so on; where it has a group, what the
// first group matches.
type Pattern struct {
	Name string // upper-case letters, digits and underscores
	Expr string // a Go regular expression; ^ and $ match at the ends of lines
}

// ParsePattern reads NAME=REGEXP.
func ParsePattern(s string) (Pattern, error) {
	name, expr, ok := strings.Cut(s, "=")
	if !ok {
		return Pattern{}, fmt.Errorf("pattern %q has no name: write NAME=REGEXP, for example TICKET=OPS-[0-9]+", s)
	}
	p := Pattern{Name: name, Expr: expr}
	_, err := p.compile()
	return p, err
}

// compiled is a pattern that is ready to search.
type compiled struct {
	kind  Kind
	expr  *regexp.Regexp
	group int
}

func (p Pattern) compile() (compiled, error) {
	if p.Name == "" || !isUpper(p.Name[0]) || strings.Trim(p.Name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return compiled{}, fmt.Errorf("pattern name %q is no kind: take upper-case letters, digits and underscores, a letter first, for example TICKET", p.Name)
	}
	e, err := regexp.Compile("(?m)" + p.Expr) // ^ and $ are those of a line: a text may hold many
	if err != nil {
		return compiled{}, fmt.Errorf("pattern %s: %w", p.Name, err)
	}
	if e.MatchString("") {
		return compiled{}, fmt.Errorf("pattern %s matches the empty text: make it match at least one character", p.Name)
	}
	return compiled{kind: Kind(p.Name), expr: e, group: min(e.NumSubexp(), 1)}, nil
}

// own joins the matches of the user's patterns with the spans of the other rules. Where two overlap, all of both is
// replaced, under the name of the user's.
func (r *Redactor) own() {
	var mine []Span
	for _, p := range r.patterns {
		for _, m := range p.expr.FindAllStringSubmatchIndex(r.s, -1) {
			if from, to := m[2*p.group], m[2*p.group+1]; from >= 0 && from < to {
				mine = append(mine, Span{p.kind, from, to})
			}
		}
	}
	if len(mine) == 0 {
		return
	}
	first := len(mine)
	all := append(mine, r.spans...)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return all[a].Start - all[b].Start })
	r.spans = r.spans[:0:0]
	user := false
	for _, i := range order {
		p := all[i]
		n := len(r.spans) - 1
		if n < 0 || p.Start >= r.spans[n].End {
			r.spans, user = append(r.spans, p), i < first
			continue
		}
		last := &r.spans[n]
		if i < first && !user {
			last.Kind, user = p.Kind, true
		}
		last.End = max(last.End, p.End)
	}
}
