package analyze

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/rank"
	"github.com/rca-engine/rca/internal/source"
)

// quoter turns cites into evidence. Each text is read again from its source, or taken from the bytes that were kept
// where the source cannot be read twice, and compared with the hash of what the analysis saw. What differs is not cited.
type quoter struct {
	ins      []*input
	n        int
	files    map[string]*os.File
	warnings []rca.Warning
	known    map[string]string // "file:line" to evidence id, so that a line is numbered once
}

func newQuoter(ins []*input) *quoter {
	return &quoter{ins: ins, files: map[string]*os.File{}, known: map[string]string{}}
}

// evidence makes one of a cite; ok is false when the source no longer holds what was read.
func (q *quoter) evidence(c rank.Cite) (rca.Evidence, bool) {
	x := c.Sample
	if int(x.Source) >= len(q.ins) {
		return rca.Evidence{}, false
	}
	in := q.ins[x.Source]
	raw, checked, err := q.raw(in, x)
	if err != nil {
		q.warnings = append(q.warnings, rca.Warning{Source: in.Name, Line: x.Line, Offset: x.Offset, Text: "a line could not be read again and is not cited: " + err.Error(), Remedy: "do not change the logs while they are analysed"})
		return rca.Evidence{}, false
	}
	if c.SubLine >= int(x.Lines) { // the line breaks were inside a JSON string
		c.SubLine = 0
	}
	line, start := subLine(raw, c.SubLine)
	end := bytes.TrimRight(line, "\r")
	sum := sha256.Sum256(end)
	e := rca.Evidence{Role: c.Role, File: in.Name, Line: x.Line + int64(c.SubLine), Offset: x.Offset + int64(start), Length: int64(len(end)), SHA256: hex.EncodeToString(sum[:]),
		Checked: checked, Timestamp: x.Time, Component: c.Component, Note: c.Note, Count: c.Count, Absent: c.Absent, Place: x.Place}
	e.Text = strings.ToValidUTF8(string(end), "\uFFFD")
	if len(e.Text) > rca.MaxEvidence {
		n := rca.MaxEvidence
		for n > 0 && e.Text[n]&0xc0 == 0x80 {
			n--
		}
		e.Text, e.TextCut = e.Text[:n], true
	}
	if checked == "reread" {
		e.Context = q.context(in, x, c.SubLine, int64(start)+x.Offset, int64(len(line)))
	}
	return e, true
}

// raw gives the bytes of a sample's record.
func (q *quoter) raw(in *input, x rca.Sample) ([]byte, string, error) {
	if !in.Seekable {
		if x.Raw == "" {
			return nil, "", fmt.Errorf("its bytes were not kept")
		}
		return []byte(x.Raw), "kept", nil
	}
	f := q.files[in.Path]
	if f == nil {
		var err error
		if f, err = os.Open(in.Path); err != nil {
			return nil, "", err
		}
		q.files[in.Path] = f
	}
	buf := make([]byte, x.Length)
	if _, err := f.ReadAt(buf, x.Offset); err != nil {
		return nil, "", err
	}
	if x.Hash != 0 && xxhash.Sum64(buf) != x.Hash {
		return nil, "", fmt.Errorf("the bytes at %d are no longer those that were analysed", x.Offset)
	}
	return buf, "reread", nil
}

