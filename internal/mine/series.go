package mine

import (
	"sort"
	"strings"

	"github.com/rca-engine/rca"
)

// Result is what is left of the input after mining.
type Result struct {
	Templates []*rca.Template
	Series    []*rca.Series
	Shapes    []*rca.Template // template of each shape, for Assigned
	Step      int64           // seconds of a bucket
	First     rca.Time
	Last      rca.Time
	Traces    [2][]rca.Trace // of the logs and of the baseline, ascending by hash
	Names     []Name         // which names stand for which addresses, as name servers and clients said
	Overflow  int64          // records folded into coarser shapes
}

// Name says that a host has an address.
type Name struct{ Host, Address string }

// Finish merges shapes into templates and gives the series, in an order that depends on the input alone.
func (t *Table) Finish() *Result {
	of, groups := mergeShapes(t.shapes)
	samples := make([][]string, len(groups))
	for _, g := range t.order {
		k := of[g.shape]
		for _, s := range g.samples {
			if !g.access && len(samples[k]) < 8 {
				samples[k] = append(samples[k], s.Message)
			}
		}
	}
	res := &Result{Step: 1 << t.shift, First: rca.NoTime, Last: rca.NoTime, Shapes: make([]*rca.Template, len(t.shapes))}
	if t.first <= t.last {
		res.First, res.Last = rca.Time(t.first*1e9), rca.Time(t.last*1e9)
	}
	byText := map[string]*rca.Template{}
	made := make([]*rca.Template, len(groups))
	for i := range of {
		g := of[i]
		if made[g] == nil {
			text := groups[g].text(constants(t.shapes[groups[g].one].key, groups[g].words, samples[g]))
			tm := byText[text]
			if tm == nil {
				tm = &rca.Template{ID: templateID(text), Text: text}
				byText[text] = tm
				res.Templates = append(res.Templates, tm)
			}
			made[g] = tm
		}
		res.Shapes[i] = made[g]
	}
	res.Series = t.series(res)
	res.Names = t.names()
	res.Overflow = t.Overflow
	return res
}

// constants finds the digit runs of a template that belong to a name, as in ext4, HttpServer2 and IPv6: one or two figures
// right behind a letter, the same in every sample. Longer ones, and those that stand alone, are values even where they did not change.
func constants(key string, words []string, samples []string) map[int]string {
	if len(samples) == 0 || strings.Join(words, " ") != key || strings.IndexByte(key, maskDigits) < 0 {
		return nil
	}
	var behind []bool // a letter, for each run of the key
	for i := 0; i < len(key); i++ {
		if key[i] == maskDigits {
			behind = append(behind, i > 0 && class[key[i-1]]&cLetter != 0)
		}
	}
	out := map[int]string{}
	for k, s := range samples {
		runs := digitRuns(s)
		if len(runs) != len(behind) {
			return nil
		}
		for i, r := range runs {
			if k == 0 && behind[i] && len(r) <= 2 {
				out[i] = r
			} else if out[i] != r {
				delete(out, i)
			}
		}
	}
	return out
}

// digitRuns gives the digits that stood for each maskDigits of a message, by masking it once more.
func digitRuns(m string) []string {
	var sc scan
	sc.message(m)
	// Walk key and message together: constant bytes must agree, masks are skipped to the next constant byte.
	var runs []string
	i := 0
	k := sc.key
	for p := 0; p < len(k); p++ {
		switch c := k[p]; {
		case c == ' ':
			for i < len(m) && m[i] <= ' ' {
				i++
			}
		case c == maskDigits:
			start := i
			for i < len(m) && class[m[i]]&cDigit != 0 {
				i++
			}
			runs = append(runs, m[start:i])
		case c < ' ':
			if p+1 == len(k) {
				i = len(m)
				break
			}
			next := k[p+1]
			if next == ' ' {
				for i < len(m) && m[i] > ' ' {
					i++
				}
			} else if next > ' ' {
				i++
				for i < len(m) && m[i] != next {
					i++
				}
			} else {
				return nil
			}
		default:
			if i >= len(m) || m[i] != c {
				return nil
			}
			i++
		}
	}
	return runs
}

type seriesKey struct {
	template  *rca.Template
	component string
	severity  rca.Severity
	status    int
	baseline  bool
	logger    string
}

