package parse

import "github.com/rca-engine/rca"

// headLogfmt reads key=value pairs that fill the whole line, as logfmt writers print them.
func headLogfmt(p *Parser, s string, r *rca.Record) bool {
	pairs, first := 0, len(p.fields)
	p.roles.next = 0
	for i := 0; i < len(s); {
		for i < len(s) && s[i] == ' ' {
			i++
		}
		start := i
		for i < len(s) && s[i] != '=' && s[i] != ' ' && s[i] != '"' {
			i++
		}
		if i == len(s) || s[i] != '=' || i == start {
			if pairs < 3 || i == start {
				return false
			}
			if i < len(s) && s[i] == '"' {
				return false
			}
			continue // a bare word among pairs is a flag
		}
		key := s[start:i]
		i++
		val, quoted := "", false
		if i < len(s) && s[i] == '"' {
			v, j, ok := p.jsonString(s, i)
			if !ok {
				return false
			}
			val, quoted, i = v, true, j
		} else {
			start = i
			for i < len(s) && s[i] != ' ' {
				i++
			}
			val = s[start:i]
		}
		pairs++
		p.field(r, key, val, quoted)
	}
	if pairs < 3 || r.Message == "" && r.Severity == rca.SeverityUnknown || r.Time == rca.NoTime && r.Severity == rca.SeverityUnknown {
		return false
	}
	if r.Message == "" {
		r.Message = firstText(p.fields[first:], s)
	}
	return true
}
