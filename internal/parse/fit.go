package parse

import (
	"bytes"

	"github.com/rca-engine/rca"
)

// reading tells line by line what a layout understands.
type reading struct {
	l *Layout
	p *Parser
}

func (l *Layout) reading() reading { return reading{l, &Parser{layout: l, clock: l.clock}} }

// understands tells whether a line has a header of the layout's formats; first is false where it can only continue another one.
func (g reading) understands(raw []byte) (understood, first bool) {
	p := g.p
	p.recs, p.fields, p.arena = p.recs[:0], p.fields[:0], p.arena[:0]
	ln, _ := g.l.lineAt(p, raw, 0, len(raw))
	if blank(ln.text) || ln.text[0] == ' ' || ln.text[0] == '\t' || frame(ln.text) {
		return false, false
	}
	var r rca.Record
	return p.headOf(&ln, &r) != nil, true
}

// Fits counts the lines of a part of a stream that may begin a record, up to enough of them, and those whose header the layout
// understands.
func (l *Layout) Fits(part []byte, enough int) (understood, lines int) {
	g := l.reading()
	for raw := range bytes.Lines(part) {
		if lines == enough {
			break
		}
		ok, first := g.understands(raw)
		if first {
			lines++
		}
		if ok {
			understood++
		}
	}
	return understood, lines
}

// Turn finds where in a part of a stream the lines of one layout end and those of another begin: the offset of the line that
// parts most of what each of them alone understands. Lines that neither does go with the one before them.
func Turn(before, after *Layout, part []byte) int {
	old, now := before.reading(), after.reading()
	sum, best, at := 0, 0, 0
	end, open := 0, true // open while the lines since the best place may still belong before it
	for raw := range bytes.Lines(part) {
		o, _ := old.understands(raw)
		n, _ := now.understands(raw)
		end += len(raw)
		switch {
		case o && !n:
			if sum++; sum > best {
				best, at, open = sum, end, true
			}
		case n && !o:
			sum--
			open = false
		case open && !n:
			at = end
		}
	}
	return at
}
