package parse

import (
	"time"

	"github.com/rca-engine/rca"
)

// clock turns the stamps of one stream into instants. It remembers the last minute, because neighbouring lines share
// it: a hit costs a comparison of 16 bytes in place of a calendar computation.
type clock struct {
	loc    *time.Location // of stamps without a zone
	utc    bool           // loc is UTC
	anchor civil          // year (and date) for stamps that lack them, from the stream's reference time

	zoned bool // the last stamp said its zone, or was an epoch

	memoText [16]byte // "2026-11-22T22:11" of the last ISO stamp
	memoBase int64    // its instant in seconds, before the zone is taken off
}

// civil is a stamp as written: fields that the text lacks are zero, with the has flags saying so.
type civil struct {
	year, month, day, hour, min, sec int
	nanos                            int64
	offset                           int // seconds east of UTC
	hasYear, hasDate, hasZone        bool
	instant                          rca.Time // set for epochs
	isInstant                        bool
	other                            *[3]int // another reading of a date in two figures each: year, month, day
}

// daysFromCivil counts days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
func daysFromCivil(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int64(era)*146097 + int64(doe) - 719468
}

func distance(a, b int) int { return max(a-b, b-a) }

// at converts a stamp to an instant.
func (c *clock) at(v *civil) rca.Time {
	c.zoned = v.hasZone || v.isInstant
	if v.isInstant {
		return v.instant
	}
	y, m, d := v.year, v.month, v.day
	if o := v.other; o != nil && distance(o[0], c.anchor.year) < distance(y, c.anchor.year) {
		y, m, d = o[0], o[1], o[2]
	}
	if !v.hasDate {
		y, m, d = c.anchor.year, c.anchor.month, c.anchor.day
	} else if !v.hasYear {
		// A log that began in November and shows January has passed a new year; one that began in
		// January and shows December is looking back.
		y = c.anchor.year
		switch diff := m - c.anchor.month; {
		case diff < -6:
			y++
		case diff > 6:
			y--
		}
	}
	if y < 1678 || y > 2261 { // outside what nanoseconds in 64 bits can hold
		return rca.NoTime
	}
	if v.hasZone || c.utc {
		s := daysFromCivil(y, m, d)*86400 + int64(v.hour*3600+v.min*60+v.sec-v.offset)
		return rca.Time(s*1e9 + v.nanos)
	}
	return rca.Time(time.Date(y, time.Month(m), d, v.hour, v.min, v.sec, int(v.nanos), c.loc).UnixNano())
}

// iso reads the commonest stamp, "2026-11-22T22:11:02.123Z" and its relatives, at the start of s.
// It returns the number of bytes read, 0 if there is none.
func (c *clock) iso(s string) (rca.Time, int) {
	if len(s) < 19 || s[4] < '-' || s[4] > '/' || s[13] != ':' || s[16] != ':' {
		return rca.NoTime, 0
	}
	if string(c.memoText[:]) == s[:16] {
		sec, ok := num2(s, 17)
		if !ok || sec > 60 {
			return rca.NoTime, 0
		}
		nanos, n := fraction(s, 19)
		off, has, m := zone(s, n)
		c.zoned = has
		if has {
			return rca.Time((c.memoBase+int64(sec-off))*1e9 + nanos), m
		}
		if c.utc {
			return rca.Time((c.memoBase+int64(sec))*1e9 + nanos), n
		}
	}
	var v civil
	n := scanISO(s, &v)
	if n == 0 {
		return rca.NoTime, 0
	}
	if s[4] == '-' || s[4] == '/' {
		copy(c.memoText[:], s[:16])
		c.memoBase = daysFromCivil(v.year, v.month, v.day)*86400 + int64(v.hour*3600+v.min*60)
	}
	return c.at(&v), n
}

func digit(b byte) bool { return b-'0' <= 9 }

func num2(s string, i int) (int, bool) {
	if i+2 > len(s) || !digit(s[i]) || !digit(s[i+1]) {
		return 0, false
	}
	return int(s[i]-'0')*10 + int(s[i+1]-'0'), true
}

