package redact

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unsafe"
)

// How a stream is read: in chunks, up to the last line end in each. A line that is longer than a chunk may grow the buffer to maxLine; what is
// longer still is cut at a blank or the like, keepBack bytes before the end, and is read on with the last context bytes before the cut.
const (
	chunk    = 128 << 10
	maxLine  = 1 << 20
	keepBack = 64 << 10
	context  = 256
)

// Copy writes to w what it reads from rd, redacted. It holds at most some megabytes, whatever the length of the lines. A private key that goes over
// many lines is replaced as one, so that the lines after it have other numbers.
func (r *Redactor) Copy(w io.Writer, rd io.Reader) error {
	c := copying{Redactor: r, w: w, buf: make([]byte, 0, chunk)}
	for {
		if len(c.buf) == cap(c.buf) {
			c.buf = slices.Grow(c.buf, chunk) // no line ends in it
		}
		n, err := rd.Read(c.buf[len(c.buf):cap(c.buf)])
		c.buf = c.buf[:len(c.buf)+n]
		eof := err == io.EOF
		if err != nil && !eof {
			return fmt.Errorf("read text to redact: %w", err)
		}
		if err := c.flush(eof); err != nil {
			return fmt.Errorf("write redacted text: %w", err)
		}
		if eof {
			return nil
		}
	}
}

// copying is the state of one Copy.
type copying struct {
	*Redactor
	w       io.Writer
	buf     []byte // seen[:base] was written before, and only tells what the rest stands behind
	base    int
	swallow bool // the last value was longer than all that is looked at: what follows up to a blank belongs to it
	out     []byte
}

// flush writes as much of the buffer as is certain.
func (c *copying) flush(eof bool) error {
	if c.swallow {
		n := bytes.IndexFunc(c.buf[c.base:], func(x rune) bool { return x == ' ' || x == '\n' || x == '\t' || x == '"' || x == '\'' })
		if n < 0 && !eof {
			c.buf = c.buf[:c.base]
			return nil
		}
		if n < 0 {
			n = len(c.buf) - c.base
		}
		c.buf = append(c.buf[:c.base], c.buf[c.base+n:]...)
		c.swallow = false
	}
	to := len(c.buf)
	whole := true // to is the end of a line, or of all
	if !eof {
		if n := bytes.LastIndexByte(c.buf[c.base:], '\n'); n >= 0 {
			to = c.base + n + 1
		} else if len(c.buf) < maxLine {
			return nil
		} else {
			whole = false
		}
	}
	s := unsafe.String(unsafe.SliceData(c.buf), to) // what is kept of it is cloned; the buffer changes only after the write
	c.find(s)
	switch {
	case !whole:
		to = c.cut(s)
	case c.open >= 0 && !eof && len(s)-c.open < maxPrivateKey:
		if to = c.open; to <= c.base {
			return nil
		}
	}
	c.out = c.replace(c.out[:0], s, c.base, to)
	if _, err := c.w.Write(c.out); err != nil {
		return err
	}
	keep := to
	c.base = 0
	if !whole {
		c.base = min(context, to)
		keep = to - c.base
	}
	c.buf = c.buf[:copy(c.buf, c.buf[keep:])]
	return nil
}

// cut finds where a line that is too long can be parted: behind a blank or a comma outside of all spans.
func (c *copying) cut(s string) int {
	to := len(s) - keepBack
	if n := strings.LastIndexAny(s[c.base:to], " ,;\t\"'"); n > 0 {
		to = c.base + n + 1
	}
	for _, p := range c.spans {
		if p.Start < to && p.End > to {
			if p.Start > c.base {
				return p.Start
			}
			c.swallow = p.End == len(s)
			return p.End
		}
	}
	return to
}
