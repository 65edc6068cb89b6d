package redact

import (
	"strings"
	"sync"
)

// The classes of bytes that steer the scan. A byte may belong to several sets of characters besides.
const (
	word  = 1 << iota // letters, digits, underscore, and every byte of a rune that is not ASCII
	stop              // a byte at which a rule may begin
	upper             // A-Z
	digit             // 0-9
)

// class tells the class of each byte.
var class = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= 'A' && c <= 'Z':
			t[c] = word | upper
		case c >= '0' && c <= '9':
			t[c] = word | digit
		case c >= 'a' && c <= 'z', c == '_', c >= 0x80:
			t[c] = word
		}
	}
	for _, c := range "@+([</\\~%$\x1b-\n" {
		t[c] |= stop
	}
	return t
}()

func isWord(c byte) bool  { return class[c]&word != 0 }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isAlnum(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// tables are what the scan needs beside the classes; they are made at first use.
type tables struct {
	starts [1 << 16 / 64]uint64 // bit set: shapes begin with these two bytes
	shapes map[[2]byte][]shape
}

var allTables = sync.OnceValue(func() *tables {
	t := &tables{shapes: map[[2]byte][]shape{}}
	for _, s := range shapes {
		two := [2]byte{s.prefix[0], s.prefix[1]}
		n := uint(two[0])<<8 | uint(two[1])
		t.starts[n/64] |= 1 << (n % 64)
		t.shapes[two] = append(t.shapes[two], s)
	}
	return t
})

// find collects the spans of s into r.spans.
func (r *Redactor) find(s string) {
	r.s, r.spans, r.open = s, r.spans[:0], -1
	clear(r.runs[:])
	r.scan()
	if len(r.patterns) > 0 {
		r.own()
	}
}

// add notes a span, unless it reaches into the one before: the scan only goes forward. It returns where the scan goes on.
func (r *Redactor) add(k Kind, start, end int) int {
	if start < r.done() || start >= end {
		return end
	}
	r.spans = append(r.spans, Span{k, start, end})
	return end
}

// done is the end of the last span.
func (r *Redactor) done() int {
	if n := len(r.spans); n > 0 {
		return r.spans[n-1].End
	}
	return 0
}

// scan walks over the words and the bytes between them.
func (r *Redactor) scan() {
	s := r.s
	i := r.lineStart(0)
	for i < len(s) {
		c := class[s[i]]
		if c&word == 0 {
			if c&stop == 0 {
				i++
				continue
			}
			i = r.mark(i)
			continue
		}
		start := i
		for i++; i < len(s) && class[s[i]]&word != 0; i++ {
		}
		i = r.word(start, i)
	}
}

// word looks at the word s[i:end], and returns where the scan goes on: its end, or the end of what was found.
func (r *Redactor) word(i, end int) int {
	s := r.s
	if class[s[i]]&digit != 0 {
		if to := r.number(i, end); to > end {
			return to
		}
		if end < len(s) && s[end] == '.' && len(r.o.Hosts) > 0 {
			return r.host(i, end)
		}
		return end
	}
	if end-i >= 2 {
		if n := uint(s[i])<<8 | uint(s[i+1]); r.tables.starts[n/64]&(1<<(n%64)) != 0 {
			if k, to := r.token(i); to > i {
				if k == kindTelegram && s[i] == 'b' { // the word bot is no part of it
					i += len("bot")
				}
				to = r.add(k, i, to)
				if k == "AWS_KEY" {
					return r.secretKey(to)
				}
				return to
			}
		}
		if class[s[i]]&class[s[i+1]]&upper != 0 {
			if to := r.iban(i, end); to > i {
				return r.add(kindIBAN, i, to)
			}
		}
	}
	if end == len(s) {
		return end
	}
	if r.o.IP && s[end] == ':' && end-i <= 4 && isHex(s[i]) {
		if to := r.address(i, end); to > end {
			return to
		}
	}
	switch s[end] {
	case '=', ':', '"', '\'', '\\', '>':
		return r.keyed(i, end)
	case ' ':
		return r.phrase(i, end)
	case '.':
		if len(r.o.Hosts) > 0 {
			return r.host(i, end)
		}
	}
	return end
}

// mark looks at a byte between words at which a rule may begin.
func (r *Redactor) mark(i int) int {
	s := r.s
	switch s[i] {
	case '\n':
		return r.lineStart(i + 1)
	case '@':
		return r.at(i)
	case '+':
		return r.plus(i)
	case '(':
		return r.areaCode(i)
	case '[':
		return r.bracket(i)
	case '<':
		if end := pseudonymEnd(s, i); end > i {
			if len(r.literal) < maxValues {
				r.literal[strings.Clone(s[i:end])] = true
			}
			return end
		}
	case '/', '\\':
		if to := r.home(i); to > i {
			return to
		}
		// The letter of an escape such as \n is no part of the word that follows.
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 'r' || s[i+1] == 't') {
			return i + 2
		}
	case '~':
		return r.azureSecret(i)
	case '$':
		return r.passwordHash(i)
	case '%':
		// Nor are the digits of a percent-encoded byte, or those of a terminal's colour.
		if i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			if s[i+1] == '4' && s[i+2] == '0' {
				return r.email(i, i+3)
			}
			return i + 3
		}
	case '\x1b':
		for j := i + 1; j < len(s) && j < i+16; j++ {
			if s[j]|0x20 >= 'a' && s[j]|0x20 <= 'z' {
				return j + 1
			}
		}
	case '-':
		return r.dash(i)
	}
	return i + 1
}

// lineStart looks at what only a whole line can be.
func (r *Redactor) lineStart(i int) int {
	if to := keyLine(r.s, i); to > i {
		return r.add(kindPrivateKey, i, to)
	}
	return i
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