func num4(s string, i int) (int, bool) {
	a, ok := num2(s, i)
	b, ok2 := num2(s, i+2)
	return a*100 + b, ok && ok2
}

// fraction reads ".123", ",123" or ":123" after the seconds at i, and gives nanoseconds and where it ended.
func fraction(s string, i int) (int64, int) {
	if i+1 >= len(s) || s[i] != '.' && s[i] != ',' && s[i] != ':' || !digit(s[i+1]) {
		return 0, i
	}
	j, v, scale := i+1, int64(0), int64(1e9)
	for j < len(s) && digit(s[j]) {
		if scale > 1 {
			v = v*10 + int64(s[j]-'0')
			scale /= 10
		}
		j++
	}
	if s[i] == ':' && j-i != 4 { // ":123" only as milliseconds
		return 0, i
	}
	return v * scale, j
}

// zoneNames are the abbreviations that mean one offset wherever logs are written; ambiguous ones (IST, BST as Bangladesh) follow
// the most common use in server logs.
var zoneNames = map[string]int{"UTC": 0, "GMT": 0, "Z": 0, "CET": 3600, "CEST": 7200, "MET": 3600, "MEST": 7200, "WET": 0, "WEST": 3600,
	"EET": 7200, "EEST": 10800, "MSK": 10800, "EST": -18000, "EDT": -14400, "CST": -21600, "CDT": -18000, "MST": -25200, "MDT": -21600,
	"PST": -28800, "PDT": -25200, "JST": 32400, "KST": 32400, "IST": 19800, "BST": 3600, "AEST": 36000, "AEDT": 39600, "SGT": 28800, "HKT": 28800}

// zoneEnds are the letters that zones of three letters and more end with, at their own index.
var zoneEnds = func() (t [256]byte) {
	for n := range zoneNames {
		t[n[len(n)-1]] = n[len(n)-1]
	}
	return
}()

// zone reads "Z", "+02:00", "+0200", "+02", " +0200", " UTC" at i.
func zone(s string, i int) (off int, has bool, end int) {
	j := i
	if j < len(s) && s[j] == ' ' {
		j++
	}
	if j >= len(s) {
		return 0, false, i
	}
	switch b := s[j]; {
	case b == 'Z' && (j+1 == len(s) || !letter(s[j+1])):
		return 0, j == i, endIf(j == i, j+1, i)
	case b == '+' || b == '-':
		h, ok := num2(s, j+1)
		if !ok || h > 15 {
			return 0, false, i
		}
		k, m := j+3, 0
		if k < len(s) && s[k] == ':' {
			if mm, ok := num2(s, k+1); ok {
				m, k = mm, k+3
			}
		} else if mm, ok := num2(s, k); ok {
			m, k = mm, k+2
		} else if j != i { // " -12 " is a number, not a zone
			return 0, false, i
		}
		if k < len(s) && digit(s[k]) {
			return 0, false, i
		}
		off = h*3600 + m*60
		if b == '-' {
			off = -off
		}
		return off, true, k
	case b >= 'A' && b <= 'Z':
		k := j
		for k < len(s) && k-j < 5 && s[k] >= 'A' && s[k] <= 'Z' {
			k++
		}
		if k < len(s) && (letter(s[k]) || digit(s[k])) {
			return 0, false, i
		}
		if k-j >= 3 && s[k-1] == zoneEnds[s[k-1]] { // a level follows most stamps
			if o, ok := zoneNames[s[j:k]]; ok {
				return o, true, k
			}
		}
	}
	return 0, false, i
}

func endIf(ok bool, a, b int) int {
	if ok {
		return a
	}
	return b
}

