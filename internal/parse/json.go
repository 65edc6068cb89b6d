package parse

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rca-engine/rca"
)

// headJSON reads one JSON object a line. The scanner visits each member once, left to right, without building a tree:
// a string without escapes stays where it is in the block. Nested objects give dotted names down to three levels;
// arrays stay as text.
func headJSON(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 2 || s[0] != '{' {
		return false
	}
	first := len(p.fields)
	p.roles.next = 0
	end, ok := p.object(r, s, 0, "", 0)
	if !ok {
		return false
	}
	for ; end < len(s); end++ {
		if s[end] != ' ' && s[end] != '\t' && s[end] != ',' {
			return false
		}
	}
	if r.Message == "" {
		r.Message = firstText(p.fields[first:], s)
	}
	if r.Severity == rca.SeverityUnknown && r.Status > 0 {
		r.Severity = severityStatus(r.Status)
	}
	return true
}

// firstText stands in for a message where the logger used another name for it. The fields are those of the line s alone.
func firstText(fields []rca.Field, s string) string {
	for _, key := range [...]string{"event", "error", "err", "err.message", "error.message", "what", "note", "reason", "description", "title", "eventName"} {
		for i := range fields {
			if fields[i].Key == key && fields[i].Value != "" {
				return fields[i].Value
			}
		}
	}
	return s
}

// object reads the members of the object that begins at s[i], with prefix before their names.
func (p *Parser) object(r *rca.Record, s string, i int, prefix string, depth int) (int, bool) {
	i++ // {
	for {
		i = skipBlank(s, i)
		if i >= len(s) {
			return i, false
		}
		if s[i] == '}' {
			return i + 1, true
		}
		if s[i] == ',' {
			i++
			continue
		}
		if s[i] != '"' {
			return i, false
		}
		key, j, ok := p.jsonString(s, i)
		if !ok {
			return j, false
		}
		i = skipBlank(s, j)
		if i >= len(s) || s[i] != ':' {
			return i, false
		}
		i = skipBlank(s, i+1)
		if i >= len(s) {
			return i, false
		}
		if prefix != "" {
			key = p.compose(prefix, key)
		}
		switch s[i] {
		case '"':
			val, j, ok := p.jsonString(s, i)
			if !ok {
				return j, false
			}
			p.field(r, key, val, true)
			i = j
		case '{':
			if depth < 3 {
				if i, ok = p.object(r, s, i, key, depth+1); !ok {
					return i, false
				}
			} else {
				j, ok := skipNested(s, i)
				if !ok {
					return j, false
				}
				p.field(r, key, s[i:j], true)
				i = j
			}
		case '[':
			j, ok := skipNested(s, i)
			if !ok {
				return j, false
			}
			p.field(r, key, s[i:j], true)
			i = j
		default:
			j := i
			for j < len(s) && s[j] != ',' && s[j] != '}' && s[j] != ' ' && s[j] != ']' {
				j++
			}
			if j == i || j == len(s) && depth == 0 {
				return j, false
			}
			if b := s[i]; b != '-' && !digit(b) && b != 't' && b != 'f' && b != 'n' && b != 'N' {
				return j, false
			}
			if s[i] != 'n' {
				p.field(r, key, s[i:j], false)
			}
			i = j
		}
	}
}

func skipBlank(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

// compose joins a dotted name; each distinct one is made once.
func (p *Parser) compose(prefix, key string) string {
	var b [160]byte
	if len(prefix)+1+len(key) > len(b) {
		return key
	}
	n := copy(b[:], prefix)
	b[n] = '.'
	n++
	n += copy(b[n:], key)
	if k, ok := p.keys[string(b[:n])]; ok {
		return k
	}
	k := string(b[:n])
	if p.keys == nil || len(p.keys) > 4096 {
		p.keys = map[string]string{}
	}
	p.keys[k] = k
	return k
}

// jsonString reads the string that begins at s[i] and gives where it ended.
func (p *Parser) jsonString(s string, i int) (string, int, bool) {
	i++
	k := stringEnd(s, i)
	if k < len(s) && s[k] == '"' {
		return s[i:k], k + 1, true
	}
	for k < len(s) && s[k] == '\\' {
		k = stringEnd(s, min(k+2, len(s)))
	}
	if k >= len(s) {
		return "", len(s), false
	}
	return p.unescape(s[i:k]), k + 1, true
}

// skipNested finds the end of the object or array that begins at s[i].
func skipNested(s string, i int) (int, bool) {
	depth := 0
	for i < len(s) {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1, true
			}
		case '"':
			for i++; i < len(s) && s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		}
		i++
	}
	return i, false
}

// unescape decodes a JSON string's escapes into the arena.
func (p *Parser) unescape(s string) string {
	n := len(p.arena)
	a := p.arena
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 >= len(s) {
			a = append(a, s[i])
			i++
			continue
		}
		i++
		switch s[i] {
		case 'n':
			a = append(a, '\n')
		case 't':
			a = append(a, '\t')
		case 'r':
			a = append(a, '\r')
		case 'b', 'f':
			a = append(a, ' ')
		case 'u':
			r, size := hex4(s[i+1:])
			if size > 0 && utf16.IsSurrogate(r) && i+10 < len(s) && s[i+5] == '\\' && s[i+6] == 'u' {
				if lo, ok := hex4(s[i+7:]); ok > 0 {
					if c := utf16.DecodeRune(r, lo); c != utf8.RuneError {
						r = c
						i += 6
					}
				}
			}
			if size > 0 {
				i += 4
				if r == 0x1b { // colour inside a JSON string is no text
					i = skipCSI(s, i)
				} else {
					a = utf8.AppendRune(a, r)
				}
			} else {
				a = append(a, '\\', 'u')
			}
		default:
			a = append(a, s[i])
		}
		i++
	}
	p.arena = a
	return str(a[n:])
}

// skipCSI steps over the rest of a colour sequence after its escape, which ended at s[i].
func skipCSI(s string, i int) int {
	if i+1 < len(s) && s[i+1] == '[' {
		for j := i + 2; j < len(s) && j < i+20; j++ {
			if s[j] >= 0x40 && s[j] <= 0x7e {
				return j
			}
		}
	}
	return i
}

func hex4(s string) (rune, int) {
	if len(s) < 4 {
		return 0, 0
	}
	var r rune
	for i := 0; i < 4; i++ {
		b := s[i]
		switch {
		case digit(b):
			b -= '0'
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			b = b | 0x20 - 'a' + 10
		default:
			return 0, 0
		}
		r = r<<4 | rune(b)
	}
	return r, 4
}
