package rank

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// deed is something that a component did and that it did not do in normal times: it took up another value of a setting, ran another
// release, said something new that is no complaint. Whoever is at fault often says just this, calmly, while its victims shout.
type deed struct {
	n      *node
	kind   deedKind
	at     rca.Time
	text   string // what is new, as a sentence
	sample rca.Sample
	series *rca.Series
	tokens map[string]bool

	release bool     // a new version of the program, as harmless ones come every day
	linked  []string // rare words that it shares with the trouble
}

// deedKind orders deeds by how telling they are.
type deedKind int

const (
	saidNew     deedKind = iota // a calm line that normal times do not have
	appeared                    // a line of a component that wrote nothing in normal times
	changedLine                 // a change that the failure knowledge knows: a migration, a reload with new content
	newSetting                  // a value that was constant in normal times has become another
)

// deedBefore is how long before the trouble a deed may lie, in nanoseconds.
const deedBefore = 120e9

// deeds collects what is new and calm. They need a normal time to compare with.
func (r *ranker) deeds() []*deed {
	if !r.in.Given {
		return nil
	}
	base := map[*node][]*rca.Series{}
	for _, s := range r.in.Series {
		if n := r.nodes[family(s.Component)]; n != nil && s.Baseline && !s.Access {
			base[n] = append(base[n], s)
		}
	}
	// Where the normal time lacks several components, it does not cover them: that they write says nothing.
	unknown := 0
	for _, n := range r.order {
		if n.hasLog && n.lines > 0 && n.linesBefore == 0 {
			unknown++
		}
	}
	var out []*deed
	for _, s := range r.in.Series {
		if s.Baseline || s.Access || severity(s) >= rca.SeverityError || len(s.Samples) == 0 || s.Severity == rca.SeverityDebug || s.Severity == rca.SeverityTrace {
			continue
		}
		n := r.nodes[family(s.Component)]
		if n == nil || overseers[n.product] || s.Samples[0].Trace != "" || complaint(s) {
			continue // what a request brings is no deed
		}
		if len(base[n]) == 0 {
			// It never wrote before: a job, a migration, a tool that somebody ran.
			if unknown <= 2 && n.lines <= 200 && r.cameLate(n) {
				out = append(out, &deed{n: n, kind: appeared, at: s.First, series: s, sample: s.Samples[0], tokens: tokens(s.Samples[0]), text: "it wrote nothing in normal times, and now it does"})
			}
			continue
		}
		own := base[n]
		if exact := ofComponent(own, s.Component); len(exact) > 0 {
			own = exact // another replica's settings are its own
		}
		if d := r.deedOf(n, s, own); d != nil {
			if d.kind == newSetting && n.product != "" && d.text[0] != '-' && !settingWord().MatchString(d.text) {
				continue // a server's housekeeping takes many forms
			}
			d.tokens = tokens(d.sample)
			name, _, _ := strings.Cut(d.text, " ")
			d.release = releaseName().MatchString(name)
			out = append(out, d)
		}
	}
	return out
}

func ofComponent(all []*rca.Series, component string) []*rca.Series {
	var out []*rca.Series
	for _, s := range all {
		if s.Component == component {
			out = append(out, s)
		}
	}
	return out
}

var releaseName = expr.Lazy(`(?i)version|release|build|commit|image|\btag|/\d|php|python|node|java|ruby`)

// cameLate tells whether a component began to write well after the logs did.
func (r *ranker) cameLate(n *node) bool {
	first, begin := rca.NoTime, rca.NoTime
	for _, s := range r.in.Series {
		if s.Baseline || s.First == rca.NoTime {
			continue
		}
		if begin == rca.NoTime || s.First < begin {
			begin = s.First
		}
		if r.nodes[family(s.Component)] == n && (first == rca.NoTime || s.First < first) {
			first = s.First
		}
	}
	return first != rca.NoTime && first > begin+10e9
}