// series adds up the cells that share template, component, severity, status class and side.
func (t *Table) series(res *Result) []*rca.Series {
	index := map[seriesKey]*rca.Series{}
	of := map[*total]*rca.Series{}
	var out []*rca.Series
	for _, g := range t.order {
		key := seriesKey{res.Shapes[g.shape], g.component, g.severity, g.status / 100, g.baseline, ""}
		if located(g.logger) {
			key.logger = g.logger
		}
		s := index[key]
		if s == nil {
			s = &rca.Series{Template: key.template, Component: g.component, Host: g.host, Logger: g.logger, Severity: g.severity, Baseline: g.baseline,
				Access: g.access, Status: g.status, Format: g.format, First: rca.NoTime, Last: rca.NoTime}
			index[key] = s
			out = append(out, s)
		}
		of[g] = s
		t.into(s, g)
	}
	for _, s := range out {
		if len(s.Numbers) > 0 || len(s.Params) > 0 {
			nameParts(s)
		}
		sort.SliceStable(s.Stacks, func(i, j int) bool { return s.Stacks[i].First < s.Stacks[j].First })
	}
	t.resolveTraces(res, of)
	return out
}

func (t *Table) into(s *rca.Series, g *total) {
	fresh := s.Count == 0
	s.Count += g.count
	if g.first != rca.NoTime {
		if s.First == rca.NoTime || g.first < s.First {
			s.First = g.first
		}
		s.Last = max(s.Last, g.last)
	}
	for i := range g.buckets {
		g.buckets[i].Start *= 1e9
	}
	if s.Buckets == nil { // most series are of one cell: it gives them its steps as they are
		s.Buckets, g.buckets = g.buckets, nil
	}
	for _, b := range g.buckets {
		addBucket(s, b)
	}
	for _, x := range g.samples {
		if len(s.Samples) < 8 {
			s.Samples = append(s.Samples, x)
		}
	}
	for _, k := range g.stacks {
		found := false
		for i := range s.Stacks {
			if s.Stacks[i].Signature == k.Signature {
				s.Stacks[i].Count += k.Count
				found = true
			}
		}
		if !found && len(s.Stacks) < maxStacks {
			s.Stacks = append(s.Stacks, k)
		}
	}
	for i := range g.numbers {
		n := &g.numbers[i]
		for k := range n.points {
			n.points[k].Start *= 1e9
		}
		out := rca.Number{Name: n.name, Points: n.points}
		addNumber(s, i, out, fresh)
	}
	for i := range g.params {
		p := &g.params[i]
		out := rca.Param{Name: p.name, Kind: p.kind, Many: p.many}
		for k := 0; k < int(p.n); k++ {
			out.Values = append(out.Values, p.values[k])
			out.Counts = append(out.Counts, p.counts[k])
		}
		addParam(s, i, out, fresh)
	}
}

func addBucket(s *rca.Series, b rca.Bucket) {
	n := len(s.Buckets)
	if n == 0 || s.Buckets[n-1].Start < b.Start {
		s.Buckets = append(s.Buckets, b)
		return
	}
	i := sort.Search(n, func(i int) bool { return s.Buckets[i].Start >= b.Start })
	if i < n && s.Buckets[i].Start == b.Start {
		s.Buckets[i].Count += b.Count
		return
	}
	s.Buckets = append(s.Buckets, rca.Bucket{})
	copy(s.Buckets[i+1:], s.Buckets[i:])
	s.Buckets[i] = b
}

// addNumber joins the numbers of two cells by name, or by position when their messages have the same number of positions.
func addNumber(s *rca.Series, i int, n rca.Number, fresh bool) {
	k := -1
	for j := range s.Numbers {
		if n.Name != "" && s.Numbers[j].Name == n.Name || n.Name == "" && !fresh && j == i && s.Numbers[j].Name == "" {
			k = j
		}
	}
	if k < 0 {
		if fresh || n.Name != "" {
			s.Numbers = append(s.Numbers, n)
		}
		return
	}
	for _, p := range n.Points {
		pts := s.Numbers[k].Points
		at := sort.Search(len(pts), func(i int) bool { return pts[i].Start >= p.Start })
		if at < len(pts) && pts[at].Start == p.Start {
			q := &pts[at]
			q.Count += p.Count
			q.Sum += p.Sum
			q.Min, q.Max = min(q.Min, p.Min), max(q.Max, p.Max)
			continue
		}
		pts = append(pts, rca.NumberPoint{})
		copy(pts[at+1:], pts[at:])
		pts[at] = p
		s.Numbers[k].Points = pts
	}
}

func addParam(s *rca.Series, i int, p rca.Param, fresh bool) {
	k := -1
	for j := range s.Params {
		if p.Name != "" && s.Params[j].Name == p.Name || p.Name == "" && !fresh && j == i && s.Params[j].Name == "" {
			k = j
		}
	}
	if k < 0 {
		if len(s.Params) < 2*(maxParams+8) {
			s.Params = append(s.Params, p)
		}
		return
	}
	q := &s.Params[k]
	for v, val := range p.Values {
		found := false
		for w := range q.Values {
			if q.Values[w] == val {
				q.Counts[w] += p.Counts[v]
				found = true
				break
			}
		}
		if !found {
			if len(q.Values) >= 2*maxValues {
				q.Many = true
				break
			}
			q.Values, q.Counts = append(q.Values, val), append(q.Counts, p.Counts[v])
		}
	}
	q.Many = q.Many || p.Many
}

