package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headAccess reads the common and combined log format of nginx, Apache and many others:
//
//	192.0.2.7 - - [24/Nov/2026:01:56:08 +0000] "POST /checkout HTTP/1.1" 201 52 "-" "agent" rt=0.110
//
// What follows the agent is read as key=value pairs or, alone, as the request time.
func headAccess(p *Parser, s string, r *rca.Record) bool {
	open := strings.IndexByte(s, '[')
	if open < 4 || open > 300 || open+22 > len(s) || s[open+3] != '/' && s[open+2] != '/' {
		return false
	}
	t, n := p.clock.clf(s[open+1:])
	if n == 0 || open+1+n >= len(s) || s[open+1+n] != ']' {
		return false
	}
	i := open + n + 2
	if i+2 >= len(s) || s[i] != ' ' || s[i+1] != '"' {
		return false
	}
	req := i + 2
	end := endQuote(s, req)
	if end < 0 || end+5 > len(s) || s[end+1] != ' ' {
		return false
	}
	j := end + 2
	status := 0
	for j < len(s) && digit(s[j]) && j-end < 6 {
		status = status*10 + int(s[j]-'0')
		j++
	}
	if j-end-2 != 3 {
		return false
	}
	r.Time, r.Status, r.Severity = t, status, severityStatus(status)
	p.request(s[req:end])
	r.Message = s[req-1 : j]
	if sp := strings.IndexByte(s[:open], ' '); sp > 0 {
		p.fields = append(p.fields, rca.Field{Key: "client", Value: s[:sp]})
	}
	// bytes, referrer, agent, then whatever the site added
	if j < len(s) && s[j] == ' ' {
		k := j + 1
		for k < len(s) && s[k] != ' ' {
			k++
		}
		p.fields = append(p.fields, rca.Field{Key: "bytes", Value: s[j+1 : k]})
		for q := 0; q < 2 && k+1 < len(s) && s[k+1] == '"'; q++ {
			e := endQuote(s, k+2)
			if e < 0 {
				return true
			}
			k = e + 1
		}
		p.extras(r, s[min(k, len(s)):])
	}
	return true
}

// endQuote finds the quote that ends the text beginning at i; a backslash escapes one.
func endQuote(s string, i int) int {
	for {
		k := indexByte(s[i:], '"')
		if k < 0 {
			return -1
		}
		if k == 0 || s[i+k-1] != '\\' {
			return i + k
		}
		i += k + 1
	}
}

// request splits "GET /path?query HTTP/1.1".
func (p *Parser) request(q string) {
	method, path := "-", q
	if sp := strings.IndexByte(q, ' '); sp > 0 && sp <= 10 && upper(q) {
		method, path = q[:sp], q[sp+1:]
		if e := strings.LastIndexByte(path, ' '); e > 0 {
			path = path[:e]
		}
	}
	p.fields = append(p.fields, rca.Field{Key: "method", Value: method}, rca.Field{Key: "path", Value: path})
}

// extras reads what a site appended to the combined format.
func (p *Parser) extras(r *rca.Record, s string) {
	first := true
	for i := 0; i < len(s); {
		for i < len(s) && s[i] == ' ' {
			i++
		}
		start := i
		for i < len(s) && s[i] != '=' && s[i] != ' ' && s[i] != '"' {
			i++
		}
		if i < len(s) && s[i] == '=' && i > start {
			key := s[start:i]
			i++
			val := ""
			if i < len(s) && s[i] == '"' {
				e := endQuote(s, i+1)
				if e < 0 {
					return
				}
				val, i = s[i+1:e], e+1
			} else {
				start = i
				for i < len(s) && s[i] != ' ' {
					i++
				}
				val = s[start:i]
			}
			switch key {
			case "rid", "request_id", "req_id", "trace_id", "traceid":
				if r.Trace == "" {
					r.Trace = val
				}
			default:
				p.fields = append(p.fields, rca.Field{Key: key, Value: val})
			}
		} else if i < len(s) && s[i] == '"' {
			e := endQuote(s, i+1)
			if e < 0 {
				return
			}
			i = e + 1
		} else if i == start && i < len(s) { // "=" without a key
			i++
		} else if w := s[start:i]; first && len(w) > 2 && digit(w[0]) && strings.IndexByte(w, '.') > 0 {
			p.fields = append(p.fields, rca.Field{Key: "request_time", Value: w})
		} else if i == start {
			i++ // a lone "=": nothing was taken
		}
		first = false
	}
}

