package mine

import (
	"math/bits"
	"strings"

	"github.com/rca-engine/rca"
)

// The bytes that stand in a key where a value was. Each is below a blank, so that no message contains one.
const (
	maskNumber  = 0x01 // a number with its unit
	maskHex     = 0x02
	maskAddress = 0x03
	maskHost    = 0x04
	maskURL     = 0x05
	maskPath    = 0x06
	maskUUID    = 0x07
	maskTime    = 0x08 // a date, a time of day, a duration written as one: no number, for it only grows
	maskDigits  = 0x0f // a run of digits inside a word
	maskValue   = 0x10 // what follows key=
	maskRest    = 0x11 // everything after this point differs: shapes folded to bound memory
	maskAny     = 0x12 // a word that merging found to be variable
)

const (
	maxNumbers = 6
	maxParams  = 8
	maxKey     = 2048 // bytes of a message that a key covers; the tail of longer ones is not looked at
)

// class bits of a byte.
const (
	cDigit  = 1 << iota
	cLetter // includes bytes above ASCII
	cHex    // a-f, A-F
	cDot
	cColon
	cSlash
	cEq
	cOther
	cComma // with cOther
)

var class = func() (t [256]uint16) {
	for b := 0; b < 256; b++ {
		switch {
		case b >= '0' && b <= '9':
			t[b] = cDigit
		case b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F':
			t[b] = cLetter | cHex
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80:
			t[b] = cLetter
		case b == '.':
			t[b] = cDot
		case b == ':':
			t[b] = cColon
		case b == '/' || b == '\\':
			t[b] = cSlash
		case b == '=':
			t[b] = cEq
		case b == ',':
			t[b] = cOther | cComma
		default:
			t[b] = cOther
		}
	}
	return
}()

// scan masks one message. It keeps what was masked: numbers as thousandths, names of parties as spans.
type scan struct {
	key     []byte
	numbers [maxNumbers]int64
	nNum    int
	params  [maxParams]span
	nParam  int
}

type span struct {
	kind rca.ParamKind
	text string
}

func (sc *scan) reset() {
	sc.key, sc.nNum, sc.nParam = sc.key[:0], 0, 0
}

func (sc *scan) number(v int64) {
	if sc.nNum < maxNumbers {
		sc.numbers[sc.nNum] = v
	}
	sc.nNum++
}

func (sc *scan) param(k rca.ParamKind, s string) {
	if sc.nParam < maxParams {
		sc.params[sc.nParam] = span{kind: k, text: s}
	}
	sc.nParam++
}

// message appends the mask of m to the key.
func (sc *scan) message(m string) {
	if len(m) > maxKey {
		m = m[:maxKey]
		if i := strings.LastIndexByte(m, ' '); i > maxKey/2 {
			m = m[:i]
		}
	}
	k := sc.key
	run := -1 // where plain words began that a single blank parts: they are copied in one go
	for i := 0; i < len(m); {
		b := m[i]
		if b <= ' ' {
			if run >= 0 && b == ' ' && m[i-1] != ' ' && i+1 < len(m) && m[i+1] > ' ' {
				i++
				continue
			}
			if run >= 0 {
				k, run = append(k, m[run:i]...), -1
			}
			for i < len(m) && m[i] <= ' ' {
				i++
			}
			if len(k) > 0 && k[len(k)-1] != ' ' && i < len(m) {
				k = append(k, ' ')
			}
			continue
		}
		// One pass finds the word's end and what it is made of.
		var has uint16
		j := i
		for j < len(m) && m[j] > ' ' {
			has |= class[m[j]]
			j++
		}
		if has&(cDigit|cSlash|cEq) == 0 {
			if j-i <= 4 && b <= 'Z' && b >= 'A' {
				if e := dateEnd(m, i); e > 0 {
					if run >= 0 {
						k, run = append(k, m[run:i]...), -1
					}
					k = append(k, maskTime)
					i = e
					continue
				}
			}
			if run < 0 {
				run = i
			}
			i = plainEnd(m, j)
			continue
		}
		if run >= 0 {
			k, run = append(k, m[run:i]...), -1
		}
		if b == '<' && j-i > 1 {
			if e := lessThan(m, i, j); e > 0 {
				k = append(k, maskTime)
				i = e
				continue
			}
		}
		if has&cEq != 0 {
			// A quoted value may hold blanks.
			if q := strings.IndexByte(m[i:j], '='); q >= 0 && i+q+1 < j && (m[i+q+1] == '"' || m[i+q+1] == '\'') {
				quote := m[i+q+1]
				if e := strings.IndexByte(m[i+q+2:], quote); e >= 0 && e < 400 && i+q+2+e >= j {
					j = i + q + 2 + e + 1
					for j < len(m) && m[j] > ' ' {
						j++
					}
				}
			}
		}
		sc.key = k
		sc.word(m[i:j], has)
		k = sc.key
		i = j
	}
	if run >= 0 {
		k = append(k, m[run:]...)
	}
	for len(k) > 0 && k[len(k)-1] == ' ' {
		k = k[:len(k)-1]
	}
	sc.key = k
}

