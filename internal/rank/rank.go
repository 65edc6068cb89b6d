// Package rank turns series into hypotheses: which component is at fault, of what kind, and which lines prove it.
//
// In: the series of the logs and of the baseline, a sample of traces, the failure knowledge. Out: ranked
// hypotheses, each with the parts of its score as sentences and the places to cite; the verdict; what was put aside.
//
// How it works. Every template that is new, or much more frequent than before, becomes a fact. The best entry of
// the failure knowledge that matches says how near to the cause the words are (level) and whose fault they tell of
// (owner): the writer, the server whose text a client quotes, the party that the line names, the holder of what ran out. Each
// fact gives one vote to one hypothesis, a pair of component and category. Then blame is passed from callers that only complain to
// those they complain of; what stays with a component, times its best hypothesis, is its score. The level of the
// best evidence, not the size of the score, decides the grade.
//
// What no complaint tells comes last, each in a file of its own: who holds what ran out (holder), who takes ever longer (slow), who
// fell silent, gave up its work or lost its clock (tempo), who did something new and calm just before the trouble (actors). How
// often answers on each kind of evidence were right is the confidence.
//
// Nothing here depends on map order: nodes and facts are walked in a sorted order and ties are broken by level, number
// of witnesses, count, time and name.
package rank

import (
	"sort"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/know"
)

// Input is what ranking looks at.
type Input struct {
	Series    []*rca.Series
	Names     []Name
	Pairs     []rca.LostPair
	Traces    []rca.Trace                    // kept ones of the logs, ascending by ID
	Before    map[*rca.Series]rca.TraceEvent // what came before an error in its trace, by the same component
	Window    rca.Window                     // of the incident; NoTime at an end means open
	Quiet     rca.Window                     // taken as normal within the logs, when Given is false
	Given     bool                           // baseline series are in Series
	Signals   []rca.Signal
	Knowledge *know.Library
	Noise     []string
}

// Name says that a host has an address.
type Name struct{ Host, Address string }

// Output is what ranking found.
type Output struct {
	Verdict    rca.Verdict
	Hypotheses []*Hypothesis // best first; leads when the verdict is inconclusive
	Rejected   []rca.Rejected
	Changes    []Change
	Onset      rca.Time
	Unknowns   []string
	FetchNext  []string
	Explained  func(*rca.Series) bool
}

// Hypothesis is a possible cause before it is written into a report.
type Hypothesis struct {
	Component string
	Category  rca.Category
	Grade     rca.Grade
	Basis     string // the kind of its evidence; only of the leading one
	Score     float64
	Level     know.Level
	Title     string
	Summary   string
	Entry     *know.Entry
	Role      string
	Parts     []rca.Part
	Cites     []Cite
	Links     []Link
	NextSteps []string

	node  *node
	facts []*Fact
	pairs []*rca.LostPair
	raw   float64

	heldBy bool        // told by the holder rule
	held   string      // what it says
	idle   *Fact       // the change after which it gave up its work
	slow   *rca.Signal // the number that says that it takes longer
	deed   *deed       // what it did before the trouble, calmly
	served *served     // how it is known to have worked on what failed
	client *Hypothesis // who complains of that, where it goes before the complaint

	sufferer *Hypothesis // whose trouble the deed brought
}

// Cite is a place to quote.
type Cite struct {
	Sample    rca.Sample
	SubLine   int    // which physical line of the record, from 0
	Text      string // what that line must contain
	Role      string
	Component string
	Note      string
	Count     int64
	Absent    *rca.Absent
}

// Link is one step from cause to symptom.
type Link struct {
	From, To string
	What     string
	Cites    []Cite
}

// Change is a restart, a reload, a deploy.
type Change struct {
	Time      rca.Time
	Component string
	Kind      string
	Cite      Cite
}

// Hypotheses ranks.
func Hypotheses(in Input) *Output {
	out := hypotheses(in)
	if out.Verdict != rca.NoIncident || in.Given || in.Quiet.End == rca.NoTime || !troubled(in.Series) {
		return out
	}
	// The part taken as normal is as bad as the rest: the logs begin with the trouble already there. Say what can be
	// said of it without anything to compare with, and that it is not enough.
	in.Quiet = rca.Window{Start: rca.NoTime, End: rca.NoTime}
	again := hypotheses(in)
	if again.Verdict == rca.NoIncident {
		return out
	}
	again.Verdict = rca.Inconclusive
	for _, h := range again.Hypotheses {
		h.Grade, h.Role = rca.Possible, "lead"
	}
	again.Unknowns = append(again.Unknowns, "what came before: the logs begin with the trouble already there")
	again.FetchNext = append(again.FetchNext, "the logs of the time before the first line here, or a normal time as --baseline")
	return again
}

// troubled tells whether so many lines are errors that this cannot be a normal time.
func troubled(series []*rca.Series) bool {
	var all, bad int64
	for _, s := range series {
		all += s.Count
		if s.Severity >= rca.SeverityError {
			bad += s.Count
		}
	}
	return bad >= 20 && bad*100 >= all*3
}

func hypotheses(in Input) *Output {
	r := &ranker{in: in, nodes: map[string]*node{}}
	r.facts = r.collect()
	r.buildNames()
	r.readTempo()
	for _, f := range r.facts {
		r.attribute(f)
	}
	r.facts = gather(r.facts)
	r.blame()
	hyps := r.requests(r.actors(r.slowest(r.holder(r.hypotheses()))))
	return r.judge(hyps)
}

// ranker holds one run.
type ranker struct {
	in      Input
	facts   []*Fact
	changes []*Fact
	nodes   map[string]*node
	order   []*node
	names   names
	onset   rca.Time
	seen    map[string]bool // addresses that worked in quiet time
	edges   map[[2]*node]*edge
}

// node is a component, its replicas taken together, or a party outside.
type node struct {
	name        string
	display     map[string]int64 // the names under which it wrote, with the weight of their facts
	product     string
	hasLog      bool
	lines       int64    // written in the window
	linesBefore int64    // written in normal times
	last        rca.Time // last line of any kind
	mass        float64
	level       know.Level
	blame       float64
	blamed      int64 // lines that blame it
	blamers     map[*node]int64
	firstBad    rca.Time
	accessOnly  bool // every line it wrote is one request with its answer
	tempo       tempo
}

func (r *ranker) node(name string) *node {
	n := r.nodes[name]
	if n == nil {
		n = &node{name: name, display: map[string]int64{}, blamers: map[*node]int64{}, last: rca.NoTime, firstBad: rca.NoTime, accessOnly: true}
		r.nodes[name] = n
		r.order = append(r.order, n)
	}
	return n
}

// sortedNodes gives the nodes by name.
func (r *ranker) sortedNodes() []*node {
	out := append([]*node(nil), r.order...)
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// relays tells a proxy, or a component of which there is nothing but an access log: it shows all trouble and seldom owns it.
func (n *node) relays() bool { return proxies[n.product] || n.hasLog && n.accessOnly }

// show is the name under which a node is told: the replica when only one of them has facts, else the family.
func (n *node) show() string {
	best, count := "", 0
	for d, w := range n.display {
		if w > 0 {
			count++
			best = d
		}
	}
	if count == 1 {
		return best
	}
	return n.name
}
