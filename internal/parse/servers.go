package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headNginxError reads nginx' error log:
//
//	2026/11/24 02:01:05 [error] 30#30: *64 connect() failed (111: Connection refused) while …, client: 192.0.2.4, server: s, …
func headNginxError(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 30 || s[4] != '/' || s[19] != ' ' || s[20] != '[' {
		return false
	}
	t, n := p.clock.iso(s)
	if n != 19 {
		return false
	}
	end := strings.IndexByte(s[20:], ']')
	if end < 4 {
		return false
	}
	r.Severity = rca.SeverityWord(s[21 : 20+end])
	if r.Severity == rca.SeverityUnknown {
		return false
	}
	i := 20 + end + 1
	j := strings.Index(s[i:], ": ")
	if j < 0 || strings.IndexByte(s[i:i+j], '#') < 0 {
		return false
	}
	r.Process = strings.TrimSpace(s[i : i+j])
	m := s[i+j+2:]
	if len(m) > 1 && m[0] == '*' && digit(m[1]) {
		if sp := strings.IndexByte(m, ' '); sp > 0 {
			m = m[sp+1:]
		}
	}
	if c := strings.Index(m, ", client: "); c > 0 {
		p.commaFields(m[c+2:])
		m = m[:c]
	}
	r.Time, r.Message = t, m
	return true
}

// commaFields reads "client: a, server: b, request: "c", upstream: "d"".
func (p *Parser) commaFields(s string) {
	for s != "" {
		k := strings.Index(s, ": ")
		if k < 0 {
			return
		}
		key := s[:k]
		s = s[k+2:]
		val := s
		if s != "" && s[0] == '"' {
			e := endQuote(s, 1)
			if e < 0 {
				return
			}
			val = s[1:e]
			s = strings.TrimPrefix(s[e+1:], ", ")
		} else if e := strings.Index(s, ", "); e >= 0 {
			val, s = s[:e], s[e+2:]
		} else {
			s = ""
		}
		p.fields = append(p.fields, rca.Field{Key: key, Value: val})
	}
}

