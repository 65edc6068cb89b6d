package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headApacheError reads the error log of Apache 2.4; the learned header serves that of 2.2.
//
//	[Tue Nov 24 01:56:08.123456 2026] [proxy:error] [pid 7:tid 8] (111)Connection refused: [client 10.0.0.1:5000] AH00957: message
func headApacheError(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 40 || s[0] != '[' || s[4] != ' ' || s[8] != ' ' {
		return false
	}
	e := indexByte(s[:min(len(s), 40)], ']')
	if e < 25 || e+8 > len(s) || s[e+1] != ' ' || s[e+2] != '[' {
		return false
	}
	i := e + 3
	q := indexByte(s[i:], ']')
	if q < 4 || q > 60 {
		return false
	}
	c := indexByte(s[i:i+q], ':')
	if c < 0 {
		return false
	}
	word := s[i+c+1 : i+q]
	if strings.HasPrefix(word, "trace") && len(word) == 6 {
		word = "trace"
	}
	if r.Severity = rca.SeverityWord(word); r.Severity == rca.SeverityUnknown {
		return false
	}
	t, n := p.clock.stamp(s[1:], false)
	if n != e-1 {
		return false
	}
	r.Time, r.Logger = t, s[i:i+c]
	m := strings.TrimPrefix(s[i+q+1:], " ")
	if strings.HasPrefix(m, "[pid ") {
		if e := indexByte(m, ']'); e > 0 {
			r.Process = m[5:e]
			m = strings.TrimPrefix(m[e+1:], " ")
		}
	}
	if o := strings.Index(m, "[client "); o >= 0 {
		if e := indexByte(m[o:], ']'); e > 0 {
			p.fields = append(p.fields, rca.Field{Key: "client", Value: m[o+8 : o+e]})
			if o == 0 {
				m = strings.TrimPrefix(m[e+1:], " ")
			}
		}
	}
	r.Message = m
	return true
}

// headEnvoy reads the default access logs of Envoy and Istio. Envoy's response flags say why it answered itself.
//
//	[2026-11-24T01:56:08.123Z] "GET /api HTTP/1.1" 503 UF 0 91 37 - "-" "curl/8" "req-id" "shop" "10.0.0.2:80"
func headEnvoy(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 45 || s[0] != '[' || s[11] != 'T' || s[20] != '.' || s[24] != 'Z' || s[25] != ']' || s[26] != ' ' || s[27] != '"' {
		return false
	}
	t, n := p.clock.iso(s[1:])
	if n != 24 {
		return false
	}
	end := endQuote(s, 28)
	if end < 0 || end+6 > len(s) || s[end+1] != ' ' {
		return false
	}
	i := end + 2
	status := 0
	for i < len(s) && digit(s[i]) && i < end+6 {
		status = status*10 + int(s[i]-'0')
		i++
	}
	if i >= len(s) || s[i] != ' ' || i == end+2 {
		return false
	}
	p.request(s[28:end])
	i++
	flags := i
	for i < len(s) && s[i] != ' ' {
		i++
	}
	r.Time, r.Message = t, s[27:i]
	if status >= 100 && status < 600 {
		r.Status, r.Severity = status, severityStatus(status)
	}
	if f := s[flags:i]; f != "-" && f != "" {
		p.fields = append(p.fields, rca.Field{Key: "response_flags", Value: f})
		if r.Status == 0 && f[0] == 'U' || f == "NR" || f == "NC" { // a connection that never reached its server has no status
			r.Severity = max(r.Severity, rca.SeverityError)
		}
	}
	// Istio puts two words and a quoted text before the figures.
	quoted := [...]string{"forwarded_for", "user_agent", "", "authority", "upstream_host"}
	k, nq := 0, 0
	for i < len(s) {
		i++
		if i >= len(s) {
			break
		}
		if s[i] == '"' {
			e := endQuote(s, i+1)
			if e < 0 {
				break
			}
			val := s[i+1 : e]
			i = e + 1
			switch {
			case k == 2:
				if val != "-" {
					p.fields = append(p.fields, rca.Field{Key: "upstream_failure", Value: val})
				}
				k = 0
			case nq == 2:
				if val != "-" {
					r.Trace = val
				}
				nq++
			case nq < len(quoted):
				if val != "-" {
					p.fields = append(p.fields, rca.Field{Key: quoted[nq], Value: val})
				}
				nq++
			}
			continue
		}
		start := i
		for i < len(s) && s[i] != ' ' {
			i++
		}
		w := s[start:i]
		switch {
		case w == "":
		case nq > 0:
			if nq == len(quoted) && w != "-" { // Istio's cluster follows the host
				p.fields = append(p.fields, rca.Field{Key: "upstream_cluster", Value: w})
				nq++
			}
		case k == 0 && !digit(w[0]): // response code details
			if w != "-" {
				p.fields = append(p.fields, rca.Field{Key: "details", Value: w})
			}
			k++
		case k == 1 && !digit(w[0]):
			k++
		case k >= 0 && digit(w[0]):
			k = -1
			p.fields = append(p.fields, rca.Field{Key: "bytes_received", Value: w})
		case k == -1:
			k--
			p.fields = append(p.fields, rca.Field{Key: "bytes", Value: w})
		case k == -2:
			k--
			p.fields = append(p.fields, rca.Field{Key: "total_ms", Value: w})
		case k == -3:
			k--
			if w != "-" {
				p.fields = append(p.fields, rca.Field{Key: "upstream_ms", Value: w})
			}
		}
	}
	return true
}

