package redact

import (
	"math"
	"strings"
)

// A meaning says what stands under a key.
type meaning uint8

const (
	nothing    meaning = iota
	password           // a secret whatever it looks like
	secret             // a secret if it looks random
	credential         // the value of an Authorization header
	cookie             // name=value; name=value
	setCookie          // name=value; attributes
	person             // the name of a user
	phone              // a telephone number in any notation
	sudoer             // sudo: NAME : TTY=… ; COMMAND=…
)

// key is what a key means, and the kind of its value.
type key struct {
	meaning meaning
	kind    Kind
}

const (
	kindPassword Kind = "PASSWORD"
	kindSecret   Kind = "SECRET"
	kindUser     Kind = "USER"
)

// endings are what the names of keys end in, without case and separators, longest first where one ends in another. Those of secrets follow
// gitleaks' generic-api-key (access, auth, api, credential, key, passw(or)d, secret, token), but ask for the end of the name and for more than
// "key" alone: cache keys, sort keys and routing keys are no secrets.
var endings = []struct {
	end string
	key key
}{
	{"awssecretaccesskey", key{password, "AWS_SECRET"}}, {"secretaccesskey", key{password, "AWS_SECRET"}},
	{"sharedaccesskey", key{password, "AZURE_KEY"}}, {"accountkey", key{password, "AZURE_KEY"}}, {"subscriptionkey", key{secret, "AZURE_KEY"}},
	{"password", key{password, kindPassword}}, {"passwd", key{password, kindPassword}}, {"passphrase", key{password, kindPassword}}, {"passcode", key{password, kindPassword}},
	{"userpass", key{password, kindPassword}}, {"dbpass", key{password, kindPassword}}, {"authpass", key{password, kindPassword}}, {"requirepass", key{password, kindPassword}}, {"masterauth", key{password, kindPassword}},
	{"pwd", key{password, kindPassword}}, {"clientsecret", key{password, kindSecret}}, {"secretkey", key{password, kindSecret}}, {"appsecret", key{password, kindSecret}},
	{"sharedsecret", key{password, kindSecret}}, {"jwtsecret", key{password, kindSecret}}, {"secretkeybase", key{password, kindSecret}}, {"privatekey", key{secret, kindSecret}},
	{"apikey", key{secret, kindSecret}}, {"accesskey", key{secret, kindSecret}}, {"signingkey", key{secret, kindSecret}}, {"encryptionkey", key{secret, kindSecret}}, {"sharedkey", key{secret, kindSecret}},
	{"masterkey", key{secret, kindSecret}}, {"authkey", key{secret, kindSecret}}, {"sessionkey", key{secret, kindSecret}}, {"licensekey", key{secret, kindSecret}}, {"functionkey", key{secret, kindSecret}},
	{"secret", key{secret, kindSecret}}, {"token", key{secret, kindSecret}}, {"credential", key{secret, kindSecret}}, {"credentials", key{secret, kindSecret}}, {"creds", key{secret, kindSecret}},
	{"signature", key{secret, kindSecret}}, {"jsessionid", key{secret, kindSecret}}, {"phpsessid", key{secret, kindSecret}}, {"aspnetsessionid", key{secret, kindSecret}}, {"connectsid", key{secret, kindSecret}},
	{"authorization", key{credential, "AUTH"}}, {"setcookie", key{setCookie, "COOKIE"}}, {"cookie", key{cookie, "COOKIE"}},
	{"username", key{person, kindUser}}, {"loginname", key{person, kindUser}}, {"samaccountname", key{person, kindUser}}, {"fullname", key{person, kindUser}}, {"firstname", key{person, kindUser}}, {"lastname", key{person, kindUser}},
	{"surname", key{person, kindUser}}, {"givenname", key{person, kindUser}}, {"customername", key{person, kindUser}}, {"displayname", key{person, kindUser}}, {"remoteuser", key{person, kindUser}}, {"logname", key{person, kindUser}},
	{"phone", key{phone, kindPhone}}, {"phonenumber", key{phone, kindPhone}}, {"telephone", key{phone, kindPhone}}, {"mobilenumber", key{phone, kindPhone}}, {"msisdn", key{phone, kindPhone}},
}

