package rank

import (
	"net/netip"
	"sort"
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
)

// family is a component's name without the number of its replica.
func family(s string) string {
	s = strings.ToLower(s)
	if m := podName().FindStringSubmatch(s); m != nil && strings.ContainsAny(m[2], "0123456789") {
		return m[1]
	}
	i := len(s)
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	if i < len(s) && i > 1 && (s[i-1] == '-' || s[i-1] == '_' || s[i-1] == '.') {
		return s[:i-1]
	}
	return s
}

// podName is how Kubernetes names a ReplicaSet and its pods: the Deployment's name, a hash, five letters or figures.
var podName = expr.Lazy(`^(.+?)-([a-z0-9]{8,10})(?:-[a-z0-9]{5})?$`)

// bare is a name without the words that say only that it is a service.
func bare(s string) string {
	s = strings.ToLower(s)
	for _, suffix := range []string{"-service", "_service", "-svc", "-server", "_server", "-api", "-app", "service", ".service"} {
		if t := strings.TrimSuffix(s, suffix); t != s && len(t) > 1 {
			return t
		}
	}
	return s
}

// ports of well-known products.
var ports = map[string]string{"5432": "postgres", "6379": "redis", "5672": "rabbitmq", "3306": "mysql", "27017": "mongodb", "9200": "elasticsearch", "9300": "elasticsearch",
	"9092": "kafka", "2181": "zookeeper", "11211": "memcached", "2379": "etcd", "53": "dns", "25": "smtp", "389": "ldap", "636": "ldap", "9042": "cassandra", "8500": "consul", "8200": "vault", "4222": "nats", "1433": "mssql", "1521": "oracle", "6432": "pgbouncer", "15672": "rabbitmq", "26379": "redis",
	"5000": "keystone", "8774": "nova", "9292": "glance", "9696": "neutron", "8776": "cinder"}

// products under the names that components carry.
var products = map[string][]string{
	"postgres": {"postgres", "postgresql", "pg", "pgsql"}, "redis": {"redis", "valkey", "keydb"}, "rabbitmq": {"rabbitmq", "rabbit"}, "mysql": {"mysql", "mysqld", "mariadb", "mariadbd"},
	"mongodb": {"mongodb", "mongo", "mongod"}, "elasticsearch": {"elasticsearch", "opensearch", "es"}, "kafka": {"kafka"}, "zookeeper": {"zookeeper"}, "memcached": {"memcached"},
	"etcd": {"etcd"}, "dns": {"dns", "dnsmasq", "named", "bind", "bind9", "coredns", "unbound", "kube-dns", "systemd-resolved"}, "smtp": {"smtp", "postfix", "exim", "mail", "sendmail"},
	"ldap": {"ldap", "slapd", "openldap"}, "nginx": {"nginx"}, "haproxy": {"haproxy"}, "envoy": {"envoy"}, "apache": {"apache", "apache2", "httpd"}, "cassandra": {"cassandra"},
	"consul": {"consul"}, "vault": {"vault"}, "nats": {"nats"}, "minio": {"minio"}, "kernel": {"kernel"}, "traefik": {"traefik"}, "pgbouncer": {"pgbouncer"}, "systemd": {"systemd"}, "supervisord": {"supervisord"},
	"clickhouse": {"clickhouse"}, "cockroachdb": {"cockroachdb", "cockroach"}, "influxdb": {"influxdb", "influx"}, "solr": {"solr"}, "pulsar": {"pulsar"}, "activemq": {"activemq", "artemis"}, "mqtt": {"mqtt", "mosquitto", "emqx", "hivemq"}, //nolint:misspell // the broker is spelt so

	"nsq": {"nsq", "nsqd", "nsqlookupd"}, "mssql": {"mssql", "sqlserver"}, "oracle": {"oracle"}, "neo4j": {"neo4j"}, "couchdb": {"couchdb"}, "couchbase": {"couchbase"}, "tidb": {"tidb"}, "hdfs": {"hdfs", "namenode", "datanode"},
	"schema-registry": {"schema-registry"}, "kubernetes": {"kube-apiserver", "kubernetes"}, "varnish": {"varnish", "varnishd", "varnishlog", "varnishncsa"}, "squid": {"squid"}, "caddy": {"caddy"}, "lighttpd": {"lighttpd"}, "kong": {"kong"},
	"keystone": {"keystone"}, "nova": {"nova-api"}, "glance": {"glance-api"}, "neutron": {"neutron-server"}, "cinder": {"cinder-api"}, // the API servers; agents and workers have their own names
}

