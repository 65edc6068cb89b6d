package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headDmesg reads the kernel's ring buffer as dmesg prints it. Its clock is the uptime, so the record has no time.
//
//	[  123.456789] Out of memory: Killed process 42 (java)
//	<3>[  123.456789] message
//	kern  :err   : [  123.456789] message
func headDmesg(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 16 {
		return false
	}
	i := 0
	switch s[0] {
	case '[':
	case '<':
		e := strings.IndexByte(s[:6], '>')
		if e < 2 || !allDigits(s[1:e]) {
			return false
		}
		r.Severity = severitySyslog(int(firstInt(s)))
		i = e + 1
	case 'k', 'u', 'd', 's', 'a', 'l':
		if len(s) < 32 || s[6] != ':' || s[13] != ':' || s[15] != '[' {
			return false
		}
		r.Severity = rca.SeverityWord(strings.TrimRight(s[7:13], " "))
		i = 15
	default:
		return false
	}
	if s[i] != '[' {
		return false
	}
	j := i + 1
	for j < len(s) && s[j] == ' ' {
		j++
	}
	start := j
	for j < len(s) && digit(s[j]) {
		j++
	}
	if j == start || j+8 >= len(s) || s[j] != '.' || s[j+7] != ']' {
		return false
	}
	for k := j + 1; k < j+7; k++ {
		if !digit(s[k]) {
			return false
		}
	}
	m := s[j+8:]
	if m[0] != ' ' && m[0] != '[' {
		return false
	}
	p.fields = append(p.fields, rca.Field{Key: "uptime", Value: s[start : j+7]})
	m = strings.TrimPrefix(m, " ")
	if len(m) > 4 && m[0] == '[' && (m[1] == ' ' || m[1] == 'T' || m[1] == 'C') { // [  T123] of CONFIG_PRINTK_CALLER
		if e := indexByte(m[:min(len(m), 14)], ']'); e > 0 {
			r.Process = strings.TrimLeft(m[1:e], " ")
			m = strings.TrimPrefix(m[e+1:], " ")
		}
	}
	r.Component, r.Message = "kernel", m
	return true
}

// headAudit reads the records of the Linux audit daemon:
//
//	type=SYSCALL msg=audit(1795485368.123:456): arch=c000003e syscall=59 success=no exit=-13 comm="nginx"
func headAudit(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 40 || s[0] != 't' && s[0] != 'n' {
		return false
	}
	i := 0
	if strings.HasPrefix(s, "node=") {
		if i = indexByte(s, ' ') + 1; i < 7 {
			return false
		}
		r.Host = s[5 : i-1]
	}
	if !strings.HasPrefix(s[i:], "type=") {
		return false
	}
	i += 5
	e := indexByte(s[i:], ' ')
	const mark = " msg=audit("
	if e < 2 || !strings.HasPrefix(s[i+e:], mark) {
		return false
	}
	r.Logger = s[i : i+e]
	i += e + len(mark)
	var v civil
	n := scanEpoch(s[i:], &v)
	if n == 0 || i+n >= len(s) || s[i+n] != ':' {
		return false
	}
	r.Time = p.clock.at(&v)
	c := strings.Index(s[i+n:], "):")
	if c < 0 {
		return false
	}
	r.Trace = s[i : i+n+c] // all records of one event share it
	r.Message = strings.TrimLeft(s[i+n+c+2:], " ")
	r.Severity = rca.SeverityInfo
	m := r.Message
	for i := 0; i < len(m); {
		for i < len(m) && (m[i] == ' ' || m[i] == '\'' || m[i] == 0x1d) {
			i++
		}
		start := i
		for i < len(m) && m[i] != '=' && m[i] != ' ' {
			i++
		}
		if i >= len(m) || m[i] == ' ' || i == start {
			if m[start:i] == "denied" {
				r.Severity = rca.SeverityWarn
			}
			i++
			continue
		}
		key := m[start:i]
		i++
		if key == "msg" && i < len(m) && m[i] == '\'' { // what follows are pairs too
			continue
		}
		val := ""
		if i < len(m) && m[i] == '"' {
			q := endQuote(m, i+1)
			if q < 0 {
				break
			}
			val, i = m[i+1:q], q+1
		} else {
			start = i
			for i < len(m) && m[i] != ' ' && m[i] != '\'' && m[i] != 0x1d {
				i++
			}
			val = m[start:i]
		}
		if key == "res" && (val == "failed" || val == "0") || key == "success" && val == "no" {
			r.Severity = rca.SeverityWarn
		}
		if key == "pid" && r.Process == "" {
			r.Process = val
		}
		p.fields = append(p.fields, rca.Field{Key: key, Value: val})
	}
	switch r.Logger {
	case "ANOM_ABEND", "ANOM_OOM", "AVC", "USER_AVC":
		r.Severity = max(r.Severity, rca.SeverityWarn)
	}
	return true
}