// wholes are names, or last parts of names behind a separator, that mean something as they stand.
var wholes = []struct {
	name string
	key  key
}{
	{"pass", key{password, kindPassword}}, {"cvv", key{password, kindPassword}}, {"cvc", key{password, kindPassword}}, {"otp", key{password, kindPassword}},
	{"auth", key{secret, kindSecret}}, {"sig", key{secret, kindSecret}},
	{"user", key{person, kindUser}}, {"usr", key{person, kindUser}}, {"uname", key{person, kindUser}}, {"login", key{person, kindUser}}, {"acct", key{person, kindUser}}, {"ruser", key{person, kindUser}}, {"actor", key{person, kindUser}}, {"sudo", key{sudoer, kindUser}},
	{"mobile", key{phone, kindPhone}}, {"tel", key{phone, kindPhone}}, {"fax", key{phone, kindPhone}},
}

// harmless begin or end the names of tokens that only say where a listing goes on, or that tell of a secret without being one.
var harmless = []string{"next", "page", "continuation", "cursor", "sync", "cancel", "cancellation", "unexpected", "invalid"}

// maxKeys bounds the cache of keys.
const maxKeys = 4096

// meaningOf says what stands under the key whose last word is s[i:end]; a key goes on to the left over words, dots and dashes.
func (r *Redactor) meaningOf(i, end int) key {
	s := r.s
	for i > 0 && end-i < 64 && (class[s[i-1]]&word != 0 || s[i-1] == '-' || s[i-1] == '.') {
		i--
	}
	k, ok := r.keys[s[i:end]]
	if !ok {
		if len(r.keys) >= maxKeys {
			clear(r.keys)
		}
		k = readKey(s[i:end])
		r.keys[strings.Clone(s[i:end])] = k
	}
	return k
}

func readKey(name string) key {
	name = strings.TrimRight(name, "0123456789_")
	last := name[strings.LastIndexAny(name, "-_.")+1:]
	flat := strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
	for _, e := range endings {
		if !strings.HasSuffix(flat, e.end) {
			continue
		}
		for _, h := range harmless {
			if e.end == "token" && strings.Contains(flat, h) {
				return key{}
			}
		}
		return e.key
	}
	lower := strings.ToLower(last)
	for _, w := range wholes {
		// In camel case the last part begins with an upper-case letter: dbUser.
		if lower == w.name || strings.HasSuffix(last, string(w.name[0]-0x20)+w.name[1:]) {
			return w.key
		}
	}
	return key{}
}

// keyed looks whether the word s[i:end] is a key with a value: key=value, key: value, "key":"value", \"key\":\"value\", key => value,
// <key>value</key>. It returns where the scan goes on.
func (r *Redactor) keyed(i, end int) int {
	s := r.s
	at := end
	switch {
	case s[at] == '>':
		if i == 0 || s[i-1] != '<' {
			return end
		}
	case s[at] == '\\':
		if at+1 == len(s) || !isQuote(s[at+1]) {
			return end
		}
		at += 2
	case isQuote(s[at]):
		at++
	}
	sep := at
	for at < len(s) && s[at] == ' ' && at < sep+2 {
		at++
	}
	if at == len(s) {
		return end
	}
	colon := s[at] == ':'
	switch s[at] {
	case ':':
		if strings.HasPrefix(s[at+1:], "//") {
			return r.url(at + 3)
		}
		at++
		if at < len(s) && s[at] == '=' {
			at, colon = at+1, false
		}
	case '=':
		at++
		for at < len(s) && (s[at] == '>' || s[at] == '=') {
			at++
		}
	case '>':
		at++
	default:
		return r.paired(i, end, at)
	}
	k := r.meaningOf(i, end)
	if k.meaning == nothing {
		return end
	}
	from := at
	for from < len(s) && s[from] == ' ' && from < at+12 {
		from++
	}
	return r.value(k, from, end, colon && from > at)
}

