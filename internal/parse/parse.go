// Package parse turns the bytes of one stream into records.
//
// In: blocks of whole records of one stream, and the Layout that Detect found in the stream's head. Out: records with
// time, severity, component, message and fields, continuation lines joined, wrappers taken off.
//
// A Layout is immutable and a block's records depend on the block's bytes and the layout alone, so that any number of
// Parsers may work on the blocks of one stream in any order and give the same records. That is why blocks are cut only
// where a record surely begins (Layout.Cut).
//
// Strings of a record point into the block or into the Parser's arena: both live until the next call of Parse or Each.
package parse

import (
	"bytes"
	"time"
	"unsafe"

	"github.com/rca-engine/rca"
)

// Options say what the bytes cannot. The zero value reads stamps without a zone as UTC.
type Options struct {
	Location  *time.Location // of stamps without a zone; default UTC
	Reference rca.Time       // an instant near the end of the log, for stamps without a year or a date; 0 or NoTime: 1970
	Hint      string         // name of a format to try first
	Custom    []*Custom      // formats of the user's own, tried before the built-in ones
}

// MaxRecord is the length at which a record is ended although continuation lines follow, in bytes.
const MaxRecord = 1 << 20

// Parser holds the scratch memory of one worker. It is not safe for concurrent use.
type Parser struct {
	Stats Stats // of the last block

	layout *Layout
	visit  func([]rca.Record) // of Each; nil in Parse
	ln     line               // the one in hand; in the Parser, so that no line costs an allocation
	last   *format            // of the last record, nil if it has none
	clock  clock
	recs   []rca.Record
	fields []rca.Field
	arena  []byte
	keys   map[string]string // composed names of nested fields
	roles  roleMemo
	trace  traceKind // state of the stack trace that the last record is in
	split  splitState
	parts  []byte // of lines that their wrapper cut; apart from the arena, into which each part was decoded
	open   bool   // the block may end within such a line: Cut looks at it
}

// Stats count what the last block held.
type Stats struct {
	Lines    int64
	Records  int64
	Parsed   int64 // records whose header was understood
	NoTime   int64
	ToldLost int64    // occurrences that the log says it left out: "last message repeated 3 times"
	First    rca.Time // the earliest, NoTime if there is none
	Last     rca.Time
}

// splitState remembers the parts of a line that its wrapper cut (CRI "P", Docker's 16 kB).
type splitState struct {
	open   bool
	start  int // in parts
	end    int64
	last   int64
	ln     line // of the last part
	offset int64
	lines  int64
}

// line is one physical line with its wrapper taken off.
type line struct {
	text      string
	time      rca.Time // from the wrapper
	component string
	severity  rca.Severity
	partial   bool
}

func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Parse reads the records of one block. Offsets and lines count from 0 at the block's start.
func (p *Parser) Parse(l *Layout, block []byte) []rca.Record {
	p.visit = nil
	p.read(l, block)
	p.count()
	return p.recs
}

// batch is how many records Each hands over at once: with their fields they fit into the first level of a cache, and are
// counted before they leave it. A whole block's records are three times as large as the block.
const batch = 64

// Each reads the records of one block and hands them to visit in order, some at a time. They and their fields live until
// visit returns, their strings as long as those of Parse.
func (p *Parser) Each(l *Layout, block []byte, visit func([]rca.Record)) {
	p.visit = visit
	p.read(l, block)
	p.count()
	visit(p.recs)
	p.visit = nil
}

// flush hands over all records but the last, which the next line may continue.
func (p *Parser) flush() {
	n := len(p.recs) - 1
	last := p.recs[n]
	p.recs = p.recs[:n]
	p.count()
	p.visit(p.recs)
	p.fields = append(p.fields[:0], last.Fields...)
	if k := len(p.fields); k > 0 {
		last.Fields = p.fields[:k:k]
	}
	p.recs = append(p.recs[:0], last)
}

// count adds the records in hand to the block's numbers.
func (p *Parser) count() {
	st := &p.Stats
	st.Records += int64(len(p.recs))
	for i := range p.recs {
		r := &p.recs[i]
		if r.Format != "" {
			st.Parsed++
		}
		if r.Time == rca.NoTime {
			st.NoTime++
			continue
		}
		if st.First == rca.NoTime || r.Time < st.First {
			st.First = r.Time
		}
		st.Last = max(st.Last, r.Time)
	}
}