// plainEnd steps over words of small letters that follow a plain word's end at i, eight bytes at once, and gives where the
// first word begins that it cannot answer for. Most of what programs print is such words: it made masking them 1.4 times as fast.
func plainEnd(m string, i int) int {
	const high, low7 = 0x8080808080808080, 0x7f7f7f7f7f7f7f7f
	start := i
	for i+8 <= len(m) {
		x := load8(m, i)
		blank := ^((x ^ 0x2020202020202020) + low7) & high // of bytes below 0x80
		small := x << 1 & (x << 2) & high                  // bits 6 and 5: a to z, and a few marks
		if (x|(blank|small)^high)&high != 0 || blank&(blank<<8) != 0 || blank&0x80 != 0 && m[i-1] == ' ' {
			break
		}
		i += 8
	}
	if i < len(m) {
		for i > start && m[i-1] != ' ' { // a word begun is left to the caller as a whole
			i--
		}
	}
	return i
}

// load8 reads eight bytes; the compiler makes one load of it.
func load8(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

const weekdays, months = "MonTueWedThuFriSatSun", "JanFebMarAprMayJunJulAugSepOctNovDec"

// among tells whether the three bytes at i are one of the names that all holds in a row.
func among(m string, i int, all string) bool {
	if i+3 > len(m) {
		return false
	}
	for k := 0; k+3 <= len(all); k += 3 {
		if m[i] == all[k] && m[i+1] == all[k+1] && m[i+2] == all[k+2] {
			return true
		}
	}
	return false
}

// dateEnd gives the end of a date as ctime and syslog write it ("Thu Aug 11 15:04:05 PDT 2005", "Aug 11 15:04:05"), which
// begins at i; 0 if none does.
func dateEnd(m string, i int) int {
	if among(m, i, weekdays) {
		if i += 3; i < len(m) && m[i] == ',' {
			i++
		}
		i = blanks(m, i)
	}
	if !among(m, i, months) || i+3 >= len(m) || m[i+3] != ' ' {
		return 0
	}
	i = blanks(m, i+3)
	n := figures(m, i)
	if n == i || n > i+2 {
		return 0
	}
	if n < len(m) && m[n] == ',' {
		n++
	}
	i = blanks(m, n)
	c := clockEnd(m, i)
	if c == 0 {
		return 0
	}
	end := c
	i = blanks(m, c)
	if z := i; z+3 <= len(m) && m[z] >= 'A' && m[z] <= 'Z' && m[z+1] >= 'A' && m[z+1] <= 'Z' { // a zone
		for i < len(m) && m[i] >= 'A' && m[i] <= 'Z' {
			i++
		}
		i = blanks(m, i)
	}
	if y := figures(m, i); y == i+4 {
		end = y
	}
	return end
}

// clockEnd gives the end of 15:04, 15:04:05 or 15:04:05.678 that begins at i; 0 if none does.
func clockEnd(m string, i int) int {
	n := figures(m, i)
	if n == i || n > i+3 {
		return 0
	}
	parts := 0
	for n+3 <= len(m) && m[n] == ':' && figures(m, n+1) == n+3 {
		n += 3
		parts++
	}
	if parts == 0 || parts > 2 {
		return 0
	}
	if n+1 < len(m) && m[n] == '.' {
		n = max(n, figures(m, n+1))
	}
	return n
}

// lessThan gives the end of a duration too short to be told: "<1 sec".
func lessThan(m string, i, j int) int {
	if figures(m, i+1) != j || j >= len(m) {
		return 0
	}
	u := blanks(m, j)
	e := u
	for e < len(m) && class[m[e]]&cLetter != 0 {
		e++
	}
	if _, ok := units[m[u:e]]; !ok || e == u {
		return 0
	}
	return e
}

func blanks(m string, i int) int {
	for i < len(m) && m[i] == ' ' {
		i++
	}
	return i
}

func figures(m string, i int) int {
	for i < len(m) && class[m[i]]&cDigit != 0 {
		i++
	}
	return i
}

const opening, closing = "\"'([{<`", "\"')]}>`,;:.!?"

const wordMarks = "\"'([{<`)]}>,;:.!?" // both

// opens and shuts are the marks as tables: a word's ends are looked at before all else.
var opens, shuts = marks(opening), marks(closing)

func marks(s string) (t [256]bool) {
	for i := 0; i < len(s); i++ {
		t[s[i]] = true
	}
	return t
}

// word masks one blank-free word that has a digit, a slash or "=" in it.
func (sc *scan) word(w string, has uint16) {
	a, z := 0, len(w)
	for a < z && opens[w[a]] {
		a++
	}
	for z > a && shuts[w[z-1]] {
		z--
	}
	if has&cEq != 0 {
		for z < len(w) && closes(w[a:z], w[z]) {
			z++
		}
	}
	sc.key = append(sc.key, w[:a]...)
	sc.core(w[a:z], has, z-a == len(w))
	sc.key = append(sc.key, w[z:]...)
}

// core masks a word without its brackets and closing marks; has may tell of those as well, unless it is exact.
func (sc *scan) core(w string, has uint16, exact bool) {
	if w == "" {
		return
	}
	if has&cEq != 0 {
		if e := strings.IndexByte(w, '='); e > 0 {
			start := e // Surface(name=…
			for start > 0 && (!opens[w[start-1]] || w[start-1] == '`') && w[start-1] != ';' {
				start--
			}
			if identifier(w[start:e]) {
				sc.key = append(sc.key, w[:start]...)
				sc.pair(w[start:], e-start)
				return
			}
		}
	}
	if has&(cSlash|cColon) == cSlash|cColon && strings.Contains(w, "://") {
		sc.key = append(sc.key, maskURL)
		sc.param(rca.ParamURL, w)
		return
	}
	if has&cComma == 0 {
		if exact && has&cEq == 0 {
			sc.typed(w, has)
		} else {
			sc.part(w)
		}
		return
	}
	if c := strings.IndexByte(w, ','); c > 0 && !(has&cLetter == 0 && groupedNumber(w)) {
		for {
			part := w
			if c >= 0 {
				part = w[:c]
			}
			sc.part(part)
			if c < 0 {
				return
			}
			sc.key = append(sc.key, ',')
			w = w[c+1:]
			c = strings.IndexByte(w, ',')
		}
	}
	sc.part(w)
}

// made says what a word is made of.
func made(w string) (has uint16) {
	for i := 0; i < len(w); i++ {
		has |= class[w[i]]
	}
	return has
}

// part masks a word without commas.
func (sc *scan) part(w string) {
	if w == "" {
		return
	}
	has := made(w)
	if has&(cDigit|cSlash|cEq) == 0 {
		sc.key = append(sc.key, w...)
		return
	}
	if has&cEq != 0 {
		if e := strings.IndexByte(w, '='); e > 0 && identifier(w[:e]) {
			sc.pair(w, e)
			return
		}
	}
	sc.typed(w, has)
}

// pair masks "key=value": the key stays, the value goes, but for true and false.
func (sc *scan) pair(w string, e int) {
	sc.key = append(sc.key, w[:e+1]...)
	v := w[e+1:]
	if c := strings.IndexByte(v, ','); c > 0 {
		if n := strings.IndexByte(v[c:], '='); n > 1 && identifier(v[c+1:c+n]) {
			rest := v[c+1:]
			sc.value(v[:c])
			sc.key = append(sc.key, ',')
			sc.pair(rest, n-1)
			return
		}
	}
	sc.value(v)
}

func (sc *scan) value(v string) {
	a, z := 0, len(v)
	for a < z && opens[v[a]] {
		a++
	}
	for z > a && shuts[v[z-1]] {
		z--
	}
	// A bracket that closes one within the value is part of it.
	for z < len(v) && closes(v[a:z], v[z]) {
		z++
	}
	sc.key = append(sc.key, v[:a]...)
	core := v[a:z]
	switch {
	case core == "":
	case len(core) == 4 && strings.EqualFold(core, "true"), len(core) == 5 && strings.EqualFold(core, "false"):
		sc.key = append(sc.key, core...)
	default:
		if n, ok := parseNumber(core); ok {
			sc.key = append(sc.key, maskNumber)
			sc.number(n)
		} else {
			sc.key = append(sc.key, maskValue)
			sc.param(kindByLook, core)
		}
	}
	sc.key = append(sc.key, v[z:]...)
}

// closes tells whether b closes a bracket that is open at the end of s.
func closes(s string, b byte) bool {
	var open byte
	switch b {
	case '}':
		open = '{'
	case ')':
		open = '('
	case ']':
		open = '['
	default:
		return false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] == open {
			n++
		} else if s[i] == b {
			n--
		}
	}
	return n > 0
}

