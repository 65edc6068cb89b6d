package redact

import "strings"

// systemAccount tells names of programs and roles: they are nobody's, and a diagnosis needs them.
func systemAccount(name string) bool {
	switch strings.ToLower(name) {
	case "root", "admin", "administrator", "nobody", "daemon", "system", "local service", "network service", "anonymous", "anonymous logon", "guest", "default", "public", "shared", "user", "username", "users", "name", "self", "me", "all", "any", "other", "current",
		"www-data", "www", "nginx", "apache", "httpd", "tomcat", "haproxy", "envoy", "postgres", "pgbouncer", "mysql", "mariadb", "redis", "rabbitmq", "mongodb", "mongo", "elasticsearch", "elastic", "kibana", "kafka", "zookeeper", "cassandra", "oracle", "sa", "sys", "dba",
		"git", "jenkins", "runner", "gitlab-runner", "docker", "kubelet", "etcd", "sshd", "ssh", "cron", "syslog", "messagebus", "dbus", "avahi", "ntp", "chrony", "bin", "mail", "postfix", "dovecot", "ftp", "proxy", "backup", "operator", "hdfs", "yarn", "spark", "hive", "hadoop", "mapred", "hbase",
		"app", "appuser", "node", "service", "svc", "prometheus", "grafana", "vault", "consul", "nomad", "ubuntu", "debian", "centos", "ec2-user", "vagrant", "pi", "ansible", "test", "testuser", "monitor", "replication", "replicator", "api", "server", "client", "agent", "worker", "scheduler", "controller", "session", "logged", "login", "logon", "authentication", "unauthenticated", "oauth2", "x-access-token", "apikey", "token":
		return true
	}
	return strings.HasPrefix(name, "system:") || strings.HasPrefix(name, "systemd") || strings.HasSuffix(name, "-svc") || strings.HasSuffix(name, "_svc") || strings.HasSuffix(name, "$")
}

// person hides s[from:to] if it can be the name of somebody, and returns where the scan goes on: end, if it is none.
func (r *Redactor) person(from, to int, quoted bool, end int) int {
	s := r.s
	for !quoted && to > from && (s[to-1] == '.' || s[to-1] == ':') {
		to--
	}
	if to-from > 256 {
		return end
	}
	if n := strings.IndexByte(s[from:to], '@'); n > 0 && strings.IndexByte(s[from+n:to], '.') < 0 { // name@host, name@%
		to = from + n
	}
	v := s[from:to]
	if len(v) == 0 || len(v) > 64 || placeholder(v) || systemAccount(v) {
		return end
	}
	if k, e := r.token(from); e == to {
		return r.add(k, from, to)
	}
	letters, others := 0, 0
	for i := range len(v) {
		switch c := v[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80:
			letters++
			if !isHex(c) {
				others++
			}
		case isDigit(c) || c == '.' || c == '_' || c == '-':
		case c == '\\' && i > 0 && i+1 < len(v), c == ' ' && quoted, c == '\'' && quoted:
			others++
		default:
			return end // an address, an expression, a list
		}
	}
	if letters == 0 || len(v) >= 12 && others == 0 && strings.ContainsAny(v, "0123456789") { // a number or an id
		return end
	}
	return r.add(kindUser, from, to)
}

// phrase looks at what stands behind a word and a blank: Bearer and Basic, the options of a command, and the phrases in which
// programs tell of a user. s[end] is the blank.
func (r *Redactor) phrase(i, end int) int {
	s := r.s
	if i > 0 && s[i-1] == '-' {
		return r.option(i, end)
	}
	switch end - i {
	case 2:
		if (s[i:end] == "BY" || s[i:end] == "by") && i >= 11 && strings.EqualFold(s[i-11:i-1], "identified") {
			return r.quotedPassword(end)
		}
	case 3:
		if s[i:end] == "for" {
			return r.loginOf(i, end)
		}
	case 4:
		if s[i:end] == "user" || s[i:end] == "User" {
			return r.userNamed(i, end)
		}
	case 5:
		switch s[i:end] {
		case "Basic":
			return r.scheme(end, true)
		case "token", "Token":
			return r.spoken(end)
		}
	case 6:
		if s[i]|0x20 == 'b' && s[i+1:end] == "earer" {
			return r.scheme(end, false)
		}
		if s[i:end] == "apikey" || s[i:end] == "secret" {
			return r.spoken(end)
		}
	case 8:
		if s[i]|0x20 == 'p' && strings.EqualFold(s[i:end], "password") {
			if to := r.quotedPassword(end); to > end {
				return to
			}
			if strings.HasPrefix(s[end:], " is ") {
				return r.saidPassword(end + len(" is "))
			}
		}
	}
	if end+1 < len(s) && (s[end+1] == '=' || s[end+1] == ':' || s[end+1] == 'v' && strings.HasPrefix(s[end+1:], "value")) {
		return r.keyed(i, end)
	}
	return end
}

