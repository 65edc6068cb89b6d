package rank

import (
	"strings"
)

// frame is one call of a stack trace.
type frame struct {
	file, function string
	line           int // physical line within the trace's text, from 0
	library        bool
}

// stackTrace is a trace with its innermost frame first.
type stackTrace struct {
	frames    []frame
	exception string // its type
	last      int    // physical line of the exception text
}

// parseStack reads a trace of Python, Java, Node, Go or .NET.
func parseStack(text string) *stackTrace {
	t := &stackTrace{}
	lines := strings.Split(text, "\n")
	python := strings.Contains(text, `File "`)
	for i, l := range lines {
		s := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(s, `File "`):
			end := strings.IndexByte(s[6:], '"')
			if end < 0 {
				continue
			}
			fn := ""
			if k := strings.LastIndex(s, " in "); k > 0 {
				fn = s[k+4:]
			}
			t.frames = append(t.frames, frame{file: s[6 : 6+end], function: fn, line: i, library: libraryPath(s[6 : 6+end])})
		case strings.HasPrefix(s, "at "):
			fn := s[3:]
			file := ""
			if k := strings.IndexByte(fn, '('); k > 0 {
				file = strings.TrimSuffix(fn[k+1:], ")")
				fn = strings.TrimSpace(fn[:k])
			} else {
				file = fn
			}
			t.frames = append(t.frames, frame{file: file, function: fn, line: i, library: libraryName(fn) || libraryPath(file)})
		case s != "" && l[0] != ' ' && l[0] != '\t' && !strings.HasPrefix(s, "Traceback") && !strings.HasPrefix(s, "goroutine"):
			if python || t.exception == "" {
				t.exception, t.last = s, i
			}
		}
	}
	if python {
		for i, j := 0, len(t.frames)-1; i < j; i, j = i+1, j-1 {
			t.frames[i], t.frames[j] = t.frames[j], t.frames[i]
		}
	}
	return t
}

// libraryPath tells code of the platform from the program's own.
func libraryPath(s string) bool {
	for _, p := range [...]string{"node_modules/", "node:internal", "/usr/lib/go", "/usr/local/go/", "/pkg/mod/", "/lib/python3/dist-packages/", "internal/process"} {
		if strings.Contains(s, p) {
			return true
		}
	}
	return strings.HasPrefix(s, "<frozen")
}

func libraryName(s string) bool {
	for _, p := range [...]string{"java.", "java.base/", "javax.", "jdk.", "sun.", "org.springframework.", "org.apache.", "io.netty.", "com.fasterxml.", "kotlin.", "scala.", "System.", "Microsoft.", "reactor.", "com.zaxxer.", "org.hibernate.", "com.sun."} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
