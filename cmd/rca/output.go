package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden tells the runes of a log that a terminal obeys, or that hide or turn the text around them.
func hidden(r rune) bool {
	return r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r > 0xa0 && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// safe makes text of a log harmless on a terminal.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if hidden(r) {
			return '␦'
		}
		return r
	}, s)
}

// clip shortens to n bytes, never within a rune.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n--
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// lines writes JSON values, one a line, with every rune that hidden tells written as \uXXXX: the value stays the same.
type lines struct {
	w   io.Writer
	buf bytes.Buffer
	enc *json.Encoder
}

func newLines(w io.Writer) *lines {
	l := &lines{w: w}
	l.enc = json.NewEncoder(&l.buf)
	l.enc.SetEscapeHTML(false)
	return l
}

// Encode writes one value.
func (l *lines) Encode(v any) error {
	l.buf.Reset()
	if err := l.enc.Encode(v); err != nil {
		return err
	}
	b := l.buf.Bytes()
	var out []byte
	from := 0
	for i := 0; i < len(b); {
		if b[i] < 0x7f { // encoding/json has escaped what is below a blank
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if hidden(r) {
			out = append(out, b[from:i]...)
			if r > 0xffff {
				r -= 0x10000
				out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			from = i + n
		}
		i += n
	}
	if out != nil {
		b = append(out, b[from:]...)
	}
	_, err := l.w.Write(b)
	return err
}
