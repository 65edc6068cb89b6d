package analyze

import (
	"bytes"
	"fmt"

	"github.com/rca-engine/rca/internal/parse"
)

const (
	// firstTurn is where in a stream, and after each turn, it is first looked whether its lines still are as they were, in bytes. The
	// next look is twice as far on, up to a bound; where nothing better was found, up to a larger one.
	firstTurn = 64 << 10
	fitTurn   = 256 << 10
	lastTurn  = 16 << 20
	glance    = 4 << 10  // that much is looked at
	relearn   = 64 << 10 // and that much, where it does not fit
	sampled   = 1000     // lines of it
	maxTurns  = 8        // that many are told one by one
)

// turns finds where a stream goes on in another format: the logs of several programs written one after another, a program that was
// replaced by its next release. Where it looks depends on the bytes of the stream alone, never on how they are cut into blocks: no
// block goes on its way before the look that may say that a turn lies in it.
type turns struct {
	o    parse.Options
	last int64 // the place of the last look
	at   int64 // of the next
	step int64
	next *parse.Layout // what is to be read from there on, nil when nothing is in sight
	from int64
	told int
}

// due tells whether the next look lies within what was read.
func (t *turns) due(offset int64, n int) bool {
	return t.next == nil && t.at < offset+int64(n)
}

// bound is how much of the buffer may go on its way; sure when it ends just there, for another layout is to be used behind it.
func (t *turns) bound(offset int64, n int, eof bool) (end int, sure bool) {
	if t.next != nil {
		if at := int(t.from - offset); at <= n {
			return at, true
		}
		return n, false
	}
	if eof {
		return n, false // the next look would lie behind the end
	}
	return int(min(int64(n), t.at-fitTurn-offset)), false
}

// wants is how many bytes of the buffer the next look asks for, if the stream has them.
func (t *turns) wants(offset int64) int { return int(max(t.at-offset, 0)) + relearn }

// look compares what follows the next place with the layout in use, and learns a new one where it does not fit.
func (t *turns) look(buf []byte, offset int64, now *parse.Layout) {
	at, since := t.at, max(t.last, t.at-fitTurn, offset)
	t.last = at
	t.at += t.step
	if at < offset || at-offset >= int64(len(buf)) {
		return // within a line that was left out, or behind the end
	}
	part := buf[at-offset:]
	part = part[:min(len(part), relearn)]
	i := bytes.IndexByte(part, '\n')
	if i < 0 {
		return
	}
	part = part[i+1:]
	if !few(now.Fits(part[:min(len(part), glance)], 12)) {
		t.step = min(2*t.step, fitTurn)
		return
	}
	better := parse.Detect(part, t.o)
	old, _ := now.Fits(part, sampled)
	understood, lines := better.Fits(part, sampled)
	if understood*10 < lines*6 || understood < 8 || old*4 > understood {
		t.step = min(2*t.step, lastTurn)
		return
	}
	between := buf[since-offset : at-offset+int64(i)+1]
	skip := 0
	if since > offset { // the first line is cut
		skip = bytes.IndexByte(between, '\n') + 1
	}
	t.next, t.from = better, since+int64(skip+parse.Turn(now, better, between[skip:]))
	t.at, t.step = at+firstTurn, firstTurn
}

// few tells whether a layout understands too little for a part to be of its kind.
func few(understood, lines int) bool { return lines >= 8 && understood*4 < lines }

// note tells of the turn that was just taken, and is ready for the next.
func (t *turns) note(notes []string) []string {
	if t.told++; t.told <= maxTurns {
		notes = append(notes, fmt.Sprintf("from byte %d on read as %s: %s", t.from, t.next.Format, t.next.Why))
	} else if t.told == maxTurns+1 {
		notes = append(notes, "it changes its format yet more often")
	}
	t.next = nil
	return notes
}
