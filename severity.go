package rca

// SeverityWord reads a level as loggers print it: whole words and the usual short forms, in any case.
func SeverityWord(s string) Severity {
	if len(s) < 1 || len(s) > 13 {
		return SeverityUnknown
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
		return SeverityTrace
	case "debug", "dbg", "dbug", "debu", "fine", "config", "debug1", "debug2", "debug3", "debug4", "debug5":
		return SeverityDebug
	case "info", "inf", "information", "informational", "log", "statement", "detail", "hint", "context", "system", "audit", "normal", "http", "success":
		return SeverityInfo
	case "notice", "noti", "ntc", "note":
		return SeverityNotice
	case "warn", "warning", "wrn", "wrng", "warnin":
		return SeverityWarn
	case "error", "err", "eror", "erro", "severe", "failure", "fail", "failed":
		return SeverityError
	case "fatal", "ftl", "crit", "critical", "crt", "panic", "pnc", "alert", "alrt", "emerg", "emergency", "dpanic", "assert", "emrg":
		return SeverityFatal
	}
	return SeverityUnknown
}

// InferSeverity reads a message that has no level of its own: the word that it begins with, or words that only
// failures use. It never says more than the words do, and unknown is a good answer.
func InferSeverity(m string) Severity {
	if len(m) > 400 {
		m = m[:400]
	}
	start := 0
	for start < len(m) && !isLetter(m[start]) {
		start++
	}
	first := wordAt(m, start)
	if end := start + len(first); len(first) > 2 && end < len(m) && (m[end] == ':' || m[end] == ']' || m[end] == ')' || m[end] == '!') || end == len(m) {
		if s := SeverityWord(first); s >= SeverityWarn {
			return s
		}
	}
	sev := SeverityUnknown
	for i := 0; i < len(m); {
		if !isLetter(m[i]) {
			i++
			continue
		}
		w := wordAt(m, i)
		var s Severity
		switch len(w) {
		case 5:
			if eqFold(w, "panic") && i+5 < len(m) && m[i+5] == ':' || w == "FATAL" {
				s = SeverityFatal
			} else if w == "ERROR" || eqFold(w, "error") && i+5 < len(m) && m[i+5] == ':' {
				s = SeverityError
			}
		case 6:
			if eqFold(w, "failed") || eqFold(w, "denied") || w == "FAILED" || eqFold(w, "refuse") {
				s = SeverityError
			}
		case 7:
			if eqFold(w, "failure") || eqFold(w, "refused") || eqFold(w, "timeout") || eqFold(w, "aborted") {
				s = SeverityError
			} else if eqFold(w, "warning") {
				s = SeverityWarn
			}
		case 8:
			if w == "CRITICAL" || eqFold(w, "segfault") {
				s = SeverityFatal
			}
		case 9:
			if w == "Traceback" {
				s = SeverityError
			}
		}
		if n := len(w); s == 0 && n > 9 && (w[n-9:] == "Exception" || w[n-5:] == "Error") && w[0] >= 'A' && w[0] <= 'Z' {
			s = SeverityError
		}
		sev = max(sev, s)
		i += len(w)
	}
	return sev
}

func wordAt(s string, i int) string {
	j := i
	for j < len(s) && (isLetter(s[j]) || s[j] == '_') {
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

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
