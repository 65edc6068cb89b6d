package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headSyslog reads RFC 3164 as daemons really write it, with or without priority and host, the same with ISO stamps
// (rsyslog's default now, journalctl -o short-iso), and RFC 5424.
//
//	<30>Nov 24 01:56:08 quay-1 tided[407]: message
//	Nov 24 01:58:09 dnsmasq[1705]: message
//	2026-11-24T01:58:09.123456+00:00 quay-1 sshd[99]: message
//	<165>1 2026-11-22T22:11:02.003Z host app 1234 ID47 [sd@1 k="v"] message
func headSyslog(p *Parser, s string, r *rca.Record) bool {
	i := 0
	if len(s) > 3 && s[0] == '<' && digit(s[1]) {
		e := strings.IndexByte(s[:min(len(s), 6)], '>')
		if e < 2 {
			return false
		}
		pri := 0
		for _, b := range []byte(s[1:e]) {
			if !digit(b) {
				return false
			}
			pri = pri*10 + int(b-'0')
		}
		r.Severity = severitySyslog(pri)
		i = e + 1
		if i+2 < len(s) && s[i] == '1' && s[i+1] == ' ' {
			return p.syslog5424(s[i+2:], r)
		}
	} else if len(s) > 30 && s[0] == '1' && s[1] == ' ' && digit(s[2]) {
		return p.syslog5424(s[2:], r)
	}
	if len(s) < i+16 || i == 0 && !letter(s[0]) && !digit(s[0]) {
		return false
	}
	bsd := letter(s[i])
	var n int
	if bsd {
		r.Time, n = p.clock.bsd(s[i:])
	} else if len(s) > i+10 && s[i+10] == 'T' {
		r.Time, n = p.clock.iso(s[i:])
	}
	if n == 0 || i+n >= len(s) || s[i+n] != ' ' {
		return false
	}
	rest := s[i+n+1:]
	// "tag[pid]: " or "host tag[pid]: "; the tag may hold blanks only inside its brackets
	host, tag := "", ""
	sp := strings.IndexByte(rest, ' ')
	if sp <= 0 {
		return false
	}
	if rest[sp-1] == ':' {
		tag = rest[:sp-1]
		rest = rest[sp+1:]
		if !bsd {
			return false // an ISO stamp and "word:" is any logger's line
		}
	} else {
		host = rest[:sp]
		c := tagEnd(rest[sp+1:])
		if c < 0 {
			if !bsd || rca.SeverityWord(host) != rca.SeverityUnknown {
				return false
			}
			// no tag at all: "Nov 24 01:58:09 host message"
			r.Host, r.Message = host, rest[sp+1:]
			return plainHost(host)
		}
		tag = rest[sp+1 : sp+1+c]
		rest = strings.TrimPrefix(rest[sp+1+c+1:], " ")
		if !plainHost(host) {
			return false
		}
	}
	if o := strings.IndexByte(tag, '['); o > 0 && tag[len(tag)-1] == ']' {
		r.Process = tag[o+1 : len(tag)-1]
		tag = tag[:o]
	} else if !bsd && tag != "kernel" {
		if rca.SeverityWord(host) != rca.SeverityUnknown || rca.SeverityWord(tag) != rca.SeverityUnknown {
			return false
		}
	}
	if tag == "" || strings.IndexByte(tag, ' ') >= 0 || len(tag) > 100 {
		return false
	}
	if slash := strings.LastIndexByte(tag, '/'); slash >= 0 && slash < len(tag)-1 && tag[0] == '/' {
		tag = tag[slash+1:]
	}
	r.Host, r.Component, r.Message = host, tag, rest
	p.inner(r)
	return true
}

// plainHost tells a host name or address from other words.
func plainHost(s string) bool {
	if s == "" || !letter(s[0]) && !digit(s[0]) && s[0] != ':' && s[0] != '_' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if b := s[i]; !letter(b) && !digit(b) && b != '-' && b != '.' && b != '_' && b != ':' && b != '/' && b != '@' {
			return false
		}
	}
	return true
}

