package rank

import (
	"math"
	"sort"
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// novelty says how a template's frequency compares with the normal time.
type novelty uint8

const (
	noveltyKnown novelty = iota
	noveltyBurst
	noveltyNew
)

// Fact is a template that one component wrote in the incident and that is not normal.
type Fact struct {
	Series  *rca.Series
	Novelty novelty
	Before  int64
	After   int64
	First   rca.Time // in the incident
	Lines   []string // the message and the continuation lines that matter
	Sub     []int    // physical line of each
	Found   *know.Found
	All     []know.Found
	Stack   *stackTrace
	Targets []target
	also    []*rca.Series // what else was gathered into it

	writer  *node
	owner   *node
	why     string
	telling int // the line that tells most, where no entry does
	level   know.Level
	cat     rca.Category
	vote    float64
}

// collect compares the logs with the normal time and keeps what is not normal.
func (r *ranker) collect() []*Fact {
	type key struct {
		template  string
		component string
		severity  rca.Severity
		status    int
	}
	base := map[key]*rca.Series{}
	anywhere := map[string]int64{} // templates of the normal time, of any component
	logger := map[string]int64{}   // statements by source location
	baseLines := map[string]int64{}
	var baseSpan, incSpan span
	stacks := map[uint64]bool{}
	for _, s := range r.in.Series {
		if s.Baseline {
			base[key{s.Template.ID, family(s.Component), s.Severity, s.Status / 100}] = s
			anywhere[s.Template.ID] += s.Count
			logger[statement(s)] += s.Count
			baseLines[family(s.Component)] += s.Count
			baseSpan.add(s.First, s.Last)
			for _, k := range s.Stacks {
				stacks[k.Signature] = true
			}
		}
	}
	for _, s := range r.in.Series {
		if !s.Baseline {
			incSpan.add(s.First, s.Last)
		}
	}
	quiet := span{r.in.Quiet.Start, r.in.Quiet.End, true}
	if !r.in.Given && r.in.Quiet.End != rca.NoTime {
		baseSpan = quiet
		for _, s := range r.in.Series {
			if n := s.Within(r.in.Quiet); n > 0 {
				anywhere[s.Template.ID] += n
				baseLines[family(s.Component)] += n
			}
		}
	}
	// What the knowledge says is most of the work, and depends on each series alone.
	known := make([]struct {
		lines []string
		sub   []int
		found []know.Found
	}, len(r.in.Series))
	abreast(len(known), func(i int) {
		if s, k := r.in.Series[i], &known[i]; !s.Baseline && !r.noise(s) {
			k.lines, k.sub = keyLines(s)
			k.found = r.in.Knowledge.Match(k.lines, s.Format)
		}
	})
	var out []*Fact
	for i, s := range r.in.Series {
		if s.Baseline || r.noise(s) {
			continue
		}
		n := r.node(family(s.Component))
		n.hasLog = true
		n.accessOnly = n.accessOnly && s.Access
		n.display[s.Component] += 0
		n.product = product(s, n.product)
		if s.Last != rca.NoTime {
			n.last = max(n.last, s.Last)
		}
		f := &Fact{Series: s, writer: n, First: s.First}
		f.After = s.Count
		if r.in.Given {
			if b := base[key{s.Template.ID, family(s.Component), s.Severity, s.Status / 100}]; b != nil {
				f.Before = b.Count
			}
		} else if r.in.Quiet.End != rca.NoTime && s.First != rca.NoTime {
			f.Before = s.Within(r.in.Quiet)
			f.After = s.Count - f.Before
			f.First = s.FirstAfter(r.in.Quiet.End)
			for _, x := range s.Samples { // to the nanosecond, where that occurrence was kept
				if x.Time >= f.First && x.Time < f.First+2e9 {
					f.First = x.Time
					break
				}
			}
		}
		n.lines += f.After
		n.linesBefore = baseLines[family(s.Component)]
		if f.After == 0 {
			continue
		}
		f.Novelty = compare(f.Before, f.After, baseSpan.seconds(), incSpan.seconds(), r.in.Given || r.in.Quiet.End != rca.NoTime)
		// A framework's line that wanders between services is not new because this service had none yet.
		if f.Novelty == noveltyNew && f.Before == 0 && anywhere[s.Template.ID] > 0 && !newStack(s, stacks) {
			if anywhere[s.Template.ID]*4 >= f.After {
				f.Novelty = noveltyKnown
			} else {
				f.Novelty = noveltyBurst
			}
		}
		if f.Novelty == noveltyKnown && newStack(s, stacks) && r.in.Given && len(s.Stacks) > 0 {
			f.Novelty = noveltyNew
		}
		f.Lines, f.Sub, f.All = known[i].lines, known[i].sub, known[i].found
		if len(f.All) > 0 {
			f.Found = &f.All[0]
		}
		for i := range f.All {
			if f.All[i].Change != "" && f.All[i].Category == "" {
				if f.Found.Category == "" {
					r.changes = append(r.changes, f)
				}
				break
			}
		}
		if len(f.All) == 0 && starts(s) {
			r.changes = append(r.changes, f)
		}
		for i := range f.All {
			if f.All[i].Benign {
				f.Found = &f.All[i]
				if s.Severity < rca.SeverityFatal {
					f.Novelty = noveltyKnown
				}
			}
		}
		if f.Novelty == noveltyKnown || f.Found != nil && f.Found.Category == "" && s.Severity < rca.SeverityFatal {
			continue
		}
		if len(s.Stacks) > 0 {
			f.Stack = parseStack(s.Stacks[0].Text)
		}
		if !r.notable(f) {
			continue
		}
		out = append(out, f)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].First < out[j].First })
	return out
}

