package detect

import (
	"math"
	"sort"
	"strings"

	"github.com/rca-engine/rca"
)

// Bounds of the pair test, from incidents whose faults show only as a line that stops coming (RANKING-public, 3.5).
const (
	minPairs      = 3   // traces with both in the baseline, and with the first in the logs
	nearlyAlways  = .98 // branches that depend on data are left out here, for no statistics can tell them
	significance  = .01 // after correction for the number of pairs
	maxStatements = 4000
)

// statementOf names the line of code that wrote a series, coarsely enough that a list with one more element is no other
// statement: the source location where the logger tells it, else component, logger, severity and three words.
func statementOf(s *rca.Series) string {
	if i := strings.IndexAny(s.Logger, "#:"); i > 0 && i+1 < len(s.Logger) && s.Logger[i+1] >= '0' && s.Logger[i+1] <= '9' {
		return s.Component + "\x00" + s.Logger
	}
	words := strings.Fields(s.Template.Text)
	if len(words) > 3 {
		words = words[:3]
	}
	logger := ""
	if strings.ContainsAny(s.Logger, ".#:") { // a class or file; other loggers may change from line to line
		logger = s.Logger
	}
	return s.Component + "\x00" + logger + "\x00" + s.Severity.String() + "\x00" + strings.Join(words, " ")
}

// visit is one statement within one trace.
type visit struct {
	statement int
	count     int64
	first     rca.Time
	place     rca.Place
	last      rca.Place
	series    *rca.Series
}

// LostPairs finds statements that in the baseline come with another in nearly every trace, and in the logs do not. The
// unit is the trace, and order is not used in the test, so that clocks which disagree do little.
func LostPairs(logs, base []rca.Trace) []rca.LostPair {
	if len(logs) < minPairs || len(base) < minPairs {
		return nil
	}
	ids := map[string]int{}
	var series []*rca.Series
	load := func(traces []rca.Trace) [][]visit {
		out := make([][]visit, len(traces))
		for i, t := range traces {
			at := map[int]int{}
			for _, e := range t.Events {
				k := statementOf(e.Series)
				id, ok := ids[k]
				if !ok {
					if len(ids) >= maxStatements {
						continue
					}
					id = len(ids)
					ids[k] = id
					series = append(series, e.Series)
				}
				if j, ok := at[id]; ok {
					out[i][j].count += e.Count
					out[i][j].last = e.Last
					continue
				}
				at[id] = len(out[i])
				out[i] = append(out[i], visit{id, e.Count, e.First, e.Place, e.Last, e.Series})
			}
		}
		return out
	}
	b, l := load(base), load(logs)
	n := len(series)
	// The commonest predecessor of each statement, in the trace and within its component.
	type counts map[int]int
	before, beforeOwn := make([]counts, n), make([]counts, n)
	for _, t := range b {
		own := map[string]int{}
		prev := -1
		for _, v := range t {
			if prev >= 0 {
				if before[v.statement] == nil {
					before[v.statement] = counts{}
				}
				before[v.statement][prev]++
			}
			if p, ok := own[v.series.Component]; ok {
				if beforeOwn[v.statement] == nil {
					beforeOwn[v.statement] = counts{}
				}
				beforeOwn[v.statement][p]++
			}
			own[v.series.Component] = v.statement
			prev = v.statement
		}
	}
	commonest := func(c counts) int {
		best, most := -1, 0
		for s, k := range c {
			if k > most || k == most && s < best {
				best, most = s, k
			}
		}
		return best
	}
	type candidate struct{ a, b int }
	var cands []candidate
	for s := 0; s < n; s++ {
		if series[s].Severity >= rca.SeverityError {
			continue
		}
		a := commonest(before[s])
		if a >= 0 {
			cands = append(cands, candidate{a, s})
		}
		if o := commonest(beforeOwn[s]); o >= 0 && o != a {
			cands = append(cands, candidate{o, s})
		}
	}
	tally := func(traces [][]visit, c candidate) (withA, withB int64, lost []int) {
		for i, t := range traces {
			var ca, cb int64
			for _, v := range t {
				if v.statement == c.a {
					ca = v.count
				}
				if v.statement == c.b {
					cb = v.count
				}
			}
			if ca > 0 {
				withA++
				if cb >= ca {
					withB++
				} else {
					lost = append(lost, i)
				}
			}
		}
		return
	}
	type tested struct {
		candidate
		nb, kb, ml, ll int64
		lost           []int
		p              float64
	}
	var all []tested
	for _, c := range cands {
		nb, kb, _ := tally(b, c)
		if kb < minPairs || float64(kb) < nearlyAlways*float64(nb) {
			continue
		}
		ml, ll, lost := tally(l, c)
		if ml < minPairs {
			continue
		}
		all = append(all, tested{c, nb, kb, ml, ll, lost, hypergeometric(ll, nb+ml, kb+ll, ml)})
	}
	var out []rca.LostPair
	for _, t := range all {
		q := math.Min(1, t.p*float64(len(all)))
		if q >= significance || len(t.lost) == 0 {
			continue
		}
		pair := rca.LostPair{A: series[t.a], B: series[t.b], BaseA: t.nb, BaseB: t.kb, SeenA: t.ml, SeenB: t.ll, Q: q, FirstTime: rca.NoTime, InsteadTime: rca.NoTime, LastBTime: rca.NoTime}
		for _, i := range t.lost {
			for _, v := range l[i] {
				if v.statement == t.a && (pair.FirstTime == rca.NoTime || v.first < pair.FirstTime) {
					pair.FirstA, pair.FirstTime, pair.A = v.place, v.first, v.series
				}
				if v.series.Severity >= rca.SeverityError && v.series.Component == series[t.b].Component && (pair.Instead == nil || v.first < pair.InsteadTime) {
					pair.Instead, pair.InsteadAt, pair.InsteadTime = v.series, v.place, v.first
				}
			}
		}
		find := func(traces [][]visit) bool {
			for _, tr := range traces {
				for _, v := range tr {
					if v.statement == t.b && (pair.LastBTime == rca.NoTime || v.first > pair.LastBTime) {
						pair.LastB, pair.LastBTime = v.last, v.first
					}
				}
			}
			return pair.LastBTime != rca.NoTime
		}
		if pair.LastBInLogs = find(l); !pair.LastBInLogs {
			find(b)
		}
		out = append(out, pair)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Q < out[j].Q })
	return out
}

