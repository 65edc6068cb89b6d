package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headCoreDNS reads CoreDNS, which writes no time of its own:
//
//	[INFO] 10.0.0.1:1234 - 1 "A IN example. udp 41 false 512" NXDOMAIN qr,rd,ra 116 0.001s
//	[ERROR] plugin/errors: 2 host. A: read udp 10.0.0.1:5->10.0.0.2:53: i/o timeout
func headCoreDNS(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 16 || s[0] != '[' || !upper(s[1:]) {
		return false
	}
	e := indexByte(s[:10], ']')
	if e < 4 || s[e+1] != ' ' {
		return false
	}
	if r.Severity = rca.SeverityWord(s[1:e]); r.Severity == rca.SeverityUnknown {
		return false
	}
	m := s[e+2:]
	if strings.HasPrefix(m, "plugin/") {
		c := strings.Index(m, ": ")
		if c < 0 || c > 60 {
			return false
		}
		r.Logger, r.Message = m[:c], m[c+2:]
		return true
	}
	sp := indexByte(m, ' ')
	if sp < 5 || sp+5 > len(m) || m[sp+1] != '-' || m[sp+2] != ' ' || !digit(m[sp+3]) {
		return false
	}
	q := indexByte(m[:min(len(m), sp+20)], '"')
	if q < 0 {
		return false
	}
	end := endQuote(m, q+1)
	if end < 0 || end+4 > len(m) {
		return false
	}
	p.fields = append(p.fields, rca.Field{Key: "client", Value: m[:sp]})
	query := m[q+1 : end]
	if k := indexByte(query, ' '); k > 0 {
		p.fields = append(p.fields, rca.Field{Key: "qtype", Value: query[:k]})
		if rest := query[k+1:]; len(rest) > 3 {
			if k = indexByte(rest, ' '); k > 0 {
				rest = rest[k+1:]
				if k = indexByte(rest, ' '); k > 0 {
					p.fields = append(p.fields, rca.Field{Key: "name", Value: rest[:k]})
				}
			}
		}
	}
	stop := end + 2
	for stop < len(m) && m[stop] != ' ' {
		stop++
	}
	rcode := m[end+2 : stop]
	p.fields = append(p.fields, rca.Field{Key: "rcode", Value: rcode})
	if d := strings.LastIndexByte(m, ' '); d > stop && m[len(m)-1] == 's' {
		p.fields = append(p.fields, rca.Field{Key: "duration", Value: m[d+1:]})
	}
	switch rcode {
	case "SERVFAIL":
		r.Severity = max(r.Severity, rca.SeverityError)
	case "REFUSED":
		r.Severity = max(r.Severity, rca.SeverityWarn)
	}
	r.Message = m[q:]
	return true
}

// headEvents reads the table of kubectl get events, with or without the column of the namespace. Ages are no times.
//
//	5m12s       Warning   FailedScheduling   pod/api-7f9c4d8b6d-x2x9z   0/3 nodes are available
func headEvents(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 30 || !digit(s[0]) && !letter(s[0]) && s[0] != '<' {
		return false
	}
	age, i := cell(s, 0)
	kind, j := cell(s, i)
	if !isAge(age) {
		if !plainHost(age) || !isAge(kind) {
			return false
		}
		p.fields = append(p.fields, rca.Field{Key: "namespace", Value: age})
		age = kind
		kind, j = cell(s, j)
	}
	switch kind {
	case "Warning":
		r.Severity = rca.SeverityWarn
	case "Normal":
		r.Severity = rca.SeverityInfo
	default:
		return false
	}
	reason, j := cell(s, j)
	object, j := cell(s, j)
	slash := indexByte(object, '/')
	if slash < 1 || reason == "" {
		return false
	}
	r.Component, r.Message = owner(object[slash+1:]), s[j:]
	if object[:slash] == "node" {
		r.Component = object[slash+1:]
	}
	p.fields = append(p.fields, rca.Field{Key: "reason", Value: reason}, rca.Field{Key: "object", Value: object}, rca.Field{Key: "age", Value: age})
	return true
}

// cell gives the column at s[i:], which ends before two blanks, and where the next one begins.
func cell(s string, i int) (string, int) {
	for j := i; j < len(s); j++ {
		if s[j] == ' ' && (j+1 == len(s) || s[j+1] == ' ') {
			k := j
			for k < len(s) && s[k] == ' ' {
				k++
			}
			return s[i:j], k
		}
	}
	return s[i:], len(s)
}

// isAge matches "5m12s", "12m (x3 over 20m)" and "<unknown>".
func isAge(s string) bool {
	if s == "<unknown>" {
		return true
	}
	i := 0
	for i < len(s) && digit(s[i]) {
		for i < len(s) && digit(s[i]) {
			i++
		}
		if i >= len(s) || strings.IndexByte("smhdy", s[i]) < 0 {
			return false
		}
		i++
	}
	return i > 1 && (i == len(s) || s[i] == ' ')
}

// owner takes off what controllers append to a name: the pod's suffix and the ReplicaSet's hash, or a StatefulSet's number.
func owner(pod string) string {
	d := strings.LastIndexByte(pod, '-')
	if d < 1 {
		return pod
	}
	if tail := pod[d+1:]; allDigits(tail) && len(tail) <= 3 {
		return pod[:d]
	}
	if hashed(pod[d+1:], 5, 5) {
		pod = pod[:d]
		if d = strings.LastIndexByte(pod, '-'); d > 0 && hashed(pod[d+1:], 7, 10) {
			pod = pod[:d]
		} else if d > 0 && len(pod)-d-1 == 8 && allDigits(pod[d+1:]) { // a CronJob's minute
			pod = pod[:d]
		}
		return pod
	}
	if hashed(pod[d+1:], 8, 10) {
		return pod[:d]
	}
	return pod
}

// hashed matches the random names of Kubernetes, which are spelled without vowels and the digits 0, 1 and 3.
func hashed(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	digits := 0
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == '2' || b >= '4' && b <= '9':
			digits++
		case b >= 'b' && b <= 'z' && strings.IndexByte("aeiouy", b) < 0:
		default:
			return false
		}
	}
	return digits > 0 || least <= 5
}