// spoken looks at a token in a sentence: token XYZ expired. Here only a value of small and capital letters and digits is one, for ids are named
// in the same way.
func (r *Redactor) spoken(end int) int {
	s := r.s
	from := end + 1
	if k, to := r.token(from); to > from {
		return r.add(k, from, to)
	}
	to := baseEnd(s, from)
	v := s[from:to]
	if len(v) < 16 || !random(v) || strings.ToLower(v) == v || strings.ToUpper(v) == v || strings.IndexByte(v, '.') >= 0 {
		return end
	}
	return r.add(kindSecret, from, to)
}

// saidPassword looks at "password is x", where x has more than small letters.
func (r *Redactor) saidPassword(from int) int {
	s := r.s
	from, to, _ := r.valueBounds(from, false)
	v := s[from:to]
	if v == "" || placeholder(v) || strings.Trim(v, "abcdefghijklmnopqrstuvwxyz.,") == "" {
		return from
	}
	return r.add(kindPassword, from, to)
}

// shortPassword looks at -p VALUE of sshpass and login, and at -pVALUE of MySQL's programs.
func (r *Redactor) shortPassword(i, end int) int {
	s := r.s
	before := s[max(0, i-60):i]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	from := i + 1
	switch {
	case end == i+1 && (strings.Contains(before, "sshpass ") || strings.Contains(before, " login ")):
		from = end + 1
	case end == i+1 || !strings.Contains(before, "mysql") && !strings.Contains(before, "mariadb"):
		return end
	}
	from, to, _ := r.valueBounds(from, false)
	if from == to || placeholder(s[from:to]) {
		return end
	}
	if k, e := r.token(from); e == to {
		return r.add(k, from, to)
	}
	return r.add(kindPassword, from, to)
}

// option looks at the value of --password VALUE, and at user:password behind -u.
func (r *Redactor) option(i, end int) int {
	s := r.s
	if (s[i:end] == "u" || s[i:end] == "user") && i >= 2 && (isSpace(s[i-2]) || s[i-2] == '-') {
		from, to, _ := r.valueBounds(end+1, false)
		if n := strings.IndexByte(s[from:to], ':'); n > 0 && to-from > n+3 && strings.IndexByte(s[from:to], '/') < 0 {
			r.userinfo(from, to)
			return to
		}
	}
	if s[i] == 'p' && i >= 2 && s[i-2] == ' ' {
		if to := r.shortPassword(i, end); to > end {
			return to
		}
	}
	start := i
	for start > 0 && (isWord(s[start-1]) || s[start-1] == '-') {
		start--
	}
	if !strings.HasPrefix(s[start:], "--") {
		return end
	}
	k := r.meaningOf(i, end)
	if k.meaning != password && k.meaning != secret || end+1 < len(s) && s[end+1] == '-' {
		return end
	}
	return r.value(k, end+1, end, false)
}

// quotedPassword looks at PASSWORD 'x' and IDENTIFIED BY 'x', as SQL writes them.
func (r *Redactor) quotedPassword(end int) int {
	s := r.s
	if end+1 >= len(s) || s[end+1] != '\'' {
		return end
	}
	from, to, _ := r.valueBounds(end+1, false)
	if v := s[from:to]; v == "" || placeholder(v) || strings.IndexByte(v, ' ') >= 0 {
		return end
	}
	return r.add(kindPassword, from, to)
}

// loginOf looks at "Accepted publickey for NAME from", "Failed password for invalid user NAME from": OpenSSH, auth.c.
func (r *Redactor) loginOf(i, end int) int {
	s := r.s
	from := end + 1
	to := nameEnd(s, from)
	if to == from || i < 6 || !strings.HasPrefix(s[to:], " from ") && !strings.HasPrefix(s[to:], " failed") && !strings.HasPrefix(s[to:], " succeeded") {
		return end
	}
	before := s[max(0, i-24) : i-1]
	if strings.HasSuffix(before, "login") || strings.HasSuffix(before, "logon") {
		return r.person(from, to, false, end)
	}
	for _, how := range []string{"password", "publickey", "keyboard-interactive", "keyboard-interactive/pam", "gssapi-with-mic", "hostbased", "none"} {
		if strings.HasSuffix(before, how) {
			return r.person(from, to, false, end)
		}
	}
	return end
}

