package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headJVM reads the JVM's unified log under any decorations that begin with a time or the uptime and hold the level:
//
//	[0.123s][info][gc] GC(12) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 3.500ms
//	[2026-11-24T01:56:08.123+0000][0.123s][7][info][gc,start    ] GC(12) Pause Young (Normal)
func headJVM(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 12 || s[0] != '[' || !digit(s[1]) {
		return false
	}
	known := false
	for i := 0; i < len(s) && s[i] == '['; {
		e := indexByte(s[i:], ']')
		if e < 2 || e > 80 {
			return false
		}
		w := s[i+1 : i+e]
		i += e + 1
		last := w[len(w)-1]
		switch {
		case r.Severity != rca.SeverityUnknown: // the tags end the decorations
			r.Logger = strings.TrimRight(w, " ")
			r.Message = strings.TrimPrefix(s[i:], " ")
			return known && lowerTag(r.Logger)
		case digit(w[0]) && len(w) > 18 && w[10] == 'T':
			t, n := p.clock.iso(w)
			if n != len(w) {
				return false
			}
			r.Time, known = t, true
		case digit(w[0]) && last == 's':
			unit := strings.TrimRight(w, "mns")
			for k := 0; k < len(unit); k++ {
				if !digit(unit[k]) && unit[k] != '.' && unit[k] != ',' {
					return false
				}
			}
			known = true
			p.fields = append(p.fields, rca.Field{Key: "uptime", Value: w})
		case allDigits(w):
			if r.Process == "" {
				r.Process = w
			}
		case w[0] >= 'a' && w[0] <= 'z':
			switch word := strings.TrimRight(w, " "); word {
			case "trace", "debug", "info", "warning", "error":
				r.Severity = rca.SeverityWord(word)
			}
			if r.Severity == rca.SeverityUnknown {
				continue // a host name
			}
		default:
			return false
		}
	}
	return false
}

// lowerTag matches the tags of the unified log: "gc", "gc,heap,exit".
func lowerTag(s string) bool {
	for i := 0; i < len(s); i++ {
		if (s[i] < 'a' || s[i] > 'z') && s[i] != ',' && s[i] != '+' && !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

// headElasticsearch reads the text log of Elasticsearch and OpenSearch:
//
//	[2026-11-24T01:56:08,123][WARN ][o.e.c.r.a.DiskThresholdMonitor] [node-1] message
func headElasticsearch(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 35 || s[0] != '[' || s[11] != 'T' || s[24] != ']' || s[25] != '[' {
		return false
	}
	t, n := p.clock.iso(s[1:])
	if n != 23 {
		return false
	}
	e := strings.IndexByte(s[25:], ']')
	if e < 4 || e > 10 || 26+e >= len(s) || s[26+e] != '[' {
		return false
	}
	if r.Severity = rca.SeverityWord(strings.TrimRight(s[26:25+e], " ")); r.Severity == rca.SeverityUnknown {
		return false
	}
	i := 26 + e
	e = strings.IndexByte(s[i:], ']')
	if e < 2 {
		return false
	}
	r.Logger = strings.TrimSpace(s[i+1 : i+e])
	m := strings.TrimPrefix(s[i+e+1:], " ")
	if len(m) > 2 && m[0] == '[' {
		if e := strings.IndexByte(m, ']'); e > 1 && e < 120 {
			r.Host = strings.TrimSpace(m[1:e])
			m = strings.TrimPrefix(m[e+1:], " ")
		}
	}
	r.Time, r.Message = t, m
	return true
}

// headKafka reads what Kafka and its relatives write through log4j, with the logger at the end:
//
//	[2026-11-24 01:56:08,123] INFO [KafkaServer id=1] started (kafka.server.KafkaServer)
func headKafka(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 32 || s[0] != '[' || s[11] != ' ' || s[20] != ',' || s[24] != ']' || s[25] != ' ' {
		return false
	}
	e := strings.IndexByte(s[26:], ' ')
	if e < 4 || e > 6 || !upper(s[26:]) {
		return false
	}
	if r.Severity = rca.SeverityWord(s[26 : 26+e]); r.Severity == rca.SeverityUnknown {
		return false
	}
	t, n := p.clock.iso(s[1:])
	if n != 23 {
		return false
	}
	m := s[27+e:]
	if len(m) > 3 && m[len(m)-1] == ')' {
		if o := strings.LastIndexByte(m, '('); o > 0 && m[o-1] == ' ' {
			name := m[o+1 : len(m)-1]
			if c := strings.IndexByte(name, ':'); c > 0 { // (com.shop.Task:42)
				name = name[:c]
			}
			if dotted(name) || len(name) > 2 && upper(name) && plainTag(name) {
				r.Logger, m = name, m[:o-1]
			}
		}
	}
	if r.Logger == "" && strings.IndexByte(m, '(') < 0 && len(m) > 0 && m[0] != '[' {
		// The logger may stand on the last of several lines; without one this is anybody's line.
		return false
	}
	r.Time, r.Message = t, m
	return true
}

// headJUL reads the first of the two lines of java.util.logging's SimpleFormatter; moreJUL the second:
//
//	Nov 24, 2026 1:56:08 AM com.foo.Bar baz
//	SEVERE: message
func headJUL(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 26 || s[3] != ' ' || !letter(s[0]) || !digit(s[4]) || s[6] != ',' && s[5] != ',' {
		return false
	}
	t, n := p.clock.stamp(s, false)
	if n == 0 || n+2 > len(s) || s[n] != ' ' || s[n-1]|0x20 != 'm' {
		return false
	}
	r.Time = t
	rest := s[n+1:]
	sp := strings.IndexByte(rest, ' ')
	if sp < 0 {
		sp = len(rest)
	} else if strings.IndexByte(rest[sp+1:], ' ') >= 0 && rest[sp+1] != '<' && rest[sp+1] != 'l' { // a method is one word; lambdas are not
		return false
	}
	if !dotted(rest[:sp]) && !upper(rest) {
		return false
	}
	r.Logger = rest[:sp]
	return true
}

func moreJUL(p *Parser, prev *rca.Record, s string) bool {
	if prev.Message != "" {
		return false
	}
	c := strings.Index(s[:min(len(s), 12)], ": ")
	if c < 4 {
		return false
	}
	sev := rca.SeverityWord(s[:c])
	if sev == rca.SeverityUnknown {
		return false
	}
	prev.Severity, prev.Message = sev, s[c+2:]
	p.trace = traceStart(prev.Message)
	return true
}