// subLine gives the n-th physical line of a record, and where it begins.
func subLine(raw []byte, n int) ([]byte, int) {
	start := 0
	for ; n > 0; n-- {
		i := bytes.IndexByte(raw[start:], '\n')
		if i < 0 {
			break
		}
		start += i + 1
	}
	line := raw[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return line, start
}

// context reads two lines before and after.
func (q *quoter) context(in *input, x rca.Sample, sub int, offset, length int64) []rca.Line {
	const around = 2 << 10
	f := q.files[in.Path]
	var out []rca.Line
	from := max(0, offset-around)
	before := make([]byte, offset-from)
	if n, _ := f.ReadAt(before, from); n > 0 {
		lines := bytes.Split(bytes.TrimSuffix(before[:n], []byte("\n")), []byte("\n"))
		if from > 0 && len(lines) > 0 {
			lines = lines[1:]
		}
		if len(lines) > 2 {
			lines = lines[len(lines)-2:]
		}
		for i, l := range lines {
			if no := x.Line + int64(sub) - int64(len(lines)-i); no > 0 {
				out = append(out, contextLine(no, l))
			}
		}
	}
	after := make([]byte, around)
	if n, _ := f.ReadAt(after, offset+length); n > 1 {
		if i := bytes.IndexByte(after[:n], '\n'); i >= 0 {
			lines := bytes.Split(after[i+1:n], []byte("\n"))
			for k := 0; k < len(lines)-1 && k < 2; k++ {
				out = append(out, contextLine(x.Line+int64(sub)+int64(k)+1, lines[k]))
			}
		}
	}
	return out
}

func contextLine(no int64, l []byte) rca.Line {
	s := strings.ToValidUTF8(string(bytes.TrimRight(l, "\r")), "\uFFFD")
	if len(s) > 500 {
		s = s[:500]
		s = strings.ToValidUTF8(s, "") + "…"
	}
	return rca.Line{Line: no, Text: s}
}

// cite numbers a cite; the same line keeps its number.
func (q *quoter) cite(list *[]rca.Evidence, c rank.Cite) string {
	e, ok := q.evidence(c)
	if !ok {
		return ""
	}
	at := fmt.Sprintf("%s:%d", e.File, e.Line)
	for _, have := range *list {
		if have.File == e.File && have.Line == e.Line {
			return have.ID
		}
	}
	if id := q.known[at]; id != "" {
		e.ID = id
	} else {
		q.n++
		e.ID = fmt.Sprintf("E%d", q.n)
		q.known[at] = e.ID
	}
	*list = append(*list, e)
	return e.ID
}

// hypothesis writes one into the report's form.
func (q *quoter) hypothesis(no int, h *rank.Hypothesis) rca.Hypothesis {
	out := rca.Hypothesis{Rank: no, Component: h.Component, Category: h.Category, Title: h.Title, Summary: h.Summary, Grade: h.Grade, Score: h.Score, Parts: h.Parts, NextSteps: h.NextSteps, Role: h.Role}
	out.Basis = h.Basis
	if c, ok := h.Confidence(); ok {
		out.Confidence = &c
	}
	if h.Entry != nil {
		out.Meaning, out.Source = h.Entry.Means, h.Entry.Source
	}
	for _, c := range h.Cites {
		q.cite(&out.Evidence, c)
	}
	for _, l := range h.Links {
		link := rca.Link{From: l.From, To: l.To, What: l.What}
		for _, c := range l.Cites {
			if id := q.cite(&out.Evidence, c); id != "" {
				link.Evidence = append(link.Evidence, id)
			}
		}
		if len(link.Evidence) > 0 {
			out.Chain = append(out.Chain, link)
		}
	}
	weakest := -1
	for i := range out.Chain {
		if weakest < 0 || len(out.Chain[i].Evidence) < len(out.Chain[weakest].Evidence) {
			weakest = i
		}
	}
	if len(out.Chain) > 1 && weakest >= 0 {
		out.Chain[weakest].Weakest = true
	}
	return out
}

// timeline lists the turning points: changes, first lines of cause and effects.
func (q *quoter) timeline(rep *rca.Report, out *rank.Output) {
	add := func(t rca.Time, component, kind, text, id string) {
		rep.Timeline = append(rep.Timeline, rca.TimelineEntry{Time: t, Component: component, Kind: kind, Text: text, Evidence: id})
	}
	if out.Verdict == rca.NoIncident {
		return
	}
	for i := range rep.RootCauses {
		h := &rep.RootCauses[i]
		for k := range h.Evidence {
			e := &h.Evidence[k]
			if e.Timestamp == rca.NoTime || e.Note == "frame" || e.Note == "innermost frame" || e.Note == "the exception" || i > 0 && k > 1 {
				continue
			}
			kind := e.Role
			if i > 0 {
				kind = "effect"
			}
			add(e.Timestamp, e.Component, kind, clipText(e.Text, 160), e.ID)
		}
	}
	if len(rep.RootCauses) > 0 {
		var list []rca.Evidence
		n := 0
		for _, c := range out.Changes {
			if c.Time == rca.NoTime || n >= 6 || out.Onset != rca.NoTime && (c.Time > out.Onset+60e9 || c.Time < out.Onset-300e9) {
				continue
			}
			if id := q.cite(&list, c.Cite); id != "" {
				n++
				e := list[len(list)-1]
				add(e.Timestamp, c.Component, "change", clipText(e.Text, 160), "")
			}
		}
	}
	sort.SliceStable(rep.Timeline, func(i, j int) bool { return rep.Timeline[i].Time < rep.Timeline[j].Time })
}

func clipText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func addSkipped(rep *rca.Report, res *source.Result) {
	if res == nil {
		return
	}
	for _, s := range res.Skipped {
		rep.Coverage.Skipped = append(rep.Coverage.Skipped, rca.Skipped(s))
	}
}

// headline says in a sentence what the report found.
func headline(rep *rca.Report) {
	switch rep.Verdict {
	case rca.NoIncident:
		rep.Headline = "No incident: nothing in these logs is out of the ordinary enough to be one"
		rep.Summary = rep.Headline + "."
		return
	case rca.Inconclusive:
		rep.Headline = "Inconclusive: these logs show trouble, and not what caused it"
		if len(rep.RootCauses) > 0 {
			rep.Summary = fmt.Sprintf("%s. The leading hypothesis is %s.", rep.Headline, rep.RootCauses[0].Title)
		}
	default:
		h := rep.RootCauses[0]
		rep.Headline = h.Title
		rep.Summary = h.Title + ". " + h.Summary
	}
	for _, l := range rep.RootCauses[0].Chain {
		if len(rep.WhatHappened) < 3 {
			rep.WhatHappened = append(rep.WhatHappened, fmt.Sprintf("%s was hit by %s: %s", l.To, l.From, l.What))
		}
	}
	if len(rep.WhatHappened) == 0 {
		rep.WhatHappened = append(rep.WhatHappened, fmt.Sprintf("%d error lines, of which %d are explained by this", rep.Coverage.Errors, rep.Coverage.ErrorsExplained))
	}
}
