package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/report"
)

// sgr is all that the text form may send to a terminal.
var sgr = regexp.MustCompile("\x1b\\[[0-9;]+m")

// TestNothingSteersATerminal proves it of all forms, of reports with poison in every string.
func TestNothingSteersATerminal(t *testing.T) {
	for form, o := range forms {
		out := string(render(t, hostile(), o))
		if o.Color {
			out = sgr.ReplaceAllString(out, "")
		}
		if !utf8.ValidString(out) {
			t.Errorf("%s: invalid UTF-8", form)
		}
		for _, r := range out {
			if r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
				t.Errorf("%s: raw %U", form, r)
				break
			}
		}
		if !strings.Contains(out, "alert(1)") {
			t.Errorf("%s: the poison is not shown at all", form)
		}
	}
	for _, o := range []report.Options{{}, {Verbose: true}} {
		if bytes.ContainsRune(render(t, hostile(), o), '\x1b') {
			t.Error("an escape without colour")
		}
	}
}

// TestTextKeepsItsWidth proves that no text breaks out of its columns or its box.
func TestTextKeepsItsWidth(t *testing.T) {
	wide := cascade()
	wide.Headline, wide.WhatHappened = strings.Repeat("漢字", 90), []string{strings.Repeat("語", 300), "👍🏽 e\u0301tat"}
	for _, r := range []*rca.Report{cascade(), inconclusive(), quiet(), hostile(), wide} {
		for _, width := range []int{40, 61, 80, 100, 200} {
			for _, verbose := range []bool{false, true} {
				for i, l := range strings.Split(string(render(t, r, report.Options{Width: width, Verbose: verbose})), "\n") {
					if w := columns(l); w > width {
						t.Fatalf("line %d has %d columns, not %d: %s", i+1, w, width, l)
					} else if strings.HasPrefix(l, "│ ") && w != width {
						t.Fatalf("line %d breaks its box: %s", i+1, l)
					}
				}
			}
		}
	}
}

// columns counts what a terminal would, for the scripts of these tests.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.Is(unicode.Han, r), r >= 0x1f300 && r < 0x1f700:
			n += 2
		default:
			n++
		}
	}
	return n
}

// TestMarkdownHoldsLogText reads the lines as a Markdown parser does: outside code nothing may open HTML but our own
// tags, no fence may be closed by what it holds, every row of a table has its columns.
func TestMarkdownHoldsLogText(t *testing.T) {
	own := regexp.MustCompile(`</?(details|summary|sub|code)>`)
	span := regexp.MustCompile("`[^`]*`")
	fence, columns := "", 0
	for i, l := range strings.Split(string(render(t, hostile(), report.Options{Format: report.Markdown})), "\n") {
		ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]
		switch {
		case fence != "":
			if len(ticks) >= len(fence) && strings.Trim(l, "` ") == "" {
				fence = ""
			}
			continue
		case len(ticks) >= 3:
			if l != ticks+"text" {
				t.Fatalf("line %d: a fence that is not ours: %q", i+1, l)
			}
			fence = ticks
			continue
		case strings.HasPrefix(l, "# heading"):
			t.Fatalf("line %d: log text broke out of its fence", i+1)
		}
		if strings.HasPrefix(l, "|") {
			n := strings.Count(strings.ReplaceAll(l, `\|`, ""), "|")
			if columns != 0 && n != columns {
				t.Fatalf("line %d: %d pipes in a table of %d: %s", i+1, n, columns, l)
			}
			columns = n
		} else {
			columns = 0
		}
		bare := own.ReplaceAllString(span.ReplaceAllString(l, ""), "")
		if strings.ContainsAny(bare, "<") {
			t.Fatalf("line %d: HTML outside code: %s", i+1, bare)
		}
		for _, bad := range []string{"@everyone", "](javascript", "](http", "http://", " #1"} {
			if at := strings.Index(bare, bad); at >= 0 && (at == 0 || bare[at-1] != '\\') {
				t.Fatalf("line %d: %q is live: %s", i+1, bad, bare)
			}
		}
	}
	if fence != "" {
		t.Fatal("a fence is open at the end")
	}
}

