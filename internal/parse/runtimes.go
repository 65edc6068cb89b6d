package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// widen joins a line to a text: by moving its end when the line follows it in memory, else in the arena.
func (p *Parser) widen(a, b string) string {
	if contiguous(a, b) {
		return span(a, b)
	}
	return p.glue(a, b)
}

// moreFirstLine takes the first line after a header that stands alone as the message.
func moreFirstLine(p *Parser, prev *rca.Record, s string) bool {
	if prev.Message != "" {
		return false
	}
	prev.Message = strings.TrimLeft(s, " \t")
	p.trace = traceStart(prev.Message)
	return true
}

// headErlang reads the header of the reports that Erlang wrote before OTP 21, as RabbitMQ 3.6 did:
//
//	=ERROR REPORT==== 24-Nov-2026::01:56:08 ===
//	message
func headErlang(p *Parser, s string, r *rca.Record) bool {
	const mark = " REPORT==== "
	if len(s) < 30 || s[0] != '=' || !upper(s[1:]) {
		return false
	}
	i := strings.Index(s[:30], mark)
	if i < 0 {
		return false
	}
	switch s[1:i] {
	case "ERROR", "CRASH":
		r.Severity = rca.SeverityError
	case "WARNING":
		r.Severity = rca.SeverityWarn
	case "SUPERVISOR": // a child ended
		r.Severity = rca.SeverityError
	default:
		r.Severity = rca.SeverityInfo
	}
	r.Logger = s[1:i]
	rest := s[i+len(mark):]
	var v civil
	d, j := dayOfMonth(rest, 0)
	if d == 0 || j >= len(rest) || rest[j] != '-' {
		return false
	}
	mo, k := month(rest, j+1)
	if mo == 0 || k+15 > len(rest) || rest[k] != '-' || rest[k+5] != ':' || rest[k+6] != ':' {
		return false
	}
	y, ok := num4(rest, k+1)
	if !ok {
		return false
	}
	v.year, v.month, v.day, v.hasYear, v.hasDate = y, mo, d, true, true
	if clockTime(rest, k+7, &v) == 0 {
		return false
	}
	r.Time = p.clock.at(&v)
	return true
}

// headTracing reads the text form of Rust's tracing-subscriber, spans included:
//
//	2026-11-24T01:56:08.123456Z  INFO my_app::db: message key=value
//	2026-11-24T01:56:08.123456Z ERROR request{method=GET id=7}:query: my_app::db: message
func headTracing(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 34 || s[10] != 'T' || s[19] != '.' {
		return false
	}
	z := 20
	for z < 31 && z < len(s) && digit(s[z]) {
		z++
	}
	if z+8 >= len(s) || s[z] != 'Z' || s[z+1] != ' ' {
		return false
	}
	i := z + 2
	if s[i] == ' ' {
		i++
	}
	e := i
	for e < len(s) && s[e] >= 'A' && s[e] <= 'Z' {
		e++
	}
	switch s[i:e] {
	case "TRACE", "DEBUG", "INFO", "WARN", "ERROR":
	default:
		return false
	}
	if e-z != 7 || e+2 >= len(s) || s[e] != ' ' { // the level is five wide
		return false
	}
	sev := rca.SeverityWord(s[i:e])
	i = e + 1
	if strings.HasPrefix(s[i:], "ThreadId(") {
		if c := strings.Index(s[i:], ") "); c > 0 {
			r.Process = s[i : i+c+1]
			i += c + 2
		}
	}
	// Spans are "name{fields}:" without a blank outside the braces; the target is the last "path: ".
	start, depth, quote := i, 0, false
	for j := i; j < len(s) && j < i+600; j++ {
		switch b := s[j]; {
		case quote:
			if b == '\\' {
				j++
			} else if b == '"' {
				quote = false
			}
		case b == '"':
			quote = depth > 0
		case b == '{':
			depth++
		case b == '}':
			depth--
		case b == ' ' && depth == 0:
			if j < start+2 || s[j-1] != ':' {
				return false
			}
			target := s[start : j-1]
			if strings.IndexByte(target, '}') >= 0 || j+1 < len(s) && spanAhead(s[j+1:]) {
				start = j + 1
				continue
			}
			if !rustPath(target) {
				return false
			}
			t, n := p.clock.iso(s)
			if n == 0 {
				return false
			}
			r.Time, r.Severity, r.Logger, r.Message = t, sev, target, s[j+1:]
			return true
		}
	}
	return false
}

// spanAhead tells whether the word at the start of s is a module path that ends with ":", so that what came before was a span.
func spanAhead(s string) bool {
	e := indexByte(s[:min(len(s), 120)], ' ')
	return e > 3 && s[e-1] == ':' && strings.Contains(s[:e-1], "::") && rustPath(s[:e-1])
}

func rustPath(s string) bool {
	for i := 0; i < len(s); i++ {
		if b := s[i]; !letter(b) && !digit(b) && b != '_' && b != ':' && b != '-' && b != '.' {
			return false
		}
	}
	return s != "" && (letter(s[0]) || s[0] == '_')
}