func letter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// clockTime reads "22:11:02[.123]" at i.
func clockTime(s string, i int, v *civil) int {
	h, ok1 := num2(s, i)
	if !ok1 || i+8 > len(s) || s[i+2] != ':' || s[i+5] != ':' {
		return 0
	}
	m, ok2 := num2(s, i+3)
	sec, ok3 := num2(s, i+6)
	if !ok2 || !ok3 || h > 23 || m > 59 || sec > 60 {
		return 0
	}
	v.hour, v.min, v.sec = h, m, sec
	ns, n := fraction(s, i+8)
	v.nanos = ns
	if n < len(s) && digit(s[n]) {
		return 0
	}
	return n
}

func (v *civil) withZone(s string, i int) int {
	off, has, n := zone(s, i)
	if has {
		v.offset, v.hasZone = off, true
		return n
	}
	return i
}

// scanISO reads year-month-day in "-", "/" or "." and a time after "T", " ", "-" or "_".
func scanISO(s string, v *civil) int {
	y, ok := num4(s, 0)
	if !ok || len(s) < 19 || s[4] != s[7] || s[4] != '-' && s[4] != '/' && s[4] != '.' {
		return 0
	}
	mo, ok1 := num2(s, 5)
	d, ok2 := num2(s, 8)
	if !ok1 || !ok2 || mo < 1 || mo > 12 || d < 1 || d > 31 || y < 1970 && y != 1 {
		return 0
	}
	v.year, v.month, v.day, v.hasYear, v.hasDate = y, mo, d, true, true
	if s[10] == '-' && len(s) >= 19 && s[13] == '.' && s[16] == '.' { // 2026-11-24-01.56.08.308319
		h, a := num2(s, 11)
		m, b := num2(s, 14)
		sec, c := num2(s, 17)
		if !a || !b || !c || h > 23 || m > 59 || sec > 60 {
			return 0
		}
		v.hour, v.min, v.sec = h, m, sec
		ns, n := fraction(s, 19)
		v.nanos = ns
		return n
	}
	i := 11
	switch s[10] {
	case ' ':
		if s[11] == ' ' && digit(s[12]) && s[13] == ':' { // 2026-11-22  9:11:02, MariaDB
			n := meridian(s, 12, v)
			if n == 0 {
				return 0
			}
			return v.withZone(s, n)
		}
		if s[11] == ' ' && len(s) > 20 {
			i = 12
		}
	case 'T', 't', '_', '-', ':', '|', '\t':
	default:
		return 0
	}
	n := clockTime(s, i, v)
	if n == 0 && len(s) >= i+8 && s[i+2] == ':' && s[i+5] == '.' { // 2026-11-24 01:56.08, structlog
		h, a := num2(s, i)
		m, b := num2(s, i+3)
		sec, c := num2(s, i+6)
		if a && b && c && h < 24 && m < 60 && sec < 61 {
			v.hour, v.min, v.sec = h, m, sec
			return v.withZone(s, i+8)
		}
	}
	if n == 0 {
		return 0
	}
	return v.withZone(s, n)
}

var months = [12]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// month reads an English month name of three letters at i, or a whole one, and where it ended.
func month(s string, i int) (int, int) {
	if i+3 > len(s) {
		return 0, i
	}
	a, b, c := s[i]|0x20, s[i+1]|0x20, s[i+2]|0x20
	for m, n := range months {
		if n[0] == a && n[1] == b && n[2] == c {
			j := i + 3
			for j < len(s) && letter(s[j]) {
				j++
			}
			if j-i == 3 || j-i >= 4 && j-i <= 9 {
				return m + 1, j
			}
		}
	}
	return 0, i
}

// weekday skips "Mon " or "Mon, " at i.
func weekday(s string, i int) int {
	if i+4 > len(s) || !letter(s[i]) {
		return i
	}
	switch string([]byte{s[i] | 0x20, s[i+1] | 0x20, s[i+2] | 0x20}) {
	case "mon", "tue", "wed", "thu", "fri", "sat", "sun":
		j := i + 3
		if s[j] == ',' {
			j++
		}
		if j < len(s) && s[j] == ' ' {
			return j + 1
		}
	}
	return i
}