// typed masks a word by what it looks like.
func (sc *scan) typed(w string, has uint16) {
	switch {
	case has&cDigit != 0 && (w[0] >= '0' && w[0] <= '9' || len(w) > 1 && (w[0] == '-' || w[0] == '+') && w[1] >= '0' && w[1] <= '9' || w[0] == '.' && len(w) > 1):
		if n, ok := parseNumber(w); ok {
			sc.key = append(sc.key, maskNumber)
			sc.number(n)
			return
		}
	}
	if has&cDigit != 0 {
		if has&cDot != 0 && ipv4(w) {
			sc.key = append(sc.key, maskAddress)
			sc.param(rca.ParamAddress, w)
			return
		}
		if len(w) > 7 && w[0] == '/' && has&cDot != 0 && ipv4(w[1:]) { // Java prints host/address, with the host left out
			sc.key = append(sc.key, maskAddress)
			sc.param(rca.ParamAddress, w[1:])
			return
		}
		if len(w) == 36 && uuid(w) {
			sc.key = append(sc.key, maskUUID)
			return
		}
		if len(w) > 2 && w[0] == '0' && (w[1] == 'x' || w[1] == 'X') && allHex(w[2:]) {
			sc.key = append(sc.key, maskHex)
			return
		}
		if len(w) >= 8 && has&^(cDigit|cLetter|cHex) == 0 && hexWord(w) {
			sc.key = append(sc.key, maskHex)
			return
		}
		if has&cColon != 0 {
			if has&^(cDigit|cLetter|cHex|cColon|cDot) == 0 && ipv6orMAC(w) {
				sc.key = append(sc.key, maskAddress)
				sc.param(rca.ParamAddress, w)
				return
			}
			if clockEnd(w, 0) == len(w) {
				sc.key = append(sc.key, maskTime)
				return
			}
			if has&cSlash == 0 && hostPort(w) {
				sc.key = append(sc.key, maskHost)
				sc.param(rca.ParamHost, w)
				return
			}
		}
	}
	if has&cSlash != 0 && class[w[0]]&cLetter != 0 {
		// chdir(/home/x), path:/home/x: what stands before the path is no part of it.
		if i := strings.IndexByte(w, '/'); i > 1 && (w[i-1] == '(' || w[i-1] == ':' && i > 2) && i+1 < len(w) && identifier(w[:i-1]) {
			sc.key = append(sc.key, w[:i]...)
			sc.word(w[i:], made(w[i:]))
			return
		}
	}
	if has&cSlash != 0 && isPath(w) {
		sc.key = append(sc.key, maskPath)
		sc.param(rca.ParamPath, w)
		return
	}
	if has&cDigit == 0 {
		sc.key = append(sc.key, w...)
		return
	}
	sc.segments(w)
}