// paired looks at a key whose value stands under a key of its own: name: PASSWORD value: x, <add key="Password" value="x"/>.
func (r *Redactor) paired(i, end, at int) int {
	s := r.s
	if !strings.HasPrefix(s[at:], "value") || at+6 >= len(s) || s[at+5] != '=' && s[at+5] != ':' {
		return end
	}
	k := r.meaningOf(i, end)
	if k.meaning != password && k.meaning != secret {
		return end
	}
	from := at + 6
	if s[from] == ' ' {
		from++
	}
	return r.value(k, from, end, false)
}

// value looks at the value of a key from a position on. loose tells that it stands behind a colon and a blank, where prose may follow.
func (r *Redactor) value(k key, from, end int, loose bool) int {
	s := r.s
	if from < len(s) && (s[from] == '[' || s[from] == '(') && k.meaning != password {
		from++
	}
	from, to, quoted := r.valueBounds(from, k.meaning >= credential && k.meaning <= setCookie)
	v := s[from:to]
	if v == "" {
		return end
	}
	switch k.meaning {
	case credential:
		return r.authorization(from, to, end)
	case cookie, setCookie:
		return r.cookies(from, to, k.meaning == setCookie)
	case person:
		return r.person(from, to, quoted, end)
	case phone:
		return r.phoneValue(from, to, end)
	case sudoer:
		if !strings.HasPrefix(s[to:], " : ") {
			return end
		}
		return r.person(from, to, false, end)
	}
	if kind, e := r.token(from); e > from {
		return r.add(kind, from, e)
	}
	if placeholder(v) || strings.Contains(v, "://") {
		return end
	}
	if k.meaning == secret {
		if !random(v) {
			return end
		}
		return r.add(k.kind, from, to)
	}
	if loose && !quoted && prose(s, from, to) || v[0] == '/' && s[end-1]|0x20 == 'd' && s[end-2]|0x20 == 'w' || // PWD=/srv/app
		k.kind == kindPassword && digits(v) && s[end-1]|0x20 == 's' { // pass=12 fail=3
		return end
	}
	return r.add(k.kind, from, to)
}

// valueBounds finds where a value begins and ends, without its quotes. A header's value goes on over blanks.
func (r *Redactor) valueBounds(from int, header bool) (int, int, bool) {
	s := r.s
	if from+1 < len(s) && s[from] == '\\' && isQuote(s[from+1]) {
		closing := s[from : from+2]
		from += 2
		if n := strings.Index(s[from:], closing); n >= 0 {
			return from, from + n, true
		}
		return from, lineEnd(s, from), true
	}
	if from < len(s) && isQuote(s[from]) {
		q := s[from]
		for to := from + 1; to < len(s) && s[to] != '\n'; to++ {
			switch s[to] {
			case '\\':
				to++
			case q:
				return from + 1, to, true
			}
		}
		return from + 1, lineEnd(s, from+1), true
	}
	to := r.runEnd(from, header)
	if !header {
		for to > from && strings.IndexByte(",;&)]}", s[to-1]) >= 0 && strings.IndexByte(s[from:to], opening(s[to-1])) < 0 {
			to--
		}
	}
	if to == from && to < len(s) && s[to] == '<' { // <*> or <nil>
		if n := strings.IndexByte(s[to:], '>'); n > 0 && n < 32 {
			to += n + 1
		}
	}
	return from, to, false
}

// maxHeader bounds a header's value: servers take 8 to 16 kB.
const maxHeader = 16 << 10

// runEnd is where an unquoted value ends. The end of a run of many keys without a blank is found once for all of them.
func (r *Redactor) runEnd(from int, header bool) int {
	s := r.s
	last := &r.runs[0]
	if header {
		last = &r.runs[1]
	}
	if from >= last.from && from < last.to {
		return last.to
	}
	to := from
	for to < len(s) && s[to] != '\n' && s[to] != '\r' && !isQuote(s[to]) && s[to] != '<' {
		if header && to-from >= maxHeader || !header && isSpace(s[to]) {
			break
		}
		if s[to] == '\\' && to+1 < len(s) && (s[to+1] == 'n' || s[to+1] == 'r' || isQuote(s[to+1])) {
			break
		}
		if !header && strings.IndexByte(",;&", s[to]) >= 0 && separates(s, to) {
			break
		}
		to++
	}
	last.from, last.to = from, to
	return to
}