var productOf = func() map[string]string {
	m := map[string]string{}
	for p, names := range products {
		for _, n := range names {
			m[n] = p
		}
	}
	return m
}()

// product tells which known program wrote a series, by its format or its name.
func product(s *rca.Series, have string) string {
	if have != "" {
		return have
	}
	f := s.Format
	if i := strings.LastIndexByte(f, '+'); i >= 0 {
		f = f[i+1:]
	}
	if p := productOfFormat[f]; p != "" {
		return p
	}
	if p := productByName(s.Component); p != "" {
		return p
	}
	if s.Severity <= rca.SeverityNotice { // a client quotes a server in errors; of itself a server speaks calmly
		for i := range s.Samples {
			for _, sig := range signatures {
				if strings.Contains(s.Samples[i].Message, sig.text) || strings.HasPrefix(s.Logger, sig.text) {
					return sig.product
				}
			}
		}
	}
	return ""
}

// productOfFormat are formats that one program alone writes.
var productOfFormat = map[string]string{"postgres": "postgres", "redis": "redis", "haproxy": "haproxy", "nginx-error": "nginx", "apache-error": "apache", "envoy": "envoy", "mysql": "mysql", "mysql-slow": "mysql",
	"mongodb": "mongodb", "coredns": "dns", "supervisord": "supervisord", "dmesg": "kernel", "auditd": "kernel"}

// signatures are texts of everyday lines that one program alone writes about itself, for logs whose name does not tell what
// they are of. From the programs' sources.
var signatures = []struct{ text, product string }{
	{"accepting AMQP connection", "rabbitmq"}, {"closing AMQP connection", "rabbitmq"}, {"Server startup complete; ", "rabbitmq"}, // rabbit_reader.erl, rabbit.erl
	{"[KafkaServer id=", "kafka"}, {"[GroupCoordinator ", "kafka"}, {"[ReplicaManager broker=", "kafka"}, {"kafka.server.", "kafka"}, {"kafka.log.", "kafka"},
	{"org.apache.zookeeper.server.", "zookeeper"}, {"QuorumPeer[", "zookeeper"},
	{"mysqld: ready for connections", "mysql"}, {"mariadbd: ready for connections", "mysql"}, {"InnoDB: ", "mysql"},
	{"all zones loaded", "dns"}, {"resolver priming query complete", "dns"}, {"query[A] ", "dns"}, {"query[AAAA] ", "dns"}, // named, dnsmasq
	{"o.e.n.Node", "elasticsearch"}, {"o.e.c.", "elasticsearch"},
	{"etcdserver: ", "etcd"}, {"published local member to cluster through raft", "etcd"}, {"serving client traffic insecurely", "etcd"},
}

func productByName(name string) string {
	if p := productOf[bare(family(name))]; p != "" {
		return p
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '/' }) {
		if p := productOf[w]; p != "" && len(w) > 2 {
			return p
		}
	}
	return ""
}

// proxies stand on every path and relay all trouble.
var proxies = map[string]bool{"nginx": true, "haproxy": true, "envoy": true, "traefik": true, "apache": true, "varnish": true, "squid": true, "caddy": true, "lighttpd": true, "kong": true}

// overseers speak of other processes.
var overseers = map[string]bool{"kernel": true, "systemd": true, "supervisord": true}