func dayOfMonth(s string, i int) (int, int) {
	if i < len(s) && s[i] == ' ' {
		i++
	}
	if i >= len(s) || !digit(s[i]) {
		return 0, i
	}
	d, j := int(s[i]-'0'), i+1
	if j < len(s) && digit(s[j]) {
		d, j = d*10+int(s[j]-'0'), j+1
	}
	if d < 1 || d > 31 || j < len(s) && digit(s[j]) {
		return 0, i
	}
	return d, j
}

// scanStamp reads any layout that this package knows at the start of s, as written, and returns how many bytes it took.
// Bare epochs are accepted only when epoch is set, for a number at the start of a line is rarely a time.
func scanStamp(s string, v *civil, epoch bool) int {
	if len(s) < 8 {
		return 0
	}
	if n := scanHexTime(s, v); n > 0 {
		return n
	}
	if digit(s[0]) {
		if n := scanISO(s, v); n > 0 {
			return n
		}
		*v = civil{}
		return scanDigits(s, v, epoch)
	}
	if !letter(s[0]) {
		return 0
	}
	i := weekday(s, 0)
	if i > 0 && i < len(s) && digit(s[i]) { // Mon, 02 Jan 2006 15:04:05 GMT
		if n := scanDMY(s[i:], v); n > 0 {
			return i + n
		}
		if n := scanISO(s[i:], v); n > 0 { // Mon 2006-01-02 15:04:05 MST, as systemd prints
			return i + n
		}
		*v = civil{}
		return 0
	}
	mo, j := month(s, i)
	if mo == 0 || j >= len(s) || s[j] != ' ' {
		return 0
	}
	d, k := dayOfMonth(s, j+1)
	if d == 0 {
		return 0
	}
	v.month, v.day, v.hasDate = mo, d, true
	if k < len(s) && s[k] == ',' {
		k++
	}
	if k >= len(s) || s[k] != ' ' {
		return 0
	}
	k++
	if y, ok := num4(s, k); ok && k+4 < len(s) && s[k+4] != ':' && y >= 1970 && y < 2200 { // Nov 22, 2026 10:11:02 PM / Nov 24 2026 01:58:09
		v.year, v.hasYear = y, true
		k += 5
	}
	n := meridian(s, k, v)
	if n == 0 {
		return 0
	}
	n = v.withZone(s, n)
	if !v.hasYear && n+5 <= len(s) && s[n] == ' ' { // Tue Nov 24 01:56:08 2026
		if y, ok := num4(s, n+1); ok && y >= 1970 && y < 2200 && (n+5 == len(s) || !digit(s[n+5]) && s[n+5] != '.' && s[n+5] != ':') && (i > 0 || n+5 < len(s) && s[n+5] == ']') {
			v.year, v.hasYear = y, true
			n = v.withZone(s, n+5)
		}
	}
	return n
}

// meridian reads a time of day that may be written with one digit of hour and AM or PM.
func meridian(s string, i int, v *civil) int {
	n := clockTime(s, i, v)
	if n == 0 && i+7 < len(s) && digit(s[i]) && s[i+1] == ':' {
		n = clockTime("0"+s[i:min(len(s), i+24)], 0, v)
		if n > 0 {
			n += i - 1
		}
	}
	if n == 0 {
		return 0
	}
	if n+2 < len(s) && s[n] == ' ' && s[n+2]|0x20 == 'm' && (s[n+1]|0x20 == 'a' || s[n+1]|0x20 == 'p') {
		if s[n+1]|0x20 == 'p' && v.hour < 12 {
			v.hour += 12
		} else if s[n+1]|0x20 == 'a' && v.hour == 12 {
			v.hour = 0
		}
		n += 3
	}
	return n
}