// hypergeometric is the probability of k or fewer successes in m draws out of n units with s successes.
func hypergeometric(k, n, s, m int64) float64 {
	lchoose := func(a, b int64) float64 {
		if b < 0 || b > a {
			return math.Inf(-1)
		}
		x, _ := math.Lgamma(float64(a + 1))
		y, _ := math.Lgamma(float64(b + 1))
		z, _ := math.Lgamma(float64(a - b + 1))
		return x - y - z
	}
	total := lchoose(n, m)
	p := 0.0
	for i := int64(0); i <= k; i++ {
		p += math.Exp(lchoose(s, i) + lchoose(n-s, m-i) - total)
	}
	return math.Min(1, p)
}

// Predecessors gives for each series of errors what the same component wrote before the first of them in its trace:
// without a stack trace that is what names the place.
func Predecessors(traces []rca.Trace) map[*rca.Series]rca.TraceEvent {
	out := map[*rca.Series]rca.TraceEvent{}
	at := map[*rca.Series]rca.Time{}
	for _, t := range traces {
		for i, e := range t.Events {
			if e.Series.Severity < rca.SeverityError {
				continue
			}
			if have, ok := at[e.Series]; ok && have <= e.First {
				continue
			}
			for k := i - 1; k >= 0; k-- {
				if t.Events[k].Series.Component == e.Series.Component && t.Events[k].Series != e.Series {
					out[e.Series], at[e.Series] = t.Events[k], e.First
					break
				}
			}
		}
	}
	return out
}