// names finds a node under every name it goes by.
type names struct {
	alias   map[string]*node  // lower-case name → node
	address map[string]string // IP → host name
	port    map[string]*node  // who said that it listens at a port, where one alone did
	product map[string][]*node
	words   []string // aliases, longest first
}

// listens matches what programs say when they begin to take connections.
var listens = expr.Lazy(`(?i)\b(?:listen(?:ing|s)?|serving|running|bound|binding|started|starting|accepting|ready|available)\b.{0,60}?(?:[:\s=]|\bport[ =:]+)(\d{2,5})\b`)

// announced reads from start lines who listens at which port. A port that two components claim is nobody's.
func (r *ranker) announced() {
	r.names.port = map[string]*node{}
	claimed := map[string]map[*node]bool{}
	for _, s := range r.in.Series {
		n := r.nodes[family(s.Component)]
		if n == nil || s.Access || s.Severity >= rca.SeverityError || s.Count > 50 { // programs start now and then
			continue
		}
		claim := func(port string) {
			if len(port) < 2 || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
				return
			}
			if claimed[port] == nil {
				claimed[port] = map[*node]bool{}
			}
			claimed[port][n] = true
		}
		for i := range s.Samples {
			x := &s.Samples[i]
			if !speaksOfStart(x.Message) {
				continue
			}
			m := listens().FindStringSubmatch(x.Message)
			if m != nil {
				claim(m[1])
			}
			if m == nil && !startWords().MatchString(x.Message) {
				continue
			}
			for _, f := range x.Fields {
				switch strings.ToLower(f.Key) {
				case "port", "listen", "listen_addr", "listenaddr", "bind", "listening", "http_port":
					claim(f.Value[strings.LastIndexByte(f.Value, ':')+1:])
				case "addr", "address", "url":
					if k := strings.LastIndexByte(f.Value, ':'); k >= 0 {
						claim(strings.TrimRight(f.Value[k+1:], "/"))
					}
				}
			}
		}
	}
	for p, ns := range claimed {
		if len(ns) == 1 {
			for n := range ns {
				r.names.port[p] = n
			}
		}
	}
}

// speaksOfStart looks for the beginnings of the words of listens and startWords: an expression that ignores case costs a hundred
// times as much, and few lines have one of them.
func speaksOfStart(s string) bool {
	inside := false
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if letter && !inside {
			for _, w := range startStems[c-'a'] {
				if len(s)-i >= len(w) && strings.EqualFold(s[i:i+len(w)], w) {
					return true
				}
			}
		}
		inside = letter || s[i] >= '0' && s[i] <= '9' || s[i] == '_'
	}
	return false
}

var startStems = [26][]string{{"accepting", "available"}, {"bound", "binding"}, 'l' - 'a': {"listen"}, 'r' - 'a': {"ready", "running"}, 's' - 'a': {"serving", "start"}, 'u' - 'a': {"up"}}

var startWords = expr.Lazy(`(?i)\b(?:listen|serving|start|started|starting|ready|up|bound|running)`)