// deedOf compares one series with the same component's normal ones.
func (r *ranker) deedOf(n *node, s *rca.Series, base []*rca.Series) *deed {
	var same []*rca.Series
	for _, b := range base {
		if b.Template.ID == s.Template.ID {
			same = append(same, b)
		}
	}
	if len(same) > 0 {
		if s.Severity >= rca.SeverityWarn {
			return nil
		}
		return changedValue(n, s, same)
	}
	d := &deed{n: n, kind: saidNew, at: s.First, series: s, sample: s.Samples[0], text: "it says what it never said in normal times"}
	if old := reworded(s, base, n.terse()); old != "" {
		d.kind, d.text = newSetting, old
		return d
	}
	if old := replaced(s, base); old != "" && settingWord().MatchString(s.Template.Text) {
		d.kind, d.text = newSetting, old
		return d
	}
	if severity(s) >= rca.SeverityWarn {
		return nil
	}
	for _, c := range r.changes {
		if c.Series == s {
			if k := c.changeKind(); k == "ddl" || k == "deploy" || k == "config" {
				d.kind, d.text = changedLine, "it changed something: "+k
				return d
			}
			return nil // a restart that normal times happen not to have says nothing
		}
	}
	if startLine().MatchString(s.Samples[0].Message) && len(s.Samples[0].Fields) == 0 {
		return nil
	}
	return d
}

// complaint tells whether a line, whatever its level, says that something went wrong.
func complaint(s *rca.Series) bool {
	m := s.Samples[0].Message
	if severity(s) >= rca.SeverityError || s.Samples[0].Stack != "" && len(s.Stacks) > 0 || rca.InferSeverity(m) >= rca.SeverityWarn {
		return true
	}
	if _, ok := connectivityOf(m); ok {
		return true
	}
	return wentWrong().MatchString(m)
}

var wentWrong = expr.Lazy(`(?i)\b[45]\d\d\b(?: |$)|\b(?:fail|failed|failure|lost|refused|rejected|denied|unable|cannot|could not|can't|not found|no such|missing|gave up|giving up|retry|retrying|aborted|invalid|unavailable|exited|shut(?:ting)? down|terminat|exiting|stopped|stopping|restart)`)

// reworded compares statements that a component makes now and then, such as how it was started or which revision it runs: the same
// words but for one to three, none of which is an id.
//
// Of a component that writes a lot a bare number that differs is a measure, unless the word before it is a setting's; of a terse one, such as
// a tool that tells how many rules it loaded, it is not.
func reworded(s *rca.Series, base []*rca.Series, terse bool) string {
	if s.Count > 3 || s.Severity == rca.SeverityDebug || s.Severity == rca.SeverityTrace {
		return ""
	}
	text := told(s.Samples[len(s.Samples)-1])
	words := strings.Fields(text)
	if len(words) < 3 || len(text) > 400 { // what is longer is a dump
		return ""
	}
	for _, b := range base {
		if b.Count > 3 || len(b.Samples) == 0 || b.Logger != s.Logger {
			continue
		}
		old := strings.Fields(told(b.Samples[len(b.Samples)-1]))
		if len(old) != len(words) {
			continue
		}
		same, differ, ids, what := 0, 0, 0, ""
		run := false // a list that differs is one difference
		for i := range words {
			switch {
			case words[i] == old[i] && (words[i][0] == '[' || words[i][len(words[i])-1] == ']'):
				ids++ // a level or a stamp that the header left
				run = false
			case words[i] == old[i]:
				same++
				run = false
			case idWord().MatchString(words[i]) || stampWord().MatchString(words[i]) || idLike().MatchString(strings.ToLower(words[i])) || shuffled().MatchString(words[i]):
				ids++
			default:
				isMeasure := strings.Contains(words[i], "=") && usageName().MatchString(valueName(words, i)) || !(terse && figures().MatchString(words[i])) && measure().MatchString(words[i]) && !(i > 0 && (settingWord().MatchString(words[i-1]) || words[i-1][0] == '-')) && !strings.Contains(words[i], "=")
				if idField(valueName(words, i)) {
					continue
				}
				if what == "" && !strings.ContainsAny(valueName(words, i), "[]{}") && (!isMeasure || i+1 < len(words) && words[i+1] != old[i+1] && measure().MatchString(words[i+1])) {
					what = fmt.Sprintf("%s is %s now; it was %s in normal times", valueName(words, i), bareValue(words[i]), bareValue(old[i]))
				}
				if !run {
					differ++
				}
				run = true
			}
		}
		if what != "" && differ <= 3 && (same*2 >= len(words)-ids || differ == 1 && same >= 4) { // what differs more is a report of measures
			return what
		}
	}
	return ""
}