// scanDMY reads "22 Nov 2026 22:11:02.123", "22-Nov-2026 …", "24/Nov/2026:01:56:08 +0000".
func scanDMY(s string, v *civil) int {
	d, i := dayOfMonth(s, 0)
	if d == 0 || i >= len(s) {
		return 0
	}
	sep := s[i]
	if sep != ' ' && sep != '-' && sep != '/' {
		return 0
	}
	mo, j := month(s, i+1)
	if mo == 0 || j+6 > len(s) || s[j] != sep {
		return 0
	}
	y, ok := num4(s, j+1)
	k := j + 5
	if !ok { // 22 Nov 22:11:02, old Redis
		v.month, v.day, v.hasDate = mo, d, true
		if n := clockTime(s, j+1, v); n > 0 && sep == ' ' {
			return v.withZone(s, n)
		}
		return 0
	}
	if k >= len(s) || s[k] != ' ' && s[k] != ':' && s[k] != 'T' {
		if sep == ' ' && s[j+3] == ':' {
			v.month, v.day, v.hasDate = mo, d, true
			if n := clockTime(s, j+1, v); n > 0 {
				return v.withZone(s, n)
			}
		}
		return 0
	}
	v.year, v.month, v.day, v.hasYear, v.hasDate = y, mo, d, true, true
	n := clockTime(s, k+1, v)
	if n == 0 {
		return 0
	}
	return v.withZone(s, n)
}

// scanDigits reads the layouts that begin with a digit and are not ISO.
func scanDigits(s string, v *civil, epoch bool) int {
	if n := scanDMY(s, v); n > 0 {
		return n
	}
	*v = civil{}
	run := 0
	for run < len(s) && digit(s[run]) {
		run++
	}
	switch {
	case run == 2 && s[2] == ':': // 01:56:08.175
		if n := clockTime(s, 0, v); n > 0 {
			return v.withZone(s, n)
		}
	case run == 2 && len(s) > 14 && (s[2] == '-' || s[2] == '.') && digit(s[3]) && digit(s[4]) && s[5] == ' ': // 11-24 01:56:08.066, 11.24 01:56:08
		mo, _ := num2(s, 0)
		d, _ := num2(s, 3)
		if mo >= 1 && mo <= 12 && d >= 1 && d <= 31 {
			if n := clockTime(s, 6, v); n > 0 {
				v.month, v.day, v.hasDate = mo, d, true
				return n
			}
		}
	case run <= 2 && run >= 1 && (s[run] == '/' || s[run] == '.' || s[run] == '-'): // 11/22/2026 10:11:02 PM, 22.11.2026 22:11:02
		return scanNumericDate(s, run, v)
	case run == 8 && len(s) > 16 && (s[8] == ' ' || s[8] == 'T' || s[8] == '-' || s[8] == ':'): // 20261124-01:56:08:123, 20261124T015608
		y, _ := num4(s, 0)
		mo, _ := num2(s, 4)
		d, _ := num2(s, 6)
		if y < 1970 || y > 2200 || mo < 1 || mo > 12 || d < 1 || d > 31 {
			break
		}
		v.year, v.month, v.day, v.hasYear, v.hasDate = y, mo, d, true, true
		if n := clockTime(s, 9, v); n > 0 {
			return v.withZone(s, n)
		}
		if n := compactTime(s, 9, v); n > 0 {
			return v.withZone(s, n)
		}
	case run == 6 && len(s) >= 13 && s[6] == ' ': // 261124 015608, 261124 01:56:08
		y, _ := num2(s, 0)
		mo, _ := num2(s, 2)
		d, _ := num2(s, 4)
		if mo < 1 || mo > 12 || d < 1 || d > 31 {
			break
		}
		at := 7
		if s[7] == ' ' { // 221122  9:11:02, MySQL 5.5
			at++
		}
		n := meridian(s, at, v)
		if n == 0 {
			n = compactTime(s, 7, v)
		}
		if n > 0 {
			v.year, v.month, v.day, v.hasYear, v.hasDate = 2000+y, mo, d, true, true
			return n
		}
	}
	if epoch {
		return scanEpoch(s, v)
	}
	return 0
}

// compactTime reads "221102" at i.
func compactTime(s string, i int, v *civil) int {
	h, a := num2(s, i)
	m, b := num2(s, i+2)
	sec, c := num2(s, i+4)
	if !a || !b || !c || h > 23 || m > 59 || sec > 60 || i+6 < len(s) && digit(s[i+6]) {
		return 0
	}
	v.hour, v.min, v.sec = h, m, sec
	ns, n := fraction(s, i+6)
	v.nanos = ns
	return n
}

