package parse

import (
	"strings"

	"github.com/rca-engine/rca"
)

// traceKind says which runtime's stack trace the last record is in, because each has its own rule of which unindented
// lines still belong to it.
type traceKind uint8

const (
	traceNone traceKind = iota
	traceOther
	tracePython
	tracePythonEnd // the exception line was seen
	traceJava
	traceGo
	traceRule // a rule of "=", which a sanitizer's report may follow
	traceNode // the source line that Node shows before the error
	traceDart // the error stands on the next line
	traceRust // the same
)

// traceStart tells whether a line opens a stack trace.
func traceStart(s string) traceKind {
	if len(s) < 6 {
		return traceNone
	}
	switch s[0] {
	case 'T':
		if strings.HasPrefix(s, "Traceback (most recent call last)") {
			return tracePython
		}
	case 'E':
		if strings.HasPrefix(s, "Exception in thread") || strings.HasPrefix(s, "Exception Group Traceback") {
			return traceJava
		}
	case 'p':
		if strings.HasPrefix(s, "panic: ") {
			return traceGo
		}
	case 'f':
		if strings.HasPrefix(s, "fatal error: ") {
			return traceGo
		}
	case 'g':
		if strings.HasPrefix(s, "goroutine ") && strings.HasSuffix(s, "]:") {
			return traceGo
		}
	case 'U':
		if strings.HasPrefix(s, "Unhandled exception") {
			if s == "Unhandled exception:" {
				return traceDart
			}
			return traceOther
		}
	case '=':
		if s[1] != '=' {
			return traceNone
		}
		if digit(s[2]) {
			if strings.Contains(s, "ERROR: ") && strings.Contains(s, "Sanitizer") {
				return traceOther
			}
			return traceNone
		}
		if (len(s) == 65 || len(s) == 18) && strings.Trim(s, "=") == "" {
			return traceRule
		}
		return traceNone
	case 't':
		if strings.HasPrefix(s, "thread '") && strings.Contains(s, "panicked at") {
			if s[len(s)-1] == ':' {
				return traceRust
			}
			return traceOther
		}
	case '/', 'n':
		if nodeSource(s) {
			return traceNode
		}
	}
	if exceptionLine(s) {
		return traceJava
	}
	if strings.HasSuffix(s, "Traceback (most recent call last):") {
		return tracePython
	}
	return traceNone
}

// nodeSource matches "/app/server.js:12" and "node:internal/process/promises:288", which Node prints before the source line.
func nodeSource(s string) bool {
	i := len(s)
	for i > 0 && digit(s[i-1]) {
		i--
	}
	if i == len(s) || i < 6 || s[i-1] != ':' || indexByte(s, ' ') >= 0 {
		return false
	}
	file := s[:i-1]
	return strings.HasSuffix(file, "js") && (strings.HasSuffix(file, ".js") || file[len(file)-4] == '.') || strings.HasSuffix(file, ".ts") || strings.HasPrefix(file, "node:internal/")
}

// exceptionLine matches "java.lang.IllegalStateException: text", "ValueError: text", "TypeError [CODE]: text" at the
// start of a line: a class name that ends as exceptions do, alone or before a colon.
func exceptionLine(s string) bool {
	i := 0
	for i < len(s) && (letter(s[i]) || digit(s[i]) || s[i] == '.' || s[i] == '_' || s[i] == '$' || s[i] == ':' && i+2 < len(s) && s[i+1] == ':' && letter(s[i+2]) || i > 0 && s[i] == ':' && s[i-1] == ':') {
		i++
	}
	name := s[:i]
	if i < 5 || !letter(s[0]) || i < len(s) && s[i] != ':' && s[i] != ' ' && s[i] != '\r' {
		return false
	}
	if i < len(s) && s[i] == ' ' && !(i+1 < len(s) && (s[i+1] == '[' || s[i+1] == '(')) {
		return false
	}
	switch {
	case strings.HasSuffix(name, "Exception"), strings.HasSuffix(name, "Error"), strings.HasSuffix(name, "Throwable"):
		return name != "Error" || i < len(s)
	case strings.HasSuffix(name, "Warning"), strings.HasSuffix(name, "Interrupt"), strings.HasSuffix(name, "Exit"), strings.HasSuffix(name, "Fault"), strings.HasSuffix(name, "Failure"), strings.HasSuffix(name, "Timeout"):
		return strings.IndexByte(name, '.') > 0
	}
	// Python prints its own classes with their module and without a suffix that tells: app.errors.NoSeatLeft: text
	return i < len(s) && s[i] == ':' && strings.Count(name, ".") >= 2 && upper(name[strings.LastIndexByte(name, '.')+1:])
}

func upper(s string) bool { return len(s) > 0 && s[0] >= 'A' && s[0] <= 'Z' }