// terse tells a component that writes now and then.
func (n *node) terse() bool { return n.lines+n.linesBefore <= 60 }

// told is an occurrence's message with its fields behind it.
func told(x rca.Sample) string {
	var b strings.Builder
	b.WriteString(x.Message)
	for _, f := range x.Fields {
		if !idField(f.Key) && f.Value != "" && f.Value[0] != '{' { // an object is a value of its own
			b.WriteString(" " + f.Key + "=" + f.Value)
		}
	}
	return b.String()
}

func valueName(words []string, i int) string {
	if k := strings.IndexByte(words[i], '='); k > 0 {
		return words[i][:k]
	}
	if i > 0 {
		return strings.TrimRight(words[i-1], ":=")
	}
	return "a value"
}

func bareValue(w string) string {
	if k := strings.IndexByte(w, '='); k > 0 {
		w = w[k+1:]
	}
	return strings.Trim(w, ",;\"'")
}

// idWord and stampWord match words that differ from one time to the next by their nature.
var (
	idWord    = expr.Lazy(`^[\[("']*(?:[0-9a-fA-F]{8,}|[0-9a-fA-F-]{32,}|\w+\[\d+\]:?|\d{3,7}|pid[=:]\d+|.*0x[0-9a-f]+.*|<\d+\.\d+\.\d+>|[\d.]+(?:ms|s|us|µs|kB|MB|%)|\d+\.\d{3,})[\])"',.;:]*$`)
	shuffled  = expr.Lazy(`[a-zA-Z]\d+[a-zA-Z]+\d|\d[a-zA-Z]+\d+[a-zA-Z]|tmp\w{5,}`) // parts of random names
	figures   = expr.Lazy(`^\d{1,4}[,;]?$`)
	measure   = expr.Lazy(`^[(\["']*[\d.,/:]+[)\]"',;]*$`)
	stampWord = expr.Lazy(`\d\d:\d\d|\d{4}-\d\d-\d\d`)
)

// changedValue finds a field or number that was the same in every normal line, and is another now.
func changedValue(n *node, s *rca.Series, same []*rca.Series) *deed {
	if s.Count <= 3 {
		if what := reworded(s, same, n.terse()); what != "" {
			return &deed{n: n, kind: newSetting, at: s.First, series: s, sample: s.Samples[len(s.Samples)-1], text: what}
		}
	}
	old := same[0]
	for _, b := range same[1:] {
		if b.Count > old.Count {
			old = b
		}
	}
	once := startLine().MatchString(s.Samples[0].Message) || len(s.Samples[0].Fields) > 0 && startWords().MatchString(s.Samples[0].Message)
	if old.Count < 2 && !once {
		return nil
	}
	for i := range s.Params {
		q := &s.Params[i]
		if q.Many || i >= len(old.Params) {
			continue
		}
		p := &old.Params[i]
		if p.Name != q.Name || p.Many || len(p.Values) != 1 || q.Kind == rca.ParamUUID || q.Kind == rca.ParamHex || idField(q.Name) {
			continue
		}
		for _, v := range q.Values {
			if v == p.Values[0] || v == "" || v[0] == '{' || len(q.Values) > 2 || idLike().MatchString(strings.ToLower(v)) || shuffled().MatchString(v) || idLike().MatchString(strings.ToLower(p.Values[0])) {
				continue
			}
			x, at := sampleWith(s, v)
			if last := s.Samples[len(s.Samples)-1]; s.Count > 1 && strings.Contains(told(last), p.Values[0]) && !strings.Contains(told(last), v) {
				continue // it comes and goes: data, and no setting
			}
			return &deed{n: n, kind: newSetting, at: at, series: s, sample: x, text: fmt.Sprintf("%s is %s now; it was %s in normal times", called(q.Name, "a value"), v, p.Values[0])}
		}
	}
	for i := range s.Numbers {
		q := &s.Numbers[i]
		if i >= len(old.Numbers) || old.Numbers[i].Name != q.Name || idField(q.Name) {
			continue
		}
		c, ok := constantOf(old.Numbers[i].Points)
		if !ok || usageName().MatchString(q.Name) || !once && (old.Count < 3 || !settingWord().MatchString(called(q.Name, s.Template.Text))) {
			continue
		}
		// Another constant, and not a measure that happens to have been the same: from its first deviation on it stays there.
		var to int64
		at, steady := rca.NoTime, true
		for _, pt := range q.Points {
			if pt.Min == c && pt.Max == c && at == rca.NoTime {
				continue
			}
			v := pt.Max
			if pt.Min != c && pt.Max == c {
				v = pt.Min
			}
			if at == rca.NoTime {
				at, to = pt.Start, v
			} else if pt.Min != to || pt.Max != to {
				steady = false
			}
		}
		if at == rca.NoTime || !steady {
			continue
		}
		x, _ := sampleWith(s, figureOf(to))
		return &deed{n: n, kind: newSetting, at: at, series: s, sample: x, text: fmt.Sprintf("%s is %s now; it was %s in normal times", called(q.Name, "a number"), figureOf(to), figureOf(c))}
	}
	return nil
}

