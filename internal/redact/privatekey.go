package redact

import "strings"

const kindPrivateKey Kind = "PRIVATE_KEY"

// maxPrivateKey bounds how far the end of a private key is looked for: the largest in use (RSA of 16384 bits) has 13 kB.
const maxPrivateKey = 64 << 10

// dash looks at -----BEGIN … PRIVATE KEY----- (RFC 7468, RFC 9580, OpenSSH's PROTOCOL.key) and takes all to its -----END …-----, over
// lines, or within one where the line ends are escaped. Where the end is missing it takes the lines that can belong to it.
func (r *Redactor) dash(i int) int {
	s := r.s
	from := i
	for i < len(s) && s[i] == '-' {
		i++
	}
	if i-from < 5 || !strings.HasPrefix(s[i:], "BEGIN ") {
		return i
	}
	label := s[i+len("BEGIN ") : min(len(s), i+100)]
	n := strings.Index(label, "-----")
	if n < 0 || !strings.Contains(label[:n], "PRIVATE KEY") {
		return i
	}
	body := i + len("BEGIN ") + n + 5
	from = max(from, i-5)
	limit := min(len(s), body+maxPrivateKey)
	if n := strings.Index(s[body:limit], "-----END "); n >= 0 {
		to := body + n + len("-----END ")
		if n := strings.Index(s[to:min(len(s), to+100)], "-----"); n >= 0 {
			return r.add(kindPrivateKey, from, to+n+5)
		}
	}
	if limit == len(s) {
		r.open = from
	}
	return r.add(kindPrivateKey, from, torn(s, body, limit))
}

// torn returns where the lines end that can belong to a key from i on: base 64, line ends escaped or not, and headers such as Proc-Type: 4,ENCRYPTED.
func torn(s string, i, limit int) int {
	start, end := i, i
	for i < limit {
		line := i
		for i < limit && (base64s.has(s[i]) || s[i] == '\\' || s[i] == '\r') {
			i++
		}
		switch {
		case i == limit:
			return i
		case s[i] == '\n':
			i++
			end = i - 1
			if i-line == 1 && end > line { // an empty line, between the headers and the body
				continue
			}
		default:
			next := lineEnd(s[:limit], i)
			if n := strings.Index(s[line:next], ": "); n <= 0 || n > 24 || next-line > 100 {
				if line == start || i-line >= 32 { // what follows stands on the key's own line
					return i
				}
				return end
			}
			i, end = min(next+1, limit), next
		}
	}
	return limit
}

// keyLine returns the end of a line at i that is wholly base 64 of the width that keys are folded to, or i: a line out of the middle of a key.
func keyLine(s string, i int) int {
	from := i
	for i < len(s) && i < from+12 && s[i] == ' ' {
		i++
	}
	if i+64 > len(s) || i < len(s) && !base64s.has(s[i]) {
		return from
	}
	start := i
	var low, high, n bool
	for i < len(s) && i < start+77 && base64s.has(s[i]) {
		low, high, n = low || s[i] >= 'a' && s[i] <= 'z', high || isUpper(s[i]), n || isDigit(s[i])
		i++
	}
	if w := i - start; w != 64 && w != 70 && w != 76 || i < len(s) && s[i] != '\n' && s[i] != '\r' || !low || !high || !n {
		return from
	}
	return i
}