// frame tells whether an unindented line can only be the continuation of something.
func frame(s string) bool {
	switch s[0] {
	case 'C':
		return strings.HasPrefix(s, "Caused by: ")
	case '.':
		return strings.HasPrefix(s, "... ") && strings.HasSuffix(s, " more")
	case 'S':
		return strings.HasPrefix(s, "Suppressed: ") || s == "Stack trace:" || strings.HasPrefix(s, "SUMMARY: ") && strings.Contains(s, "Sanitizer: ")
	case 's':
		return s == "stack backtrace:"
	case '=':
		return strings.HasSuffix(s, "==ABORTING")
	case '0':
		return len(s) > 20 && s[1] == 'x' && strings.Contains(s, " is located ")
	case 'R', 'W':
		return strings.HasPrefix(s, "READ of size ") || strings.HasPrefix(s, "WRITE of size ")
	case 'f', 'p':
		return strings.HasPrefix(s, "freed by thread T") || strings.HasPrefix(s, "previously allocated by thread T")
	case '#': // #0 /app/a.php(7): f(), #1 0x4f in main a.c:3
		i := 1
		for i < len(s) && digit(s[i]) {
			i++
		}
		return i > 1 && i < len(s)-1 && s[i] == ' ' && strings.IndexByte(" /{[0", s[i+1]) >= 0
	case '[':
		return s == "[stacktrace]" || s == "[previous exception] [object]"
	case '"':
		return len(s) <= 4 && strings.HasPrefix(s, `"}`)
	case 'a':
		return strings.HasPrefix(s, "at ") && strings.IndexByte(s, '(') > 0
	case 'D':
		return strings.HasPrefix(s, "During handling of the above exception")
	case 'T':
		return strings.HasPrefix(s, "The above exception was the direct cause")
	case 'N':
		return strings.HasPrefix(s, "Node.js v") && len(s) < 24
	case 'n':
		return strings.HasPrefix(s, "note: run with `RUST_BACKTRACE") || strings.HasPrefix(s, "note: Some details are omitted")
	case '<':
		return s == "<asynchronous suspension>"
	case '}', ']', ')':
		return len(s) <= 3
	case '-':
		return strings.HasPrefix(s, "--- End of ")
	}
	return false
}

// continues decides whether a line belongs to the record before it. head says that the line has a header of its own, which
// r then holds.
func (p *Parser) continues(prev, r *rca.Record, s string, head bool) bool {
	if head {
		// Python services under some loggers, Java under journald: each line of a trace has the same header.
		if r.Severity < rca.SeverityWarn && r.Format != "postgres" || r.Format != prev.Format {
			return false
		}
		if r.Format == "postgres" {
			return r.Process == prev.Process && continuesPostgres(r)
		}
		if !sameHeader(r, prev) {
			return false
		}
		if r.Message == "" {
			return p.trace != traceNone
		}
		return p.member(prev, r.Message)
	}
	if len(p.recs) < 2 {
		return false
	}
	if s[0] == ' ' || s[0] == '\t' {
		return true
	}
	if p.member(prev, s) {
		return true
	}
	if traceStart(s) != traceNone {
		// A trace after an error is that error's; after anything else it stands for itself.
		if prev.Format != "" && prev.Severity >= rca.SeverityWarn && prev.Stack == "" {
			p.trace = traceStart(s)
			return true
		}
		return false
	}
	// An unstamped line in a stamped log is the rest of the message before it, unless a trace has just ended, or it tells of a
	// failure behind a message that is none: a runtime's last words bypass the logger.
	return prev.Format != "" && p.layout.multiline && p.trace == traceNone &&
		(prev.Severity == rca.SeverityUnknown || prev.Severity >= rca.SeverityWarn || rca.InferSeverity(s) < rca.SeverityError)
}

// sameHeader tells whether two lines may have been written at once by the same statement.
func sameHeader(a, b *rca.Record) bool {
	return a.Format == b.Format && a.Time == b.Time && a.Process == b.Process && a.Severity == b.Severity && a.Logger == b.Logger && a.Component == b.Component
}

// goLine tells a line that a Go trace may have without indentation.
func goLine(s string) bool {
	return strings.HasPrefix(s, "created by ") || strings.HasPrefix(s, "[signal ") || strings.HasPrefix(s, "exit status ") || strings.HasPrefix(s, "runtime.") ||
		s[len(s)-1] == ')' && strings.IndexByte(s, '(') > 0 || strings.HasPrefix(s, "rax ") || strings.HasPrefix(s, "main.")
}

// member tells whether an unindented line is part of the trace that the last record is in, and moves the state on.
func (p *Parser) member(prev *rca.Record, s string) bool {
	if s[0] == ' ' || s[0] == '\t' {
		if p.trace == traceNone {
			p.trace = traceOther
		}
		return true
	}
	if frame(s) {
		if s[0] == 'D' || s[0] == 'T' {
			p.trace = tracePython
		}
		return true
	}
	start := traceStart(s)
	switch p.trace {
	case tracePython:
		if start == tracePython {
			return true
		}
		if prev.Stack != "" {
			p.trace = tracePythonEnd
			return true
		}
	case tracePythonEnd:
		if start == tracePython {
			p.trace = tracePython
			return true
		}
	case traceRule:
		if strings.Contains(s, "Sanitizer") {
			p.trace = traceOther
			if prev.Format == "" {
				prev.Message, prev.Severity = s, rca.SeverityError
			}
			return true
		}
		p.trace = traceNone
	case traceNode:
		if exceptionLine(s) || strings.HasPrefix(s, "Uncaught ") {
			p.trace = traceJava
			if prev.Format == "" {
				prev.Message = s
			}
			return true
		}
		return prev.EndLine-prev.Line < 4
	case traceDart, traceRust:
		p.trace = traceOther
		if prev.Format == "" {
			prev.Message = p.widen(prev.Message, s)
		}
		return true
	case traceGo:
		return start == traceGo || goLine(s)
	}
	if start != traceNone && prev.Format != "" && prev.Severity >= rca.SeverityWarn && (prev.Stack == "" || start == traceJava && p.trace == traceOther) {
		p.trace = start
		if start == traceJava && p.trace != tracePython {
			p.trace = traceJava
		}
		return true
	}
	return false
}