// settingWord matches how settings are called; other numbers of everyday lines are measures, and measures differ.
var settingWord = expr.Lazy(`(?i)max|\bmin|limit|pool|timeout|interval|\bevery\b|\brate\b|per.?(?:second|minute|hour)|replica|worker|mode\b|level|ttl|quota|batch|window|retr(?:y|ies)|backoff|concurren|buffer|capacity|version|release|port\b|setting|config|profile|option|policy|weight|threshold`)

// usageName matches how measures of use are called, which setting words are in as well: pool_total, heap_used.
var usageName = expr.Lazy(`(?i)total|used|usage|active|open|idle|free|rss|heap|[km]b$|bytes|count|len$|depth|size$|pct|percent|avg|mean|waiting|pending|left|done|kept|busy`)

// idField tells names of fields that differ by their nature.
func idField(name string) bool {
	low := strings.ToLower(name)
	switch low {
	case "process", "child", "worker", "id", "pid", "tid", "thread", "request", "trace", "span", "session", "remote", "client", "ip", "peer", "time", "ts", "date", "uid", "host", "hostname", "instance", "podname":
		return true
	}
	return strings.HasSuffix(low, "pid") || strings.HasSuffix(low, "_id") || strings.HasSuffix(low, "id") && len(low) > 4 || strings.HasSuffix(low, "uid")
}

func called(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

func figureOf(v int64) string {
	return strconv.FormatFloat(float64(v)/1000, 'f', -1, 64)
}

func constantOf(points []rca.NumberPoint) (int64, bool) {
	if len(points) == 0 {
		return 0, false
	}
	c := points[0].Min
	for _, p := range points {
		if p.Min != c || p.Max != c {
			return 0, false
		}
	}
	return c, true
}

// sampleWith gives a kept occurrence that holds a text, and its time; the last one, of unknown time, if none does.
func sampleWith(s *rca.Series, text string) (rca.Sample, rca.Time) {
	for _, x := range s.Samples {
		if strings.Contains(x.Message, text) {
			return x, x.Time
		}
		for _, f := range x.Fields {
			if strings.Contains(f.Value, text) {
				return x, x.Time
			}
		}
	}
	x := s.Samples[len(s.Samples)-1]
	return x, rca.NoTime
}

// replaced tells whether a new statement is worded like a normal one of the same component: the same words but for one or two. It gives
// the last that differs.
func replaced(s *rca.Series, base []*rca.Series) string {
	words := strings.Fields(s.Template.Text)
	if len(words) < 4 {
		return ""
	}
	for _, b := range base {
		old := strings.Fields(b.Template.Text)
		if len(old) != len(words) || b.Logger != s.Logger {
			continue
		}
		differ := -1
		n := 0
		for i := range words {
			if words[i] != old[i] {
				differ = i
				n++
			}
		}
		if n == 0 || n > 2 || n*3 > len(words) {
			continue
		}
		return fmt.Sprintf("%q stands where normal times have %q", words[differ], old[differ])
	}
	return ""
}

// tokens gives the words of an occurrence by which it may be tied to another: names, paths' parts, values; lower case.
func tokens(x rca.Sample) map[string]bool {
	out := map[string]bool{}
	addTokens(out, x.Message)
	for _, f := range x.Fields {
		addTokens(out, f.Value)
	}
	return out
}

func addTokens(out map[string]bool, s string) {
	if len(s) > 2000 {
		s = s[:2000]
	}
	// Of a path its last two parts tell what it is; those before are shared by all that is installed there.
	s = longPath().ReplaceAllStringFunc(s, func(p string) string {
		i := strings.LastIndexByte(strings.TrimRight(p, "/"), '/')
		if k := strings.LastIndexByte(p[:max(i, 0)], '/'); k >= 0 {
			return " " + p[k+1:]
		}
		return p
	})
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == ':' || c > 127)
	}) {
		w = strings.Trim(w, ".:-")
		if len(w) >= 4 && len(w) <= 64 {
			out[w] = true
		}
	}
}