// segments masks the digits of a word and keeps its letters; a segment in which both alternate, as in a random id, goes whole.
func (sc *scan) segments(w string) {
	for i := 0; i < len(w); {
		c := class[w[i]]
		if c&(cDigit|cLetter) == 0 {
			if w[i] == '-' && i > 0 && i+1 < len(w) && class[w[i+1]]&cDigit != 0 && (w[i-1] == '_' || w[i-1] == ':' || w[i-1] == '(' || w[i-1] == '[') {
				i++ // a sign belongs to its number
				continue
			}
			sc.key = append(sc.key, w[i])
			i++
			continue
		}
		j, turns, digits, hexOnly := i, 0, 0, true
		prev := c & cDigit
		for j < len(w) && class[w[j]]&(cDigit|cLetter) != 0 {
			d := class[w[j]] & cDigit
			if d != prev {
				turns++
				prev = d
			}
			if d != 0 {
				digits++
			} else if class[w[j]]&cHex == 0 {
				hexOnly = false
			}
			j++
		}
		seg := w[i:j]
		i = j
		switch {
		case digits == 0:
			sc.key = append(sc.key, seg...)
		case turns >= 3, turns == 2 && len(seg) >= 5 && digits >= 2, hexOnly && turns > 0 && len(seg) >= 4, len(seg) >= 20:
			sc.key = append(sc.key, maskHex)
		default:
			for k := 0; k < len(seg); {
				if class[seg[k]]&cDigit != 0 {
					for k < len(seg) && class[seg[k]]&cDigit != 0 {
						k++
					}
					sc.key = append(sc.key, maskDigits)
				} else {
					sc.key = append(sc.key, seg[k])
					k++
				}
			}
		}
	}
}

