// Package redact replaces secrets and personal data in text by pseudonyms.
//
// Text goes in, text comes out: what a rule recognises is replaced by the name of its kind and a number, <EMAIL_3>. Within one
// Redactor the same value has the same pseudonym, numbered in order of first sight, so that a reader can still follow
// a user or a key through the lines; only who holds the Redactor can put the values back.
//
// One pass goes over the bytes from word to word (scan.go). What a word begins with, the byte after it, and a few
// other bytes (@ + ( [ < ~) decide whether a rule could match here at all; only then the rule looks closer, by
// hand-written code with the true shape and the checksum of what it looks for. No regular expression runs, save the user's own.
//
// Hashes, UUIDs, trace and request ids, versions, times and ports stay: a value is a secret by its shape (token.go), or by
// the key that it stands under (keyed.go), never by looking random alone.
package redact

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind names what was replaced; it is the word of the pseudonym.
type Kind string

// Options says what is replaced beyond secrets and personal data. The zero value is ready for use.
type Options struct {
	IP       bool      // IPv4 and IPv6 addresses too, but for loopback and unspecified ones; default off
	Hosts    []string  // host names that end in one of these suffixes ("internal", "corp.example") too; default none
	Patterns []Pattern // the user's own; they go before all other rules
}

// maxValues and maxValueBytes bound what a Redactor remembers. A value beyond them is replaced by its kind alone, <EMAIL>.
const (
	maxValues     = 1 << 18
	maxValueBytes = 32 << 20
)

// Span is a part of a text that was replaced: bytes Start to End of the text that went in.
type Span struct {
	Kind       Kind
	Start, End int
}

// Count tells how often a kind was replaced, and how many values of it are known.
type Count struct {
	Kind     Kind
	Values   int64
	Replaced int64
}

// Redactor holds the pseudonyms of one job. It is not safe for concurrent use.
type Redactor struct {
	o        Options
	patterns []compiled
	tables   *tables

	names   map[string]string // value → pseudonym
	values  map[string]string // pseudonym → value
	bytes   int               // of all values
	counts  map[Kind]*Count
	literal map[string]bool // texts of the form of a pseudonym that the input itself contains

	keys  map[string]key            // what the keys seen so far mean; a cache
	s     string                    // the text being scanned
	spans []Span                    // found in s, in order
	runs  [2]struct{ from, to int } // the unquoted value, and the header, that were measured last

	open int // where a private key begins in s that does not end there, or -1
}

// New makes a Redactor for one job.
func New(o Options) (*Redactor, error) {
	r := &Redactor{o: o, tables: allTables(), names: map[string]string{}, values: map[string]string{}, counts: map[Kind]*Count{}, literal: map[string]bool{}, keys: map[string]key{}}
	for _, p := range o.Patterns {
		c, err := p.compile()
		if err != nil {
			return nil, err
		}
		r.patterns = append(r.patterns, c)
	}
	r.o.Hosts = nil
	for _, h := range o.Hosts {
		h = strings.ToLower(strings.Trim(h, ".*"))
		if h == "" {
			return nil, fmt.Errorf("an empty host suffix would hide every name: write one such as internal or corp.example")
		}
		r.o.Hosts = append(r.o.Hosts, h)
	}
	return r, nil
}

// Text returns s with pseudonyms in the place of what the rules recognise, and the spans of s that were replaced, in order.
func (r *Redactor) Text(s string) (string, []Span) {
	r.find(s)
	if len(r.spans) == 0 {
		return s, nil
	}
	return string(r.replace(nil, s, 0, len(s))), slices.Clone(r.spans)
}

// replace appends s[from:to] with pseudonyms. A span that reaches over from is replaced from there on; none reaches over to.
func (r *Redactor) replace(dst []byte, s string, from, to int) []byte {
	at := from
	for _, p := range r.spans {
		if p.End <= at || p.Start >= to {
			continue
		}
		p.Start = max(p.Start, at)
		dst = append(dst, s[at:p.Start]...)
		dst = append(dst, r.pseudonym(p.Kind, s[p.Start:p.End])...)
		at = p.End
	}
	if at < to {
		dst = append(dst, s[at:to]...)
	}
	return dst
}

// pseudonym gives the name that stands for a value, and counts it.
func (r *Redactor) pseudonym(k Kind, value string) string {
	name, known := r.names[value]
	if known {
		k = kindOf(name)
	}
	c := r.counts[k]
	if c == nil {
		c = &Count{Kind: k}
		r.counts[k] = c
	}
	c.Replaced++
	switch {
	case known:
		return name
	case len(r.names) >= maxValues || r.bytes+len(value) > maxValueBytes:
		return "<" + string(k) + ">"
	}
	for {
		c.Values++
		if name = "<" + string(k) + "_" + strconv.FormatInt(c.Values, 10) + ">"; !r.literal[name] {
			break
		}
	}
	value = strings.Clone(value)
	r.names[value], r.values[name] = name, value
	r.bytes += len(value)
	return name
}

// kindOf takes the kind out of a pseudonym.
func kindOf(name string) Kind {
	return Kind(name[1:strings.LastIndexByte(name, '_')])
}

// Restore puts the values back in the place of the pseudonyms that this Redactor gave. A pseudonym that the input
// itself contained stays: it stands for nothing.
func (r *Redactor) Restore(s string) string {
	var b strings.Builder
	at := 0
	for i := strings.IndexByte(s, '<'); i >= 0; {
		end := pseudonymEnd(s, i)
		if v, ok := r.values[s[i:end]]; ok && !r.literal[s[i:end]] {
			b.WriteString(s[at:i])
			b.WriteString(v)
			at = end
		}
		next := strings.IndexByte(s[max(end, i+1):], '<')
		if next < 0 {
			break
		}
		i = max(end, i+1) + next
	}
	if at == 0 {
		return s
	}
	b.WriteString(s[at:])
	return b.String()
}

// pseudonymEnd returns the end of a text of the form <KIND_1> that begins at i, or i.
func pseudonymEnd(s string, i int) int {
	j := i + 1
	for j < len(s) && (s[j] >= 'A' && s[j] <= 'Z' || s[j] >= '0' && s[j] <= '9' || s[j] == '_') {
		j++
	}
	digits := j
	for digits > i+1 && isDigit(s[digits-1]) {
		digits--
	}
	if j == len(s) || s[j] != '>' || digits == j || digits < i+3 || s[digits-1] != '_' || !isUpper(s[i+1]) {
		return i
	}
	return j + 1
}

// Counts lists what was replaced so far, by kind.
func (r *Redactor) Counts() []Count {
	var out []Count
	for _, c := range r.counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Count) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	return out
}