// iisColumns are what IIS writes unless it is told otherwise.
var iisColumns = []string{"date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip", "cs(User-Agent)", "cs(Referer)",
	"sc-status", "sc-substatus", "sc-win32-status", "time-taken"}

// findFields reads the "#Fields:" line of W3C's extended log format where the stream's head has one.
func findFields(lines []string) []string {
	for i, s := range lines {
		if i == 20 {
			break
		}
		if c := strings.Index(s, "#Fields: "); c >= 0 {
			return strings.Fields(strings.Clone(s[c+9:])) // the lines are the block's
		}
	}
	return nil
}

// headW3C reads W3C's extended log format under the columns that the stream's head names, else under those of IIS:
//
//	2026-11-24 01:56:08 10.0.0.1 GET /api - 443 - 10.0.0.9 curl/8 - 500 0 0 123
func headW3C(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 30 || s[10] != ' ' && s[10] != '\t' || s[19] != ' ' && s[19] != '\t' {
		return false
	}
	columns := p.layout.w3c
	if columns == nil {
		columns = iisColumns
	}
	if len(columns) < 4 || columns[0] != "date" || columns[1] != "time" {
		return false
	}
	blanks := 0
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' || s[i] == '\t' {
			blanks++
		}
	}
	if blanks != len(columns)-1 {
		return false
	}
	t, n := p.clock.iso(s)
	if n != 19 {
		return false
	}
	at := len(p.fields)
	p.fields = append(p.fields, rca.Field{Key: "method", Value: "-"}, rca.Field{Key: "path", Value: "-"})
	i := 20
	for _, name := range columns[2:] {
		e := i
		for e < len(s) && s[e] != ' ' && s[e] != '\t' {
			e++
		}
		w := s[i:e]
		i = min(e+1, len(s))
		if w == "-" || w == "" {
			continue
		}
		switch name {
		case "cs-method":
			p.fields[at].Value = w
		case "cs-uri-stem":
			p.fields[at+1].Value = w
		case "c-ip":
			p.fields = append(p.fields, rca.Field{Key: "client", Value: w})
		case "sc-bytes":
			p.fields = append(p.fields, rca.Field{Key: "bytes", Value: w})
		case "time-taken":
			p.fields = append(p.fields, rca.Field{Key: "total_ms", Value: w})
		case "s-computername", "x-edge-location":
			r.Host = w
		case "s-sitename":
			r.Component = w
		case "sc-status":
			if len(w) == 3 && allDigits(w) {
				r.Status = int(w[0]-'0')*100 + int(w[1]-'0')*10 + int(w[2]-'0')
				r.Severity = severityStatus(r.Status)
			}
		default:
			p.fields = append(p.fields, rca.Field{Key: name, Value: w})
		}
	}
	if r.Status == 0 && p.fields[at].Value == "-" {
		return false
	}
	r.Time, r.Message = t, s[20:]
	return true
}