// timeUnits name a number better than the word before it.
var timeUnits = map[string]bool{"ms": true, "s": true, "sec": true, "secs": true, "seconds": true, "millis": true, "milliseconds": true, "us": true, "µs": true}

// nameParts names the positions of a message after the word before them, from the first sample.
func nameParts(s *rca.Series) {
	var sc scan
	if s.Access || len(s.Samples) == 0 {
		return
	}
	sc.message(s.Samples[0].Message)
	words := strings.Split(string(sc.key), " ")
	num, par := 0, 0
	for i, w := range words {
		for k := 0; k < len(w); k++ {
			c := w[k]
			if c >= ' ' {
				continue
			}
			name := ""
			if e := strings.LastIndexByte(w[:k], '='); e > 0 {
				name = strings.TrimLeft(w[:e], "([{\"'")
				if cm := strings.LastIndexByte(name, ','); cm >= 0 {
					name = name[cm+1:]
				}
			} else if i > 0 {
				name = strings.Trim(words[i-1], ":=([{\"',")
				if strings.IndexFunc(name, func(r rune) bool { return r < ' ' }) >= 0 {
					name = ""
				}
			}
			if c == maskNumber && i+1 < len(words) && timeUnits[strings.Trim(words[i+1], closing)] {
				name = strings.Trim(words[i+1], closing) // "tariff for 11 kg: 88 ms"
			}
			switch c {
			case maskNumber:
				if num < len(s.Numbers) && s.Numbers[num].Name == "" {
					s.Numbers[num].Name = name
				}
				num++
			case maskAddress, maskHost, maskURL, maskPath, maskValue:
				if par < len(s.Params) && s.Params[par].Name == "" {
					s.Params[par].Name = name
				}
				par++
			}
		}
	}
}

func (t *Table) resolveTraces(res *Result, of map[*total]*rca.Series) {
	for side := range t.traces {
		tt := &t.traces[side]
		ids := append([]uint64(nil), tt.heap...)
		sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
		for _, id := range ids {
			k := tt.traces[id]
			tr := rca.Trace{ID: id}
			for _, e := range k.events {
				tr.Events = append(tr.Events, rca.TraceEvent{Series: of[e.cell], Count: e.count, First: e.first, Place: e.place, Last: e.last})
			}
			sort.SliceStable(tr.Events, func(i, j int) bool { return tr.Events[i].First < tr.Events[j].First })
			res.Traces[side] = append(res.Traces[side], tr)
		}
	}
}

// names finds the pairs of host and address that lines such as "db.internal is 10.0.0.5", "db.internal has address …"
// or "lookup db.internal: 10.0.0.5" state.
func (t *Table) names() []Name {
	var out []Name
	seen := map[Name]bool{}
	for _, g := range t.order {
		key := t.shapes[g.shape].key
		if len(key) > 200 || strings.Count(key, "\x03") != 1 || len(g.params) == 0 {
			continue
		}
		words := strings.Split(key, " ")
		for i, w := range words {
			if strings.Trim(w, "[](),;") != "\x03" || i < 2 {
				continue
			}
			host := ""
			switch words[i-1] {
			case "is", "->", "=>", "=":
				host = words[i-2]
			case "address", "to":
				host = words[max(0, i-3)]
				if !hostName(host) {
					host = words[i-2]
				}
			}
			if !hostName(host) {
				continue
			}
			for _, p := range g.params {
				if p.kind != rca.ParamAddress {
					continue
				}
				for k := 0; k < int(p.n); k++ {
					n := Name{strings.Trim(host, ",:;()[]\""), p.values[k]}
					if !seen[n] {
						seen[n] = true
						out = append(out, n)
					}
				}
			}
		}
	}
	return out
}

func hostName(s string) bool {
	s = strings.Trim(s, ",:;()[]\"")
	if len(s) < 3 || strings.IndexByte(s, '.') < 1 && strings.IndexByte(s, '-') < 1 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if class[s[i]]&(cDigit|cLetter|cDot) == 0 && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	// A dotted name with an underscore in its last part is a setting's ("vnc.proxy_address = 10.0.0.5"): no zone's name has one.
	return strings.IndexByte(s, '.') < 0 || strings.IndexByte(s[strings.LastIndexByte(s, '.'):], '_') < 0
}
