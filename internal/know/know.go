// Package know holds failure knowledge as data: what a line of a known system means, whom it blames, what to do.
//
// In: the text of a message, and the continuation lines that matter. Out: the best entry that matches, with the names it
// found. The entries lie in data/*.yml, one file a system; each carries lines that it must match, and they are its tests.
// A user's own files have the same form.
//
// The program holds the built-in entries, and the table that finds them, as Go values that "go generate" makes of data/*.yml
// (entries.go): the linker lays them out, so that a start reads no YAML, parses no expression and fills no table. Reading the YAML
// took 40 of the 50 ms of a small run, filling the table 3.
package know

//go:generate go run ../../scripts/knowgen data entries.go

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"sort"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/rca-engine/rca"
)

// Level says how near to the cause the words of an entry are.
type Level int

// The levels. The level of the best evidence decides the grade of a hypothesis, not the size of its score.
const (
	Hearsay   Level = iota // refused, timed out, reset, returned 5xx: about somebody else
	Symptom                // saturation, a statement that timed out
	Plausible              // an exception of the runtime, a crash, a shutdown without a start
	FirstHand              // disk full, out of memory, certificate expired, lock held, column missing
)

// Owner says whose fault a matching line tells of.
type Owner string

// The owners.
const (
	Writer   Owner = "writer"   // who wrote the line
	Server   Owner = "server"   // the product that alone writes this text, when a client quotes it
	Target   Owner = "target"   // whom the line names
	Resolver Owner = "resolver" // the name server
	Holder   Owner = "holder"   // who holds the resource that ran out
	Subject  Owner = "subject"  // of whom a supervisor, the kernel or an orchestrator speaks
)

// Entry is one failure as its system words it.
type Entry struct {
	ID       string       `yaml:"id"`
	System   string       `yaml:"-"`        // the file's
	Match    []string     `yaml:"match"`    // regular expressions, any of which is enough; groups target, subject, holder name parties
	Unless   []string     `yaml:"unless"`   // if one of these matches too, the entry does not
	Writer   string       `yaml:"by"`       // only in lines of this format or product ("" any)
	Category rca.Category `yaml:"category"` // empty for a change
	Level    Level        `yaml:"level"`    //
	Weight   int          `yaml:"weight"`   // 1 to 4; default 2
	Owner    Owner        `yaml:"owner"`    // default writer
	Product  string       `yaml:"product"`  // with owner server: who alone writes this text; default the file's system
	Change   string       `yaml:"change"`   // restart, reload, deploy, ddl, config, stop, start
	Benign   bool         `yaml:"benign"`   // normal life: never evidence of a fault
	Title    string       `yaml:"title"`    // what happened, in a few words, without a name
	Means    string       `yaml:"means"`    // what it means
	Confirm  string       `yaml:"confirm"`  // how to make sure
	Do       string       `yaml:"do"`       // what to do
	Source   string       `yaml:"source"`   // where it is documented
	Lines    []string     `yaml:"lines"`    // must match
	NotLines []string     `yaml:"not"`      // must not match

	patterns []pattern
	refused  sync.Once // compiles unless
	unless   []*regexp.Regexp
}

type pattern struct {
	literal  string // lower case; a text without it cannot match
	source   string
	compiled sync.Once
	re       *regexp.Regexp
}

// file is the form of one YAML file.
type file struct {
	System  string   `yaml:"system"`
	Entries []*Entry `yaml:"entries"`
}

// Library is a set of entries, ready to be asked.
type Library struct {
	Entries []*Entry
	search
}

// search finds the patterns whose literal stands in a text: a table of buckets by the first four bytes of the literal, flat so
// that the linker can lay it out.
type search struct {
	starts     []uint16    // of bucket i in candidates, up to starts[i+1]
	candidates []candidate // by bucket, then in the order of the library
	always     []candidate // whose literal is shorter
}

type candidate struct {
	literal    string
	entry, pat uint16 // index in Entries, and in its patterns
}

const buckets = 1 << 12

// bucket is that of the first four bytes of a text.
func bucket(s string) uint32 {
	v := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	return v * 0x9e3779b1 >> 20 // Fibonacci hashing: the highest twelve bits
}