// separates tells whether a comma, semicolon or ampersand ends a value: a blank, the end or another key=value follows. Else it
// belongs to the value.
func separates(s string, i int) bool {
	j := i + 1
	for j < len(s) && j-i < 64 && (isWord(s[j]) || s[j] == '-' || s[j] == '.') {
		j++
	}
	if j == len(s) || isSpace(s[j]) || isQuote(s[j]) || s[j] == '\\' {
		return j == i+1
	}
	return s[j] == '=' || s[j] == ':'
}

func opening(c byte) byte {
	switch c {
	case ')':
		return '('
	case ']':
		return '['
	case '}':
		return '{'
	}
	return 0
}

func lineEnd(s string, i int) int {
	if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(s)
}

// prose tells whether a value behind "password: " is the first word of a sentence: letters, small but for the first, and more words after it.
func prose(s string, from, to int) bool {
	if to+1 >= len(s) || s[to] != ' ' {
		return false
	}
	rest := s[from+1 : to]
	if strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz") != "" {
		return false
	}
	return isUpper(s[from]) && rest != "" || s[from] >= 'a' && s[from] <= 'z' && isAlnum(s[to+1])
}

// placeholder tells whether a value stands for none: null, ****, ${PASSWORD}, <password>, %s, {}.
func placeholder(v string) bool {
	switch strings.ToLower(v) {
	case "null", "nil", "none", "true", "false", "undefined", "empty", "redacted", "masked", "hidden", "filtered", "removed", "required", "yes", "no", "not", "set", "unset", "n/a", "string", "invalid", "expired", "missing", "unknown", "changeme":
		return true
	}
	switch v[0] {
	case '<', '[', '{', '%':
		return true
	case '$':
		return len(v) > 1 && (v[1] == '{' || v[1] == '(' || isUpper(v[1]))
	}
	same, letters := true, false
	for i := range len(v) {
		same = same && v[i] == v[0]
		letters = letters || isAlnum(v[i]) || v[i] >= 0x80
	}
	return !letters || same && len(v) > 2 && !isDigit(v[0]) || strings.Contains(v, "****") || strings.HasPrefix(v, "xxxx") || strings.HasPrefix(v, "••")
}

func digits(v string) bool { return strings.Trim(v, "0123456789") == "" }

// random tells whether a value under a key such as token looks made by a generator: long enough, of letters and digits, and of 3 bits of
// entropy a byte, 3.5 without digits (gitleaks asks for 3.5 of its generic rule).
func random(v string) bool {
	v = strings.TrimRight(v, "=")
	if len(v) < 8 || len(v) > 4096 {
		return len(v) > 4096
	}
	var n, lower, capital, other, hexes int
	for i := range len(v) {
		if isHex(v[i]) || v[i] == '-' {
			hexes++
		}
		switch c := v[i]; {
		case isDigit(c):
			n++
		case isUpper(c):
			capital++
		case c >= 'a' && c <= 'z':
			lower++
		case isSpace(c) || c >= 0x80 || c == '{' || c == '(' || c == '@': // an expression, or an object with its address
			return false
		default:
			other++
		}
	}
	if other*3 > len(v) || hexes == len(v) && len(v) < 16 {
		return false
	}
	letters := lower + capital
	switch e := entropy(v); {
	case n > 0 && letters > 0:
		return e >= 3 || len(v) < 12 && e >= 2.5
	case n == 0:
		return lower > 0 && capital > 0 && len(v) >= 20 && e >= 3.5 && other == 0
	default:
		return n >= 16 && e >= 2.5
	}
}

// entropy is Shannon's, of the bytes, in bits a byte.
func entropy(v string) float64 {
	var count [256]int
	for i := range len(v) {
		count[v[i]]++
	}
	e := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			e -= p * math.Log2(p)
		}
	}
	return e
}