// notable drops what is new but says nothing bad: rare paths, new users, debug lines.
func (r *ranker) notable(f *Fact) bool {
	s := f.Series
	if f.Found != nil && f.Found.Category != "" && (f.Found.Level >= know.FirstHand || s.Severity >= rca.SeverityWarn || s.Severity == rca.SeverityUnknown || f.Found.Level >= know.Plausible && s.Severity >= rca.SeverityInfo) {
		return true
	}
	if s.Access {
		return s.Status >= 500
	}
	sev := severity(s)
	if deprecated(f) && sev < rca.SeverityError && len(s.Stacks) == 0 {
		return false
	}
	return sev >= rca.SeverityWarn
}

// gather makes one fact of the failed requests that a component answered with one status and blames on one party: a hundred
// endpoints that fail are one trouble, and not a hundred.
func gather(facts []*Fact) []*Fact {
	type key struct {
		writer, owner *node
		status        int
	}
	first := map[key]*Fact{}
	out := facts[:0:0]
	for _, f := range facts {
		if !f.Series.Access {
			out = append(out, f)
			continue
		}
		k := key{f.writer, f.owner, f.Series.Status}
		g := first[k]
		if g == nil {
			first[k] = f
			out = append(out, f)
			continue
		}
		g.After += f.After
		g.Before += f.Before
		g.vote = log2(1 + g.After)
		g.also = append(g.also, f.Series)
	}
	return out
}

// startLine matches what programs say of their own start, whatever they are.
var startLine = expr.Lazy(`(?i)^\W*(?:[\w.-]+ )?(?:is |has |now )?(?:started|starting|start|booted|booting|startup|initiali[sz]ed|ready|up and running|listening|serving)\b|\bstarted (?:in|on|at|with)\b`)

// starts tells whether a series is the start line of a program: rare, and calm.
func starts(s *rca.Series) bool {
	return s.Count <= 4 && !s.Access && s.Severity <= rca.SeverityNotice && len(s.Samples) > 0 && startLine().MatchString(s.Samples[0].Message)
}

func deprecated(f *Fact) bool {
	for _, l := range f.Lines {
		low := strings.ToLower(l)
		if strings.Contains(low, "deprecat") {
			return true
		}
	}
	return false
}

// shout matches a failure that a calm line tells in capitals, as scripts and test drivers do whose logger knows one level:
// "API ERROR: ...", "Assertion results: FAILURE_BOOT". No count ("0 FAILED") and no setting ("level: ERROR").
var shout = expr.Lazy(`^(?:[A-Z]+ )?(?:ERROR|FAILED|FAILURE|FATAL)(?:[:!]| -|$)|^Fail(?:ed|ure)!|(?:: |\] |=> ?|- )(?:FAILED|FAILURE)(?:[_:!]|$)`)

// severity is the series' own, or what its words say.
func severity(s *rca.Series) rca.Severity {
	if len(s.Samples) == 0 {
		return s.Severity
	}
	switch s.Severity {
	case rca.SeverityUnknown:
		return rca.InferSeverity(s.Samples[0].Message)
	case rca.SeverityInfo, rca.SeverityNotice:
		if !s.Access && shout().MatchString(s.Samples[0].Message) {
			return rca.SeverityError
		}
	}
	return s.Severity
}

func (r *ranker) noise(s *rca.Series) bool {
	for _, n := range r.in.Noise {
		if strings.Contains(s.Template.Text, n) || len(s.Samples) > 0 && strings.Contains(s.Samples[0].Message, n) {
			return true
		}
	}
	return false
}