// headRuby reads Ruby's Logger, the default of Rails and Sidekiq:
//
//	E, [2026-11-24T01:56:08.123456 #123] ERROR -- : message
func headRuby(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 36 || s[1] != ',' || s[2] != ' ' || s[3] != '[' || strings.IndexByte("DIWEFA", s[0]) < 0 {
		return false
	}
	t, n := p.clock.iso(s[4:])
	if n == 0 {
		return false
	}
	e := strings.IndexByte(s[4+n:min(len(s), 4+n+20)], ']')
	c := strings.Index(s, " -- ")
	if e < 0 || c < 0 || c > 70 {
		return false
	}
	r.Process = strings.TrimLeft(s[4+n:4+n+e], " #")
	r.Time, r.Severity = t, severityLetter(s[0])
	if s[0] == 'A' { // ANY
		r.Severity = rca.SeverityUnknown
	}
	rest := s[c+4:]
	m := strings.Index(rest, ": ")
	if m < 0 {
		if !strings.HasSuffix(rest, ":") {
			return false
		}
		m = len(rest) - 1
	}
	r.Logger, r.Message = strings.TrimSpace(rest[:m]), rest[min(len(rest), m+2):]
	return true
}

// headMonolog reads Monolog's line formatter, the default of Laravel and Symfony:
//
//	[2026-11-24 01:56:08] production.ERROR: message {"context":1} []
func headMonolog(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 30 || s[0] != '[' || s[5] != '-' || s[14] != ':' {
		return false
	}
	e := indexByte(s[:min(len(s), 40)], ']')
	if e < 20 || e+4 > len(s) || s[e+1] != ' ' {
		return false
	}
	c := strings.Index(s[e:min(len(s), e+80)], ": ")
	if c < 0 {
		return false
	}
	name := s[e+2 : e+c]
	dot := strings.LastIndexByte(name, '.')
	if dot < 1 || !upper(name[dot+1:]) || strings.IndexByte(name, ' ') >= 0 {
		return false
	}
	switch name[dot+1:] {
	case "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY":
	default:
		return false
	}
	t, n := p.clock.iso(s[1:])
	if n != e-1 {
		return false
	}
	r.Time, r.Severity, r.Logger = t, rca.SeverityWord(name[dot+1:]), name[:dot]
	m := s[e+c+2:]
	m = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(m, " []"), " []"), " ")
	if o := strings.Index(m, ` {"`); o > 0 {
		p.fields = append(p.fields, rca.Field{Key: "context", Value: m[o+1:]})
		m = m[:o]
	}
	r.Message = m
	return true
}

// headSupervisor reads supervisord's log, whose events begin with a word that looks like a logger's name:
//
//	2026-11-24 01:56:08,123 INFO exited: web (exit status 1; not expected)
func headSupervisor(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 30 || s[10] != ' ' || s[19] != ',' || s[23] != ' ' || s[28] != ' ' {
		return false
	}
	switch s[24:28] {
	case "CRIT", "WARN", "INFO", "ERRO", "DEBG":
	default:
		return false
	}
	m := s[29:]
	switch {
	case strings.HasPrefix(m, "spawned: "), strings.HasPrefix(m, "exited: "), strings.HasPrefix(m, "success: "), strings.HasPrefix(m, "stopped: "),
		strings.HasPrefix(m, "gave up: "), strings.HasPrefix(m, "spawnerr: "), strings.HasPrefix(m, "supervisord started"), strings.HasPrefix(m, "RPC interface"),
		strings.HasPrefix(m, "waiting for "), strings.HasPrefix(m, "received SIG"), strings.HasPrefix(m, "reaped unknown pid "), strings.HasPrefix(m, "killing '"),
		strings.HasPrefix(m, "Server '"), strings.HasPrefix(m, "Included extra file"), strings.HasPrefix(m, "Set uid to"), strings.HasPrefix(m, "Supervisor is running as root"),
		strings.HasPrefix(m, "daemonizing the supervisord"), strings.HasPrefix(m, "reopening log"), strings.HasPrefix(m, "fd "), strings.HasPrefix(m, "Increased "):
	default:
		return false
	}
	t, n := p.clock.iso(s)
	if n != 23 {
		return false
	}
	r.Time, r.Message = t, m
	switch s[24] {
	case 'C':
		r.Severity = rca.SeverityFatal
	case 'W':
		r.Severity = rca.SeverityWarn
	case 'I':
		r.Severity = rca.SeverityInfo
		if strings.HasPrefix(m, "gave up: ") || strings.HasPrefix(m, "spawnerr: ") { // said at INFO, but the program is down
			r.Severity = rca.SeverityError
		} else if strings.HasSuffix(m, "; not expected)") || strings.HasPrefix(m, "exited: ") && strings.HasSuffix(m, "not expected") {
			r.Severity = rca.SeverityWarn
		}
	case 'E':
		r.Severity = rca.SeverityError
	case 'D':
		r.Severity = rca.SeverityDebug
	}
	return true
}

// headDotNet reads .NET's console logger, whose message stands on the next line or, with SingleLine, behind:
//
//	fail: Microsoft.AspNetCore.Server.Kestrel[13]
//	      message
func headDotNet(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 10 || s[4] != ':' || s[5] != ' ' {
		return false
	}
	switch s[:4] {
	case "trce", "dbug", "info", "warn", "fail", "crit":
	default:
		return false
	}
	e := indexByte(s, '[')
	if e < 7 || e > 200 || indexByte(s[6:e], ' ') >= 0 {
		return false
	}
	i := e + 1
	for i < len(s) && (digit(s[i]) || s[i] == '-') {
		i++
	}
	if i == e+1 || i >= len(s) || s[i] != ']' {
		return false
	}
	r.Severity, r.Logger = rca.SeverityWord(s[:4]), s[6:e]
	r.Message = strings.TrimPrefix(s[i+1:], " ")
	return true
}