// linkDeeds ties deeds to the trouble: a word of the deed that stands in the new complaints of others, and in no normal line.
func (r *ranker) linkDeeds(ds []*deed) {
	normal := map[string]bool{}
	for _, s := range r.in.Series {
		if !s.Baseline {
			continue
		}
		for _, x := range s.Samples {
			for w := range tokens(x) {
				normal[w] = true
			}
		}
		for _, p := range s.Params {
			for _, v := range p.Values {
				addTokens(normal, v)
			}
		}
	}
	for _, n := range r.order {
		normal[n.name] = true
		normal[bare(n.name)] = true
	}
	type bad struct {
		writer        *node
		words, quoted map[string]bool
	}
	var bads []bad
	for _, f := range r.facts {
		if f.Series.Access && f.Series.Status < 500 {
			continue
		}
		b := bad{f.writer, map[string]bool{}, map[string]bool{}}
		add := func(s string) {
			addTokens(b.words, s)
			for _, m := range quotedWord().FindAllStringSubmatch(s, 20) {
				b.quoted[strings.ToLower(m[1])] = true
			}
		}
		for _, l := range f.Lines {
			add(l)
		}
		for _, x := range f.Series.Samples {
			add(x.Message)
			for _, fl := range x.Fields {
				add(fl.Value)
			}
		}
		bads = append(bads, b)
	}
	// What several components say at once is no trace of one.
	said := map[string]map[*node]bool{}
	for _, d := range ds {
		for w := range d.tokens {
			if said[w] == nil {
				said[w] = map[*node]bool{}
			}
			said[w][d.n] = true
		}
	}
	for _, d := range ds {
		for w := range d.tokens {
			if normal[w] || dateLike(w) || idLike().MatchString(w) || len(said[w]) > 1 {
				continue
			}
			plain := strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == ""
			for _, b := range bads {
				// A word of the language counts where the complaint quotes it.
				if b.writer != d.n && b.words[w] && (!plain || b.quoted[w]) {
					d.linked = append(d.linked, w)
					break
				}
			}
		}
		sort.Strings(d.linked)
	}
}

// names tells whether a deed speaks of a component, and the complaints are about that one: "account ledger locked".
func (d *deed) names(n *node) bool {
	return n != d.n && (d.tokens[n.name] || d.tokens[bare(n.name)] && len(bare(n.name)) > 4)
}

var (
	longPath   = expr.Lazy(`(?:/[\w.@+-]+){2,}`)
	quotedWord = expr.Lazy("['\"`\u2018\u201c.]([A-Za-z]{4,40})['\"`\u2019\u201d]")
)

// idLike matches ids of requests, of traces, of objects: they tie everything together that a request touched.
var idLike = expr.Lazy(`[0-9a-f]{8,}|^req-|\d{6,}|^[0-9a-f]{4,}(?:-[0-9a-f]{4,})+`)

