package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headMySQL reads the error logs of MySQL 5.5 to 9 and of MariaDB:
//
//	2026-11-24T01:56:08.123456Z 0 [ERROR] [MY-012345] [Server] message
//	2026-11-24T01:56:08.123456Z 12 [Note] message
//	2026-11-24  1:56:08 0 [Note] message
//	261124  1:56:08 [ERROR] message
func headMySQL(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 24 || !digit(s[0]) || !digit(s[5]) {
		return false
	}
	var t rca.Time
	var n int
	switch {
	case s[4] == '-':
		t, n = p.clock.iso(s)
	case s[6] == ' ':
		t, n = p.clock.stamp(s, false)
	default:
		return false
	}
	if n == 0 || n+4 > len(s) || s[n] != ' ' {
		return false
	}
	i := n + 1
	start := i
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i > start {
		r.Process = s[start:i]
		if i >= len(s) || s[i] != ' ' {
			return false
		}
		i++
	} else if s[4] == '-' { // only the oldest form has no thread
		return false
	}
	if i >= len(s) || s[i] != '[' {
		return false
	}
	end := indexByte(s[i:], ']')
	if end < 5 || end > 12 {
		return false
	}
	switch s[i+1 : i+end] {
	case "Note", "Warning", "ERROR", "System", "Information":
	default:
		return false
	}
	r.Severity = rca.SeverityWord(s[i+1 : i+end])
	m := strings.TrimPrefix(s[i+end+1:], " ")
	if strings.HasPrefix(m, "[MY-") {
		if e := indexByte(m, ']'); e > 0 {
			p.fields = append(p.fields, rca.Field{Key: "code", Value: m[1:e]})
			m = strings.TrimPrefix(m[e+1:], " ")
			if len(m) > 0 && m[0] == '[' {
				if e := indexByte(m, ']'); e > 0 {
					r.Logger = m[1:e]
					m = strings.TrimPrefix(m[e+1:], " ")
				}
			}
		}
	}
	r.Time, r.Message = t, m
	return true
}

// headSlowQuery reads the first line of an entry of the slow query log of MySQL and MariaDB. "# Time" is left out
// by old servers where the second is that of the entry before.
//
//	# Time: 2026-11-24T01:56:08.123456Z
//	# User@Host: app[app] @ web-1 [10.0.0.1]  Id:    42
//	# Query_time: 1.234567  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 1000000
//	SET timestamp=1795485368;
//	SELECT …;
func headSlowQuery(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 10 || s[0] != '#' || s[1] != ' ' {
		return false
	}
	switch {
	case strings.HasPrefix(s, "# Time: "):
		t, n := p.clock.stamp(strings.TrimLeft(s[8:], " "), false)
		if n == 0 {
			return false
		}
		r.Time = t
	case strings.HasPrefix(s, "# User@Host: "):
		p.hashFields(s)
	default:
		return false
	}
	r.Severity = rca.SeverityWarn
	return true
}

// moreSlowQuery takes the other lines of the entry: figures become fields, the statement the message.
func moreSlowQuery(p *Parser, prev *rca.Record, s string) bool {
	if s[0] == '#' && len(s) > 2 && s[1] == ' ' {
		if prev.Message != "" || strings.HasPrefix(s, "# Time: ") || strings.HasPrefix(s, "# User@Host: ") && prev.Field("user") != "" {
			return false
		}
		at := len(p.fields) - len(prev.Fields)
		p.hashFields(s)
		prev.Fields = p.fields[at:len(p.fields):len(p.fields)]
		return true
	}
	const set = "SET timestamp="
	switch {
	case strings.HasPrefix(s, set):
		if v := s[len(set):]; prev.Time == rca.NoTime {
			prev.Time, _ = p.timeValue(strings.TrimRight(v, ";"))
		}
	case len(s) > 4 && s[0]|0x20 == 'u' && strings.EqualFold(s[:4], "use ") && prev.Message == "":
		at := len(p.fields) - len(prev.Fields)
		p.fields = append(p.fields, rca.Field{Key: "database", Value: strings.Trim(s[4:], "`; ")})
		prev.Fields = p.fields[at:len(p.fields):len(p.fields)]
	case prev.Message == "":
		prev.Message = s
	case len(prev.Message) < 16<<10:
		prev.Message = p.widen(prev.Message, s)
	}
	return true
}

// hashFields reads "# Key: value  Key: value" and the user and host of "# User@Host: app[app] @ web [10.0.0.1]  Id: 42".
func (p *Parser) hashFields(s string) {
	s = s[2:]
	for s != "" {
		c := strings.Index(s, ": ")
		if c < 0 {
			return
		}
		key := s[strings.LastIndexByte(s[:c], ' ')+1 : c]
		val := strings.TrimLeft(s[c+2:], " ")
		e := indexByte(val, ' ')
		if e < 0 {
			e = len(val)
		}
		if key == "User@Host" {
			user := val[:e]
			if o := strings.IndexByte(user, '['); o > 0 {
				user = user[:o]
			}
			p.fields = append(p.fields, rca.Field{Key: "user", Value: user})
			if o := strings.IndexByte(val[e:], '['); o > 0 {
				if q := strings.IndexByte(val[e+o:], ']'); q > 1 {
					p.fields = append(p.fields, rca.Field{Key: "client", Value: val[e+o+1 : e+o+q]})
				} else if at := strings.TrimPrefix(val[e:e+o], " @ "); len(at) > 1 {
					p.fields = append(p.fields, rca.Field{Key: "client", Value: strings.TrimSpace(at)})
				}
			}
		} else if e > 0 {
			p.fields = append(p.fields, rca.Field{Key: key, Value: val[:e]})
		}
		s = strings.TrimLeft(val[e:], " ")
	}
}

// headMongo reads MongoDB's log before 4.4:
//
//	2026-11-24T01:56:08.123+0000 I NETWORK  [conn7] end connection 10.0.0.1:5000 (3 connections now open)
func headMongo(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 42 || s[10] != 'T' || s[23] != '+' && s[23] != '-' || s[28] != ' ' || s[30] != ' ' || s[31] < 'A' && s[31] != '-' {
		return false
	}
	if strings.IndexByte("FEWID", s[29]) < 0 {
		return false
	}
	i := 31
	for i < len(s) && (s[i] >= 'A' && s[i] <= 'Z' || s[i] == '_' || s[i] == '-') {
		i++
	}
	logger := s[31:i]
	for i < len(s) && s[i] == ' ' {
		i++
	}
	if i >= len(s) || s[i] != '[' || logger == "" {
		return false
	}
	e := strings.IndexByte(s[i:], ']')
	if e < 0 {
		return false
	}
	t, n := p.clock.iso(s)
	if n != 28 {
		return false
	}
	r.Time, r.Severity, r.Logger, r.Process = t, severityLetter(s[29]), logger, s[i+1:i+e]
	r.Message = strings.TrimPrefix(s[i+e+1:], " ")
	return true
}
