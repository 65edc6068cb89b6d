package redact

import "strings"

// maxUserinfo bounds how far an @ is looked for behind ://.
const maxUserinfo = 512

// url looks at the user and password before the host of a URL (RFC 3986, section 3.2.1); at is behind the ://.
func (r *Redactor) url(at int) int {
	s := r.s
	last, slash := -1, -1
	end := at
scan:
	for ; end < len(s) && end < at+maxUserinfo; end++ {
		switch c := s[end]; {
		case c == '@':
			last = end
			if slash >= 0 {
				break scan
			}
		case c == '/' || c == '?' || c == '#':
			// A password may hold a slash that should have been encoded; a port is no password.
			if last >= 0 || slash >= 0 {
				if last >= 0 {
					break scan
				}
				continue
			}
			n := strings.IndexByte(s[at:end], ':')
			if n < 0 || at+n+1 == end || digits(s[at+n+1:end]) || s[at] == '[' || strings.IndexByte(s[at:at+n], '.') >= 0 {
				break scan
			}
			slash = end
		case isSpace(c) || isQuote(c) || c == '<' || c == '>' || c == '\\' || c == ',' && last >= 0:
			break scan
		}
	}
	if last < 0 {
		return at
	}
	r.userinfo(at, last)
	return last + 1
}

// userinfo hides user:password, or a token that stands alone before the @.
func (r *Redactor) userinfo(from, to int) {
	s := r.s
	n := strings.IndexByte(s[from:to], ':')
	if n < 0 {
		if k, end := r.token(from); end > from {
			r.add(k, from, end)
		} else if random(s[from:to]) {
			r.add(kindSecret, from, to)
		} else {
			r.person(from, to, false, to)
		}
		return
	}
	colon := from + n
	if k, end := r.token(from); end > from {
		r.add(k, from, end)
	} else if colon > from {
		r.person(from, colon, false, colon)
	}
	if v := s[colon+1 : to]; v != "" && !placeholder(v) && v != "x-oauth-basic" {
		if k, end := r.token(colon + 1); end == to {
			r.add(k, colon+1, to)
		} else {
			r.add(kindPassword, colon+1, to)
		}
	}
}

// dsn looks left of the @ in user:password@tcp(host:3306)/name, the data source name of Go's MySQL driver.
func (r *Redactor) dsn(i int) bool {
	s := r.s
	if !strings.HasPrefix(s[i+1:], "tcp(") && !strings.HasPrefix(s[i+1:], "unix(") {
		return false
	}
	from := i
	for from > r.done() && i-from < maxUserinfo && !isSpace(s[from-1]) && !isQuote(s[from-1]) {
		from--
	}
	n := strings.IndexByte(s[from:i], ':')
	if n < 0 {
		return false
	}
	from += strings.LastIndexByte(s[from:from+n], '=') + 1
	r.userinfo(from, i)
	return true
}