// postgresWords are the severities and continuations of PostgreSQL's stderr log; two blanks follow the colon.
var postgresWords = []string{"LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO", "DETAIL", "HINT", "STATEMENT", "CONTEXT", "QUERY", "LOCATION", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5"}

// headPostgres reads PostgreSQL's stderr log under any log_line_prefix that has a time:
//
//	2026-11-24 01:56:18.178 UTC [31714] till@teahouse LOG:  process 31714 still waiting …
func headPostgres(p *Parser, s string, r *rca.Record) bool {
	t, n := p.clock.stamp(s, true)
	if n == 0 || n >= len(s) {
		return false
	}
	limit := min(len(s), n+160)
	for i := n; i < limit; {
		c := strings.Index(s[i:limit], ":  ")
		if c < 0 {
			return false
		}
		c += i
		w := c
		for w > n && (s[w-1] >= 'A' && s[w-1] <= 'Z' || digit(s[w-1])) {
			w--
		}
		word := s[w:c]
		for _, k := range postgresWords {
			if word == k {
				r.Time, r.Severity, r.Message = t, rca.SeverityWord(word), s[c+3:]
				r.Logger = word
				p.postgresPrefix(r, s[n:w])
				return true
			}
		}
		i = c + 3
	}
	return false
}

// postgresPrefix finds the pid and user@database in whatever the prefix is made of.
func (p *Parser) postgresPrefix(r *rca.Record, s string) {
	if o := strings.IndexByte(s, '['); o >= 0 {
		if e := strings.IndexByte(s[o:], ']'); e > 1 {
			r.Process = s[o+1 : o+e]
		}
	}
	for i := 0; i < len(s); {
		for i < len(s) && s[i] == ' ' {
			i++
		}
		start := i
		for i < len(s) && s[i] != ' ' {
			i++
		}
		if w := s[start:i]; strings.IndexByte(w, '@') > 0 {
			at := strings.IndexByte(w, '@')
			p.fields = append(p.fields, rca.Field{Key: "user", Value: w[:at]}, rca.Field{Key: "database", Value: w[at+1:]})
		}
	}
}

// continuesPostgres tells the lines that explain the message before them.
func continuesPostgres(r *rca.Record) bool {
	switch r.Logger {
	case "DETAIL", "HINT", "STATEMENT", "CONTEXT", "QUERY", "LOCATION":
		return true
	}
	return false
}

// headRedis reads "10213:M 24 Nov 2026 02:01:35.184 * message" and its old form "[10213] 24 Nov 02:01:35.184 * message".
func headRedis(p *Parser, s string, r *rca.Record) bool {
	i := 0
	if len(s) < 25 {
		return false
	}
	if s[0] == '[' {
		i = 1
	}
	start := i
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i == start || i+4 > len(s) {
		return false
	}
	r.Process = s[start:i]
	switch {
	case s[0] == '[' && s[i] == ']':
		i += 2
	case s[i] == ':' && s[i+2] == ' ' && s[i+1] >= 'A' && s[i+1] <= 'Z':
		i += 3
	case s[i] == ':' && strings.HasPrefix(s[i:], ":signal-handler "):
		r.Severity, r.Message = rca.SeverityWarn, s[i+16:]
		if sp := strings.IndexByte(r.Message, ' '); sp > 0 {
			if t, ok := p.timeValue(strings.Trim(r.Message[:sp], "()")); ok {
				r.Time, r.Message = t, r.Message[sp+1:]
			}
		}
		return true
	default:
		return false
	}
	t, n := p.clock.stamp(s[i:], false)
	if n == 0 || i+n+3 > len(s) || s[i+n] != ' ' || s[i+n+2] != ' ' {
		return false
	}
	switch s[i+n+1] {
	case '.':
		r.Severity = rca.SeverityDebug
	case '-':
		r.Severity = rca.SeverityInfo
	case '*':
		r.Severity = rca.SeverityNotice
	case '#':
		r.Severity = rca.SeverityWarn
	default:
		return false
	}
	r.Time, r.Message = t, s[i+n+3:]
	return true
}

// headKlog reads klog and glog: "I0302 08:00:00.000000    1333 file.go:155] message".
func headKlog(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 25 || !digit(s[1]) || !digit(s[4]) || s[5] != ' ' || s[8] != ':' {
		return false
	}
	if strings.IndexByte("IWEFD", s[0]) < 0 {
		return false
	}
	mo, _ := num2(s, 1)
	d, ok := num2(s, 3)
	var v civil
	n := clockTime(s, 6, &v)
	if !ok || n == 0 || mo < 1 || mo > 12 || d < 1 || d > 31 {
		return false
	}
	end := strings.Index(s[n:], "] ")
	if end < 0 || end > 200 {
		if end = len(s) - 1 - n; end < 0 || s[len(s)-1] != ']' {
			return false
		}
	}
	v.month, v.day, v.hasDate = mo, d, true
	mid := strings.TrimLeft(s[n:n+end], " ")
	if sp := strings.IndexByte(mid, ' '); sp > 0 {
		r.Process, r.Logger = mid[:sp], mid[sp+1:]
	}
	r.Time, r.Severity, r.Message = p.clock.at(&v), severityLetter(s[0]), s[min(len(s), n+end+2):]
	return true
}

// headLogcat reads Android's threadtime, time and brief formats:
//
//	11-24 01:56:08.123  1234  1240 E ActivityManager: message
//	11-24 01:56:08.123 E/ActivityManager( 1234): message
//	E/ActivityManager( 1234): message
func headLogcat(p *Parser, s string, r *rca.Record) bool {
	if len(s) > 12 && s[1] == '/' {
		return logcatBrief(s, r)
	}
	if len(s) < 30 || !digit(s[0]) || s[2] != '-' || s[5] != ' ' {
		return false
	}
	var v civil
	n := scanDigits(s, &v, false)
	if n == 0 || v.hasYear {
		return false
	}
	if n+3 < len(s) && s[n] == ' ' && s[n+2] == '/' {
		r.Time = p.clock.at(&v)
		return logcatBrief(s[n+1:], r)
	}
	i := n
	for k := 0; k < 2; k++ { // pid, tid
		for i < len(s) && s[i] == ' ' {
			i++
		}
		start := i
		for i < len(s) && digit(s[i]) {
			i++
		}
		if i == start || i >= len(s) || s[i] != ' ' {
			return false
		}
		if k == 0 {
			r.Process = s[start:i]
		}
	}
	if i+3 >= len(s) || s[i+2] != ' ' {
		return false
	}
	if r.Severity = severityLetter(s[i+1]); r.Severity == rca.SeverityUnknown {
		return false
	}
	m := s[i+3:]
	c := strings.Index(m, ": ")
	if c < 0 {
		if c = len(m) - 1; m[c] != ':' {
			return false
		}
	}
	r.Time, r.Logger, r.Message = p.clock.at(&v), strings.TrimSpace(m[:c]), m[min(len(m), c+2):]
	return true
}

// logcatBrief reads "E/ActivityManager( 1234): message".
func logcatBrief(s string, r *rca.Record) bool {
	if strings.IndexByte("VDIWEFA", s[0]) < 0 {
		return false
	}
	o := indexByte(s[:min(len(s), 100)], '(')
	if o < 3 {
		return false
	}
	i := o + 1
	for i < len(s) && s[i] == ' ' {
		i++
	}
	start := i
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i == start || i+1 >= len(s) || s[i] != ')' || s[i+1] != ':' {
		return false
	}
	r.Severity, r.Logger, r.Process = severityLetter(s[0]), strings.TrimRight(s[2:o], " "), s[start:i]
	r.Message = strings.TrimPrefix(s[i+2:], " ")
	return true
}
