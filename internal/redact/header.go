package redact

import (
	"encoding/base64"
	"strings"
)

// authorization looks at the value of an Authorization header (RFC 9110, section 11.6.2): a scheme, then the credentials.
func (r *Redactor) authorization(from, to, end int) int {
	s := r.s
	n := strings.IndexByte(s[from:to], ' ')
	if n < 0 {
		if kind, e := r.token(from); e > from {
			return r.add(kind, from, e)
		}
		to = tokenEnd(s, from, to)
		if v := s[from:to]; len(v) < 8 || placeholder(v) || !random(v) {
			return end
		}
		return r.add("AUTH", from, to)
	}
	at := from + n
	for at < to && s[at] == ' ' {
		at++
	}
	kind, stop := Kind("AUTH"), tokenEnd(s, at, to)
	switch strings.ToLower(s[from : from+n]) {
	case "basic":
		kind = "BASIC_AUTH"
	case "bearer":
		kind = "BEARER_TOKEN"
	case "token", "apikey", "api-key", "negotiate", "ntlm", "splunk", "key", "genie", "genieKey", "oauth":
	case "digest":
		stop = to
	case "aws4-hmac-sha256":
		return from + n // its credential and its signature have names of their own
	default:
		if stop = tokenEnd(s, from, to); !random(s[from:stop]) {
			return end
		}
		return r.add(kind, from, stop)
	}
	if k, e := r.token(at); e > at {
		return r.add(k, at, e)
	}
	if at == stop || placeholder(s[at:stop]) {
		return end
	}
	return r.add(kind, at, stop)
}

// tokenEnd is where a credential ends: at a blank, a quote, a bracket or a comma.
func tokenEnd(s string, from, to int) int {
	for i := from; i < to; i++ {
		if isSpace(s[i]) || isQuote(s[i]) || strings.IndexByte(",;)]}<\\", s[i]) >= 0 {
			return i
		}
	}
	return to
}

// scheme looks at the credentials behind the word Bearer or Basic that stands alone: s[end] is a blank.
func (r *Redactor) scheme(end int, basic bool) int {
	s := r.s
	from := end + 1
	if k, to := r.token(from); to > from {
		return r.add(k, from, to)
	}
	to := baseEnd(s, from)
	for to > from && s[to-1] == '.' {
		to--
	}
	v := s[from:to]
	if basic {
		b, err := base64.StdEncoding.DecodeString(v)
		if err != nil || len(b) < 3 || strings.IndexByte(string(b), ':') < 1 {
			return end
		}
		return r.add("BASIC_AUTH", from, to)
	}
	if len(v) < 16 || !random(v) {
		return end
	}
	return r.add("BEARER_TOKEN", from, to)
}

// baseEnd is where a run of the signs ends of which base64 and tokens are made.
func baseEnd(s string, from int) int {
	for from < len(s) && anyBase.has(s[from]) {
		from++
	}
	return from
}

// cookies hides the values of a Cookie or Set-Cookie header (RFC 6265); names and attributes stay.
func (r *Redactor) cookies(from, to int, set bool) int {
	s := r.s
	for at := from; at < to; {
		end := to
		if n := strings.IndexByte(s[at:to], ';'); n >= 0 {
			end = at + n
		}
		if n := strings.IndexByte(s[at:end], '='); n > 0 {
			name, stop := strings.TrimSpace(s[at:at+n]), at+n+1+strings.IndexByte(s[at+n+1:end]+" ", ' ')
			if strings.IndexByte(name, ' ') >= 0 {
				return at // the header has ended, and other text goes on
			}
			if v := s[at+n+1 : stop]; v != "" && !placeholder(v) && !(set && attribute(name)) {
				r.add("COOKIE", at+n+1, stop)
			}
			if stop < end {
				return stop
			}
		}
		at = end + 1
	}
	return to
}

func attribute(name string) bool {
	switch strings.ToLower(name) {
	case "path", "domain", "expires", "max-age", "samesite", "priority", "version", "comment":
		return true
	}
	return false
}