// buildNames makes the table from components, products and what name servers answered.
func (r *ranker) buildNames() {
	r.names = names{alias: map[string]*node{}, address: map[string]string{}, product: map[string][]*node{}}
	claim := map[string][]*node{}
	nodes := r.sortedNodes()
	for _, n := range nodes {
		set := map[string]bool{n.name: true, bare(n.name): true}
		for d := range n.display {
			set[strings.ToLower(d)] = true
		}
		if n.product != "" {
			r.names.product[n.product] = append(r.names.product[n.product], n)
			for _, p := range products[n.product] {
				set[p] = true
			}
		}
		for a := range set {
			claim[a] = append(claim[a], n)
		}
	}
	for a, ns := range claim {
		if len(ns) == 1 {
			r.names.alias[a] = ns[0]
			continue
		}
		for _, n := range ns { // a component's own name beats another's product
			if n.name == a || bare(n.name) == a {
				r.names.alias[a] = n
				break
			}
		}
	}
	for a := range r.names.alias {
		if len(a) >= 3 {
			r.names.words = append(r.names.words, a)
		}
	}
	sort.Slice(r.names.words, func(i, j int) bool {
		a, b := r.names.words[i], r.names.words[j]
		return len(a) > len(b) || len(a) == len(b) && a < b
	})
	for _, n := range r.in.Names {
		if _, ok := r.names.address[n.Address]; !ok {
			r.names.address[n.Address] = n.Host
		}
		ip, _, ok := strings.Cut(n.Address, ":")
		if !ok || strings.Count(n.Address, ":") != 1 {
			continue
		}
		if a, err := netip.ParseAddr(ip); err == nil && a.IsLoopback() {
			continue // everybody lives there
		}
		if _, ok := r.names.address[ip]; !ok {
			r.names.address[ip] = n.Host
		}
	}
	r.announced()
	r.seen = map[string]bool{}
	for _, s := range r.in.Series {
		quiet := s.Baseline || severity(s) < rca.SeverityWarn
		if !quiet {
			continue
		}
		for _, p := range s.Params {
			if p.Kind == rca.ParamAddress || p.Kind == rca.ParamHost {
				for _, v := range p.Values {
					r.seen[v] = true
				}
			}
		}
	}
}

// target is a party that a line names.
type target struct {
	node *node
	name string
	addr string // host:port as written, if there was one
	at   int    // where in the text
}

var (
	urlHost    = expr.Lazy(`\b[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/\s"'<>@]*@)?([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\])(:\d+)?`)
	hostPort   = expr.Lazy(`\b([A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9])[:/](\d{2,5})\b`)
	bareIP     = expr.Lazy(`\b(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b`)
	arrow      = expr.Lazy(`[0-9a-zA-Z_.-]+:\d+\s*->\s*`)
	lookup     = expr.Lazy(`(?i)(?:lookup|resolve|resolving|resolved|ENOTFOUND|EAI_AGAIN|host)\s+'?"?([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)`)
	cueTarget  = expr.Lazy(`(?i)\b(?:upstream|calling|connect(?:ing|ion)? to|call to|request(?:s)? to|backend|broker|server|instances available for|for service|database|from service|node|host|peer|endpoint)[ =:"'\[(]+([A-Za-z][\w-]*(?:\.[\w-]+)*)`)
	returned   = expr.Lazy(`(?i)([A-Za-z][\w.-]*)(?: (\S+))? (?:returned|responded(?: with)?|answered|replied(?: with)?|failed with(?: status)?|got)(?: an?)?(?: HTTP| status| code| error)*:? ?(\d{3})?`)
	said       = expr.Lazy(`(?i)\b(?:(?:from|to|by|via|calling|call|asking|ask|asked|reach|contact|connect|with|against|of|at|in) ([a-z][\w-]{2,40})|([a-z][\w-]{2,40}) (?:failed|fails|did not|does not|do not|didn't|doesn't|timed out|refused|is down|is not|was not|is away|is gone|unreachable|unavailable|says|said|answers?|answered))\b`)
	dottedHost = expr.Lazy(`\b([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|internal|local|lan|svc|example|test|dev|cloud|de|uk|eu|fr|cn|jp|us|ru|in|co|app|ai|corp|intra|home|cluster|amazonaws|localdomain|invalid))\b`)
)

// notHosts are words that the expressions above take for names and that are none.
var notHosts = map[string]bool{"the": true, "a": true, "an": true, "is": true, "has": true, "was": true, "localhost": false, "error": true, "failed": true, "closed": true, "timeout": true, "timed": true,
	"connection": true, "server": true, "client": true, "name": true, "not": true, "for": true, "to": true, "from": true, "and": true, "or": true, "on": true, "in": true, "by": true, "with": true, "it": true, "this": true, "that": true,
	"http": true, "https": true, "tcp": true, "down": true, "up": true, "closing": true, "unreachable": true, "unavailable": true, "response": true, "request": true, "host": true, "system": true, "process": true, "terminated": true, "which": true, "while": true, "reading": true, "prematurely": true, "sent": true, "port": true, "address": true, "socket": true, "url": true, "path": true, "status": true}

