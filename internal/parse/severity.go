package parse

import "github.com/rca-engine/rca"

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
