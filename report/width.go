package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wide are the runes that take two columns of a terminal: East Asian scripts and emoji (Unicode's East Asian
// Width, W and F, in ranges as coarse as they can be without harm).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x231a, Hi: 0x231b, Stride: 1}, {Lo: 0x23e9, Hi: 0x23ec, Stride: 1},
		{Lo: 0x23f0, Hi: 0x23f3, Stride: 3}, {Lo: 0x25fd, Hi: 0x25fe, Stride: 1}, {Lo: 0x2614, Hi: 0x2615, Stride: 1},
		{Lo: 0x2648, Hi: 0x2653, Stride: 1}, {Lo: 0x26a1, Hi: 0x26a1, Stride: 1}, {Lo: 0x26d4, Hi: 0x26d4, Stride: 1},
		{Lo: 0x2705, Hi: 0x2705, Stride: 1}, {Lo: 0x270a, Hi: 0x270b, Stride: 1}, {Lo: 0x2728, Hi: 0x2728, Stride: 1},
		{Lo: 0x274c, Hi: 0x274e, Stride: 2}, {Lo: 0x2753, Hi: 0x2755, Stride: 1}, {Lo: 0x2757, Hi: 0x2757, Stride: 1},
		{Lo: 0x2795, Hi: 0x2797, Stride: 1}, {Lo: 0x2b1b, Hi: 0x2b1c, Stride: 1}, {Lo: 0x2b50, Hi: 0x2b55, Stride: 5},
		{Lo: 0x2e80, Hi: 0x303e, Stride: 1}, {Lo: 0x3041, Hi: 0xa4cf, Stride: 1}, {Lo: 0xa960, Hi: 0xa97c, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, {Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff01, Hi: 0xff60, Stride: 1}, {Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe0, Hi: 0x18cff, Stride: 1}, {Lo: 0x1b000, Hi: 0x1b2ff, Stride: 1}, {Lo: 0x1f004, Hi: 0x1f004, Stride: 1},
		{Lo: 0x1f18e, Hi: 0x1f18e, Stride: 1}, {Lo: 0x1f191, Hi: 0x1f19a, Stride: 1}, {Lo: 0x1f200, Hi: 0x1f64f, Stride: 1},
		{Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1}, {Lo: 0x1f7e0, Hi: 0x1f7eb, Stride: 1}, {Lo: 0x1f90c, Hi: 0x1f9ff, Stride: 1},
		{Lo: 0x1fa70, Hi: 0x1faff, Stride: 1}, {Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

// runeWidth is the number of columns a rune takes, for text that clean has passed.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// head returns the longest beginning of s that fits into n columns, and the rest.
func head(s string, n int) (string, string) {
	for i, r := range s {
		if n -= runeWidth(r); n < 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// cut shortens s to n columns. It says that it did, and by how many characters: "connect to db fai …+42".
func cut(s string, n int) string {
	if textWidth(s) <= n {
		return s
	}
	room := n
	for {
		left, rest := head(s, max(room, 0))
		mark := fmt.Sprintf("…+%d", utf8.RuneCountInString(rest))
		if left = strings.TrimRight(left, " "); room <= 0 && textWidth(mark) > n {
			first, _ := head("…", n)
			return first // no room to say how much
		} else if room <= 0 || textWidth(left)+textWidth(mark) <= n {
			return left + mark
		}
		room--
	}
}

// pad fills s with blanks up to n columns.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-textWidth(s)))
}

// wrap breaks prose at blanks into lines of at most n columns; a longer word is broken where it must.
func wrap(s string, n int) []string {
	var out []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		w := textWidth(word)
		if used > 0 && used+1+w <= n {
			line, used = line+" "+word, used+1+w
			continue
		}
		if used > 0 {
			out = append(out, line)
		}
		for w > n {
			first, rest := head(word, n)
			if first == "" {
				break // narrower than one wide rune
			}
			out = append(out, first)
			word, w = rest, textWidth(rest)
		}
		line, used = word, w
	}
	if used > 0 {
		out = append(out, line)
	}
	return out
}

// wrapAtMost is wrap, with what goes beyond most lines cut and marked.
func wrapAtMost(s string, n, most int) []string {
	lines := wrap(s, n)
	if len(lines) <= most {
		return lines
	}
	rest := strings.Join(lines[most-1:], " ")
	return append(lines[:most-1:most-1], cut(rest, n))
}

// quoted breaks the text of a log, whose blanks count, into at most most lines of n columns; what goes beyond is cut and
// marked.
func quoted(text string, n, most int) []string {
	var out []string
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		for {
			if len(out) == most-1 {
				l = cut(l, n)
				if more := len(lines) - i - 1; more > 0 {
					mark := fmt.Sprintf(" …+%s", plural(int64(more), "line"))
					l = cut(l, n-textWidth(mark)) + mark
				}
				return append(out, l)
			}
			first, rest := head(l, n)
			if at := strings.LastIndexAny(first, " ,"); rest != "" && at > n*3/5 {
				first, rest = first[:at+1], l[at+1:]
			}
			out = append(out, first)
			if l = rest; l == "" || first == "" {
				break
			}
		}
	}
	return out
}