// resolve finds the node of a name as a line has it; outside parties become nodes of their own when make is set.
func (r *ranker) resolve(host, port string, make bool) *node {
	host = strings.ToLower(strings.Trim(host, ".[]"))
	if host == "" || notHosts[host] {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		h := r.names.address[host+":"+port]
		if h == "" {
			h = r.names.address[host]
		}
		if h != "" {
			if n := r.resolve(h, port, false); n != nil {
				return n
			}
			host = strings.ToLower(h)
		} else if n := r.names.port[port]; n != nil && (ip.IsLoopback() || ip.IsPrivate()) {
			return n
		} else if ns := r.names.product[ports[port]]; port != "" && len(ns) == 1 {
			return ns[0]
		} else if ip.IsLoopback() || ip.IsUnspecified() {
			return nil
		} else if !make {
			return nil
		}
	}
	if host == "localhost" {
		if n := r.names.port[port]; n != nil {
			return n
		}
		if ns := r.names.product[ports[port]]; port != "" && len(ns) == 1 {
			return ns[0]
		}
		return nil
	}
	for _, h := range []string{host, family(host), firstLabel(host), bare(firstLabel(host)), family(firstLabel(host))} {
		if n := r.names.alias[h]; n != nil {
			return n
		}
	}
	if ns := r.names.product[ports[port]]; port != "" && len(ns) == 1 && !strings.Contains(host, ".") {
		return ns[0]
	}
	if !make || len(host) < 3 || hexName().MatchString(host) {
		return nil
	}
	return r.node(inside(host))
}

// inside is the name of a service where a host's name is one of an internal zone: there the first label names the service
// ("redis.internal", "ledger.shop.svc.cluster.local"), and the rest only where it runs. Other hosts keep their whole name.
func inside(host string) string {
	for _, zone := range [...]string{".internal", ".local", ".svc", ".localdomain", ".lan", ".intra", ".home.arpa", ".consul", ".docker"} {
		if rest, ok := strings.CutSuffix(host, zone); ok && len(rest) > 2 {
			return firstLabel(rest)
		}
	}
	return host
}

// hexName matches ids that stand where a name might.
var hexName = expr.Lazy(`^(?:0x)?[0-9a-f]{6,}$`)

func firstLabel(s string) string {
	if _, err := netip.ParseAddr(s); err == nil {
		return s
	}
	if i := strings.IndexByte(s, '.'); i > 0 {
		return s[:i]
	}
	return s
}

// targets finds whom the lines of a fact name, in the order of trust: URLs, host:port, names after a cue, components.
func (r *ranker) targets(f *Fact) []target {
	var out []target
	add := func(n *node, name, addr string, at int) {
		if n == nil || n == f.writer {
			return
		}
		for i := range out {
			if out[i].node == n {
				if out[i].at < 0 { // a field named it first; where the text does tells whose answer is quoted
					out[i].at = at
				}
				return
			}
		}
		out = append(out, target{n, name, addr, at})
	}
	for _, x := range f.Series.Samples[:min(1, len(f.Series.Samples))] {
		for _, fl := range x.Fields {
			switch fl.Key {
			case "upstream", "upstream_addr", "ua", "backend", "dependency", "peer.service", "peer_service", "remote_service", "upstream_service", "target_service", "url", "peer", "target", "address", "addr", "host", "net.peer.name", "server.address", "upstream_host", "dest", "destination", "endpoint", "remote":
				if fl.Key == "host" && strings.Contains(f.Series.Format, "nginx") || fl.Key == "url" && !strings.Contains(fl.Value, "://") || fl.Key == "ua" && strings.Contains(fl.Value, " ") {
					continue
				}
				for _, t := range r.textTargets(fl.Value+" ", true) {
					add(t.node, t.name, t.addr, -1)
				}
				if len(out) == 0 || fl.Key == "backend" {
					for _, part := range strings.FieldsFunc(fl.Value, func(c rune) bool { return c == '/' || c == ' ' || c == ',' }) {
						add(r.resolve(part, "", callee[fl.Key] && plainName().MatchString(fl.Value)), part, "", -1)
					}
				}
			}
		}
	}
	for _, l := range f.Lines {
		for _, t := range r.textTargets(l, false) {
			add(t.node, t.name, t.addr, t.at)
		}
	}
	return out
}