// dateLike tells words that are times or bare numbers of few figures: they meet by chance.
func dateLike(w string) bool {
	digits, letters := 0, 0
	for i := 0; i < len(w); i++ {
		if w[i] >= '0' && w[i] <= '9' {
			digits++
		} else if w[i] >= 'a' && w[i] <= 'z' {
			letters++
		}
	}
	if letters == 0 {
		return true
	}
	return letters == 1 && digits >= 6 && strings.ContainsAny(w, "tz:")
}

// actors lets the component whose deed fits the trouble go before its victim. The trouble's first line bounds when; a word that
// both share, or a setting that nobody else changed, says who.
func (r *ranker) actors(hyps []*Hypothesis) []*Hypothesis {
	if len(hyps) == 0 {
		return hyps
	}
	hyps = idleFirst(hyps)
	top := hyps[0]
	if top.heldBy || top.idle != nil {
		return hyps
	}
	ds := r.deeds()
	r.linkDeeds(ds)
	start := r.inEarnest(top)
	// Who holds a lock has what it wants: all that is to be seen of it is the job that it began.
	locked := top.Category == rca.LockContention || top.Category == rca.Deadlock
	// Who says new things all the time says nothing by it.
	chatter := map[*node]int{}
	settings := map[*node]int{}
	for _, d := range ds {
		chatter[d.n]++
		if d.kind == newSetting {
			settings[d.n]++
		}
	}
	best := map[*node]*deed{}
	for _, d := range ds {
		if n := chatter[d.n]; n > 20 || n > 8 && d.kind < changedLine || settings[d.n] > 4 && d.kind == newSetting {
			continue
		}
		if d.at != rca.NoTime && start != rca.NoTime && (d.at > start+2e9 || d.at < start-deedBefore) {
			continue
		}
		if d.names(top.node) && len(d.linked) == 0 {
			d.linked = []string{top.node.name}
		}
		if d.weight() == 0 && !(locked && d.kind == saidNew && d.at < start) {
			continue
		}
		if b := best[d.n]; b == nil || d.weight() > b.weight() || d.weight() == b.weight() && d.at < b.at {
			best[d.n] = d
		}
	}
	if d := best[top.node]; d != nil && d.weight() == 0 {
		delete(best, top.node) // a new calm line of its own says nothing
	} else if d != nil {
		top.deed = d
		top.Parts = append(top.Parts, rca.Part{Name: "deed", Value: 1.25, Why: d.text})
		top.Score *= 1.25
	}
	var cands []*deed
	for _, n := range r.sortedNodes() {
		if d := best[n]; d != nil && n != top.node && !r.victim(n, d, top) && (n.product == "" || n.product != top.node.product) {
			cands = append(cands, d)
		}
	}
	sort.SliceStable(cands, func(i, j int) bool { return cands[i].weight() > cands[j].weight() })
	if len(cands) == 0 || len(cands) > 1 && cands[0].weight() == cands[1].weight() {
		return hyps
	}
	d := cands[0]
	if len(top.pairs) > 0 || d.weight() < 4 && top.Category == rca.CodeDefect && top.Level >= know.Plausible {
		return hyps // its own new exception, or its own broken path, says more
	}
	first := d.weight() >= 3 && (best[top.node] == nil || best[top.node].weight() < d.weight())
	if !first && (d.weight() == 2 || d.kind == appeared || locked) && best[top.node] == nil {
		switch top.Category {
		case rca.BadData, rca.SchemaChange, rca.Deadlock:
			// One message that cannot be read is the reader's trouble; a writer that was changed writes all of them otherwise.
			first = d.release || settingWord().MatchString(d.text) || top.Category == rca.Deadlock
		default: // a new release comes every day, and is harmless mostly
			first = !d.release && (suffered[top.Category] || top.Level <= know.Symptom)
		}
	}
	h, rest := take(hyps, d.n)
	if h == nil {
		h = &Hypothesis{node: d.n, Category: top.Category}
	}
	if h.Level < know.Plausible {
		h.Category = top.Category
		if top.Level <= know.Symptom || h.Category == rca.DependencyDown || h.Category == rca.DependencySlow {
			h.Category = rca.Configuration
		}
	}
	h.Level = max(h.Level, know.Plausible)
	h.deed, h.sufferer = d, top
	d.n.display[d.series.Component]++
	why := d.text
	if len(d.linked) > 0 {
		why += "; the complaints of others speak of " + strings.Join(d.linked[:min(3, len(d.linked))], ", ") + " as well"
	}
	score := top.Score * .9
	if first {
		score = top.Score * 1.1
	}
	h.Parts = append(h.Parts, rca.Part{Name: "deed", Value: round(score), Why: why})
	h.Score = score
	if first {
		// The sufferer is the first to feel it, and those that complain of the sufferer come after.
		e := &edge{from: top.node, to: d.n}
		for _, f := range top.facts {
			if f.owner == top.node {
				e.facts = append(e.facts, f)
				e.count += f.After
			}
		}
		if len(e.facts) > 0 {
			r.edges[[2]*node{top.node, d.n}] = e
		}
		return append([]*Hypothesis{h}, rest...)
	}
	return append([]*Hypothesis{top, h}, rest[1:]...)
}

