package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// headLevelFirst reads lines that begin with how bad they are and have no time, as compilers, package managers and CI
// runners print them. It is a fallback: what looks like a level may be the first word of any text.
//
//	ERROR: msg    [ERROR] msg    error: msg    npm ERR! msg    E: msg    ##[error]msg    ::error file=x::msg
//	WARNING:root:msg    DEBUG util.py:459:  msg    CMake Error at x    FAILED tests/x.py::t - msg    --- FAIL: TestX (0.00s)
func headLevelFirst(p *Parser, s string, r *rca.Record) bool {
	if len(s) < 4 {
		return false
	}
	switch b := s[0]; {
	case b == '[':
		e := indexByte(s[:min(len(s), 16)], ']')
		if e < 4 {
			return false
		}
		sev := rca.SeverityWord(strings.TrimSpace(s[1:e]))
		if sev == rca.SeverityUnknown {
			return false
		}
		r.Severity, r.Message = sev, strings.TrimLeft(s[e+1:], " :-")
		return true
	case b == '#':
		if len(s) < 8 || s[1] != '#' || s[2] != '[' {
			return false
		}
		return ciCommand(s, 3, "]", r)
	case b == ':':
		if len(s) < 8 || s[1] != ':' {
			return false
		}
		return ciCommand(s, 2, "::", r)
	case b == '-':
		if strings.HasPrefix(s, "--- FAIL: ") {
			r.Severity, r.Message = rca.SeverityError, s
			return true
		}
		return false
	case !letter(b) || traceStart(s) != traceNone || frame(s): // "panic: " and "Error: " open traces
		return false
	}
	i := 1
	for i < len(s) && (letter(s[i]) || s[i] == '_') && i < 13 {
		i++
	}
	if i == len(s) {
		return false
	}
	if i == 1 { // apt
		if s[1] == ':' && s[2] == ' ' && (s[0] == 'E' || s[0] == 'W' || s[0] == 'N') {
			r.Severity, r.Message = severityLetter(s[0]), s[3:]
			return true
		}
		return false
	}
	word := s[:i]
	switch word {
	case "npm", "pnpm", "yarn":
		return npmLine(s, i, r)
	case "CMake":
		if strings.HasPrefix(s, "CMake Error") {
			r.Severity = rca.SeverityError
		} else if strings.HasPrefix(s, "CMake Warning") || strings.HasPrefix(s, "CMake Deprecation Warning") {
			r.Severity = rca.SeverityWarn
		} else {
			return false
		}
		r.Message = s
		return true
	}
	sev := rca.SeverityWord(word)
	if sev == rca.SeverityUnknown || i < 3 {
		return false
	}
	shout := word[1] >= 'A' && word[1] <= 'Z'
	if s[i] == ':' && i+2 < len(s) {
		rest := s[i+1:]
		if rest[0] == ' ' {
			if !shout && sev < rca.SeverityWarn && word != "info" && word != "debug" && word != "note" { // "Success: 3" is a sentence
				return false
			}
			r.Severity, r.Message = sev, strings.TrimLeft(rest, " ")
			return true
		}
		if c := indexByte(rest, ':'); shout && c > 0 && c < 80 && indexByte(rest[:c], ' ') < 0 && c+1 < len(rest) { // Python's basicConfig
			r.Severity, r.Logger, r.Message = sev, rest[:c], strings.TrimPrefix(rest[c+1:], " ")
			return true
		}
		return false
	}
	if s[i] == '[' { // error[E0382]: of rustc
		if e := indexByte(s[i:min(len(s), i+24)], ']'); e > 1 && strings.HasPrefix(s[i+e+1:], ": ") {
			r.Severity, r.Message = sev, s[i+e+3:]
			p.fields = append(p.fields, rca.Field{Key: "code", Value: s[i+1 : i+e]})
			return true
		}
		return false
	}
	if !shout || s[i] != ' ' {
		return false
	}
	rest := strings.TrimLeft(s[i:], " ")
	if strings.HasPrefix(rest, "- ") && len(rest) > 2 {
		r.Severity, r.Message = sev, rest[2:]
		return true
	}
	sp := indexByte(rest, ' ')
	if sp < 3 {
		sp = len(rest)
	}
	if c := rest[:sp]; sp < len(rest) && c[len(c)-1] == ':' { // DEBUG util.py:459:  msg
		if file := strings.TrimRight(c, ":"); dotted(file) || strings.IndexByte(file, ':') > 0 && strings.IndexByte(file, '.') > 0 {
			r.Severity, r.Logger, r.Message = sev, file, strings.TrimLeft(rest[sp:], " ")
			if strings.HasPrefix(file, "util.py:") { // mock repeats here, at DEBUG, whatever its children print
				r.Severity = rca.SeverityUnknown
			}
			return true
		}
	}
	if strings.Contains(rest[:sp], "::") { // pytest's summary; the test is what failed
		r.Severity, r.Logger, r.Message = sev, rest[:sp], s
		if d := strings.Index(rest, " - "); d > 0 {
			r.Message = rest[d+3:]
		}
		return true
	}
	return false
}

// ciCommand reads "##[error]msg" of Azure and GitHub logs and "::error file=x,line=1::msg" of GitHub's runner.
func ciCommand(s string, i int, end string, r *rca.Record) bool {
	j := i
	for j < len(s) && letter(s[j]) {
		j++
	}
	switch s[i:j] {
	case "error":
		r.Severity = rca.SeverityError
	case "warning":
		r.Severity = rca.SeverityWarn
	case "notice":
		r.Severity = rca.SeverityNotice
	case "debug":
		r.Severity = rca.SeverityDebug
	case "command", "section", "group", "endgroup":
		r.Severity = rca.SeverityInfo
	default:
		return false
	}
	e := strings.Index(s[j:], end)
	if e < 0 {
		return false
	}
	r.Message = s[j+e+len(end):]
	return true
}

// npmLine reads "npm ERR! msg" and, since npm 10, "npm error msg".
func npmLine(s string, i int, r *rca.Record) bool {
	rest := strings.TrimLeft(s[i:], " ")
	e := indexByte(rest, ' ')
	if e < 3 {
		return false
	}
	switch strings.TrimRight(rest[:e], "!") {
	case "ERR", "error":
		r.Severity = rca.SeverityError
	case "WARN", "warn":
		r.Severity = rca.SeverityWarn
	case "notice":
		r.Severity = rca.SeverityNotice
	case "info", "http", "verb":
		r.Severity = rca.SeverityInfo
	default:
		return false
	}
	r.Component, r.Message = s[:i], rest[e+1:]
	return true
}
