package rank

import (
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// basis names the kind of evidence on which the leading hypothesis stands. Answers of one kind are right about equally often, whatever
// their scores are: that share is what the report calls confidence.
func (r *ranker) basis(h *Hypothesis, verdict rca.Verdict, margin float64) string {
	if verdict != rca.RootCauseFound {
		switch {
		case h.Level >= know.Plausible:
			return "lead: words that may be the cause"
		case len(h.node.blamers) > 0:
			return "lead: others complain of it"
		}
		return "lead: it complains of nobody"
	}
	stack := false
	for _, f := range h.facts {
		stack = stack || f.owner == h.node && f.Stack != nil && f.Novelty == noveltyNew
	}
	// An exception of a client's library tells as often of a server that is not in these logs as of the program.
	whose := ", of its own code"
	for _, f := range h.facts {
		if f.owner == h.node && f.Stack != nil && clientException().MatchString(strings.Join(f.Lines, "\n")) {
			whose = ", out of a client's library"
		}
		if f.owner == h.node && f.Stack != nil && f.Stack.exception == "" && whose == ", of its own code" {
			whose = ", which does not say of what"
		}
	}
	switch {
	case h.Grade == rca.Confirmed:
		return "first-hand words and an independent second line"
	case h.sufferer != nil && len(h.deed.linked) > 0:
		return "a calm deed whose words the complaints repeat"
	case h.sufferer != nil:
		return "a calm deed at the right time"
	case h.heldBy:
		return "it holds what ran out"
	case h.idle != nil || h.slow != nil:
		return "its own numbers: slow, or idle after a change"
	case h.client != nil:
		return "it worked on the request that failed"
	case len(h.pairs) > 0:
		return "a statement that no longer follows"
	case h.Level >= know.FirstHand:
		return "first-hand words"
	case h.Level >= know.Plausible && stack:
		return "a new stack trace" + whose
	case h.Level >= know.Plausible:
		return "words that may be the cause"
	case h.node.tempo.silent != nil || len(h.node.blamers) > 0 && (!h.node.hasLog || h.node.lines == 0):
		return "others complain of one that is silent"
	case len(h.node.blamers) > 0 && margin >= 3:
		return "others complain of it, and of nobody else as much"
	case len(h.node.blamers) > 0:
		return "others complain of it"
	}
	return "an error of its own that nobody can explain"
}

// clientException matches exceptions of drivers, sockets and HTTP clients.
var clientException = expr.Lazy(`(?i)psycopg|sqlalchemy|sqlite|mysql|mariadb|postgres|\bpq:|pgx|sqlstate|java\.sql|jdbc|hikari|redis|jedis|lettuce|ReplyError|mongo|amqp|pika|rabbit|kafka|nats|zookeeper|kazoo|etcd|grpc|requests\.|urllib|http\.client|HTTPError|java\.net|httpclient|socket|ssl|tls|x509|certificate|timeout|timed out|connection|ECONN|fetch failed|getaddrinfo|ldap|smtp|errno|database`)

// confidences are how often answers on each kind of evidence were right, of how many: all incidents of docs/accuracy.md as they stand, and
// again with the true component's log, the knowledge of the proof, or half of the other logs missing, for what users bring is seldom
// whole. Kinds that stand on no words of a cause (a statement that stops, a calm deed) are also counted with the proof itself missing.
// From rca eval --reliability with these variants; docs/accuracy.md has the reliability table.
var confidences = map[string][2]int{
	"a calm deed at the right time":                     {36, 45},
	"a calm deed whose words the complaints repeat":     {15, 16},
	"a new stack trace, of its own code":                {127, 135},
	"a new stack trace, out of a client's library":      {5, 15},
	"a new stack trace, which does not say of what":     {3, 5},
	"a statement that no longer follows":                {8, 13},
	"an error of its own that nobody can explain":       {10, 22},
	"first-hand words":                                  {22, 37},
	"first-hand words and an independent second line":   {59, 67},
	"it holds what ran out":                             {9, 9},
	"it worked on the request that failed":              {1, 5},
	"its own numbers: slow, or idle after a change":     {9, 12},
	"lead: it complains of nobody":                      {6, 32},
	"lead: others complain of it":                       {4, 4},
	"others complain of it":                             {3, 3},
	"others complain of it, and of nobody else as much": {5, 13},
	"others complain of one that is silent":             {16, 28},
	"words that may be the cause":                       {26, 37},
}

// Confidence is the share, smoothed by one right and one wrong answer; ok is false where it is not known, as for all but the leading
// hypothesis.
func (h *Hypothesis) Confidence() (share float64, ok bool) {
	c, ok := confidences[h.Basis]
	if !ok {
		return 0, false
	}
	return round(float64(c[0]+1) / float64(c[1]+2)), true
}