func (p *Parser) read(l *Layout, block []byte) {
	if p.layout != l {
		p.layout = l
		p.clock = l.clock
	}
	p.recs, p.fields, p.arena = p.recs[:0], p.fields[:0], p.arena[:0]
	p.trace, p.split, p.last = traceNone, splitState{}, nil
	p.parts = p.parts[:0]
	p.Stats = Stats{First: rca.NoTime, Last: rca.NoTime}
	escapes := bytes.IndexByte(block, 0x1b) >= 0
	nuls := bytes.IndexByte(block, 0) >= 0
	var no int64
	for at := 0; at < len(block); no++ {
		end := bytes.IndexByte(block[at:], '\n')
		next := at + end + 1
		if end < 0 {
			end = len(block) - at
			next = len(block)
		}
		raw := block[at : at+end]
		if n := len(raw); n > 0 && raw[n-1] == '\r' {
			raw = raw[:n-1]
		}
		text := str(raw)
		if nuls {
			text = p.dropNULs(text)
		}
		if escapes {
			text = p.stripANSI(text)
		}
		p.line(text, int64(at), int64(len(raw)), no)
		at = next
	}
	if p.split.open && !p.open { // the rest never came
		p.ln = p.split.ln
		p.ln.text = str(p.parts[p.split.start:])
		p.whole(&p.ln, p.split.offset, p.split.end-p.split.offset, p.split.lines, p.split.last)
	}
	p.Stats.Lines = no
}

// line takes one physical line: it begins a record or continues the last one.
func (p *Parser) line(text string, offset, length, no int64) {
	p.ln = line{text: text, time: rca.NoTime}
	ln := &p.ln
	if w := p.layout.wrap; w != nil {
		if !w.unwrap(p, text, ln) {
			*ln = line{text: text, time: rca.NoTime}
		}
		if ln.partial || p.split.open {
			if p.joinParts(ln, offset, length, no) {
				p.whole(ln, p.split.offset, offset+length-p.split.offset, p.split.lines, no)
			}
			return
		}
	}
	p.whole(ln, offset, length, no, no)
}

// whole takes a line whose parts are together; it stands on the physical lines from first to no.
func (p *Parser) whole(ln *line, offset, length, first, no int64) {
	if blank(ln.text) {
		return
	}
	if p.last != nil && p.last.more != nil {
		prev := &p.recs[len(p.recs)-1]
		if offset+length-prev.Offset <= MaxRecord && (ln.component == "" || ln.component == prev.Component) && p.last.more(p, prev, ln.text) {
			prev.Length, prev.EndLine = offset+length-prev.Offset, no
			return
		}
	}
	if p.visit != nil && len(p.recs) >= batch {
		p.flush()
	}
	if len(p.recs) < cap(p.recs) {
		p.recs = p.recs[:len(p.recs)+1]
	} else {
		p.recs = append(p.recs, rca.Record{})
	}
	r := &p.recs[len(p.recs)-1]
	fields := len(p.fields)
	own := p.headOf(ln, r)
	head := own != nil
	if prev := len(p.recs) - 2; prev >= 0 {
		if p.continues(&p.recs[prev], r, ln.text, head) && offset+length-p.recs[prev].Offset <= MaxRecord && (ln.component == "" || ln.component == p.recs[prev].Component) {
			part := ln.text
			if head { // a trace of which every line has the header again
				part = r.Message
			}
			p.recs = p.recs[:prev+1]
			p.fields = p.fields[:fields]
			p.join(&p.recs[prev], part, offset, length, no)
			return
		}
	}
	if !head {
		r.Message = ln.text
		p.trace = traceStart(ln.text)
		if p.trace != traceNone && p.trace != traceRule {
			r.Severity = rca.SeverityError
			if p.trace == traceGo {
				r.Severity = rca.SeverityFatal
			}
		}
	} else {
		p.trace = traceStart(r.Message)
	}
	p.last = own
	if !head {
		p.finish(r, ln)
	}
	if r.Trace == "" && len(p.layout.markers) > 0 {
		r.Trace = p.layout.traceID(ln.text)
	}
	if n := len(p.fields); n > fields {
		r.Fields = p.fields[fields:n:n]
	}
	r.Offset, r.Length, r.Line, r.EndLine = offset, length, first, no
	p.told(r)
}

// finish adds what the wrapper knows.
func (p *Parser) finish(r *rca.Record, ln *line) {
	if ln.time != rca.NoTime && (r.Time == rca.NoTime || !p.clock.zoned) {
		r.Time = ln.time // the runtime's stamp has a date and a zone; the program's own may lack them
	}
	if ln.component != "" {
		r.Component = ln.component
	}
	if r.Severity == rca.SeverityUnknown {
		r.Severity = ln.severity
	}
}

