package mine

import (
	"strings"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// isTrace tells a stack trace from a message that goes on over several lines.
func isTrace(s string) bool {
	return strings.Contains(s, "\tat ") || strings.Contains(s, "  at ") || strings.Contains(s, `File "`) || strings.Contains(s, "Traceback (") || strings.Contains(s, "goroutine ") ||
		strings.Contains(s, "Caused by: ") || strings.Contains(s, ".rb:") || strings.Contains(s, ".php(") || strings.Contains(s, "#0 ") || strings.Contains(s, "panicked at") || strings.Contains(s, ".go:") || strings.HasPrefix(s, "at ")
}

// Signature hashes what a stack trace is known by: its exception types and its two innermost frames, without line
// numbers, addresses or messages, so that a rebuilt program with the same fault has the same one.
func Signature(text string) uint64 {
	h := uint64(len("stack"))
	frames := 0
	python := strings.Contains(text, "  File \"")
	var last [2]string // Python prints the innermost frame last
	for s := text; s != ""; {
		line := s
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			line, s = s[:i], s[i+1:]
		} else {
			s = ""
		}
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "":
		case strings.HasPrefix(trimmed, "at ") || strings.HasPrefix(trimmed, "File \"") || strings.HasPrefix(trimmed, "from "):
			f := frameName(trimmed)
			if python {
				last[0], last[1] = last[1], f
			} else if frames < 2 {
				h = mix(h, xxhash.Sum64String(f))
			}
			frames++
		case line[0] != ' ' && line[0] != '\t':
			if c := strings.IndexAny(trimmed, ":( "); c > 0 {
				trimmed = trimmed[:c]
			}
			h = mix(h, xxhash.Sum64String(trimmed))
		}
	}
	if python {
		h = mix(mix(h, xxhash.Sum64String(last[0])), xxhash.Sum64String(last[1]))
	}
	if h == 0 {
		h = 1
	}
	return h
}

// frameName is a frame without its line number.
func frameName(s string) string {
	if strings.HasPrefix(s, "File \"") {
		end := strings.IndexByte(s[6:], '"')
		if end < 0 {
			return s
		}
		fn := ""
		if i := strings.LastIndex(s, " in "); i > 0 {
			fn = s[i+4:]
		}
		return s[6:6+end] + " " + fn
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		return s[:i]
	}
	if i := strings.LastIndexByte(s, ':'); i > 0 {
		return s[:i]
	}
	return s
}