// clf reads "24/Nov/2026:01:56:08 +0000" with a memo of the last minute.
func (c *clock) clf(s string) (rca.Time, int) {
	if len(s) < 20 {
		return rca.NoTime, 0
	}
	var v civil
	n := scanDMY(s, &v)
	if n == 0 {
		return rca.NoTime, 0
	}
	return c.at(&v), n
}

// headHAProxy reads HAProxy's HTTP and TCP log lines after the syslog header:
//
//	192.0.2.7:38704 [24/Nov/2026:01:59:48.242] tides berths/berth-1 0/0/0/21/21 200 209 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
func headHAProxy(p *Parser, s string, r *rca.Record) bool {
	sp := strings.IndexByte(s, ' ')
	if sp < 7 || sp+24 > len(s) || s[sp+1] != '[' || s[sp+4] != '/' {
		return false
	}
	t, n := p.clock.clf(s[sp+2:])
	if n == 0 || sp+2+n >= len(s) || s[sp+2+n] != ']' {
		return false
	}
	rest := s[sp+3+n:]
	var col [8]string
	i := 0
	for c := range col {
		for i < len(rest) && rest[i] == ' ' {
			i++
		}
		start := i
		for i < len(rest) && rest[i] != ' ' {
			i++
		}
		col[c] = rest[start:i]
	}
	if strings.IndexByte(col[2], '/') < 0 { // "fe be/srv": frontend, backend and server, timers
		return false
	}
	r.Time = t
	p.fields = append(p.fields, rca.Field{Key: "method", Value: "-"}, rca.Field{Key: "path", Value: "-"})
	at := len(p.fields) - 2
	status := 0
	tcp := strings.Count(col[2], "/") == 2 // waiting, connecting, total; an HTTP line has five timers
	if len(col[3]) == 3 && !tcp {
		for k := 0; k < 3; k++ {
			status = status*10 + int(col[3][k]-'0')
		}
	}
	if status < 100 || status > 599 {
		status = 0
	}
	p.fields = append(p.fields, rca.Field{Key: "client", Value: s[:sp]}, rca.Field{Key: "frontend", Value: col[0]}, rca.Field{Key: "backend", Value: col[1]}, rca.Field{Key: "bytes", Value: col[4]})
	if tcp {
		p.fields[len(p.fields)-1].Value = col[3] // bytes stand where an HTTP line has its status
	}
	if e := strings.LastIndexByte(col[2], '/'); e > 0 && (tcp || status > 0) {
		p.fields = append(p.fields, rca.Field{Key: "total_ms", Value: strings.TrimPrefix(col[2][e+1:], "+")})
	}
	if tcp && len(col[4]) == 2 {
		p.fields = append(p.fields, rca.Field{Key: "termination", Value: col[4]})
	} else if len(col[7]) == 4 || len(col[7]) == 2 {
		p.fields = append(p.fields, rca.Field{Key: "termination", Value: col[7]})
	} else if len(col[5]) == 2 {
		p.fields = append(p.fields, rca.Field{Key: "termination", Value: col[5]})
	}
	r.Status, r.Severity = status, severityStatus(status)
	r.Message = strings.TrimSpace(rest)
	if q := strings.IndexByte(rest, '"'); q > 0 && strings.HasSuffix(rest, `"`) && q < len(rest)-1 {
		p.request(rest[q+1 : len(rest)-1])
		n := len(p.fields)
		p.fields[at], p.fields[at+1] = p.fields[n-2], p.fields[n-1]
		p.fields = p.fields[:n-2]
	} else if status == 0 {
		p.fields[at] = rca.Field{Key: "proxy", Value: col[0]}
		r.Severity = rca.SeverityInfo
	}
	return true
}