// head tries the stream's formats in turn.
func (p *Parser) head(s string, r *rca.Record) *format {
	fields := len(p.fields)
	for _, f := range p.layout.formats {
		if f.head(p, s, r) {
			r.Format = f.name
			return f
		}
		p.fields = p.fields[:fields]
		*r = rca.Record{Time: rca.NoTime}
	}
	return nil
}

// join appends one line to the last record.
func (p *Parser) join(r *rca.Record, text string, offset, length, no int64) {
	end := offset + length
	switch {
	case r.Stack == "":
		r.Stack = text
	case contiguous(r.Stack, text):
		r.Stack = span(r.Stack, text)
	default:
		r.Stack = p.glue(r.Stack, text)
	}
	r.Length, r.EndLine = end-r.Offset, no
}

// contiguous tells whether b follows a in memory with only a line end between, so that joining is widening.
func contiguous(a, b string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	ea := uintptr(unsafe.Pointer(unsafe.StringData(a))) + uintptr(len(a))
	sb := uintptr(unsafe.Pointer(unsafe.StringData(b)))
	return sb > ea && sb-ea <= 2
}

// span gives the text from the start of a to the end of b, which follows it in memory.
func span(a, b string) string {
	return unsafe.String(unsafe.StringData(a), int(uintptr(unsafe.Pointer(unsafe.StringData(b)))-uintptr(unsafe.Pointer(unsafe.StringData(a))))+len(b))
}

// glue joins two texts in the arena; when the first one is the arena's last, only the second is copied.
func (p *Parser) glue(a, b string) string {
	n := len(p.arena)
	if len(a) > 0 && n >= len(a) && unsafe.StringData(a) == unsafe.SliceData(p.arena[n-len(a):]) {
		start := n - len(a)
		p.arena = append(append(p.arena, '\n'), b...)
		return str(p.arena[start:])
	}
	p.arena = append(append(append(p.arena, a...), '\n'), b...)
	return str(p.arena[n:])
}

// joinParts collects the parts of a line that its wrapper cut, and gives the whole at the last one.
func (p *Parser) joinParts(ln *line, offset, length, no int64) bool {
	if !p.split.open {
		p.split = splitState{open: true, start: len(p.parts), offset: offset, lines: no}
	}
	if len(p.parts)-p.split.start < MaxRecord {
		p.parts = append(p.parts, ln.text...)
	}
	p.split.end, p.split.last, p.split.ln = offset+length, no, *ln
	if ln.partial {
		return false
	}
	ln.text = str(p.parts[p.split.start:])
	p.split.open = false
	return true
}

// told counts what the log itself says it left out.
func (p *Parser) told(r *rca.Record) {
	m := r.Message
	if len(m) < 20 || len(m) > 200 {
		return
	}
	switch {
	case m[0] == 'l' && len(m) > 22 && m[:21] == "last message repeated", m[0] == 'm' && len(m) > 18 && m[:17] == "message repeated ":
		p.Stats.ToldLost += firstInt(m)
	case m[0] == 'S' && len(m) > 12 && m[:11] == "Suppressed ":
		p.Stats.ToldLost += firstInt(m)
	}
}

func firstInt(s string) int64 {
	i := 0
	for i < len(s) && !digit(s[i]) {
		i++
	}
	n := int64(0)
	for i < len(s) && digit(s[i]) && n < 1e15 {
		n = n*10 + int64(s[i]-'0')
		i++
	}
	return n
}

func blank(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != ' ' && s[i] != '\t' {
			return false
		}
	}
	return true
}

// stripANSI removes colour and cursor sequences.
func (p *Parser) stripANSI(s string) string {
	i := indexByte(s, 0x1b)
	if i < 0 {
		return s
	}
	n := len(p.arena)
	p.arena = append(p.arena, s[:i]...)
	for i < len(s) {
		if s[i] != 0x1b {
			p.arena = append(p.arena, s[i])
			i++
			continue
		}
		i++
		if i < len(s) && s[i] == '[' {
			i++
			for i < len(s) && (s[i] < 0x40 || s[i] > 0x7e) {
				i++
			}
			i++
		} else if i < len(s) && s[i] == ']' { // operating system command, ended by BEL or ST
			for i < len(s) && s[i] != 7 && s[i] != 0x1b {
				i++
			}
			if i < len(s) && s[i] == 0x1b {
				i++
			}
			i++
		} else {
			i++
		}
	}
	return str(p.arena[n:])
}

