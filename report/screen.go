package report

import (
	"bytes"
	"strings"
)

// screen lays text out in columns: lines made of spans, and boxes around them. It is the only place that writes
// escape sequences, and does so only when colour is on.
type screen struct {
	b     bytes.Buffer
	width int
	color bool
}

// style is a set of SGR parameters; the sixteen colours only, so that the terminal's own theme is kept.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "1;33"
	blue   style = "1;34"
	cyan   style = "36"
)

// span is a piece of a line in one style.
type piece struct {
	text  string
	style style
}

type row []piece

func (r row) width() int {
	n := 0
	for _, p := range r {
		n += textWidth(p.text)
	}
	return n
}

// fit cuts a row to n columns: names are as long as they like.
func (r row) fit(n int) row {
	if r.width() <= n {
		return r
	}
	var out row
	for _, p := range r {
		w := textWidth(p.text)
		if w > n {
			return append(out, piece{cut(p.text, n), p.style})
		}
		out, n = append(out, p), n-w
	}
	return out
}

// line writes one line, cut to the width and without blanks at its end.
func (s *screen) line(r ...piece) {
	r = row(r).fit(s.width)
	for len(r) > 0 {
		last := &r[len(r)-1]
		if last.text = strings.TrimRight(last.text, " "); last.text != "" {
			break
		}
		r = r[:len(r)-1]
	}
	for _, p := range r {
		s.piece(p)
	}
	s.b.WriteByte('\n')
}

func (s *screen) piece(p piece) {
	if !s.color || p.style == plain || strings.TrimSpace(p.text) == "" {
		s.b.WriteString(p.text)
		return
	}
	s.b.WriteString("\x1b[" + string(p.style) + "m" + p.text + "\x1b[0m")
}

// box draws a frame with its title in the upper edge.
func (s *screen) box(title string, st style, rows []row) {
	inner := s.width - 4
	title = cut(title, inner-2)
	s.line(piece{"╭─ ", dim}, piece{title, st}, piece{" " + strings.Repeat("─", max(0, s.width-5-textWidth(title))) + "╮", dim})
	for _, r := range rows {
		r = r.fit(inner)
		s.piece(piece{"│ ", dim})
		for _, p := range r {
			s.piece(p)
		}
		s.b.WriteString(strings.Repeat(" ", max(0, inner-r.width())))
		s.piece(piece{" │", dim})
		s.b.WriteByte('\n')
	}
	s.line(piece{"╰" + strings.Repeat("─", s.width-2) + "╯", dim})
}

// section starts a part with its heading.
func (s *screen) section(title string) {
	title = cut(title, s.width-4)
	s.line()
	s.line(piece{"── ", dim}, piece{title, bold}, piece{" " + strings.Repeat("─", max(0, s.width-4-textWidth(title))), dim})
}

// inner is the room for text inside a box.
func (s *screen) inner() int { return s.width - 4 }

// hang wraps text behind a lead, further lines under the text's beginning, at most most lines. Where the lead leaves too
// little room, the text begins on the next line.
func hang(lead piece, text string, st style, width, most int) []row {
	indent := textWidth(lead.text)
	var out []row
	if width-indent < 16 {
		out, indent = append(out, row{{cut(strings.TrimRight(lead.text, " "), width), lead.style}}), min(6, indent)
	}
	for _, l := range wrapAtMost(text, width-indent, most) {
		if len(out) == 0 {
			out = append(out, row{lead, {l, st}})
		} else {
			out = append(out, row{{strings.Repeat(" ", indent), plain}, {l, st}})
		}
	}
	return out
}

// lines writes rows as they are.
func (s *screen) lines(rows []row) {
	for _, r := range rows {
		s.line(r...)
	}
}