// scanNumericDate reads day and month in figures. With "/" the month comes first unless it cannot be one; with "."
// and "-" the day does.
func scanNumericDate(s string, run int, v *civil) int {
	a, i := dayOfMonth(s, 0)
	if a == 0 || i != run || i+1 >= len(s) {
		return 0
	}
	sep := s[i]
	b, j := dayOfMonth(s, i+1)
	if b == 0 || s[i+1] == ' ' || j+5 > len(s) || s[j] != sep {
		return 0
	}
	y, ok := num4(s, j+1)
	k := j + 5
	if !ok || y < 1970 || y > 2200 {
		yy, ok2 := num2(s, j+1)
		if !ok2 || j+3 < len(s) && digit(s[j+3]) {
			return 0
		}
		y, k = 2000+yy, j+3
		if b <= 12 && yy >= 1 && yy <= 31 { // 26-11-24 01:56:08, 26/11/24 01:56:08: the year may come first
			v.other = &[3]int{2000 + a, b, yy}
		}
	}
	mo, d := b, a
	if sep == '/' && a <= 12 || b > 12 {
		mo, d = a, b
	}
	if mo < 1 || mo > 12 || k >= len(s) {
		return 0
	}
	if s[k] == ',' {
		k++
	}
	if k >= len(s) || s[k] != ' ' && s[k] != 'T' && s[k] != ':' && s[k] != '-' && s[k] != '\t' {
		return 0
	}
	n := meridian(s, k+1, v)
	if n == 0 {
		return 0
	}
	v.year, v.month, v.day, v.hasYear, v.hasDate = y, mo, d, true, true
	return v.withZone(s, n)
}

// scanHexTime reads seconds and nanoseconds in hexadecimal, as OpenLDAP 2.5 and later write: "6924f1d8.1c9a3e07 0x7f…".
func scanHexTime(s string, v *civil) int {
	if len(s) < 19 || s[8] != '.' || s[17] != ' ' || s[18] != '0' {
		return 0
	}
	var n [2]int64
	for i := 0; i < 17; i++ {
		if i == 8 {
			continue
		}
		b := int64(s[i])
		switch {
		case b >= '0' && b <= '9':
			b -= '0'
		case b >= 'a' && b <= 'f':
			b -= 'a' - 10
		default:
			return 0
		}
		n[i/9] = n[i/9]<<4 | b
	}
	if n[1] >= 1e9 {
		return 0
	}
	v.instant, v.isInstant = rca.Time(n[0]*1e9+n[1]), true
	return 17
}

// scanEpoch reads seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their number of digits.
func scanEpoch(s string, v *civil) int {
	i, n := 0, int64(0)
	for i < len(s) && digit(s[i]) && i < 20 {
		n = n*10 + int64(s[i]-'0')
		i++
	}
	var unit int64
	switch i {
	case 9, 10:
		unit = 1e9
	case 13:
		unit = 1e6
	case 16:
		unit = 1e3
	case 19:
		unit = 1
	default:
		return 0
	}
	t := n * unit
	if t < 3e17 || t > 5e18 { // 1979 to 2128
		return 0
	}
	if i+1 < len(s) && s[i] == '.' && digit(s[i+1]) && unit > 1 {
		frac, j := fraction(s, i)
		t += frac * unit / 1e9
		i = j
	}
	v.instant, v.isInstant, v.hasYear, v.hasDate, v.hasZone = rca.Time(t), true, true, true, true
	return i
}

// stamp reads any layout at the start of s.
func (c *clock) stamp(s string, epoch bool) (rca.Time, int) {
	if t, n := c.iso(s); n > 0 {
		return t, n
	}
	var v civil
	n := scanStamp(s, &v, epoch)
	if n == 0 {
		return rca.NoTime, 0
	}
	return c.at(&v), n
}
