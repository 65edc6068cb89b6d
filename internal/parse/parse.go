// Package parse turns the bytes of one stream into records.
//
// In: blocks of whole records of one stream, and the Layout that Detect found in the stream's head. Out: records with
// time, severity, component, message and fields, continuation lines joined, wrappers taken off.
//
// A Layout is immutable and a block's records depend on the block's bytes and the layout alone, so that any number of
// Parsers may work on the blocks of one stream in any order and give the same records. That is why blocks are cut only
// where a record surely begins (Layout.Cut).
//
// Strings of a record point into the block or into the Parser's arena: both live until the next call of Parse.
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
	ln     line    // being read
	last   *format // of the last record, nil if it has none
	clock  clock
	recs   []rca.Record
	fields []rca.Field
	arena  []byte
	keys   map[string]string // composed names of nested fields
	trace  traceKind         // state of the stack trace that the last record is in
	split  splitState
}

// Stats count what the last block held.
type Stats struct {
	Lines    int64
	Parsed   int64 // records whose header was understood
	NoTime   int64
	ToldLost int64 // occurrences that the log says it left out: "last message repeated 3 times"
}

// splitState remembers the parts of a line that its wrapper cut (CRI "P", Docker's 16 kB).
type splitState struct {
	open   bool
	start  int // in the arena
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
	if p.layout != l {
		p.layout = l
		p.clock = l.clock
	}
	p.recs, p.fields, p.arena = p.recs[:0], p.fields[:0], p.arena[:0]
	p.trace, p.split, p.last = traceNone, splitState{}, nil
	p.Stats = Stats{}
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
	p.Stats.Lines = no
	for i := range p.recs {
		r := &p.recs[i]
		if r.Time == rca.NoTime {
			p.Stats.NoTime++
		}
		if r.Format != "" {
			p.Stats.Parsed++
		}
	}
	return p.recs
}

// line takes one physical line: it begins a record or continues the last one.
func (p *Parser) line(text string, offset, length, no int64) {
	ln := &p.ln // a local one would escape through the call of unwrap
	*ln = line{text: text, time: rca.NoTime}
	if w := p.layout.wrap; w != nil {
		if !w.unwrap(p, text, ln) {
			*ln = line{text: text, time: rca.NoTime}
		}
		if ln.partial || p.split.open {
			if !p.joinParts(ln, &offset, &length, &no) {
				return
			}
		}
	}
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
	if len(p.recs) < cap(p.recs) {
		p.recs = p.recs[:len(p.recs)+1]
	} else {
		p.recs = append(p.recs, rca.Record{})
	}
	r := &p.recs[len(p.recs)-1]
	*r = rca.Record{Time: rca.NoTime}
	fields := len(p.fields)
	p.clock.zoned = false
	own := p.head(ln.text, r)
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
	if ln.time != rca.NoTime && (r.Time == rca.NoTime || !p.clock.zoned) {
		r.Time = ln.time // the runtime's stamp has a date and a zone; the program's own may lack them
	}
	if ln.component != "" {
		r.Component = ln.component
	}
	if r.Trace == "" && len(p.layout.markers) > 0 {
		r.Trace = p.layout.traceID(ln.text)
	}
	if r.Severity == rca.SeverityUnknown {
		r.Severity = ln.severity
	}
	if n := len(p.fields); n > fields {
		r.Fields = p.fields[fields:n:n]
	}
	r.Offset, r.Length, r.Line, r.EndLine = offset, length, no, no
	p.told(r)
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
func (p *Parser) joinParts(ln *line, offset, length, no *int64) bool {
	if !p.split.open {
		p.split = splitState{open: true, start: len(p.arena), offset: *offset, lines: *no}
	}
	if len(p.arena)-p.split.start < MaxRecord {
		p.arena = append(p.arena, ln.text...)
	}
	if ln.partial {
		return false
	}
	ln.text = str(p.arena[p.split.start:])
	*length = *offset + *length - p.split.offset
	*offset = p.split.offset
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

// Cut says how many bytes of data, which begins with a record, may be parsed on their own: up to the last line that
// surely begins a record. At the end of the stream that is all; 0 asks for more bytes.
func (l *Layout) Cut(data []byte, eof bool) int {
	if eof {
		return len(data)
	}
	p := Parser{layout: l, clock: l.clock}
	end := bytes.LastIndexByte(data, '\n') + 1
	for end > 0 {
		start := bytes.LastIndexByte(data[:end-1], '\n') + 1
		if start == 0 {
			break
		}
		if l.begins(&p, data, start, end) {
			return start
		}
		end = start
		if len(data) > 4*MaxRecord { // nothing here begins a record: cut at a line, for memory's sake
			break
		}
	}
	if len(data) >= MaxRecord {
		// One record fills the buffer. It is ended at the same byte whatever the size of the buffer was.
		if i := bytes.IndexByte(data[MaxRecord-1:], '\n'); i >= 0 {
			return MaxRecord + i
		}
	}
	return 0
}

// begins tells whether the line at [start, end) begins a record whatever came before it.
func (l *Layout) begins(p *Parser, data []byte, start, end int) bool {
	p.recs, p.fields, p.arena = p.recs[:0], p.fields[:0], p.arena[:0]
	prev := bytes.LastIndexByte(data[:start-1], '\n') + 1
	p.trace, p.split, p.last = traceNone, splitState{}, nil
	for _, b := range [2][2]int{{prev, start}, {start, end}} {
		raw := bytes.TrimRight(data[b[0]:b[1]], "\r\n")
		text := p.stripANSI(p.dropNULs(str(raw)))
		if b[0] == prev && l.wrap != nil {
			// The line before may be the middle of a split one.
			ln := line{text: text}
			if l.wrap.unwrap(p, text, &ln) && ln.partial {
				return false
			}
		}
		p.line(text, int64(b[0]), int64(len(raw)), 0)
	}
	n := len(p.recs)
	if n > 0 && p.recs[n-1].Format == "" {
		// Without a header, two lines may not tell that a trace began further up.
		if b := data[prev]; b == ' ' || b == '\t' || b == '\n' || b == '\r' || traceStart(p.recs[n-1].Message) != traceNone {
			return false
		}
	}
	return n > 0 && p.recs[n-1].Offset == int64(start) && (p.recs[n-1].Format != "" || l.plain) && !p.split.open
}
