package exam

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/expr"
	"github.com/rca-engine/rca/internal/know"
)

// Variant is a way to change an incident before the engine is asked.
type Variant struct {
	Name string
	Says string // what is changed, and what is wanted
	make func(x *Incident, v view) []*Question
}

// view is what a variant may look at beside the incident itself.
type view struct {
	rnd   *rand.Rand
	other *Incident // another incident, whose healthy logs may be mixed in
}

// Variants are all questions, in the order in which they are reported. The first is the incident as it stands.
var Variants = []Variant{
	{"as it is", "with its baseline", func(x *Incident, _ view) []*Question { return one(x.question()) }},
	{"no baseline", "without a normal time beside it", func(x *Incident, _ view) []*Question {
		q := x.question()
		q.NoBase = true
		return one(q)
	}},
	{"renamed", "every service, host and path has another name, in file names and lines alike", renamed},
	{"knowledge withheld", "entries of the failure knowledge that match the proof are switched off", withoutKnowledge},
	{"log withheld", "the log of the true component is missing", logWithheld},
	{"clock 2 h off", "the stamps of the true component's log are two hours late", func(x *Incident, v view) []*Question { return clock(x, 2*time.Hour) }},
	{"clock 90 s off", "the stamps of one log, chosen at random, are 90 s late", func(x *Incident, v view) []*Question {
		q := x.question()
		k := v.rnd.Intn(len(x.Logs))
		q.Logs = shiftFiles(x.Logs, func(f File) bool { return f.Name == x.Logs[k].Name }, 90*time.Second)
		q.Base = shiftFiles(x.Base, func(f File) bool { return f.Name == x.Logs[k].Name }, 90*time.Second)
		return one(q)
	}},
	{"cut 10 s after", "the logs end 10 s after the fault", func(x *Incident, _ view) []*Question { return cut(x, 10*time.Second, false) }},
	{"cut 20 s after", "the logs end 20 s after the fault", func(x *Incident, _ view) []*Question { return cut(x, 20*time.Second, false) }},
	{"cut 40 s after", "the logs end 40 s after the fault", func(x *Incident, _ view) []*Question { return cut(x, 40*time.Second, false) }},
	{"replicas doubled", "every log is there twice, as a second replica's", replicas},
	{"10 % lost", "one line in ten is lost, at random", func(x *Incident, v view) []*Question {
		q := x.question()
		lose := func(in []File) []File {
			return eachLine(in, func(l []byte) bool { return v.rnd.Intn(10) > 0 })
		}
		q.Logs, q.Base = lose(x.Logs), lose(x.Base)
		return one(q)
	}},
	{"reordered", "lines change places with their neighbours, within a second", func(x *Incident, v view) []*Question {
		q := x.question()
		q.Logs = reorder(x.Logs, v.rnd)
		return one(q)
	}},
	{"one log without times", "the true component's log has no time stamps", withoutTimes},
	{"foreign logs mixed in", "another system's healthy logs lie among them", foreign},
	{"half of the logs missing", "half of the logs of the others are missing, at random", halfMissing},
	{"quiet lead-in", "only what was logged before the fault, its harmless change included: silence is right", func(x *Incident, _ view) []*Question { return cut(x, -time.Second, true) }},
	{"healthy halves", "the second half of the baseline, against its first half and alone: silence is right", healthy},
	{"blinded", "proof and true component's log are missing: silence is right, or a grade below confirmed", blinded},
}

func one(q *Question) []*Question { return []*Question{q} }

func (x *Incident) question() *Question { return &Question{Incident: x, Logs: x.Logs, Base: x.Base} }

// Questions makes what a variant asks of an incident; none where it does not apply. The same incident gives the same
// questions every time.
func (v *Variant) Questions(x, other *Incident) []*Question {
	h := fnv.New64a()
	h.Write([]byte(x.Name + "\x00" + v.Name))
	qs := v.make(x, view{rand.New(rand.NewSource(int64(h.Sum64() >> 1))), other})
	for _, q := range qs {
		q.Variant = v.Name
	}
	return qs
}

// eachLine keeps the lines for which keep is true.
func eachLine(in []File, keep func([]byte) bool) []File {
	out := make([]File, len(in))
	for i, f := range in {
		out[i].Name = f.Name
		for _, l := range f.Lines {
			if keep(l) {
				out[i].Lines = append(out[i].Lines, l)
			}
		}
	}
	return out
}

func logWithheld(x *Incident, _ view) []*Question {
	q := x.question()
	without := func(in []File) []File { return slices.DeleteFunc(slices.Clone(in), x.own) }
	q.Logs, q.Base = without(x.Logs), without(x.Base)
	if len(q.Logs) == len(x.Logs) || len(q.Logs) == 0 {
		return nil // it had none, or there is no other
	}
	return one(q)
}

