package parse

import "github.com/rca-engine/rca"

// severityWord reads a level as loggers print it: whole words and the usual short forms, in any case.
func severityWord(s string) rca.Severity {
	if len(s) < 1 || len(s) > 13 {
		return rca.SeverityUnknown
	}
	var b [13]byte
	for i := 0; i < len(s); i++ {
		b[i] = s[i] | 0x20
		if s[i] == '_' {
			b[i] = '_'
		}
	}
	switch string(b[:len(s)]) {
	case "trace", "trc", "trce", "finest", "finer", "verbose", "vrb", "silly", "spam", "all":
		return rca.SeverityTrace
	case "debug", "dbg", "dbug", "debu", "fine", "config", "debug1", "debug2", "debug3", "debug4", "debug5":
		return rca.SeverityDebug
	case "info", "inf", "information", "informational", "log", "statement", "detail", "hint", "context", "system", "audit", "normal", "http", "success":
		return rca.SeverityInfo
	case "notice", "noti", "ntc", "note":
		return rca.SeverityNotice
	case "warn", "warning", "wrn", "wrng", "warnin":
		return rca.SeverityWarn
	case "error", "err", "eror", "erro", "severe", "failure", "fail", "failed":
		return rca.SeverityError
	case "fatal", "ftl", "crit", "critical", "crt", "panic", "pnc", "alert", "alrt", "emerg", "emergency", "dpanic", "assert", "emrg":
		return rca.SeverityFatal
	}
	return rca.SeverityUnknown
}

// severityLetter reads the one-letter levels of klog, logcat, .NET and MongoDB.
func severityLetter(b byte) rca.Severity {
	switch b {
	case 'V', 'T', 'v', 't':
		return rca.SeverityTrace
	case 'D', 'd':
		return rca.SeverityDebug
	case 'I', 'i':
		return rca.SeverityInfo
	case 'N', 'n':
		return rca.SeverityNotice
	case 'W', 'w':
		return rca.SeverityWarn
	case 'E', 'e':
		return rca.SeverityError
	case 'F', 'f', 'C', 'c', 'A', 'S':
		return rca.SeverityFatal
	}
	return rca.SeverityUnknown
}

// severitySyslog maps the eight levels of RFC 5424.
func severitySyslog(n int) rca.Severity {
	return [...]rca.Severity{rca.SeverityFatal, rca.SeverityFatal, rca.SeverityFatal, rca.SeverityError, rca.SeverityWarn, rca.SeverityNotice, rca.SeverityInfo, rca.SeverityDebug}[n&7]
}

// severityNumber maps the numeric levels of bunyan and pino (10 to 60), Python (10 to 50), slog (-4 to 8) and syslog (0 to 7).
func severityNumber(n int) rca.Severity {
	switch {
	case n >= 60:
		return rca.SeverityFatal
	case n >= 50:
		return rca.SeverityError
	case n >= 40:
		return rca.SeverityWarn
	case n >= 30:
		return rca.SeverityInfo
	case n >= 20:
		return rca.SeverityDebug
	case n >= 10:
		return rca.SeverityTrace
	case n >= 0 && n <= 7:
		return severitySyslog(n)
	}
	return rca.SeverityUnknown
}

// severityStatus reads the answer of an HTTP server: its own failure is an error, the client's a warning.
func severityStatus(status int) rca.Severity {
	switch {
	case status >= 500 && status < 600:
		return rca.SeverityError
	case status >= 400 && status < 500:
		return rca.SeverityWarn
	case status >= 100 && status < 400:
		return rca.SeverityInfo
	}
	return rca.SeverityUnknown
}

// InferSeverity reads a message that has no level of its own: the word that it begins with, or words that only
// failures use. It never says more than the words do, and unknown is a good answer.
func InferSeverity(m string) rca.Severity {
	if len(m) > 400 {
		m = m[:400]
	}
	start := 0
	for start < len(m) && !letter(m[start]) {
		start++
	}
	first := wordAt(m, start)
	if end := start + len(first); len(first) > 2 && end < len(m) && (m[end] == ':' || m[end] == ']' || m[end] == ')' || m[end] == '!') || end == len(m) {
		if s := severityWord(first); s >= rca.SeverityWarn {
			return s
		}
	}
	sev := rca.SeverityUnknown
	for i := 0; i < len(m); {
		if !letter(m[i]) {
			i++
			continue
		}
		w := wordAt(m, i)
		var s rca.Severity
		switch len(w) {
		case 5:
			if eqFold(w, "panic") && i+5 < len(m) && m[i+5] == ':' || w == "FATAL" {
				s = rca.SeverityFatal
			} else if w == "ERROR" || eqFold(w, "error") && i+5 < len(m) && m[i+5] == ':' {
				s = rca.SeverityError
			}
		case 6:
			if eqFold(w, "failed") || eqFold(w, "denied") || w == "FAILED" || eqFold(w, "refuse") {
				s = rca.SeverityError
			}
		case 7:
			if eqFold(w, "failure") || eqFold(w, "refused") || eqFold(w, "timeout") || eqFold(w, "aborted") {
				s = rca.SeverityError
			} else if eqFold(w, "warning") {
				s = rca.SeverityWarn
			}
		case 8:
			if w == "CRITICAL" || eqFold(w, "segfault") {
				s = rca.SeverityFatal
			}
		case 9:
			if w == "Traceback" {
				s = rca.SeverityError
			}
		}
		if n := len(w); s == 0 && n > 9 && (w[n-9:] == "Exception" || w[n-5:] == "Error") && w[0] >= 'A' && w[0] <= 'Z' {
			s = rca.SeverityError
		}
		sev = max(sev, s)
		i += len(w)
	}
	return sev
}

func wordAt(s string, i int) string {
	j := i
	for j < len(s) && (letter(s[j]) || s[j] == '_') {
		j++
	}
	return s[i:j]
}

// eqFold compares with a lower-case ASCII word.
func eqFold(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}