var builtin = sync.OnceValue(func() *Library {
	l := &Library{Entries: make([]*Entry, len(entries)), search: search{starts: starts[:], candidates: candidates[:], always: always[:]}}
	for i := range entries {
		l.Entries[i] = &entries[i]
	}
	return l
})

// Builtin gives the entries that ship with the program, without the lines that test them.
func Builtin() *Library { return builtin() }

// With gives a library that has the entries of a user's file before the built-in ones.
func With(base *Library, name string, content []byte) (*Library, error) {
	l := &Library{}
	if err := l.add(name, content); err != nil {
		return nil, err
	}
	l.Entries = append(l.Entries, base.Entries...)
	return l, l.index()
}

// Without gives a library that lacks the entries with these ids; an id that no entry has is an error.
func Without(base *Library, ids []string) (*Library, error) {
	off := map[string]bool{}
	for _, id := range ids {
		off[id] = true
	}
	l := &Library{}
	for _, e := range base.Entries {
		if off[e.ID] {
			delete(off, e.ID)
			continue
		}
		l.Entries = append(l.Entries, e)
	}
	for _, id := range ids {
		if off[id] {
			return nil, fmt.Errorf("no rule has the id %q", id)
		}
	}
	return l, l.index()
}

// Any gives the entries that match a text, whoever wrote it.
func (l *Library) Any(text string) []*Entry {
	var out []*Entry
	low := strings.ToLower(text)
	for _, e := range l.Entries {
		for k := range e.patterns {
			if p := &e.patterns[k]; strings.Contains(low, p.literal) && p.regexp().MatchString(text) {
				out = append(out, e)
				break
			}
		}
	}
	return out
}

func (l *Library) add(name string, content []byte) error {
	var f file
	dec := yaml.NewDecoder(strings.NewReader(string(content)))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return fmt.Errorf("rules %s: %w", name, err)
	}
	for _, e := range f.Entries {
		e.System = f.System
		if e.Product == "" {
			e.Product = f.System
		}
		if e.Weight == 0 {
			e.Weight = 2
		}
		if e.Owner == "" {
			e.Owner = Writer
		}
		if e.ID == "" || len(e.Match) == 0 {
			return fmt.Errorf("rules %s: an entry has no id or no match", name)
		}
		l.Entries = append(l.Entries, e)
	}
	return nil
}

// index prepares the search: a text is compared only with patterns whose literal it contains.
func (l *Library) index() error {
	var all []candidate
	l.starts, l.always = make([]uint16, buckets+1), nil
	for i, e := range l.Entries {
		if len(e.patterns) == 0 {
			for _, src := range e.Match {
				lit, err := literal(src)
				if err != nil {
					return fmt.Errorf("rule %s: %w", e.ID, err)
				}
				e.patterns = append(e.patterns, pattern{literal: lit, source: src})
			}
		}
		for k := range e.patterns {
			c := candidate{e.patterns[k].literal, uint16(i), uint16(k)}
			if len(c.literal) < 4 {
				l.always = append(l.always, c)
			} else {
				l.starts[bucket(c.literal)+1]++
				all = append(all, c)
			}
		}
	}
	if len(l.Entries) > math.MaxUint16 || len(all) > math.MaxUint16 {
		return fmt.Errorf("%d rules with %d expressions, of which %d are too many", len(l.Entries), len(all), math.MaxUint16)
	}
	for i := range buckets {
		l.starts[i+1] += l.starts[i]
	}
	l.candidates = make([]candidate, len(all))
	next := slices.Clone(l.starts)
	for _, c := range all {
		b := bucket(c.literal)
		l.candidates[next[b]] = c
		next[b]++
	}
	return nil
}

// literal finds the longest text that every match must contain, in lower case.
func literal(src string) (string, error) {
	re, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return "", err
	}
	best := ""
	var walk func(re *syntax.Regexp)
	walk = func(re *syntax.Regexp) {
		switch re.Op {
		case syntax.OpLiteral:
			if s := strings.ToLower(string(re.Rune)); len(s) > len(best) && isASCII(s) {
				best = s
			}
		case syntax.OpConcat, syntax.OpCapture:
			for _, sub := range re.Sub {
				walk(sub)
			}
		case syntax.OpPlus:
			walk(re.Sub[0])
		}
	}
	walk(re.Simplify())
	return best, nil
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// regexp compiles a pattern at its first use: most are never asked.
func (p *pattern) regexp() *regexp.Regexp {
	p.compiled.Do(func() { p.re = regexp.MustCompile(p.source) })
	return p.re
}