func blinded(x *Incident, _ view) []*Question {
	q := x.question()
	q.Silence = true
	strict := append(append([]string{}, x.Components...), x.Weak...)
	q.Logs = slices.DeleteFunc(slices.Clone(x.Logs), func(f File) bool { return is(f.Name, strict) })
	if len(q.Logs) == 0 || len(x.Evidence) == 0 {
		return nil
	}
	q.Logs = eachLine(q.Logs, func(l []byte) bool { return !x.proves(l) })
	return one(q)
}

// proves tells whether a line matches one of the patterns of the truth.
func (x *Incident) proves(l []byte) bool {
	for _, re := range x.Evidence {
		if re.Match(l) {
			return true
		}
	}
	return false
}

func healthy(x *Incident, _ view) []*Question {
	var out []*Question
	for _, noBase := range []bool{false, true} {
		q := x.question()
		q.Silence, q.NoBase = true, noBase
		q.Logs, q.Base = nil, nil
		for _, f := range x.Base {
			half := len(f.Lines) / 2
			q.Base = append(q.Base, File{f.Name, f.Lines[:half]})
			q.Logs = append(q.Logs, File{f.Name, f.Lines[half:]})
		}
		if len(q.Logs) > 0 {
			out = append(out, q)
		}
	}
	return out
}

// withoutKnowledge switches off each entry that matches a line of the proof.
func withoutKnowledge(x *Incident, _ view) []*Question {
	if len(x.Evidence) == 0 {
		return nil
	}
	lib := know.Builtin()
	off := map[string]bool{}
	seen := map[string]bool{}
	for _, f := range x.Logs {
		for _, l := range f.Lines {
			if !x.proves(l) {
				continue
			}
			s := strings.TrimRight(string(l), "\r\n")
			if key := digits().ReplaceAllString(s, "0"); seen[key] {
				continue
			} else {
				seen[key] = true
			}
			for _, m := range lib.Any(s) {
				off[m.ID] = true
			}
		}
	}
	q := x.question()
	for id := range off {
		q.Options.WithoutRules = append(q.Options.WithoutRules, id)
	}
	sort.Strings(q.Options.WithoutRules)
	return one(q)
}

var digits = expr.Lazy(`[0-9]+`)

func replicas(x *Incident, _ view) []*Question {
	q := x.question()
	double := func(in []File) []File {
		var out []File
		for _, f := range in {
			ext := path.Ext(f.Name)
			out = append(out, f, File{strings.TrimSuffix(f.Name, ext) + "-2" + ext, f.Lines})
		}
		return out
	}
	q.Logs, q.Base = double(x.Logs), double(x.Base)
	for _, c := range x.Components {
		q.Translate = append(q.Translate, c, norm(c)+"2", c+"-2")
	}
	return one(q)
}

func foreign(x *Incident, v view) []*Question {
	if v.other == nil || len(v.other.Base) == 0 {
		return nil
	}
	q := x.question()
	q.Logs = append([]File{}, x.Logs...)
	q.Base = append([]File{}, x.Base...)
	// The stamps of the foreign logs are moved to the time of these.
	shift := time.Duration(0)
	if a, b := firstStamp(x.Logs), firstStamp(v.other.Base); !a.IsZero() && !b.IsZero() {
		shift = a.Sub(b)
	}
	for _, f := range v.other.Base {
		f.Name = "elsewhere-" + strings.ReplaceAll(f.Name, "/", "-")
		f.Lines = shiftLines(f.Lines, shift)
		q.Logs = append(q.Logs, f)
	}
	return one(q)
}

func halfMissing(x *Incident, v view) []*Question {
	q := x.question()
	gone := map[string]bool{}
	var others []string
	for _, f := range x.Logs {
		if !x.own(f) {
			others = append(others, f.Name)
		}
	}
	v.rnd.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	for _, n := range others[:len(others)/2] {
		gone[n] = true
	}
	without := func(in []File) []File {
		return slices.DeleteFunc(slices.Clone(in), func(f File) bool { return gone[f.Name] })
	}
	q.Logs, q.Base = without(x.Logs), without(x.Base)
	if len(gone) == 0 || len(q.Logs) == 0 {
		return nil
	}
	return one(q)
}

// cut ends the logs some time after the fault. A log without any time is left out: nobody knows which of its lines came before.
func cut(x *Incident, after time.Duration, silence bool) []*Question {
	if x.Injected.IsZero() {
		return nil
	}
	q := x.question()
	q.Silence = silence
	end := x.Injected.Add(after)
	q.Logs = nil
	for _, f := range x.Logs {
		times := x.times(f)
		if times == nil {
			continue
		}
		g := File{Name: f.Name}
		for i, l := range f.Lines {
			if times[i].Before(end) {
				g.Lines = append(g.Lines, l)
			}
		}
		if len(g.Lines) > 0 {
			q.Logs = append(q.Logs, g)
		}
	}
	if len(q.Logs) == 0 {
		return nil
	}
	return one(q)
}

