// Package mine groups records by the statement that printed them, and reduces them to series.
//
// In: the records of a block, in order. Out: at the end of the run, templates and one rca.Series for each template,
// component and severity. There is no Drain tree: a message is masked in one pass, the exact masked text (its shape) is the
// key of a hash table, and keys are merged once, at the end (CORE.md, section 2).
//
// It works in three steps, so that any number of cores gives the same answer. A Block is one worker's: it counts the
// shapes of one block and depends on that block alone. Table.Add takes Blocks in the order of the input; sums are
// integers and "first" means first in the input. Table.Series merges keys and renders templates.
package mine

import (
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/rca-engine/rca"
)

// Block counts the shapes of one block of records. It may be used again; until then what Add takes from it
// points into the records.
type Block struct {
	Source   int32
	Baseline bool
	Assign   bool    // keep the cell of each record
	Cells    []int32 // with Assign: index into the block's cells, by record

	sc     scan
	cells  []cell
	slots  []slot // open addressing by hash
	mask   uint32
	gen    uint32
	text   []byte // composed texts; strings point into it
	keys   []byte
	first  rca.Time
	last   rca.Time
	traces []traceEvent
}

type slot struct {
	gen  uint32
	cell int32
	hash uint64
}

// cell is what one block saw of one shape by one component at one severity.
type cell struct {
	shape     uint64
	hash      uint64 // with component, severity, status class
	key       string
	component string
	host      string
	logger    string
	format    string
	severity  rca.Severity
	status    int
	access    bool
	count     int64
	first     rca.Time
	last      rca.Time
	samples   [3]sample
	nSamples  int
	lastOne   sample
	ticks     []tick
	params    []param
	numbers   []number
	stacks    []stack
}

type sample struct {
	place   rca.Place
	time    rca.Time
	message string
	stack   string
	fields  []rca.Field
	trace   string
}

// tick counts one second.
type tick struct {
	second int64
	count  int64
	place  rca.Place
}

type param struct {
	name   string
	kind   rca.ParamKind
	values [maxValues]string
	counts [maxValues]int64
	n      int
	many   bool
}

const maxValues = 8

type number struct {
	name  string
	ticks []numberTick
}

type numberTick struct {
	second             int64
	count              int64
	sum, minimum, maxi int64
}

type stack struct {
	signature uint64
	count     int64
	time      rca.Time
	place     rca.Place
	text      string
}

const maxStacks = 8

// Add counts the records of one block, replacing what the Block held.
func (b *Block) Add(recs []rca.Record) {
	if b.slots == nil {
		b.slots = make([]slot, 4096)
		b.mask = 4095
	}
	b.gen++
	if b.gen == 0 {
		clear(b.slots)
		b.gen = 1
	}
	for i := range b.cells {
		b.cells[i].ticks = b.cells[i].ticks[:0]
	}
	b.cells, b.text, b.keys, b.Cells, b.traces = b.cells[:0], b.text[:0], b.keys[:0], b.Cells[:0], b.traces[:0]
	b.first, b.last = rca.NoTime, rca.NoTime
	last := rca.NoTime
	for i := range recs {
		r := &recs[i]
		if r.Time != rca.NoTime {
			last = r.Time
			if b.first == rca.NoTime || r.Time < b.first {
				b.first = r.Time
			}
			b.last = max(b.last, r.Time)
		}
		k := b.record(r, last)
		if b.Assign {
			b.Cells = append(b.Cells, k)
		}
	}
}

// located tells whether a logger's name says where in the code a line comes from: a class, a file with its line.
func located(s string) bool { return strings.ContainsAny(s, "#:.") }

// errorKeys are the fields whose text belongs to what a line says.
func errorKey(k string) bool {
	switch k {
	case "err", "error", "exception", "cause", "reason", "error.message", "err.message", "detail", "details", "error.type", "err.type", "exception.message", "exception.class", "error_message", "attr.error", "attr.error.errmsg", "msg2":
		return true
	}
	return false
}