// dropNULs removes the NUL bytes that a crash or a truncated file leaves in a log.
func (p *Parser) dropNULs(s string) string {
	if indexByte(s, 0) < 0 {
		return s
	}
	n := len(p.arena)
	for i := 0; i < len(s); i++ {
		if s[i] != 0 {
			p.arena = append(p.arena, s[i])
		}
	}
	return str(p.arena[n:])
}

func indexByte(s string, b byte) int {
	return bytes.IndexByte(unsafe.Slice(unsafe.StringData(s), len(s)), b)
}

// lookBack is how many lines Cut tries from the end before it parses the block to find its last record.
const lookBack = 64

// openTrace is how many lines back a trace may have begun whose next lines need not look like its own.
const openTrace = 6

// Cut says how many bytes of data, which begins with a record, may be parsed on their own: up to a line that begins a
// record whatever came before it. At the end of the stream that is all; 0 asks for more bytes.
func (l *Layout) Cut(data []byte, eof bool) int {
	if eof {
		return len(data)
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	p := Parser{layout: l, clock: l.clock}
	for end, n := whole, 0; end > 0 && n < lookBack; n++ {
		start := bytes.LastIndexByte(data[:end-1], '\n') + 1
		if start == 0 {
			return 0
		}
		if l.begins(&p, data, start, end) {
			return start
		}
		end = start
	}
	// No line here tells by itself. What the block's own records are is exact, for it begins with one; only the last may go on.
	p.open = true
	n, last := 0, int64(0)
	p.Each(l, data[:whole], func(recs []rca.Record) {
		if n += len(recs); len(recs) > 0 {
			last = recs[len(recs)-1].Offset
		}
	})
	if n > 1 {
		return int(last)
	}
	return 0
}

// lineAt takes the line at [start, end) out of its wrapper; whole is false for a part of a longer one.
func (l *Layout) lineAt(p *Parser, data []byte, start, end int) (ln line, whole bool) {
	text := p.stripANSI(p.dropNULs(str(bytes.TrimRight(data[start:end], "\r\n"))))
	ln = line{text: text, time: rca.NoTime}
	if l.wrap != nil && !l.wrap.unwrap(p, text, &ln) {
		ln = line{text: text, time: rca.NoTime}
	}
	return ln, !ln.partial
}

// begins tells whether the line at [start, end) begins a record whatever came before it. False may also mean that it is
// not known.
func (l *Layout) begins(p *Parser, data []byte, start, end int) bool {
	p.recs, p.fields, p.arena = p.recs[:0], p.fields[:0], p.arena[:0]
	ln, _ := l.lineAt(p, data, start, end)
	if blank(ln.text) {
		return false
	}
	before := bytes.LastIndexByte(data[:start-1], '\n') + 1
	prev, whole := l.lineAt(p, data, before, start)
	if !whole {
		return false
	}
	var r rca.Record
	for _, f := range l.formats {
		if f.more != nil { // a line may belong to the record before it although it has a header's look
			return false
		}
	}
	if p.headOf(&ln, &r) == nil {
		// In a log without a format each line stands for itself, unless a stack trace may still be open.
		if !l.plain || inTrace(ln.text) {
			return false
		}
		for n := 0; n < openTrace; n++ {
			if blank(prev.text) || inTrace(prev.text) {
				return false
			}
			if before == 0 {
				return true
			}
			end := before
			before = bytes.LastIndexByte(data[:end-1], '\n') + 1
			prev, _ = l.lineAt(p, data, before, end)
		}
		return true
	}
	if r.Format == "postgres" {
		return !continuesPostgres(&r)
	}
	if r.Severity < rca.SeverityWarn {
		return true
	}
	// A trace of which every line has the header again: the nearest header before must differ.
	for n := 0; n < lookBack; n++ {
		var q rca.Record
		if p.headOf(&prev, &q) != nil {
			return !sameHeader(&r, &q)
		}
		if before == 0 {
			return true
		}
		end := before
		before = bytes.LastIndexByte(data[:end-1], '\n') + 1
		prev, _ = l.lineAt(p, data, before, end)
	}
	return false
}

// headOf reads a line's header as line does.
func (p *Parser) headOf(ln *line, r *rca.Record) *format {
	*r = rca.Record{Time: rca.NoTime}
	if blank(ln.text) {
		return nil
	}
	p.clock.zoned = false
	f := p.head(ln.text, r)
	if f != nil {
		p.finish(r, ln)
	}
	return f
}

// inTrace tells whether a line, by itself, may be part of a stack trace that came before it or opens one.
func inTrace(s string) bool {
	return s[0] == ' ' || s[0] == '\t' || frame(s) || traceStart(s) != traceNone || goLine(s)
}