// times gives the instant of each line of a log, as the engine reads it: a line without one has that of the line before. It is nil for a log
// in which no line has one.
func (x *Incident) times(f File) []time.Time {
	out := make([]time.Time, len(f.Lines))
	found := false
	o := analyze.Options{Year: x.Injected.Year()}
	_, _, err := analyze.Records(context.Background(), []string{filepath.Join(x.Dir, "logs", filepath.FromSlash(f.Name))}, o, func(r *rca.Record) error {
		if r.Time != rca.NoTime {
			found = true
			for i := r.Line; i <= r.EndLine && int(i) <= len(out); i++ {
				out[i-1] = r.Time.Std()
			}
		}
		return nil
	})
	if err != nil || !found {
		return nil
	}
	for i := 1; i < len(out); i++ {
		if out[i].IsZero() {
			out[i] = out[i-1]
		}
	}
	return out
}

func clock(x *Incident, by time.Duration) []*Question {
	q := x.question()
	q.Logs, q.Base = shiftFiles(x.Logs, x.own, by), shiftFiles(x.Base, x.own, by)
	for _, f := range x.Logs {
		if x.own(f) {
			return one(q)
		}
	}
	return nil
}

func shiftFiles(in []File, which func(File) bool, by time.Duration) []File {
	out := slices.Clone(in)
	for i, f := range out {
		if which(f) {
			out[i].Lines = shiftLines(f.Lines, by)
		}
	}
	return out
}

func withoutTimes(x *Incident, _ view) []*Question {
	q := x.question()
	strip := func(in []File) []File {
		out := slices.Clone(in)
		for i, f := range out {
			if !x.own(f) {
				continue
			}
			out[i].Lines = make([][]byte, len(f.Lines))
			for k, l := range f.Lines {
				out[i].Lines[k] = stripStamp(l)
			}
		}
		return out
	}
	q.Logs, q.Base = strip(x.Logs), strip(x.Base)
	for _, f := range x.Logs {
		if x.own(f) {
			return one(q)
		}
	}
	return nil
}

// reorder swaps neighbours that both have a stamp, less than a second apart. A line that continues a record stays with it.
func reorder(in []File, rnd *rand.Rand) []File {
	out := make([]File, len(in))
	for i, f := range in {
		type record struct {
			at    time.Time
			lines [][]byte
		}
		var recs []record
		for _, l := range f.Lines {
			t := stampOf(l, time.Time{})
			if t.IsZero() && len(recs) > 0 {
				recs[len(recs)-1].lines = append(recs[len(recs)-1].lines, l)
			} else {
				recs = append(recs, record{t, [][]byte{l}})
			}
		}
		for k := 0; k+1 < len(recs); k++ {
			a, b := recs[k], recs[k+1]
			if !a.at.IsZero() && !b.at.IsZero() && b.at.Sub(a.at).Abs() < time.Second && rnd.Intn(2) == 0 {
				recs[k], recs[k+1] = b, a
				k++
			}
		}
		out[i].Name = f.Name
		for _, r := range recs {
			out[i].Lines = append(out[i].Lines, r.lines...)
		}
	}
	return out
}

