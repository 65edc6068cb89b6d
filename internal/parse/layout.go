package parse

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/rca-engine/rca"
)

// format is one way of writing a record's first line.
type format struct {
	name string
	head func(p *Parser, s string, r *rca.Record) bool

	// more, where a record's message stands on lines of its own, takes the line s that follows the record prev and
	// tells whether it did. Of what came before, it may look at prev alone.
	more func(p *Parser, prev *rca.Record, s string) bool

	untimed  bool // no wall time in it, so that other lines of the stream are as likely records of their own
	fallback bool // only for streams of which no other format and no learned header takes most lines
}

// formats are the built-in ones, the most particular first: of two that take the same number of lines the
// earlier wins. A new format is one file and one line here.
var formats = []*format{
	{name: "json", head: headJSON},
	{name: "klog", head: headKlog},
	{name: "redis", head: headRedis},
	{name: "nginx-error", head: headNginxError},
	{name: "apache-error", head: headApacheError},
	{name: "access", head: headAccess},
	{name: "envoy", head: headEnvoy},
	{name: "haproxy", head: headHAProxy},
	{name: "w3c", head: headW3C},
	{name: "logcat", head: headLogcat},
	{name: "postgres", head: headPostgres},
	{name: "mysql", head: headMySQL},
	{name: "mysql-slow", head: headSlowQuery, more: moreSlowQuery},
	{name: "mongodb", head: headMongo},
	{name: "jvm-gc", head: headJVM},
	{name: "elasticsearch", head: headElasticsearch},
	{name: "kafka", head: headKafka},
	{name: "jul", head: headJUL, more: moreJUL},
	{name: "erlang", head: headErlang, more: moreFirstLine},
	{name: "rust-tracing", head: headTracing},
	{name: "ruby", head: headRuby},
	{name: "monolog", head: headMonolog},
	{name: "supervisord", head: headSupervisor},
	{name: "dotnet", head: headDotNet, more: moreFirstLine, untimed: true},
	{name: "auditd", head: headAudit},
	{name: "dmesg", head: headDmesg, untimed: true},
	{name: "coredns", head: headCoreDNS, untimed: true},
	{name: "kubectl-events", head: headEvents, untimed: true},
	{name: "syslog", head: headSyslog},
	{name: "logfmt", head: headLogfmt},
	{name: "level-first", head: headLevelFirst, untimed: true, fallback: true},
}

// Layout is how one stream is written, as Detect found it. It does not change afterwards.
type Layout struct {
	Format string // name of the main format, or "plain"
	Why    string // how it was found

	wrap      *wrapper
	formats   []*format
	multiline bool // unstamped lines are the exception, so they continue what came before
	plain     bool // no format at all: each unindented line is a record
	clock     clock
	markers   []string // what stands before a trace id in this stream's messages
	w3c       []string // the columns that a #Fields line names
}

const (
	sampleLines = 600
	sampleBytes = 256 << 10
)

// Detect reads a stream's head, of some hundred lines where there are that many, and says how the stream is written.
func Detect(head []byte, o Options) *Layout {
	l := &Layout{clock: newClock(o)}
	lines := sample(head)
	l.w3c = findFields(lines)
	p := &Parser{layout: l, clock: l.clock}
	if w, n := findWrapper(p, lines); w != nil {
		l.wrap = w
		l.Why = fmt.Sprintf("%s around %d of %d sampled lines; inside: ", w.name, n, len(lines))
		for i, s := range lines {
			ln := line{text: s, time: rca.NoTime}
			if w.unwrap(p, s, &ln) {
				lines[i] = strings.Clone(ln.text)
			}
		}
	}
	l.choose(p, lines, o)
	if l.wrap != nil {
		l.Format = l.wrap.name + "+" + l.Format
	}
	l.findMarkers(lines)
	return l
}

func newClock(o Options) clock {
	c := clock{loc: o.Location}
	if c.loc == nil {
		c.loc = time.UTC
	}
	c.utc = c.loc == time.UTC
	ref := o.Reference
	if ref == 0 {
		ref = rca.NoTime
	}
	t := time.Unix(0, 0).UTC()
	if ref != rca.NoTime {
		t = ref.Std().In(c.loc)
	}
	c.anchor = civil{year: t.Year(), month: int(t.Month()), day: t.Day()}
	return c
}

// sample takes the head's first lines, without a cut last one. They point into head.
func sample(head []byte) []string {
	if len(head) > sampleBytes {
		head = head[:sampleBytes]
	}
	var p Parser
	lines := make([]string, 0, sampleLines)
	for len(head) > 0 && len(lines) < sampleLines {
		i := bytes.IndexByte(head, '\n')
		raw := head
		if i >= 0 {
			raw, head = head[:i], head[i+1:]
		} else {
			if len(lines) > 0 && len(raw) > 4096 {
				break
			}
			head = nil
		}
		s := p.stripANSI(p.dropNULs(str(bytes.TrimRight(raw, "\r"))))
		if !blank(s) && len(s) < 64<<10 {
			lines = append(lines, s)
		}
	}
	return lines
}

