package memory

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// value stands where a value stood.
const value = "*"

// maxLine is the length to which a line's constant part is kept, in bytes.
const maxLine = 240

// constant reduces a template, or a line as it stands, to what would be the same on another host and at another time: a word that holds a
// digit run keeps its letters, one that is a host's name or holds no letter becomes a value, and values in a row become one.
func constant(s string, hosts []string) string {
	s = strings.ReplaceAll(visible(s), "<*>", value)
	var out []string
	for _, w := range strings.Fields(s) {
		if slices.Contains(hosts, strings.Trim(w, `"'()[]{},;:=`)) {
			w = value
		} else if strings.ContainsAny(w, "0123456789*") {
			w = maskDigits(w)
		}
		if !strings.ContainsFunc(w, unicode.IsLetter) {
			if !strings.Contains(w, value) {
				continue // punctuation says nothing
			}
			w = value
		}
		if w == value && len(out) > 0 && out[len(out)-1] == value {
			continue
		}
		out = append(out, w)
	}
	return clip(strings.Join(out, " "), maxLine)
}

// maskDigits replaces numbers in a word by a value: runs of digits, and runs of eight or more that are hexadecimal, dashes included, as ids
// and dates are.
func maskDigits(w string) string {
	var b strings.Builder
	for i := 0; i < len(w); {
		n, digits := i, 0
		for n < len(w) && (isHex(w[n]) || w[n] == '-') {
			if isDigit(w[n]) {
				digits++
			}
			n++
		}
		alone := (i == 0 || !isLetter(w[i-1]) || w[i-1] == 'x') && (n == len(w) || !isLetter(w[n]))
		switch {
		case digits > 0 && n-i >= 8 && alone:
			b.WriteString(value)
			i = n
		case isDigit(w[i]):
			for i < len(w) && isDigit(w[i]) {
				i++
			}
			b.WriteString(value)
		default:
			b.WriteByte(w[i]) // a letter takes those behind it along: an id does not begin within a word
			for i++; i < len(w) && isLetter(w[i-1]) && isLetter(w[i]); i++ {
				b.WriteByte(w[i])
			}
		}
	}
	return b.String()
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isHex(c byte) bool    { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// roleOf is a component's name without what tells one instance from another: a pod's hashes, a replica's number.
func roleOf(name string) string {
	s := strings.ToLower(visible(name))
	hashed := false
	for {
		i := strings.LastIndexAny(s, "-_.")
		if i <= 0 {
			break
		}
		last := s[i+1:]
		number := strings.Trim(last, "0123456789") == ""
		hash := len(last) >= 8 && strings.ContainsAny(last, "0123456789") && strings.Trim(last, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
		suffix := len(last) == 5 && !hashed && strings.Count(s, "-") >= 2 && isPodSuffix(s[:i], last)
		if !number && !hash && !suffix {
			break
		}
		hashed = hashed || hash
		s = s[:i]
	}
	if t := strings.TrimRight(s, "0123456789"); t != "" {
		return t
	}
	return s
}

// isPodSuffix tells whether the last five letters of a name are those that Kubernetes gives a pod: they follow its replica set's hash, or
// are of the alphabet without vowels that it draws from, and hold a digit.
func isPodSuffix(before, last string) bool {
	if strings.Trim(last, "bcdfghjklmnpqrstvwxz2456789") != "" {
		return false
	}
	set := before[strings.LastIndexByte(before, '-')+1:]
	return strings.ContainsAny(last, "2456789") || len(set) >= 8 && strings.ContainsAny(set, "2456789")
}

// visible takes out what a terminal obeys or does not show, and makes one line of several.
func visible(s string) string {
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s), "\uFFFD")
}

// clip shortens to n bytes, never within a rune.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