// record counts one record and gives its cell.
func (b *Block) record(r *rca.Record, at rca.Time) int32 {
	sc := &b.sc
	sc.reset()
	access := r.Status > 0 && len(r.Fields) > 1 && r.Fields[0].Key == "method" && r.Format != "json" && r.Format != "logfmt"
	message := r.Message
	if access {
		sc.endpoint(r.Fields[0].Value, r.Fields[1].Value, r.Status)
	} else {
		sc.message(message)
		message = b.errors(r, message)
	}
	shape := xxhash.Sum64(sc.key)
	h := shape
	h = mix(h, strHash(r.Component))
	h = mix(h, uint64(r.Severity)<<8|uint64(r.Status/100))
	if located(r.Logger) {
		h = mix(h, strHash(r.Logger))
	}
	var sig uint64
	if r.Stack != "" && isTrace(r.Stack) {
		sig = Signature(r.Stack)
		h = mix(h, 1)
	}
	k := b.find(h)
	c := &b.cells[k]
	if c.count == 0 {
		c.shape, c.hash, c.key = shape, h, b.keep(sc.key)
		c.component, c.host, c.logger, c.format = r.Component, r.Host, r.Logger, r.Format
		c.severity, c.status, c.access = r.Severity, r.Status, access
		c.first, c.last = at, at
	}
	c.count++
	place := rca.Place{Source: b.Source, Lines: int32(r.EndLine - r.Line + 1), Line: r.Line, Offset: r.Offset, Length: r.Length}
	s := sample{place: place, time: at, message: message, stack: r.Stack, fields: r.Fields, trace: r.Trace}
	if c.nSamples < len(c.samples) {
		c.samples[c.nSamples] = s
		c.nSamples++
	} else {
		c.lastOne = s
	}
	second := int64(0)
	if at != rca.NoTime {
		second = floorDiv(int64(at), 1e9)
		if c.first == rca.NoTime || at < c.first {
			c.first = at
		}
		c.last = max(c.last, at)
		c.tick(second, place)
	}
	b.values(c, r, second, access, at != rca.NoTime)
	if sig != 0 {
		c.stack(sig, at, place, r.Stack)
	}
	if r.Trace != "" {
		b.traces = append(b.traces, traceEvent{trace: strHash(r.Trace), cell: k, time: at, place: place, severity: r.Severity})
	}
	return k
}

// errors appends the texts of error fields to the message and their masks to the key, for there loggers put what went wrong.
func (b *Block) errors(r *rca.Record, message string) string {
	start := -1
	for i := range r.Fields {
		f := &r.Fields[i]
		if len(f.Key) < 3 || !errorKey(f.Key) || f.Value == "" || f.Value == message || f.Value[0] == '[' && len(f.Value) == 2 {
			continue
		}
		if start < 0 {
			start = len(b.text)
			b.text = append(b.text, message...)
		}
		b.text = append(append(append(append(b.text, ' '), f.Key...), '='), clip(f.Value, 1024)...)
		b.sc.key = append(append(append(b.sc.key, ' '), f.Key...), '=')
		b.sc.message(clip(f.Value, 1024))
	}
	if start < 0 {
		return message
	}
	return view(b.text[start:])
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// endpoint makes the shape of an access line: method, path without its variable parts, status.
func (sc *scan) endpoint(method, path string, status int) {
	sc.key = append(append(sc.key, method...), ' ')
	if q := strings.IndexAny(path, "?#;"); q >= 0 {
		path = path[:q]
	}
	if i := strings.Index(path, "://"); i > 0 {
		if j := strings.IndexByte(path[i+3:], '/'); j >= 0 {
			path = path[i+3+j:]
		}
	}
	path = clip(path, 200)
	for i := 0; i < len(path); {
		if path[i] == '/' {
			sc.key = append(sc.key, '/')
			i++
			continue
		}
		j, digits := i, false
		for j < len(path) && path[j] != '/' {
			digits = digits || class[path[j]]&cDigit != 0
			j++
		}
		seg := path[i:j]
		if digits && !(len(seg) <= 3 && seg[0] == 'v') || len(seg) > 40 || strings.IndexByte(seg, '%') >= 0 {
			sc.key = append(sc.key, maskValue)
		} else {
			sc.key = append(sc.key, seg...)
		}
		i = j
	}
	sc.key = append(sc.key, ' ', byte('0'+status/100%10), byte('0'+status/10%10), byte('0'+status%10))
}

// values notes the numbers and names of one record.
func (b *Block) values(c *cell, r *rca.Record, second int64, access, timed bool) {
	sc := &b.sc
	n := min(sc.nNum, maxNumbers)
	if access {
		n = 0
	}
	if timed {
		for i := 0; i < n; i++ {
			c.number(i, "", second, sc.numbers[i])
		}
	}
	np := 0
	if !access {
		np = min(sc.nParam, maxParams)
		for i := 0; i < np; i++ {
			c.param(i, "", sc.params[i].kind, sc.params[i].text)
		}
	}
	// Named fields come after the positions of the message, in the order in which the first record had them.
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Value == "" || len(f.Value) > 256 || errorKey(f.Key) || access && i < 2 {
			continue
		}
		if v, ok := parseNumber(f.Value); ok {
			if timed && n < maxNumbers+6 {
				n = c.named(n, f.Key, second, v)
			}
			continue
		}
		if np < maxParams+8 {
			np = c.namedParam(np, f.Key, kindOf(f.Value), f.Value)
		}
	}
}