// refuses tells whether one of the entry's exceptions holds for a text.
func (e *Entry) refuses(text string) bool {
	e.refused.Do(func() {
		for _, u := range e.Unless {
			e.unless = append(e.unless, regexp.MustCompile(u))
		}
	})
	for _, u := range e.unless {
		if u.MatchString(text) {
			return true
		}
	}
	return false
}

// Found is an entry that matched, and where.
type Found struct {
	*Entry
	Line   int    // index into the lines given
	Text   string // that line
	Target string // the party named by the group "target", "subject" or "holder"

	order int
}

// Match gives the entries that match any of the lines, the most telling first: by level, weight, then the order
// of the library. by is the format or product that wrote the lines, "" if unknown.
func (l *Library) Match(lines []string, by string) []Found {
	var out []Found
	for i, s := range lines {
		if len(s) > 4096 {
			s = s[:4096]
		}
		low := strings.ToLower(s)
		var seen map[*Entry]bool
		try := func(c candidate) {
			e := l.Entries[c.entry]
			if seen[e] || e.Writer != "" && e.Writer != by {
				return
			}
			p := &e.patterns[c.pat]
			if !strings.Contains(low, c.literal) {
				return
			}
			m := p.regexp().FindStringSubmatch(s)
			if m == nil || e.refuses(s) {
				return
			}
			if seen == nil {
				seen = map[*Entry]bool{}
			}
			seen[e] = true
			f := Found{Entry: e, Line: i, Text: s, order: int(c.entry)}
			for k, n := range p.re.SubexpNames() {
				if n == "target" || n == "subject" || n == "holder" {
					if m[k] != "" {
						f.Target = m[k]
					}
				}
			}
			out = append(out, f)
		}
		for k := 0; k+4 <= len(low); k++ {
			b := bucket(low[k:])
			for _, c := range l.candidates[l.starts[b]:l.starts[b+1]] {
				if strings.HasPrefix(low[k:], c.literal) {
					try(c)
				}
			}
		}
		for _, c := range l.always {
			try(c)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.Level != b.Level {
			return a.Level > b.Level
		}
		if a.Weight != b.Weight {
			return a.Weight > b.Weight
		}
		if a.order != b.order {
			return a.order < b.order
		}
		return a.Line < b.Line
	})
	return out
}

// Check runs the tests that the entries carry.
func (l *Library) Check() []error {
	var errs []error
	ids := map[string]bool{}
	valid := map[rca.Category]bool{"": true}
	for _, c := range rca.Categories {
		valid[c] = true
	}
	for _, e := range l.Entries {
		fail := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s (%s): "+format, append([]any{e.ID, e.System}, args...)...))
		}
		if ids[e.ID] {
			fail("the id is taken twice")
		}
		ids[e.ID] = true
		for _, m := range append(append([]string{}, e.Match...), e.Unless...) {
			if _, err := regexp.Compile(m); err != nil {
				fail("%v", err)
			}
		}
		if !valid[e.Category] {
			fail("unknown category %q", e.Category)
		}
		if e.Category == "" && e.Change == "" && !e.Benign {
			fail("neither a category nor a change nor benign")
		}
		if e.Level < Hearsay || e.Level > FirstHand || e.Weight < 1 || e.Weight > 4 {
			fail("level is 0 to 3 and weight 1 to 4")
		}
		switch e.Owner {
		case Writer, Server, Target, Resolver, Holder, Subject:
		default:
			fail("unknown owner %q", e.Owner)
		}
		if e.Title == "" || e.Source == "" {
			fail("title and source are wanted")
		}
		if len(e.Lines) == 0 {
			fail("no line to test it with")
		}
		for _, s := range e.Lines {
			if !l.matches(e, s) {
				fail("does not match its line %q", s)
			}
		}
		for _, s := range e.NotLines {
			if l.matches(e, s) {
				fail("matches %q, which it must not", s)
			}
		}
	}
	return errs
}

func (l *Library) matches(e *Entry, line string) bool {
	for _, f := range l.Match([]string{line}, e.Writer) {
		if f.Entry == e {
			return true
		}
	}
	return false
}
