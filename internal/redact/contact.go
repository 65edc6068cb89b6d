package redact

import "strings"

const (
	kindEmail Kind = "EMAIL"
	kindPhone Kind = "PHONE"
)

// at looks at an e-mail address around an @: the dot-atom form of RFC 5322, section 3.4.1, with a domain of two labels or more.
func (r *Redactor) at(i int) int {
	if r.dsn(i) {
		return i + 1
	}
	return r.email(i, i+1)
}

// email takes the address whose local part ends at i and whose domain begins at j.
func (r *Redactor) email(i, j int) int {
	s := r.s
	from := i
	for from > r.done() && (isAlnum(s[from-1]) || strings.IndexByte("._+-", s[from-1]) >= 0 || s[from-1] >= 0x80) {
		from--
	}
	if from > 0 && from < i && s[from-1] == '\\' && strings.IndexByte("nrt", s[from]) >= 0 {
		from++
	}
	if from > 0 && s[from-1] == '%' && from+2 < i && isHex(s[from]) && isHex(s[from+1]) {
		from += 2
	}
	for from < i && (s[from] == '.' || s[from] == '-') {
		from++
	}
	to, dot := j, -1
	for to < len(s) && (isAlnum(s[to]) || s[to] == '-' || s[to] == '.' && to+1 < len(s) && isAlnum(s[to+1]) && to > j) {
		if s[to] == '.' {
			dot = to
		}
		to++
	}
	if from == i || dot < 0 || s[from:i] == "git" {
		return j
	}
	top := s[dot+1 : to]
	for k := range len(top) {
		if isDigit(top[k]) && !strings.HasPrefix(top, "xn--") {
			return j // a version: pkg@1.2.3
		}
	}
	if len(top) < 2 || fileEnding(top) || unit(top) || s[j] == 'v' && j+1 < to && isDigit(s[j+1]) && strings.IndexByte(s[j:to], '.') < 5 {
		return j
	}
	return r.add(kindEmail, from, to)
}

// fileEnding tells endings of files that stand where a top-level domain would: icon@2x.png.
func fileEnding(top string) bool {
	switch strings.ToLower(top) {
	case "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "css", "js", "mjs", "map", "html", "htm", "php", "jsp", "json", "xml", "txt", "log", "gz", "tgz", "jar", "war", "class", "java", "py", "rb", "go", "tar", "yml", "yaml", "conf", "exe", "dll":
		return true
	}
	return false
}

// unit tells endings of systemd's units: user@1000.service, getty@tty1.service.
func unit(top string) bool {
	switch top {
	case "service", "socket", "timer", "mount", "target", "slice", "scope", "device", "path", "swap", "automount":
		return true
	}
	return false
}

// plus looks at a number in international notation: +, an assigned country code, 9 to 15 digits in all (ITU-T E.164), in groups apart.
func (r *Redactor) plus(i int) int {
	s := r.s
	if i > 0 && (isWord(s[i-1]) || s[i-1] == ')' || s[i-1] == '+') || i+9 >= len(s) || s[i+1] < '1' || s[i+1] > '9' {
		return i + 1
	}
	n, to, gap := 0, i+1, false
	var d [16]byte
	for j := i + 1; j < len(s); j++ {
		if isDigit(s[j]) {
			if n == len(d) {
				return i + 1
			}
			d[n], n, to, gap = s[j], n+1, j+1, false
			continue
		}
		if gap && s[j] != '(' && s[j-1] != ')' || strings.IndexByte(" -.()", s[j]) < 0 {
			break
		}
		gap = true
	}
	if n < 9 || n > 15 || to < len(s) && isWord(s[to]) || !countryCode(d[:n]) {
		return i + 1
	}
	return r.add(kindPhone, i, to)
}

// countryCode tells whether digits begin with a country code that is assigned (ITU-T E.164, list of assigned codes); +1 goes on by the North American
// plan: ten digits, area and exchange from 2 on.
func countryCode(d []byte) bool {
	switch two := int(d[0]-'0')*10 + int(d[1]-'0'); {
	case d[0] == '1':
		return len(d) == 11 && d[1] >= '2' && d[4] >= '2'
	case d[0] == '7':
		return len(d) == 11
	case two == 21, two == 22, two == 23, two == 24, two == 25, two == 26, two == 29, two == 35, two == 37, two == 38, two == 42, two == 50, two == 59, two == 67, two == 68, two == 69, two == 85, two == 88, two == 96, two == 97, two == 99:
		return len(d) >= 10
	case two == 28, two == 83, two == 89, two == 80, two == 87:
		return false
	}
	return true
}

// areaCode looks at (415) 555-0132.
func (r *Redactor) areaCode(i int) int {
	s := r.s
	if i+13 > len(s) || s[i+4] != ')' || !isDigit(s[i+1]) {
		return i + 1
	}
	from := i + 5
	if s[from] == ' ' {
		from++
	}
	if from+8 <= len(s) && threeDigits(s[i+1:i+4]) && local(s, from) {
		return r.add(kindPhone, i, from+8)
	}
	return i + 1
}

// local tells whether 555-0132 stands at i, and no more digits.
func local(s string, i int) bool {
	return threeDigits(s[i:i+3]) && (s[i+3] == '-' || s[i+3] == ' ') && digits(s[i+4:i+8]) && (i+8 == len(s) || !isWord(s[i+8]) && (s[i+8] != '-' || i+9 == len(s) || !isWord(s[i+9])))
}

func threeDigits(s string) bool { return s[0] >= '2' && s[0] <= '9' && isDigit(s[1]) && isDigit(s[2]) }

// nanp looks at 415-555-0132; s[i:i+3] is the area code.
func (r *Redactor) nanp(i int) int {
	s := r.s
	if i+12 > len(s) || !threeDigits(s[i:i+3]) || s[i+3] != '-' || s[i+7] != '-' || !local(s, i+4) {
		return i
	}
	from := i
	if i >= 2 && s[i-1] == '-' {
		if s[i-2] != '1' || i >= 3 && (isWord(s[i-3]) || s[i-3] == '-' || s[i-3] == '.') {
			return i
		}
		from = i - 2
	} else if i > 0 && (s[i-1] == '.' || s[i-1] == '/' || s[i-1] == '+') {
		return i
	}
	return r.add(kindPhone, from, i+12)
}

// phoneValue takes what stands under a key such as phone, if it has 7 to 15 digits and nothing but what numbers are written with.
func (r *Redactor) phoneValue(from, to, end int) int {
	s := r.s
	n := 0
	stop := from
	for i := from; i < to; i++ {
		if isDigit(s[i]) {
			n++
			stop = i + 1
		} else if strings.IndexByte("+ -.()/", s[i]) < 0 {
			break
		}
	}
	if n < 7 || n > 15 || stop < to && isWord(s[stop]) {
		return end
	}
	// An unquoted value ends at a blank, its number may go on.
	if i := from; s[i] == '+' {
		if next := r.plus(i); next > i+1 {
			return next
		}
	}
	return r.add(kindPhone, from, stop)
}