func identifier(s string) bool {
	if s == "" || len(s) > 64 || class[s[0]]&cLetter == 0 && s[0] != '_' && s[0] != '-' && s[0] != '@' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if class[s[i]]&(cLetter|cDigit|cDot) == 0 && s[i] != '_' && s[i] != '-' && s[i] != '@' {
			return false
		}
	}
	return true
}

// unit factors bring durations to milliseconds and sizes to bytes, in thousandths.
var units = map[string]int64{"": 1000, "ns": 0, "us": 1, "µs": 1, "μs": 1, "ms": 1000, "s": 1e6, "sec": 1e6, "secs": 1e6, "m": 60e6, "min": 60e6, "h": 3600e6, "d": 86400e6,
	"b": 1000, "kb": 1024e3, "kib": 1024e3, "mb": 1 << 20 * 1000, "mib": 1 << 20 * 1000, "gb": 1 << 30 * 1000, "gib": 1 << 30 * 1000, "tb": 1 << 40 * 1000, "tib": 1 << 40 * 1000, "%": 1000, "x": 1000, "k": 1e6, "kbps": 1e6, "hz": 1000, "mhz": 1e9, "px": 1000, "dpi": 1000}

// parseNumber reads a decimal number with an optional sign, fraction and unit, in thousandths of the unit's base.
func parseNumber(w string) (int64, bool) {
	if w[0] > '9' || w[0] < '+' { // most values are words
		return 0, false
	}
	i := 0
	neg := false
	if w[0] == '-' || w[0] == '+' {
		neg = w[0] == '-'
		i = 1
	}
	var v uint64
	digits := 0
	for i < len(w) && (class[w[i]]&cDigit != 0 || w[i] == ',' && digits > 0 && i+3 < len(w) && class[w[i+1]]&cDigit != 0) {
		if w[i] != ',' {
			if digits++; digits > 19 {
				return 0, false
			}
			v = v*10 + uint64(w[i]-'0')
		}
		i++
	}
	frac, scale := uint64(0), uint64(1)
	if i < len(w) && w[i] == '.' && i+1 < len(w) && class[w[i+1]]&cDigit != 0 {
		for i++; i < len(w) && class[w[i]]&cDigit != 0; i++ {
			if scale < 1e6 {
				frac = frac*10 + uint64(w[i]-'0')
				scale *= 10
			}
			digits++
		}
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(w) && w[i]|0x20 == 'e' && i+1 < len(w) && (class[w[i+1]]&cDigit != 0 || i+2 < len(w) && (w[i+1] == '-' || w[i+1] == '+') && class[w[i+2]]&cDigit != 0) {
		for i += 2; i < len(w) && class[w[i]]&cDigit != 0; i++ {
		}
		if i == len(w) {
			return clamp(v, 1000, neg), true
		}
	}
	f := int64(1000)
	if i < len(w) {
		u := w[i:]
		if len(u) > 5 {
			return 0, false
		}
		if u == "ms" { // the commonest by far
			f = 1000
		} else {
			var low [5]byte
			for k := 0; k < len(u); k++ {
				low[k] = u[k]
				if u[k] >= 'A' && u[k] <= 'Z' {
					low[k] |= 0x20
				}
			}
			var ok bool
			if f, ok = units[string(low[:len(u)])]; !ok {
				return 0, false
			}
		}
	}
	n := clamp(v, f, neg)
	if frac > 0 {
		part := int64(frac) * f / int64(scale)
		if neg {
			part = -part
		}
		n += part
	}
	return n, true
}

// clamp multiplies without overflow: numbers past 10^15 thousandths are as good as infinite, and sums of them must fit.
func clamp(v uint64, f int64, neg bool) int64 {
	hi, lo := bits.Mul64(v, uint64(f))
	if hi != 0 || lo > 1e15 {
		lo = 1e15
	}
	if neg {
		return -int64(lo)
	}
	return int64(lo)
}

func groupedNumber(w string) bool {
	for i := 0; i < len(w); i++ {
		if class[w[i]]&cDigit == 0 && w[i] != ',' && w[i] != '.' {
			return false
		}
	}
	c := strings.IndexByte(w, ',')
	return c > 0 && c <= 3 && (len(w)-c)%4 == 0
}

// ipv4 matches a dotted quad with an optional port.
func ipv4(w string) bool {
	dots, digits, i := 0, 0, 0
	for ; i < len(w); i++ {
		if class[w[i]]&cDigit != 0 {
			if digits++; digits > 3 {
				return false
			}
		} else if w[i] == '.' && digits > 0 && dots < 3 {
			dots++
			digits = 0
		} else {
			break
		}
	}
	if dots != 3 || digits == 0 {
		return false
	}
	if i < len(w) {
		if w[i] != ':' && w[i] != '/' && w[i] != '#' || i+1 == len(w) {
			return false
		}
		for i++; i < len(w); i++ {
			if class[w[i]]&cDigit == 0 {
				return false
			}
		}
	}
	return true
}

func uuid(w string) bool {
	for i := 0; i < 36; i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if w[i] != '-' {
				return false
			}
		} else if class[w[i]]&(cDigit|cHex) == 0 {
			return false
		}
	}
	return true
}