// renamed gives every component, host and path another name. What a program says of itself in words of its own
// ("PostgreSQL 15.7 starting") stays: it is no name.
func renamed(x *Incident, v view) []*Question {
	taken := map[string]bool{}
	invent := func() string {
		for {
			b := make([]byte, 5+v.rnd.Intn(3))
			for i := range b {
				b[i] = [2]string{"bdfgklmnprstvz", "aeiou"}[i%2][v.rnd.Intn([2]int{14, 5}[i%2])]
			}
			if s := string(b); !taken[s] {
				taken[s] = true
				return s
			}
		}
	}
	to := map[string]string{}
	rename := func(old string) string {
		if to[old] == "" {
			to[old] = invent()
		}
		return to[old]
	}
	stem := func(name string) (string, string) { // "nginx-error.log" → "nginx", "-error.log"
		ext := path.Ext(name)
		s := strings.TrimSuffix(name, ext)
		for _, suf := range []string{"-error", "-access", ".error", ".access"} {
			if t, ok := strings.CutSuffix(s, suf); ok {
				return t, suf + ext
			}
		}
		if t := strings.TrimRight(s, "0123456789"); t != s && strings.HasSuffix(t, "-") {
			return strings.TrimSuffix(t, "-"), s[len(t)-1:] + ext
		}
		return s, ext
	}
	var components []string
	for _, f := range append(append([]File{}, x.Logs...), x.Base...) {
		s, _ := stem(path.Base(f.Name))
		components = append(components, s)
	}
	// Hosts and paths that occur in the lines.
	paths := map[string]bool{}
	for _, f := range append(append([]File{}, x.Logs...), x.Base...) {
		for _, l := range f.Lines {
			for _, m := range anyPath().FindAllSubmatch(l, 4) {
				for _, seg := range bytes.Split(m[1], []byte("/")) {
					if plainWord().Match(seg) && !systemWord[string(seg)] {
						paths[string(seg)] = true
					}
				}
			}
		}
	}
	var words []string
	for _, c := range components {
		if c != "" && !systemWord[c] {
			words = append(words, c)
		}
	}
	for _, c := range x.Components {
		if strings.Contains(c, ".") { // a host outside
			for _, lab := range strings.Split(c, ".") {
				if len(lab) > 3 {
					words = append(words, lab)
				}
			}
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	sort.SliceStable(words, func(i, j int) bool { return len(words[i]) > len(words[j]) })
	var alt []string
	for _, w := range words {
		rename(w)
		alt = append(alt, regexp.QuoteMeta(w))
	}
	if len(alt) == 0 {
		return nil
	}
	name := regexp.MustCompile(`(^|[^A-Za-z0-9_.])(` + strings.Join(alt, "|") + `)($|[^A-Za-z0-9_])`)
	segs := make([]string, 0, len(paths))
	for p := range paths {
		segs = append(segs, p)
	}
	sort.Strings(segs)
	for _, p := range segs {
		rename(p)
	}
	line := func(l []byte) []byte {
		for range 2 { // neighbours share a boundary
			l = name.ReplaceAllFunc(l, func(m []byte) []byte {
				p := name.FindSubmatch(m)
				return append(append(append([]byte{}, p[1]...), to[string(p[2])]...), p[3]...)
			})
		}
		return anyPath().ReplaceAllFunc(l, func(m []byte) []byte {
			parts := strings.Split(string(m), "/")
			for i, p := range parts {
				if i > 0 && paths[p] {
					parts[i] = to[p]
				}
			}
			return []byte(strings.Join(parts, "/"))
		})
	}
	apply := func(in []File) []File {
		out := make([]File, len(in))
		for i, f := range in {
			s, rest := stem(path.Base(f.Name))
			n := f.Name
			if to[s] != "" {
				n = path.Join(path.Dir(f.Name), to[s]+rest)
			}
			out[i] = File{Name: n, Lines: make([][]byte, len(f.Lines))}
			for k, l := range f.Lines {
				out[i].Lines[k] = line(l)
			}
		}
		return out
	}
	q := x.question()
	c := *x
	q.Incident = &c
	q.Logs, q.Base = apply(x.Logs), apply(x.Base)
	for _, n := range x.Components {
		s := strings.TrimSuffix(string(line([]byte(n+"\n"))), "\n")
		if st, rest := stem(n); to[st] != "" {
			s = to[st] + rest
		}
		q.Translate = append(q.Translate, s)
	}
	// The proof is told by patterns of the old names: the lines that they match are what counts.
	c.Evidence = nil
	for i, f := range x.Logs {
		for k, l := range f.Lines {
			if x.proves(l) && len(c.Evidence) < 400 {
				c.Evidence = append(c.Evidence, regexp.MustCompile("^"+regexp.QuoteMeta(strings.TrimRight(string(q.Logs[i].Lines[k]), "\r\n"))+"$"))
			}
		}
	}
	return one(q)
}

var (
	anyPath   = expr.Lazy(`((?:/[A-Za-z0-9_.-]+){1,8})`)
	plainWord = expr.Lazy(`^[a-z][a-z_-]{3,}$`)
)

// systemWord are segments of paths and names of files that belong to the system or to a runtime, not to an installation.
var systemWord = map[string]bool{"syslog": true, "messages": true, "kern": true, "kernel": true, "dmesg": true, "journal": true, "proc": true, "node_modules": true, "dist": true, "site-packages": true, "packages": true, "local": true, "share": true, "internal": true, "main": true, "http": true, "index": true, "json": true, "text": true, "health": true, "healthz": true, "metrics": true, "ready": true, "html": true, "node": true, "python": true, "java": true, "base": true, "modules": true, "runtime": true, "cgroup": true, "events": true, "audit": true, "build": true}

// Describe gives the list of variants for a help text.
func Describe() string {
	var b strings.Builder
	for _, v := range Variants {
		fmt.Fprintf(&b, "  %-26s %s\n", v.Name, v.Says)
	}
	return b.String()
}
