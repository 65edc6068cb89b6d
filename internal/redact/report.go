package redact

import (
	"reflect"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

// Report returns a copy of a report with every text of it redacted, which says what was replaced.
//
// The report is walked by its type, so that no text can be forgotten, and twice: what a rule recognised anywhere is replaced
// everywhere, for a name that a log line gives away as user=… stands alone in a headline. Hashes of what was quoted go: who has
// all of a line but a telephone number could find that by trying. What JSON leaves out is left out of the copy.
func (r *Redactor) Report(rep *rca.Report) *rca.Report {
	before := map[Kind]int64{}
	for k, c := range r.counts {
		before[k] = c.Replaced
	}
	w := walk{r: r}
	w.copy(reflect.ValueOf(rep)) // to get to know the values
	for k, c := range r.counts {
		c.Replaced = before[k]
	}
	w.again, w.known = true, r.reusable(rep)
	out := w.copy(reflect.ValueOf(rep)).Interface().(*rca.Report)
	out.Redaction = &rca.Redaction{Quotes: w.quotes, Kinds: []rca.Redacted{}}
	for _, c := range r.Counts() {
		out.Redaction.Kinds = append(out.Redaction.Kinds, rca.Redacted{Kind: string(c.Kind), Values: c.Values, Replaced: c.Replaced})
	}
	return out
}

// shortest is the length from which on a known value is looked for where no rule recognises it.
const shortest = 4

// reusable lists the values to look for everywhere, the longest first. A component may have the name of the account that it uses; it stays.
func (r *Redactor) reusable(rep *rca.Report) []string {
	components := map[string]bool{}
	for _, i := range rep.Made.Inputs {
		components[i.Component] = true
	}
	for _, h := range rep.RootCauses {
		components[h.Component] = true
	}
	var out []string
	for v, name := range r.names {
		if len(v) >= shortest && !(components[v] && kindOf(name) == kindUser) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return out
}

// walk copies values of any type with their texts redacted.
type walk struct {
	r      *Redactor
	again  bool // the second time
	known  []string
	quotes int64
}

var (
	textType     = reflect.TypeFor[string]()
	evidenceType = reflect.TypeFor[rca.Evidence]()
	inputType    = reflect.TypeFor[rca.Input]()
)

func (w *walk) copy(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		// A type of its own is a closed set of words (a verdict, a category), which no log can enter.
		if v.Type() == textType {
			out.SetString(w.text(v.String()))
		} else {
			out.Set(v)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(w.copy(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		for i := range v.Len() {
			out.Index(i).Set(w.copy(v.Index(i)))
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			out.SetMapIndex(w.copy(k), w.copy(v.MapIndex(k)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if t := v.Type().Field(i); t.IsExported() && t.Tag.Get("json") != "-" {
				out.Field(i).Set(w.copy(v.Field(i)))
			}
		}
		switch v.Type() {
		case evidenceType:
			w.quote(v.Addr().Interface().(*rca.Evidence), out.Addr().Interface().(*rca.Evidence))
		case inputType:
			out.Addr().Interface().(*rca.Input).Hash = ""
		}
	default:
		out.Set(v)
	}
	return out
}

// quote marks an evidence that can no longer be compared with its line, because its text or the name of its file was changed.
func (w *walk) quote(was, is *rca.Evidence) {
	if was.Text == is.Text && was.File == is.File && !was.TextCut {
		return
	}
	is.Redacted, is.SHA256 = true, ""
	if w.again {
		w.quotes++
	}
}

func (w *walk) text(s string) string {
	w.r.find(s)
	w.r.recall(w.known)
	if len(w.r.spans) == 0 {
		return s
	}
	return string(w.r.replace(nil, s, 0, len(s)))
}

// recall adds spans for the values that are known, where they stand as whole words or cut short.
func (r *Redactor) recall(known []string) {
	s := r.s
	free := func(from, to int) bool {
		return !slices.ContainsFunc(r.spans, func(p Span) bool { return from < p.End && p.Start < to })
	}
	n := len(r.spans)
	for _, v := range known {
		for at := 0; ; {
			i := strings.Index(s[at:], v)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+len(v)
			at = to
			if (from == 0 || !isWord(s[from-1]) || !isWord(v[0])) && (to == len(s) || !isWord(s[to]) || !isWord(v[len(v)-1])) && free(from, to) {
				r.spans = append(r.spans, Span{kindOf(r.names[v]), from, to})
			}
		}
	}
	for at := 0; ; {
		end, more := len(s), false
		if i := strings.Index(s[at:], "…"); i >= 0 {
			end, more = at+i, true
		}
		for _, v := range known {
			if l := overlap(s[:end], v); l > 0 && free(end-l, end) {
				r.spans = append(r.spans, Span{kindOf(r.names[v]), end - l, end})
			}
		}
		if !more {
			break
		}
		at = end + len("…")
	}
	if len(r.spans) > n {
		slices.SortFunc(r.spans, func(a, b Span) int { return a.Start - b.Start })
	}
}

// overlap is the length of the longest beginning of v, of 6 bytes or more but not all of it, with which s ends.
func overlap(s, v string) int {
	for l := min(len(v)-1, len(s)); l >= 6; l-- {
		if s[len(s)-l:] == v[:l] && (l == len(s) || !isWord(s[len(s)-l-1])) {
			return l
		}
	}
	return 0
}
