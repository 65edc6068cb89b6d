package rank

import (
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// connectivity words that any client may use, for lines of which the library has no entry.
var connectivity = []struct {
	words    []string
	category rca.Category
}{
	{[]string{"connection refused", "econnrefused", "refused the connection", "actively refused", "connect failed"}, rca.DependencyDown},
	{[]string{"no route to host", "network is unreachable", "host is unreachable", "ehostunreach", "enetunreach"}, rca.Network},
	{[]string{"connection reset", "econnreset", "broken pipe", "epipe", "unexpected eof", "connection closed", "connection aborted", "prematurely closed", "socket hang up", "server disconnected", "lost connection", "connection lost", "went away"}, rca.DependencyDown},
	{[]string{"timed out", "timeout", "time-out", "deadline exceeded", "etimedout", "esockettimedout"}, rca.DependencySlow},
	{[]string{"service unavailable", "bad gateway", "no available", "unavailable", "no live upstreams", "no server is available", "has no instances", "no instances"}, rca.DependencyDown},
}

func connectivityOf(s string) (rca.Category, bool) {
	low := strings.ToLower(s)
	for _, c := range connectivity {
		for _, w := range c.words {
			if strings.Contains(low, w) {
				return c.category, true
			}
		}
	}
	return "", false
}

var (
	answered = expr.Lazy(`(?i)\b(?:returned|responded|answered|replied|failed with|status(?: code)?[ :=]|HTTP(?:/1\.1)? )`)
	fivexx   = expr.Lazy(`\b5\d\d\b`)
)

// attribute decides whose fault a fact tells of, and how strongly.
//
// The order: a platform's line is about its subject; a server's own words are about itself; an error quoted after
// "returned" is the answering party's; text that only one product writes is that product's; then what the entry
// says; then a party that is named; at last the writer.
func (r *ranker) attribute(f *Fact) {
	s := f.Series
	f.Targets = r.targets(f)
	first := func() *node {
		if len(f.Targets) > 0 {
			return f.Targets[0].node
		}
		return nil
	}
	f.owner, f.level, f.why = f.writer, know.Symptom, "its own line"
	weight := 2.0
	switch e := f.Found; {
	case e != nil && e.Category != "":
		f.cat, f.level, weight = e.Category, e.Level, float64(e.Weight)
		quoted := f.quotedAnswer(e.Line)
		switch {
		case overseers[f.writer.product] || e.Owner == know.Subject:
			if n := r.resolve(e.Target, "", e.Target != "" && len(e.Target) > 2); n != nil {
				f.owner, f.why = n, "its supervisor or the kernel says so"
			} else if n := first(); n != nil {
				f.owner, f.why = n, "its supervisor or the kernel says so"
			}
		case e.Owner == know.Server && f.writer.product != e.Product:
			if n := r.serverOf(e.Product, f); n != nil {
				f.owner, f.why = n, "the text is one that only "+e.Product+" writes"
			}
		case quoted != nil && quoted != f.writer && e.Level > know.Hearsay:
			f.owner, f.why = quoted, "its answer is quoted"
			f.level = min(f.level, know.Plausible)
		case e.Owner == know.Target || e.Owner == know.Resolver:
			n := r.party(e.Target)
			if e.Owner == know.Resolver {
				n = r.resolver(f, n)
			}
			if n == nil {
				n = first()
			}
			if n == nil {
				n = r.borrowed(f)
			}
			if n != nil {
				f.owner, f.why = n, "the line names it"
			} else {
				// Who is meant is not said: the writer is in trouble, no more.
				f.level = min(f.level, know.Symptom)
				if f.level == know.Symptom && e.Level < know.FirstHand {
					f.level = know.Hearsay
				}
			}
		case e.Owner == know.Holder:
			if n := r.party(e.Target); n != nil {
				f.owner, f.why = n, "the line names it as the holder"
			} else if n := r.serverOf(e.Product, f); n != nil && f.writer.product != e.Product && e.Product != "" {
				f.owner, f.why = n, "the text is one that only "+e.Product+" writes"
			}
		}
	case s.Access:
		f.cat, f.level, weight = rca.DependencyDown, know.Hearsay, 1
		if s.Status == 504 {
			f.cat = rca.DependencySlow
		}
		if n := first(); n != nil {
			f.owner, f.why = n, "requests to it failed"
		}
	case len(s.Stacks) > 0 && f.Stack != nil:
		f.cat, f.level = rca.CodeDefect, know.Plausible
		f.why = "a stack trace that normal times do not know"
		if c, ok := connectivityOf(strings.Join(f.Lines, "\n")); ok {
			f.cat, f.level = c, know.Hearsay
			if n := first(); n != nil {
				f.owner, f.why = n, "the line names it"
			}
		} else if n := first(); n != nil && !n.hasLog && n.product == "" && len(f.Targets) == 1 {
			f.cat, f.level, f.owner, f.why = rca.DependencyDown, know.Hearsay, n, "the exception is about a call to it"
		}
	default:
		text := strings.Join(f.Lines, "\n")
		if c, ok := connectivityOf(text); ok {
			f.cat, f.level, weight = c, know.Hearsay, 1
			if n := first(); n != nil {
				f.owner, f.why = n, "the line names it"
			}
		} else if n := f.quotedAnswer(0); n != nil && n != f.writer {
			f.cat, f.level, f.owner, f.why = rca.DependencyDown, know.Hearsay, n, "its answer is quoted"
		} else if n := first(); n != nil && answered().MatchString(text) && fivexx().MatchString(text) {
			f.cat, f.level, f.owner, f.why = rca.DependencyDown, know.Hearsay, n, "the line names it"
		} else if n := first(); n != nil && severity(s) >= rca.SeverityWarn && urlHost().MatchString(text) && f.Targets[0].addr != "" {
			f.cat, f.level, f.owner, f.why = rca.DependencyDown, know.Hearsay, n, "a call to it failed"
		} else {
			f.cat = rca.CodeDefect
			f.level = know.Symptom
			weight = 1
			if severity(s) >= rca.SeverityError {
				weight = 2
			} else {
				f.level = know.Hearsay // programs warn of much; alone it proves nothing
			}
		}
	}
	r.clientLibrary(f)
	r.serverReply(f)
	r.silentParty(f)
	if n := r.offClock(); n != nil && f.cat == rca.TimeSkew {
		f.owner, f.level, f.why = n, max(f.level, know.Plausible), "its clock jumped, and nobody else's"
	}
	r.unseenAddress(f)
	r.wrongUpstream(f)
	f.vote = weight * log2(1+f.After)
	if f.Novelty == noveltyBurst {
		f.vote *= .7
	}
	f.owner.display[f.ownerDisplay()] += f.After
	if f.level > f.owner.level || f.owner.level == 0 {
		f.owner.level = max(f.owner.level, f.level)
	}
	if f.First != rca.NoTime && (f.writer.firstBad == rca.NoTime || f.First < f.writer.firstBad) {
		f.writer.firstBad = f.First
	}
}

// clientLibraries are the names that clients of servers give to their exceptions and modules: they tell with whom a program was
// talking when its line does not.
var clientLibraries = []struct{ text, product string }{
	{"redis.exceptions.", "redis"}, {"redis.clients.jedis", "redis"}, {"io.lettuce.core", "redis"}, {"ioredis", "redis"}, {"Redis::", "redis"}, {"MaxRetriesPerRequestError", "redis"}, {"/redis/connection.py", "redis"},
	{"psycopg", "postgres"}, {"asyncpg", "postgres"}, {"org.postgresql", "postgres"}, {"PG::", "postgres"}, {"pgx", "postgres"}, {"node_modules/pg/", "postgres"},
	{"pymongo.errors", "mongodb"}, {"MongoServerSelectionError", "mongodb"}, {"MongoNetworkError", "mongodb"}, {"com.mongodb", "mongodb"},
	{"pymysql.err", "mysql"}, {"MySQLdb", "mysql"}, {"com.mysql.cj", "mysql"}, {"Mysql2::", "mysql"},
	{"pika.exceptions", "rabbitmq"}, {"com.rabbitmq.client", "rabbitmq"}, {"amqp.exceptions", "rabbitmq"}, {"aio_pika", "rabbitmq"},
	{"kafka.errors", "kafka"}, {"org.apache.kafka", "kafka"}, {"KafkaJS", "kafka"}, {"elasticsearch.exceptions", "elasticsearch"}, {"elastic_transport", "elasticsearch"}, {"pymemcache", "memcached"},
}

// noAnswer matches the names of exceptions that say that the other side is away or silent.
var noAnswer = expr.Lazy(`(?:Connection\w*|Timeout|MaxRetries\w*|Network|ServerSelection|NotConnected|Unavailable|Closed)(?:Error|Exception)`)

// clientLibrary gives a connectivity line without a target the server whose client library raised it.
func (r *ranker) clientLibrary(f *Fact) {
	if f.owner != f.writer {
		return
	}
	text := strings.Join(f.Lines, "\n")
	switch f.cat {
	case rca.DependencyDown, rca.DependencySlow, rca.Network:
		if f.level > know.Hearsay {
			return
		}
	case rca.CodeDefect: // an exception whose name says that the other side did not answer
		if f.Found != nil || f.Stack == nil || !noAnswer().MatchString(text) {
			return
		}
	default:
		return
	}
	if len(f.Series.Stacks) > 0 {
		text += "\n" + f.Series.Stacks[0].Text
	}
	for _, c := range clientLibraries {
		if strings.Contains(text, c.text) && f.writer.product != c.product {
			if n := r.serverOf(c.product, f); n != nil {
				if f.cat == rca.CodeDefect {
					f.cat, f.level = rca.DependencyDown, know.Hearsay
				}
				for i, l := range f.Lines {
					if strings.Contains(l, c.text) {
						f.telling = i
					}
				}
				f.owner, f.why = n, "the error comes from a client library of "+c.product
				return
			}
		}
	}
}

// replies are texts by which client libraries mark what a server answered: an error that nobody knows is then about that server.
var replies = []struct{ text, product string }{
	{"ReplyError", "redis"}, {"redis.exceptions.ResponseError", "redis"}, {"RedisCommandExecutionException", "redis"}, {"JedisDataException", "redis"}, {"Redis::CommandError", "redis"}, // ioredis, redis-py, lettuce, jedis, redis-rb
	{"psycopg2.errors.", "postgres"}, {"psycopg.errors.", "postgres"}, {"asyncpg.exceptions.", "postgres"}, {"PSQLException: ERROR", "postgres"}, {"(SQLSTATE ", "postgres"}, {"pq: ", "postgres"}, {"PG::", "postgres"},
	{"pymysql.err.", "mysql"}, {"MySQLdb.", "mysql"}, {"mysql.connector.errors.", "mysql"}, {"com.mysql.cj.jdbc.exceptions", "mysql"}, {"mysqli_sql_exception", "mysql"}, {"Mysql2::Error", "mysql"}, {"code: 'ER_", "mysql"}, {"\"code\":\"ER_", "mysql"},
	{"MongoServerError", "mongodb"}, {"pymongo.errors.OperationFailure", "mongodb"}, {"MongoCommandException", "mongodb"},
	{"ChannelClosedByBroker", "rabbitmq"}, {"com.rabbitmq.client.ShutdownSignalException", "rabbitmq"}, {"Exception (406) Reason", "rabbitmq"}, {"NackError", "rabbitmq"},
	{"ElasticsearchException", "elasticsearch"}, {"elasticsearch.exceptions.", "elasticsearch"}, {"elastic_transport", "elasticsearch"}, {"kafka.errors.", "kafka"}, {"org.apache.kafka.common.errors", "kafka"}, {"KeeperException", "zookeeper"}, {"kazoo.exceptions", "zookeeper"},
	{"rpc error: code = ResourceExhausted desc = etcdserver", "etcd"},
}

// serverReply gives an error of which the failure knowledge knows nothing, and that quotes a server's answer, to that server: its words are
// hearsay of a client, but they are the server's.
func (r *ranker) serverReply(f *Fact) {
	if f.Found != nil && f.Found.Category != "" || f.owner != f.writer || f.level > know.Plausible || severity(f.Series) < rca.SeverityWarn {
		return
	}
	text := strings.Join(f.Lines, "\n")
	for _, p := range replies {
		if f.writer.product != p.product && strings.Contains(text, p.text) && products[p.product] != nil {
			if n := r.serverOf(p.product, f); n != nil {
				f.owner, f.level, f.why = n, know.Symptom, "a client quotes an answer of "+p.product
			}
			return
		}
	}
}

// silentParty gives a time-out that names nobody to the one component that fell silent before: a process that hangs lets others
// wait. Who is refused, or gets an answer of 5xx, has reached somebody who is alive.
func (r *ranker) silentParty(f *Fact) {
	if f.owner != f.writer || f.level > know.Hearsay || f.cat != rca.DependencySlow {
		return
	}
	for _, l := range f.Lines {
		if urlHost().MatchString(l) || hostPort().MatchString(l) || bareIP().MatchString(l) {
			return // it does say whom, only not by a name that is known
		}
	}
	if n := r.fellSilent(f); n != nil {
		f.owner, f.why = n, "it names nobody, and this one fell silent before"
	}
}

// wrongUpstream takes connections that are refused from the moment of a proxy's own reload, and never before, for what the
// reload brought. A reload elsewhere, or some seconds earlier, says nothing: most incidents have a harmless one near.
func (r *ranker) wrongUpstream(f *Fact) {
	if f.cat != rca.DependencyDown || !proxies[f.writer.product] || f.Novelty != noveltyNew || f.First == rca.NoTime || f.Found == nil ||
		!strings.Contains(strings.ToLower(strings.Join(f.Lines, " ")), "refused") || f.owner != f.writer {
		return
	}
	for _, c := range r.changes {
		if r.changeOf(c) != f.writer {
			continue
		}
		for _, e := range c.All {
			if e.Change == "reload" || e.Change == "config" {
				// A restart of the upstream refuses for a moment as well.
				lasts := f.After >= 5 && f.Series.Last-f.First > 5e9
				if last := c.lastBefore(f.First); lasts && last != rca.NoTime && f.First-last < 3e9 {
					f.cat, f.level, f.why = rca.Configuration, know.Symptom, "its upstream refuses from the moment of its own reload"
					return
				}
			}
		}
	}
}

// lastBefore is the last kept occurrence up to an instant and a second more, for stamps of whole seconds.
func (f *Fact) lastBefore(t rca.Time) rca.Time {
	out := rca.NoTime
	for _, x := range f.Series.Samples {
		if x.Time != rca.NoTime && x.Time <= t+1e9 {
			out = max(out, x.Time)
		}
	}
	return out
}

// unseenAddress moves a refused connection to the caller when the caller asks at a port that normal times never saw, of a
// host that they did: the address was changed to a wrong one, and who lives there is healthy.
func (r *ranker) unseenAddress(f *Fact) {
	if f.cat != rca.DependencyDown || f.owner == f.writer || !strings.Contains(strings.ToLower(strings.Join(f.Lines, " ")), "refused") {
		return
	}
	for _, t := range f.Targets {
		host, port, ok := strings.Cut(t.addr, ":")
		if !ok || port == "" || r.seen[t.addr] || host == "localhost" || strings.HasPrefix(host, "127.") {
			continue // on one host every port is somebody else's
		}
		for a := range r.seen {
			if strings.HasPrefix(a, host+":") {
				f.owner, f.cat, f.level, f.why = f.writer, rca.Configuration, know.Plausible, "it asks at "+t.addr+", which normal times never saw, of a host that they know at another port"
				return
			}
		}
	}
}

// ownerDisplay is the name under which the fact's owner is told.
func (f *Fact) ownerDisplay() string {
	if f.owner == f.writer {
		return f.Series.Component
	}
	for _, t := range f.Targets {
		if t.node == f.owner {
			if _, ok := f.owner.display[t.name]; ok {
				return t.name
			}
		}
	}
	return f.owner.name
}

// quotedAnswer gives the party whose answer the line quotes.
func (f *Fact) quotedAnswer(line int) *node {
	if line >= len(f.Lines) {
		return nil
	}
	l := f.Lines[line]
	m := answered().FindStringIndex(l)
	if m == nil {
		return nil
	}
	for _, t := range f.Targets {
		if t.at >= 0 && t.at <= m[0] {
			return t.node
		}
	}
	return nil
}

// party resolves what a named group of an entry caught.
func (r *ranker) party(s string) *node {
	if s == "" {
		return nil
	}
	for _, t := range r.textTargets(s+" ", true) {
		return t.node
	}
	if strings.Contains(s, "://") {
		return nil
	}
	if host, port, ok := strings.Cut(s, ":"); ok && strings.Count(s, ":") == 1 && digitsOnly(port) {
		return r.resolve(host, port, strings.Contains(host, ".") && !digitsOnly(host))
	}
	return r.resolve(s, "", strings.Contains(s, "."))
}

// serverOf finds the server of a product: the one component of that kind, one that the line names, else a node of its own.
func (r *ranker) serverOf(product string, f *Fact) *node {
	for _, t := range f.Targets {
		if t.node.product == product {
			return t.node
		}
	}
	if ns := r.names.product[product]; len(ns) == 1 {
		return ns[0]
	} else if len(ns) > 1 {
		return r.troubled(ns, product)
	}
	if n := r.names.alias[product]; n != nil {
		return n
	}
	if products[product] == nil {
		return nil
	}
	n := r.node(product)
	n.product = product
	r.names.product[product] = append(r.names.product[product], n)
	return n
}

// resolver is who answers for a name that is not found: the name server, if there is one here or if the name was good in normal
// times; else who asks for it, for then the name is as likely wrong. named is the party that the name stands for.
func (r *ranker) resolver(f *Fact, named *node) *node {
	if ns := r.names.product["dns"]; len(ns) > 0 {
		return r.troubled(ns, "dns")
	}
	// Nobody's own words here: what is left is who asked, and that it could not find the name.
	f.level = min(f.level, know.Plausible)
	if named != nil && (named.hasLog || named.linesBefore > 0) {
		return r.serverOf("dns", f)
	}
	for _, t := range f.Targets {
		for a := range r.seen {
			if t.name != "" && (a == t.name || strings.HasPrefix(a, t.name+":")) {
				return r.serverOf("dns", f)
			}
		}
	}
	return named
}

// troubled chooses among several servers of one product: the one whose own log shows something that is not normal, else one that
// is named as the product is, else the first by name.
func (r *ranker) troubled(ns []*node, product string) *node {
	best, most := ns[0], -1
	for _, n := range ns {
		score := 0
		for _, f := range r.facts {
			if f.writer == n {
				score += 2
				break
			}
		}
		if productOf[bare(n.name)] == product {
			score++
		}
		if score > most {
			best, most = n, score
		}
	}
	return best
}

// borrowed gives a line without a target the outside party that its component names elsewhere, if there is just one.
func (r *ranker) borrowed(f *Fact) *node {
	var found *node
	for _, g := range r.facts {
		if g.writer != f.writer || g == f {
			continue
		}
		for _, t := range r.targets(g) {
			if t.node.hasLog || proxies[t.node.product] {
				continue
			}
			if found != nil && found != t.node {
				return nil
			}
			found = t.node
		}
	}
	return found
}