// choose picks the main format by the share of lines that it takes, and the others that take lines it does not.
func (l *Layout) choose(p *Parser, lines []string, o Options) {
	candidates := formats
	if len(o.Custom) > 0 {
		candidates = nil
		for _, c := range o.Custom {
			candidates = append(candidates, c.format())
		}
		candidates = append(candidates, formats...)
	}
	firsts := make([]string, 0, len(lines)) // lines that may begin a record
	for _, s := range lines {
		if s != "" && s[0] != ' ' && s[0] != '\t' && !frame(s) {
			firsts = append(firsts, s)
		}
	}
	taken := make([]int, len(candidates))
	by := make([]int, len(firsts))
	for i := range by {
		by[i] = -1
	}
	var r rca.Record
	for k, f := range candidates {
		for i, s := range firsts {
			p.fields, p.arena = p.fields[:0], p.arena[:0]
			r = rca.Record{Time: rca.NoTime}
			if f.head(p, s, &r) {
				taken[k]++
				if by[i] < 0 || f.name == o.Hint {
					by[i] = k
				}
			}
		}
	}
	best := -1
	for k, n := range taken {
		if n > 0 && !candidates[k].fallback && (best < 0 || n > taken[best] || candidates[k].name == o.Hint) && (best < 0 || candidates[best].name != o.Hint) {
			best = k
		}
	}
	cols, stamped := learnColumns(p, firsts)
	switch {
	case best >= 0 && (taken[best] >= stamped || candidates[best].name == o.Hint || taken[best]*10 >= stamped*8 && candidates[best].name != "logfmt"):
		l.Format = candidates[best].name
		l.formats = append(l.formats, candidates[best])
		l.Why += fmt.Sprintf("%s takes %d of %d sampled lines that may begin a record", l.Format, taken[best], len(firsts))
	case stamped > 0:
		l.Format = "stamped"
		l.formats = append(l.formats, cols.format())
		l.Why += fmt.Sprintf("no built-in format fits; %d of %d sampled lines have the header %s", stamped, len(firsts), cols)
		best = -1
	default:
		l.Format, l.plain = "plain", true
		l.Why += "no header found: each line that is not indented is a record"
	}
	main := 0
	for i := range firsts {
		if by[i] == best && best >= 0 {
			main++
		}
	}
	others := map[int]bool{}
	for i := range firsts {
		if by[i] >= 0 && by[i] != best && !candidates[by[i]].fallback {
			others[by[i]] = true
		}
	}
	for k, f := range candidates {
		if others[k] && k != best && len(l.formats) < 5 {
			l.formats = append(l.formats, f)
		}
	}
	if stamped > 0 && l.Format != "stamped" && stamped > taken[max(best, 0)]/50 {
		l.formats = append(l.formats, cols.format())
	}
	heads := max(taken[max(best, 0)], stamped)
	if best < 0 {
		heads = stamped
	}
	l.multiline = heads*10 >= len(firsts)*6
	if best >= 0 && candidates[best].more != nil {
		l.multiline = true
	}
	if !l.multiline || best >= 0 && candidates[best].untimed {
		for k, f := range candidates {
			if f.fallback && taken[k] > 0 {
				l.formats = append(l.formats, f)
				l.Why += fmt.Sprintf("; %s takes %d", f.name, taken[k])
			}
		}
	}
}

// traceMarkers are the words that stand before a trace or request id inside a message.
var traceMarkers = []string{"trace_id=", "traceId=", "traceID=", "TraceID: ", "trace_id: ", "traceId: ", "trace=", "request_id=", "requestId=", "req_id=", "rid=", "[req-", "correlation_id=", "correlationId=", "request_id:", "RequestId: ", "traceid="}

// findMarkers keeps those markers that this stream uses, so that a record is searched for one or two words at most.
func (l *Layout) findMarkers(lines []string) {
	var some []string // lines that may have one: every marker has one of these in it
	for _, s := range lines {
		if strings.Contains(s, "race") || strings.Contains(s, "req") || strings.Contains(s, "rid=") || strings.Contains(s, "RequestId") || strings.Contains(s, "orrelation") {
			some = append(some, s)
		}
	}
	for _, m := range traceMarkers {
		n := 0
		for _, s := range some {
			if strings.Contains(s, m) {
				n++
			}
		}
		if n > 0 && n*50 >= len(lines) && len(l.markers) < 2 { // most lines of a log may be those of stack traces
			l.markers = append(l.markers, m)
		}
	}
}

// traceID finds the id that stands behind one of the stream's markers.
func (l *Layout) traceID(s string) string {
	for _, m := range l.markers {
		if i := strings.Index(s, m); i >= 0 {
			i += len(m)
			if m == "[req-" {
				i -= 4
			}
			j := i
			for j < len(s) && (letter(s[j]) || digit(s[j]) || s[j] == '-' || s[j] == '_') {
				j++
			}
			if j-i >= 6 {
				return s[i:j]
			}
		}
	}
	return ""
}

// FirstDate gives the first full date that the head of a stream shows, NoTime if every stamp lacks its year.
func FirstDate(head []byte, loc *time.Location) rca.Time {
	c := newClock(Options{Location: loc})
	lines := sample(head)
	if len(lines) > 20 {
		lines = lines[:20]
	}
	for _, s := range lines {
		for i := 0; i < len(s) && i < 120; i++ {
			if !digit(s[i]) || i > 0 && (digit(s[i-1]) || s[i-1] == '.') {
				continue
			}
			var v civil
			if n := scanStamp(s[i:], &v, i > 0 && s[i-1] == ':'); n > 0 && v.hasYear {
				return c.at(&v)
			}
		}
	}
	return rca.NoTime
}