func allHex(w string) bool {
	for i := 0; i < len(w); i++ {
		if class[w[i]]&(cDigit|cHex) == 0 {
			return false
		}
	}
	return true
}

// hexWord matches hexadecimal digits of which at least one is a figure.
func hexWord(w string) bool {
	d := false
	for i := 0; i < len(w); i++ {
		c := class[w[i]]
		if c&(cDigit|cHex) == 0 {
			return false
		}
		d = d || c&cDigit != 0
	}
	return d || len(w) >= 12
}

func ipv6orMAC(w string) bool {
	colons := 0
	run := 0
	for i := 0; i < len(w); i++ {
		switch {
		case w[i] == ':':
			colons++
			run = 0
		case class[w[i]]&(cDigit|cHex) != 0:
			if run++; run > 4 {
				return false
			}
		case w[i] == '.':
		default:
			return false
		}
	}
	return colons >= 5 || colons >= 2 && strings.Contains(w, "::")
}

// hostPort matches name:1234 where the name has a dot in it.
func hostPort(w string) bool {
	c := strings.LastIndexByte(w, ':')
	if c < 3 || c+3 > len(w) || len(w)-c > 6 {
		return false
	}
	for i := c + 1; i < len(w); i++ {
		if class[w[i]]&cDigit == 0 {
			return false
		}
	}
	dot := false
	for i := 0; i < c; i++ {
		if w[i] == '.' {
			dot = true
		} else if class[w[i]]&(cDigit|cLetter) == 0 && w[i] != '-' && w[i] != '_' {
			return false
		}
	}
	return dot
}

// isPath matches /a/b, ./a, C:\a and a/b/c.
func isPath(w string) bool {
	n := 0
	for i := 0; i < len(w); i++ {
		if w[i] == '/' || w[i] == '\\' {
			n++
		}
	}
	switch {
	case w[0] == '/' && len(w) > 1:
		return true
	case n >= 1 && len(w) > 3 && w[1] == ':' && class[w[0]]&cLetter != 0 && (w[2] == '\\' || w[2] == '/'):
		return true
	case n >= 1 && w[0] == '.' && (w[1:] != "" && (w[1] == '/' || w[1] == '.')):
		return true
	}
	if n == 1 && class[w[0]]&cLetter != 0 { // com.example.app/.Activity
		i := strings.IndexAny(w, "/\\")
		return strings.Count(w[:i], ".") >= 2 && strings.IndexByte(w[i:], '.') > 0
	}
	return n >= 2 && class[w[0]]&cLetter != 0
}

// kindOf says what a value looks like, for parameters that were masked by their place.
func kindOf(v string) rca.ParamKind {
	switch {
	case strings.Contains(v, "://"):
		return rca.ParamURL
	case ipv4(v):
		return rca.ParamAddress
	case strings.IndexByte(v, '.') > 0 && hostPort(v):
		return rca.ParamHost
	case len(v) > 1 && v[0] == '/':
		return rca.ParamPath
	case len(v) == 36 && uuid(v):
		return rca.ParamUUID
	case len(v) >= 8 && hexWord(v):
		return rca.ParamHex
	}
	return rca.ParamWord
}