// userNamed looks at user "NAME" of PostgreSQL, user 'NAME'@'host' of MySQL, and at "for user NAME" and "invalid user NAME" of PAM and OpenSSH.
func (r *Redactor) userNamed(i, end int) int {
	s := r.s
	from := end + 1
	if from < len(s) && (isQuote(s[from]) || s[from] == '\\') {
		from, to, quoted := r.valueBounds(from, false)
		if !quoted {
			return end
		}
		return r.person(from, to, true, end)
	}
	to := nameEnd(s, from)
	rest := s[to:]
	for _, w := range []string{" logged in", " logged out", " not found", " does not exist", " is not in the sudoers"} {
		if strings.HasPrefix(rest, w) {
			return r.person(from, to, false, end)
		}
	}
	cue := false
	for _, w := range []string{"for ", "nvalid ", "llegal ", "nknown ", "by ", "xisting "} {
		cue = cue || strings.HasSuffix(s[:i], w)
	}
	if !cue {
		return end
	}
	if to == from || !(rest == "" || rest[0] == '(' || rest[0] == '\n' || rest[0] == ',' || rest[0] == ':' || strings.HasPrefix(rest, " from ") || strings.HasPrefix(rest, " by ") || strings.HasPrefix(rest, ". ")) {
		return end
	}
	switch s[from:to] {
	case "authentication", "authorization", "input", "data", "request", "requests", "login", "id", "accounts", "account", "management", "service", "sessions", "profile", "action", "interaction", "space", "mode":
		return end
	}
	return r.person(from, to, false, end)
}

func nameEnd(s string, i int) int {
	for i < len(s) && (isWord(s[i]) || s[i] == '-' || s[i] == '.' && i+1 < len(s) && isWord(s[i+1])) {
		i++
	}
	return i
}

// home looks at the name behind /home/, /Users/, C:\Users\ and C:\\Users\\.
func (r *Redactor) home(i int) int {
	s := r.s
	if i+6 > len(s) || s[i+1]|0x20 != 'h' && s[i+1] != 'U' && s[i+1] != '\\' {
		return i
	}
	from := 0
	for _, p := range []string{"/home/", "/Users/", `\Users\`, `\\Users\\`} {
		if strings.HasPrefix(s[i:], p) {
			from = i + len(p)
		}
	}
	if from == 0 || i > 0 && isWord(s[i-1]) || i > 3 && s[i-1] == ' ' && isUpper(s[i-2]) && isUpper(s[i-3]) { // GET /home/
		return i
	}
	to := from
	for to < len(s) && (isWord(s[to]) || s[to] == '-' || s[to] == '.' || s[to] == '@') {
		to++
	}
	for to > from && s[to-1] == '.' {
		to--
	}
	if dot := strings.LastIndexByte(s[from:to], '.'); dot >= 0 && fileEnding(s[from+dot+1:to]) {
		return i
	}
	r.person(from, to, strings.IndexByte(s[from:to], '@') >= 0, to)
	return max(to, i+1)
}

// bracket looks left of [10/Oct/2000: for the user of an access line: host ident user [time].
func (r *Redactor) bracket(i int) int {
	s := r.s
	if i+3 >= len(s) || s[i+3] != '/' || !isDigit(s[i+1]) || !isDigit(s[i+2]) || i < 4 || s[i-1] != ' ' {
		return i + 1
	}
	to := i - 1
	from := to
	for from > r.done() && s[from-1] != ' ' && s[from-1] != '\n' {
		from--
	}
	if from >= 2 && s[from-1] == ' ' && !isSpace(s[from-2]) {
		r.person(from, to, false, to)
	}
	return i + 1
}

// host hides a name that ends in one of the suffixes asked for; s[i:end] is its first word.
func (r *Redactor) host(i, end int) int {
	s := r.s
	for i > r.done() && end-i < 64 && (isWord(s[i-1]) || s[i-1] == '-') { // 63 is the longest label, 253 the longest name
		i--
	}
	to := end
	for to < len(s) && to-i <= 253 && (isAlnum(s[to]) || s[to] == '-' || s[to] == '_' || s[to] == '.' && to+1 < len(s) && isAlnum(s[to+1])) {
		to++
	}
	for _, h := range r.o.Hosts {
		if dot := to - len(h) - 1; dot > i && s[dot] == '.' && strings.EqualFold(s[dot+1:to], h) {
			return r.add("HOST", i, to)
		}
	}
	return end
}