// brokers keep what one side sends until the other takes it.
var brokers = map[string]bool{"rabbitmq": true, "kafka": true, "nats": true, "nsq": true, "mqtt": true, "activemq": true, "pulsar": true, "redis": true}

// idleFirst lets a component that gave up its work after a change go before those that have only symptoms to tell.
func idleFirst(hyps []*Hypothesis) []*Hypothesis {
	top := hyps[0]
	// A queue that is full tells of who should empty it.
	full := (top.Category == rca.ResourceExhaustion || top.Category == rca.Capacity) && brokers[top.node.product]
	if top.Level > know.Symptom && !full {
		return hyps
	}
	for i, h := range hyps[1:] {
		if h.idle != nil {
			h.Parts = append(h.Parts, rca.Part{Name: "idle", Value: round(1.1 * top.Score / h.Score), Why: "it gave up its work right after it was started or changed, before anybody complained"})
			h.Score = top.Score * 1.1
			out := append([]*Hypothesis{h}, hyps[:i+1]...)
			return append(out, hyps[i+2:]...)
		}
	}
	return hyps
}

// inEarnest is when the trouble of a hypothesis began for good: when a tenth of its telling lines were written. Single ones come before, as
// when a neighbour is restarted.
func (r *ranker) inEarnest(h *Hypothesis) rca.Time {
	var bs []rca.Bucket
	var total, sum int64
	for _, f := range h.facts {
		if f.level < h.Level {
			continue
		}
		for _, b := range f.Series.Buckets {
			if r.in.Given || r.in.Quiet.End == rca.NoTime || b.Start > r.in.Quiet.End {
				bs = append(bs, b)
				total += b.Count
			}
		}
	}
	sort.SliceStable(bs, func(i, j int) bool { return bs[i].Start < bs[j].Start })
	for _, b := range bs {
		if sum += b.Count; sum*10 >= total {
			return b.Start
		}
	}
	return r.onset
}

// weight orders deeds: 3 and more tie a calm line to the trouble, 2 is a setting of which only the time fits.
func (d *deed) weight() int {
	switch {
	case len(d.linked) > 0 && d.kind >= changedLine:
		return 4
	case len(d.linked) > 0:
		return 3
	case d.kind == newSetting:
		return 2
	case d.kind == changedLine || d.kind == appeared:
		return 1
	}
	return 0
}

// suffered are categories that name what a component suffers from another as often as what it does.
var suffered = map[rca.Category]bool{rca.BadData: true, rca.SchemaChange: true, rca.RateLimit: true, rca.Capacity: true, rca.ResourceExhaustion: true, rca.LockContention: true, rca.Deadlock: true, rca.Permission: true, rca.DiskFull: true}

// victim tells whether a component complains of somebody else before its deed.
func (r *ranker) victim(n *node, d *deed, top *Hypothesis) bool {
	for _, f := range r.facts {
		if f.writer == n && f.cat == top.Category && d.kind < changedLine {
			return true // it suffers the same
		}
		if f.writer == n && f.owner != n && f.First != rca.NoTime && d.at != rca.NoTime && f.First < d.at {
			return true
		}
	}
	return false
}