// tagEnd finds the colon that ends "tag[pid]:" at the start of s.
func tagEnd(s string) int {
	depth := 0
	for i := 0; i < len(s) && i < 120; i++ {
		switch s[i] {
		case '[', '(':
			depth++
		case ']', ')':
			depth--
		case ' ':
			if depth == 0 {
				return -1
			}
		case ':':
			if depth == 0 && i > 0 && (i+1 == len(s) || s[i+1] == ' ') {
				return i
			}
		}
	}
	return -1
}

// inner reads what a program wrote through syslog when it has a form of its own.
func (p *Parser) inner(r *rca.Record) {
	m := r.Message
	if len(m) < 2 {
		return
	}
	keep := *r
	n := len(p.fields)
	ok := false
	switch {
	case m[0] == '{':
		ok = headJSON(p, m, r)
	case digit(m[0]) || m[0] == '[' || m[0] == ':':
		ok = headHAProxy(p, m, r)
	case letter(m[0]):
		ok = headKlog(p, m, r)
		if !ok && strings.Contains(m[:min(len(m), 200)], "level=") {
			*r = keep
			p.fields = p.fields[:n]
			ok = headLogfmt(p, m, r)
		}
	}
	if !ok {
		*r = keep
		p.fields = p.fields[:n]
		return
	}
	r.Component, r.Host, r.Process = keep.Component, keep.Host, keep.Process
	if keep.Time != rca.NoTime && r.Time == rca.NoTime {
		r.Time = keep.Time
	}
	if r.Severity == rca.SeverityUnknown {
		r.Severity = keep.Severity
	}
}

// bsd reads "Nov 24 01:58:09" with optional fraction and zone.
func (c *clock) bsd(s string) (rca.Time, int) {
	var v civil
	mo, j := month(s, 0)
	if mo == 0 || j != 3 || len(s) < 15 || s[3] != ' ' {
		return rca.NoTime, 0
	}
	d, k := dayOfMonth(s, 4)
	if d == 0 || k >= len(s) || s[k] != ' ' {
		return rca.NoTime, 0
	}
	v.month, v.day, v.hasDate = mo, d, true
	if y, ok := num4(s, k+1); ok && k+5 < len(s) && s[k+5] == ' ' { // Cisco and some daemons: Nov 24 2026 01:58:09
		v.year, v.hasYear = y, true
		k += 5
	}
	n := clockTime(s, k+1, &v)
	if n == 0 {
		return rca.NoTime, 0
	}
	return c.at(&v), n
}

// syslog5424 reads what follows "<PRI>1 ".
func (p *Parser) syslog5424(s string, r *rca.Record) bool {
	var col [5]string // time host app procid msgid
	i := 0
	for c := range col {
		e := strings.IndexByte(s[i:], ' ')
		if e < 0 {
			return false
		}
		col[c] = s[i : i+e]
		i += e + 1
	}
	if t, n := p.clock.iso(col[0]); n > 0 {
		r.Time = t
	} else if col[0] != "-" {
		return false
	}
	nilValue := func(v string) string {
		if v == "-" {
			return ""
		}
		return v
	}
	r.Host, r.Component, r.Process, r.Logger = nilValue(col[1]), nilValue(col[2]), nilValue(col[3]), nilValue(col[4])
	rest := s[i:]
	switch {
	case strings.HasPrefix(rest, "- "), rest == "-":
		rest = rest[min(2, len(rest)):]
	case strings.HasPrefix(rest, "["):
		j := 0
		for j < len(rest) && rest[j] == '[' {
			for j++; j < len(rest) && rest[j] != ']'; j++ {
				if rest[j] == '"' {
					e := endQuote(rest, j+1)
					if e < 0 {
						return false
					}
					k := j - 1
					for k > 0 && rest[k-1] != ' ' && rest[k-1] != '[' {
						k--
					}
					p.fields = append(p.fields, rca.Field{Key: rest[k : j-1], Value: rest[j+1 : e]})
					j = e
				}
			}
			j++
		}
		rest = strings.TrimPrefix(rest[min(j, len(rest)):], " ")
	}
	r.Message = strings.TrimPrefix(rest, "\ufeff")
	p.inner(r)
	return true
}