func (c *cell) tick(second int64, place rca.Place) {
	for i := len(c.ticks) - 1; i >= 0 && i >= len(c.ticks)-4; i-- {
		if c.ticks[i].second == second {
			c.ticks[i].count++
			return
		}
	}
	c.ticks = append(c.ticks, tick{second, 1, place})
}

func (c *cell) number(i int, name string, second, v int64) {
	for len(c.numbers) <= i {
		if len(c.numbers) < cap(c.numbers) {
			c.numbers = c.numbers[:len(c.numbers)+1]
			c.numbers[len(c.numbers)-1].ticks = c.numbers[len(c.numbers)-1].ticks[:0]
		} else {
			c.numbers = append(c.numbers, number{})
		}
		c.numbers[len(c.numbers)-1].name = name
	}
	nu := &c.numbers[i]
	if k := len(nu.ticks) - 1; k >= 0 && nu.ticks[k].second == second {
		t := &nu.ticks[k]
		t.count++
		t.sum += v
		t.minimum, t.maxi = min(t.minimum, v), max(t.maxi, v)
		return
	}
	nu.ticks = append(nu.ticks, numberTick{second, 1, v, v, v})
}

// named finds the number of a field at or after position n.
func (c *cell) named(n int, name string, second, v int64) int {
	for i := n; i < len(c.numbers); i++ {
		if c.numbers[i].name == name {
			c.number(i, name, second, v)
			return i + 1
		}
	}
	if len(c.numbers) < maxNumbers+6 {
		c.number(len(c.numbers), name, second, v)
	}
	return n
}

func (c *cell) param(i int, name string, kind rca.ParamKind, v string) {
	for len(c.params) <= i {
		c.params = append(c.params, param{name: name, kind: kind})
	}
	p := &c.params[i]
	for k := 0; k < p.n; k++ {
		if p.values[k] == v {
			p.counts[k]++
			return
		}
	}
	if p.n == maxValues {
		p.many = true
		return
	}
	p.values[p.n], p.counts[p.n] = v, 1
	p.n++
}

func (c *cell) namedParam(n int, name string, kind rca.ParamKind, v string) int {
	for i := n; i < len(c.params); i++ {
		if c.params[i].name == name {
			if !c.params[i].many {
				c.param(i, name, kind, v)
			}
			return i + 1
		}
	}
	if len(c.params) < maxParams+8 {
		c.param(len(c.params), name, kind, v)
	}
	return n
}

func (c *cell) stack(sig uint64, at rca.Time, place rca.Place, text string) {
	for i := range c.stacks {
		if c.stacks[i].signature == sig {
			c.stacks[i].count++
			return
		}
	}
	if len(c.stacks) < maxStacks {
		c.stacks = append(c.stacks, stack{sig, 1, at, place, text})
	}
}

// find gives the cell of a hash, a new one if the block had none.
func (b *Block) find(h uint64) int32 {
	i := uint32(h) & b.mask
	for {
		s := &b.slots[i]
		if s.gen != b.gen {
			if len(b.cells)*2 >= len(b.slots) {
				b.grow()
				return b.find(h)
			}
			k := len(b.cells)
			if k < cap(b.cells) {
				b.cells = b.cells[:k+1]
				old := &b.cells[k]
				*old = cell{ticks: old.ticks[:0], params: old.params[:0], numbers: old.numbers[:0], stacks: old.stacks[:0]}
			} else {
				b.cells = append(b.cells, cell{})
			}
			*s = slot{b.gen, int32(k), h}
			return int32(k)
		}
		if s.hash == h {
			return s.cell
		}
		i = (i + 1) & b.mask
	}
}

func (b *Block) grow() {
	old := b.slots
	b.slots = make([]slot, 2*len(old))
	b.mask = uint32(len(b.slots) - 1)
	for _, s := range old {
		if s.gen == b.gen {
			i := uint32(s.hash) & b.mask
			for b.slots[i].gen == b.gen {
				i = (i + 1) & b.mask
			}
			b.slots[i] = s
		}
	}
}

// keep copies a key into the block's own memory.
func (b *Block) keep(key []byte) string {
	n := len(b.keys)
	b.keys = append(b.keys, key...)
	return view(b.keys[n:])
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func mix(h, v uint64) uint64 {
	h ^= v + 0x9e3779b97f4a7c15 + h<<6 + h>>2
	return h * 0xff51afd7ed558ccd
}

func strHash(s string) uint64 {
	if s == "" {
		return 0
	}
	return xxhash.Sum64String(s)
}