// callee are fields whose value names the party that was called, and nothing else.
var callee = map[string]bool{"upstream": true, "dependency": true, "peer.service": true, "peer_service": true, "remote_service": true, "upstream_service": true, "target_service": true}

// plainName is how services are named.
var plainName = expr.Lazy(`^[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*$`)

// commonWord are words that stand before "returned 500" and name nobody.
var commonWord = map[string]bool{"call": true, "request": true, "it": true, "server": true, "handler": true, "function": true, "api": true, "service": true, "upstream": true, "backend": true, "endpoint": true, "which": true, "url": true,
	"method": true, "query": true, "command": true, "get": true, "post": true, "put": true, "delete": true, "patch": true, "head": true, "has": true, "and": true, "http": true, "https": true, "response": true, "status": true, "probe": true, "check": true, "remote": true,
	"peer": true, "host": true, "client": true, "proxy": true, "gateway": true, "code": true, "error": true, "fetch": true, "that": true, "this": true, "app": true, "application": true, "site": true, "page": true, "webhook": true, "callback": true, "invocation": true, "operation": true, "attempt": true, "retry": true, "try": true, "job": true, "task": true, "step": true, "health": true, "healthcheck": true, "process": true, "program": true, "script": true}

// textTargets reads one text.
func (r *ranker) textTargets(s string, loose bool) []target {
	if len(s) > 2000 {
		s = s[:2000]
	}
	clean := s
	if strings.Contains(s, "->") {
		clean = arrow().ReplaceAllString(s, "") // of "a:1->b:2" the second is the target
	}
	clean = clientPart().ReplaceAllString(clean, "")
	var out []target
	taken := map[int]bool{}
	var urls [][]int
	if strings.Contains(clean, "://") {
		urls = urlHost().FindAllStringSubmatchIndex(clean, 4)
	}
	for _, m := range urls {
		host := clean[m[2]:m[3]]
		port := ""
		if m[4] >= 0 {
			port = clean[m[4]+1 : m[5]]
		}
		taken[m[2]] = true
		out = append(out, target{r.resolve(host, port, true), host, strings.TrimSuffix(host+":"+port, ":"), m[0]})
	}
	if strings.Contains(clean, "no such host") || strings.Contains(clean, "resolve") || strings.Contains(clean, "ENOTFOUND") || strings.Contains(clean, "EAI_AGAIN") || strings.Contains(clean, "lookup") {
		if m := lookup().FindStringSubmatchIndex(clean); m != nil {
			host := clean[m[2]:m[3]]
			out = append(out, target{r.resolve(host, "", strings.Contains(host, ".") && !strings.Contains(host, "_")), host, "", m[0]})
		}
	}
	for _, m := range hostPort().FindAllStringSubmatchIndex(clean, 6) {
		if taken[m[2]] {
			continue
		}
		host, port := clean[m[2]:m[3]], clean[m[4]:m[5]]
		if fileLike(host) {
			continue
		}
		outside := strings.Contains(host, ".") && !digitsOnly(host)
		out = append(out, target{r.resolve(host, port, outside || bareIP().MatchString(host)), host, host + ":" + port, m[0]})
	}
	for _, m := range cueTarget().FindAllStringSubmatchIndex(clean, 4) {
		host := clean[m[2]:m[3]]
		out = append(out, target{r.resolve(host, "", dottedHost().MatchString(host)), host, "", m[0]})
	}
	for _, m := range dottedHost().FindAllStringSubmatchIndex(clean, 4) {
		host := clean[m[2]:m[3]]
		if m[3]+1 < len(clean) && clean[m[3]] == '.' && clean[m[3]+1] >= 'A' || reversed(host) {
			continue
		}
		out = append(out, target{r.resolve(host, "", true), host, "", m[0]})
	}
	for _, m := range returned().FindAllStringSubmatchIndex(clean, 3) {
		names := [][2]int{{m[2], m[3]}}
		if m[4] >= 0 { // "the call err=ledger returned 500": the word right before the verb first
			w := clean[m[4]:m[5]]
			at := m[4] + strings.LastIndexAny(w, "=:\"'([") + 1
			names = [][2]int{{at, m[5]}, {m[2], m[3]}}
		}
		for _, n := range names {
			host := clean[n[0]:n[1]]
			// "ledger returned 500" names a party even where it has no log here.
			bad := m[6] >= 0 && clean[m[6]] >= '4' && plainName().MatchString(host) && !commonWord[strings.ToLower(host)]
			if t := r.resolve(host, "", bad); t != nil {
				out = append(out, target{t, host, "", n[0]})
				break
			}
		}
	}
	for _, m := range said().FindAllStringSubmatchIndex(clean, 6) {
		for k := 2; k < len(m); k += 2 {
			if m[k] >= 0 {
				name := clean[m[k]:m[k+1]]
				if n := r.nodes[strings.ToLower(name)]; n != nil && n.hasLog {
					out = append(out, target{n, name, "", m[k]})
				}
			}
		}
	}
	// components named as words
	low := strings.ToLower(clean)
	for _, w := range r.names.words {
		for from := 0; ; {
			i := strings.Index(low[from:], w)
			if i < 0 {
				break
			}
			i += from
			from = i + len(w)
			if boundary(low, i-1) && boundary(low, i+len(w)) && distinctive(w) {
				out = append(out, target{r.names.alias[w], w, "", i})
				break
			}
		}
	}
	kept := out[:0]
	for _, t := range out {
		if t.node != nil {
			kept = append(kept, t)
		}
	}
	return kept
}