// compare tells new and bursting from known. A burst needs three times the rate and more lines than chance gives.
func compare(before, after int64, secondsBefore, secondsAfter float64, known bool) novelty {
	if !known || before == 0 {
		return noveltyNew
	}
	expected := float64(before) * secondsAfter / math.Max(secondsBefore, 1)
	if after >= 5 && float64(after) >= 3*expected && (float64(after)-expected)/math.Sqrt(expected+1) >= 4 {
		return noveltyBurst
	}
	return noveltyKnown
}

// newStack tells whether a series has a stack trace whose innermost frames the normal time does not know.
func newStack(s *rca.Series, known map[uint64]bool) bool {
	for _, k := range s.Stacks {
		if !known[k.Signature] {
			return true
		}
	}
	return false
}

// statement names the line of code where the logger tells it, else the template.
func statement(s *rca.Series) string {
	if i := strings.IndexAny(s.Logger, "#:"); i > 0 && i+1 < len(s.Logger) && s.Logger[i+1] >= '0' && s.Logger[i+1] <= '9' {
		return s.Logger
	}
	return s.Template.ID
}

// keyLines gives the texts that knowledge is asked about: the message, causes, a traceback's last line, details; never frames.
func keyLines(s *rca.Series) ([]string, []int) {
	if len(s.Samples) == 0 {
		return nil, nil
	}
	x := s.Samples[0]
	for _, y := range s.Samples {
		if y.Stack != "" {
			x = y
			break
		}
	}
	lines, sub := []string{x.Message}, []int{0}
	if i := strings.IndexByte(x.Message, '\n'); i >= 0 {
		lines[0] = x.Message[:i]
		x.Stack = x.Message[i+1:] + "\n" + x.Stack
	}
	if s.Logger != "" && strings.Trim(s.Logger, "abcdefghijklmnopqrstuvwxyz_-") == "" {
		lines[0] = s.Logger + ": " + lines[0]
	}
	if l := callLine(x.Fields); l != "" && s.Severity >= rca.SeverityWarn {
		lines, sub = append(lines, l), append(sub, 0)
	}
	n := 0
	for t := x.Stack; t != "" && len(lines) < 12; {
		l := t
		if i := strings.IndexByte(t, '\n'); i >= 0 {
			l, t = t[:i], t[i+1:]
		} else {
			t = ""
		}
		n++
		trimmed := strings.TrimSpace(l)
		if trimmed == "" || isFrame(trimmed) || l[0] == ' ' && strings.Contains(x.Stack, `File "`) {
			continue
		}
		if (l[0] == ' ' || l[0] == '\t') && !strings.HasPrefix(trimmed, "Caused by") && strings.Contains(x.Stack, "\tat ") {
			continue
		}
		lines = append(lines, trimmed)
		sub = append(sub, n)
	}
	return lines, sub
}

// callLine words what the fields of a structured line say of a call to somebody else: whom it went to, and what came back. Loggers keep both
// out of the message.
func callLine(fields []rca.Field) string {
	target, answer := "", ""
	for _, f := range fields {
		switch strings.ToLower(f.Key) {
		case "url", "uri", "endpoint", "upstream", "upstream_addr", "peer", "target", "remote", "server.address", "net.peer.name", "address", "addr", "dest", "destination":
			if strings.Contains(f.Value, "://") || hostPort().MatchString(f.Value) {
				target += " " + f.Value
			}
		case "status", "status_code", "statuscode", "code", "http_status":
			if len(f.Value) == 3 && (f.Value[0] == '4' || f.Value[0] == '5') {
				answer += " returned status " + f.Value
			}
		case "body", "response", "response_body", "resp", "answer":
			answer += " " + short(f.Value, 300)
		}
	}
	if target == "" {
		return ""
	}
	return strings.TrimSpace(target + answer)
}

func isFrame(s string) bool {
	return strings.HasPrefix(s, "at ") || strings.HasPrefix(s, `File "`) || strings.HasPrefix(s, "... ") || strings.HasPrefix(s, "goroutine ") || strings.HasPrefix(s, "Traceback (most") || strings.HasPrefix(s, "created by ")
}

// span is a stretch of time.
type span struct {
	from, to rca.Time
	ok       bool
}

func (s *span) add(a, b rca.Time) {
	if a == rca.NoTime {
		return
	}
	if !s.ok || a < s.from {
		s.from = a
	}
	if !s.ok || b > s.to {
		s.to = b
	}
	s.ok = true
}

func (s *span) seconds() float64 {
	if !s.ok {
		return 1
	}
	return math.Max(1, float64(s.to-s.from)/1e9)
}