// TestHTMLHoldsLogText checks that the page has only the elements and attributes of its template, loads nothing and is
// well nested.
func TestHTMLHoldsLogText(t *testing.T) {
	clean, dirty := render(t, cascade(), report.Options{Format: report.HTML}), render(t, hostile(), report.Options{Format: report.HTML})
	want, got := elements(t, clean), elements(t, dirty)
	for e := range got {
		if !want[e] {
			t.Errorf("%s is only in the hostile page", e)
		}
	}
	for _, page := range [][]byte{clean, dirty} {
		s := string(page)
		for _, bad := range []string{"<script", "<img", "<iframe", "<link", "<object", "<form", "href=\"javascript", "@import", "url("} {
			if strings.Contains(strings.ToLower(s), bad) {
				t.Errorf("the page has %s", bad)
			}
		}
		if !strings.Contains(s, `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"`) {
			t.Error("the page has no policy")
		}
	}
	if !regexp.MustCompile(`<html lang="en">`).Match(clean) || !bytes.Contains(clean, []byte("<main>")) {
		t.Error("the page lacks its language or landmarks")
	}
}

// elements lists the elements of a page with the names of their attributes.
func elements(t *testing.T, page []byte) map[string]bool {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "br"}, xml.HTMLEntity
	out := map[string]bool{}
	depth := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			depth++
			out[e.Name.Local] = true
			for _, a := range e.Attr {
				out[e.Name.Local+" "+a.Name.Local] = true
			}
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("the page's elements are not well nested: %d", depth)
	}
	return out
}

// TestHeadingsInOrder checks that no page skips a level of headings and that every link within it has its target.
func TestHeadingsInOrder(t *testing.T) {
	for name, r := range reports() {
		page := string(render(t, r, report.Options{Format: report.HTML}))
		last := 0
		for _, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(page, -1) {
			level := int(m[1][0] - '0')
			if level > last+1 || level == 1 && last != 0 {
				t.Errorf("%s: h%d after h%d", name, level, last)
			}
			last = level
		}
		for _, m := range regexp.MustCompile(`(?:href="#|aria-labelledby=")([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if strings.Count(page, `id="`+m[1]+`"`) != 1 {
				t.Errorf("%s: the target %s is not there exactly once", name, m[1])
			}
		}
	}
}

// TestJSONIsExact checks that the JSON form gives back every string as it was.
func TestJSONIsExact(t *testing.T) {
	want := cascade()
	want.Headline = "esc \x1b c1 \u009b bidi \u202e tag \U000e0041 <script> & \u2028 tab\t"
	want.RootCauses[0].Evidence[0].Text = multiline[strings.LastIndex(multiline, "\n\t"):] + want.Headline
	b := render(t, want, report.Options{Format: report.JSON})
	got, err := report.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if got.Headline != want.Headline || got.RootCauses[0].Evidence[0].Text != want.RootCauses[0].Evidence[0].Text {
		t.Errorf("%q, want %q", got.Headline, want.Headline)
	}
	if again := render(t, got, report.Options{Format: report.JSON}); !bytes.Equal(b, again) {
		t.Error("what was read is not what was written")
	}
	if !bytes.Contains(b, []byte("<script> &")) {
		t.Error("HTML is escaped in JSON")
	}
}

func TestJSONHasListsAndNumbers(t *testing.T) {
	zero := 0.0
	r := &rca.Report{SchemaVersion: 1, Verdict: rca.Inconclusive, RootCauses: []rca.Hypothesis{{Grade: rca.Possible, Category: rca.Crash, Score: 1 / zero, Chain: []rca.Link{{}}}},
		Signals: []rca.Signal{{Numbers: map[string]float64{"nan": zero / zero}}}}
	var v map[string]any
	if err := json.Unmarshal(render(t, r, report.Options{Format: report.JSON}), &v); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"root_causes", "timeline", "signals", "warnings", "what_happened", "rejected", "differences", "unknowns", "fetch_next"} {
		if _, ok := v[k].([]any); !ok {
			t.Errorf("%s is %T, not a list", k, v[k])
		}
	}
	if reflect.ValueOf(r.RootCauses[0].Evidence).IsValid() && r.RootCauses[0].Evidence != nil {
		t.Error("the report itself was changed")
	}
}