// clientPart matches the ends of a connection that call, not those that are called.
var clientPart = expr.Lazy(`(?i)\bclient: ?[0-9a-fA-F.:]+|\bfrom (?:client )?[0-9a-fA-F.:]+(?::\d+)?|\bon \d+\.\d+\.\d+\.\d+:53\b`)

// distinctive tells a name that stands for a component wherever it is written from one that is a word of the language:
// "berth" is a word, "berth-service", "till-2" and "postgres" are names.
func distinctive(alias string) bool {
	return strings.ContainsAny(alias, "-_.0123456789") || productOf[alias] != "" && len(alias) > 2 && alias != "bind" && alias != "mail" && alias != "named" && alias != "dns"
}

func boundary(s string, i int) bool {
	if i < 0 || i >= len(s) {
		return true
	}
	b := s[i]
	return !(b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.' && i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z')
}

// reversed tells a package's name, which begins where a host's name ends: java.net, org.apache.
func reversed(s string) bool {
	switch firstLabel(s) {
	case "java", "javax", "jakarta", "com", "org", "net", "io", "sun", "kotlin", "scala", "akka", "system", "os", "sys", "http", "oslo", "django", "flask":
		return true
	}
	return false
}

func fileLike(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return false
	}
	switch s[i+1:] {
	case "java", "py", "go", "js", "ts", "rb", "php", "c", "cc", "cpp", "h", "rs", "cs", "scala", "kt", "lua", "erl", "sql", "log", "conf", "html", "mjs", "jsx", "tsx", "pl", "sh":
		return true
	}
	return false
}

func digitsOnly(s string) bool { return strings.Trim(s, "0123456789.") == "" }
