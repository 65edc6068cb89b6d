package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// wrapper is what a container runtime, a collector or a terminal puts around each line.
type wrapper struct {
	name   string
	unwrap func(p *Parser, s string, ln *line) bool
}

var wrappers = []*wrapper{
	{"docker", unwrapDocker},
	{"cri", unwrapCRI},
	{"kubectl-prefix", unwrapKubectl},
	{"compose", unwrapCompose},
	{"gitlab", unwrapGitLab},
	{"stamp", unwrapStamp},
}

// findWrapper picks the wrapper that most lines have. A bare stamp is a wrapper only when a format of its own is inside.
func findWrapper(p *Parser, lines []string) (*wrapper, int) {
	for _, w := range wrappers {
		n, inner := 0, 0
		for _, s := range lines {
			ln := line{text: s, time: rca.NoTime}
			p.arena = p.arena[:0]
			if !w.unwrap(p, s, &ln) {
				continue
			}
			n++
			if w.name == "stamp" && ln.text != "" {
				var r rca.Record
				for _, f := range formats {
					if f.fallback {
						continue
					}
					p.fields = p.fields[:0]
					r = rca.Record{Time: rca.NoTime}
					if f.head(p, ln.text, &r) {
						inner++
						break
					}
				}
				if _, m := p.clock.iso(strings.TrimLeft(ln.text, "[ ")); m > 0 {
					inner++
				}
			}
		}
		if n*10 >= len(lines)*8 && n > 0 && (w.name != "stamp" || inner*10 >= n*4) {
			p.arena = nil // texts of the sample live on in the old one
			return w, n
		}
	}
	return nil, 0
}

// unwrapDocker reads Docker's json-file driver; a line longer than 16 kB comes in parts without "\n".
func unwrapDocker(p *Parser, s string, ln *line) bool {
	const open = `{"log":"`
	if !strings.HasPrefix(s, open) || s[len(s)-1] != '}' {
		return false
	}
	text, end, ok := p.jsonString(s, len(open)-1)
	if !ok {
		return false
	}
	if strings.HasSuffix(text, "\n") {
		text = strings.TrimRight(text, "\r\n")
	} else {
		ln.partial = len(text) >= 8<<10
	}
	if i := strings.Index(s[end:], `"time":"`); i >= 0 {
		ln.time, _ = p.clock.iso(s[end+i+8:])
	}
	if indexByte(text, 0x1b) >= 0 {
		text = p.stripANSI(text)
	}
	ln.text = text
	return true
}

// unwrapCRI reads "2026-11-22T22:11:02.123456789Z stdout F message"; P marks a part of a longer line.
func unwrapCRI(p *Parser, s string, ln *line) bool {
	if len(s) < 30 || s[10] != 'T' {
		return false
	}
	t, n := p.clock.iso(s)
	if n == 0 || n+9 > len(s) {
		return false
	}
	rest := s[n:]
	if !strings.HasPrefix(rest, " stdout ") && !strings.HasPrefix(rest, " stderr ") {
		return false
	}
	if rest[8] != 'F' && rest[8] != 'P' {
		return false
	}
	ln.time, ln.partial = t, rest[8] == 'P'
	e := strings.IndexByte(rest[8:], ' ')
	if e < 0 {
		ln.text = ""
		return true
	}
	ln.text = rest[8+e+1:]
	return true
}

// unwrapKubectl reads "[pod/name/container] message" of kubectl logs --prefix, and the stamp that may follow.
func unwrapKubectl(p *Parser, s string, ln *line) bool {
	if !strings.HasPrefix(s, "[pod/") {
		return false
	}
	e := strings.Index(s, "] ")
	if e < 0 {
		return false
	}
	name := s[5:e]
	if slash := strings.LastIndexByte(name, '/'); slash > 0 {
		name = name[slash+1:]
	}
	ln.component, ln.text = name, s[e+2:]
	unwrapStamp(p, ln.text, ln)
	return true
}

// unwrapCompose reads "api-1  | message" of docker compose logs, and the stamp that may follow.
func unwrapCompose(p *Parser, s string, ln *line) bool {
	e := strings.IndexByte(s, '|')
	if e < 2 || e > 64 || e+1 < len(s) && s[e+1] != ' ' || s[e-1] != ' ' {
		return false
	}
	name := strings.TrimRight(s[:e], " ")
	if !plainHost(name) || strings.IndexByte(name, ':') >= 0 || rca.SeverityWord(name) != rca.SeverityUnknown {
		return false
	}
	ln.component = replica(name)
	ln.text = strings.TrimPrefix(s[e+1:], " ")
	unwrapStamp(p, ln.text, ln)
	return true
}

// replica takes the number off "api-1" or "api_1", which compose appends to each container.
func replica(s string) string {
	i := len(s)
	for i > 0 && digit(s[i-1]) {
		i--
	}
	if i < len(s) && i > 1 && (s[i-1] == '-' || s[i-1] == '_') {
		return s[:i-1]
	}
	return s
}

// unwrapGitLab reads "2026-11-22T22:11:02.123456Z 00O message" of GitLab CI's timestamped job logs.
func unwrapGitLab(p *Parser, s string, ln *line) bool {
	if len(s) < 30 || s[10] != 'T' {
		return false
	}
	t, n := p.clock.iso(s)
	if n == 0 || n+4 >= len(s) || s[n] != ' ' || !digit(s[n+1]) || s[n+3] != 'O' && s[n+3] != 'E' {
		return false
	}
	ln.time = t
	ln.text = strings.TrimPrefix(strings.TrimPrefix(s[n+4:], "+"), " ")
	return true
}

// unwrapStamp reads the RFC 3339 stamp that kubectl logs --timestamps, GitHub Actions and docker logs -t put before a line.
func unwrapStamp(p *Parser, s string, ln *line) bool {
	if len(s) < 21 || s[10] != 'T' || s[4] != '-' {
		return false
	}
	t, n := p.clock.iso(s)
	if n < 20 || n >= len(s) && n != len(s) {
		return false
	}
	if n < len(s) && s[n] != ' ' {
		return false
	}
	ln.time = t
	ln.text = s[min(n+1, len(s)):]
	return true
}
