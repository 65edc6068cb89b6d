package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"github.com/rca-engine/rca"
)

// html writes one file that needs nothing else: no script, no network, no font. html/template escapes; the style sheet is the
// only text that is put in as it is.

//go:embed page.tmpl
var pageText string

//go:embed page.css
var pageStyle string

// page is parsed when the first HTML report is written: it would cost every other start some milliseconds.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"style":      func() template.CSS { return template.CSS(pageStyle) },
		"num":        func(n any) string { return num(toInt(n)) },
		"plural":     func(n int, noun string) string { return plural(int64(n), noun) },
		"time":       formatTime,
		"span":       span,
		"where":      where,
		"about":      about,
		"provenance": provenance,
		"absent":     absent,
		"change":     change,
		"numbers":    numbersOf,
		"number":     number,
		"signed":     func(x float64) string { return fmt.Sprintf("%+.2f", x) },
		"name":       func(h rca.Hypothesis) string { return name(&h) },
		"ordinal":    ordinal,
		"warning":    warningLine,
		"kind":       kindClass,
		"bars":       bars,
		"around":     around,
		"first":      func(n int, list []string) []string { return list[:min(n, len(list))] },
		"after":      func(n int, list []string) []string { return list[min(n, len(list)):] },
		"web":        func(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") },
		"firstLine":  func(s string) string { l, _, _ := strings.Cut(s, "\n"); return l },
		"add":        func(a, b int) int { return a + b },
		"scope":      func(v *view, h any) scoped { return scoped{View: v, Of: h} },
	}).Parse(pageText))
})

// scoped hands a part of the page its view beside the thing it shows.
type scoped struct {
	View *view
	Of   any
}

func writeHTML(v *view) ([]byte, error) {
	var b bytes.Buffer
	if err := page().Execute(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Wide and Narrow are the two drawings of the timeline; the style sheet shows the one that fits.
func (v *view) Wide() *lanes   { return v.draw(920, true) }
func (v *view) Narrow() *lanes { return v.draw(330, false) }

// Found tells whether causes, not leads, are named.
func (v *view) Found() bool { return v.Verdict == rca.RootCauseFound && v.Top != nil }

// Tone is the class of the badge: one of a closed set.
func (v *view) Tone() string {
	switch b := v.Badge(); b {
	case string(rca.Confirmed), string(rca.Likely), string(rca.Possible):
		return b
	case "no incident":
		return "calm"
	}
	return "open"
}

// ChainTitle, OtherWord, Partly, Redacted and OptionList are what the template asks for.
func (v *view) ChainTitle() string { return chainTitle(v) }
func (v *view) OtherWord() string  { return otherWord(v) }
func (v *view) Partly() string     { return partialNote }
func (v *view) Redacted() string   { return redactionNote(v.Redaction) }
func (v *view) OptionList() []fact { return v.options() }

// Leads are the hypotheses that the second box lists when no cause was found.
func (v *view) Leads() []rca.Hypothesis { return v.RootCauses[:min(3, len(v.RootCauses))] }

// Quotes picks the lines that say most.
func (v *view) Quotes(h rca.Hypothesis, n int) []rca.Evidence { return quotes(&h, n) }

// path is a piece of the chain without a fork: a component and the links that follow each other from there.
type path struct {
	Start string
	Links []rca.Link
}

// Paths cuts a chain where a link does not begin at the end of the one before.
func (scoped) Paths(links []rca.Link) []path {
	var out []path
	for _, l := range links {
		if n := len(out); n > 0 {
			if p := &out[n-1]; p.Links[len(p.Links)-1].To == l.From {
				p.Links = append(p.Links, l)
				continue
			}
		}
		out = append(out, path{l.From, []rca.Link{l}})
	}
	return out
}

// bars draws counts as the path of a small chart of 96 by 20 pixels.
func bars(counts []int64) string {
	heights := resample(counts, 48)
	top := peak(heights)
	if top == 0 {
		return ""
	}
	var b strings.Builder
	step := 96 / float64(len(heights))
	for i, h := range heights {
		if h > 0 {
			fmt.Fprintf(&b, "M%.1f 20V%.1fH%.1fV20Z", float64(i)*step, 20-max(1.5, h/top*20), float64(i+1)*step-min(0.4, step/4))
		}
	}
	return b.String()
}

// contextLine is a line around an evidence, or the evidence itself.
type contextLine struct {
	Line  int64
	Text  string
	Cited bool
}

// around puts an evidence between its neighbours.
func around(e rca.Evidence) []contextLine {
	var out []contextLine
	done := false
	for _, c := range e.Context {
		if c.Line >= e.Line && !done {
			out = append(out, contextLine{e.Line, e.Text, true})
			done = true
		}
		if c.Line != e.Line {
			out = append(out, contextLine{c.Line, c.Text, false})
		}
	}
	if !done {
		out = append(out, contextLine{e.Line, e.Text, true})
	}
	return out
}

func toInt(n any) int64 {
	switch n := n.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	}
	return 0
}
