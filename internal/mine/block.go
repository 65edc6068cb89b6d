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

// Block counts the shapes of one block of records. It may be used again; until then what Table.Add takes from it
// points into the texts of the records.
//
// All its memory is in a few pools that the next block uses again: a cell's steps of time are chains of indexes into one
// slice, its samples and parameters runs of a slab. Thousands of small slices cost a tenth of the whole run before.
type Block struct {
	Source   int32
	Baseline bool
	Assign   bool    // keep the cell of each record
	Cells    []int32 // with Assign: index into the block's cells, by record

	sc      scan
	cells   []cell
	slots   []slot // open addressing by hash
	mask    uint32
	gen     uint32
	text    []byte // composed texts; strings point into it
	keys    []byte
	first   rca.Time
	last    rca.Time
	now     rca.Time // of the last record that had one
	traces  []traceEvent
	ticks   []tick
	points  []numberLink
	samples slab[sample]
	params  slab[param]
	numbers slab[number]
	fields  slab[rca.Field]
	batch   []counted
	memo    [2]hashMemo // of component and logger: neighbours share them

	hints *hints // of the table that this block goes to, once it is known
	shift uint   // a step of time is at least 1<<shift seconds
	bound uint64 // traces with a greater hash are not kept
}

// counted is what became of one record of a batch.
type counted struct {
	cell    int32
	message string
	at      rca.Time
}

type hashMemo struct {
	text string
	hash uint64
}

func (m *hashMemo) of(s string) uint64 {
	if m.text != s {
		m.text, m.hash = s, strHash(s)
	}
	return m.hash
}

// slab hands out runs of memory that are given back all at once.
type slab[T any] struct {
	chunks [][]T
	chunk  int
	used   int
}

const slabChunk = 512

// take gives an empty slice with room for n; its memory holds what it held.
func (s *slab[T]) take(n int) []T {
	for {
		if s.chunk == len(s.chunks) {
			s.chunks = append(s.chunks, make([]T, max(slabChunk, n)))
		}
		if c := s.chunks[s.chunk]; s.used+n <= len(c) {
			s.used += n
			return c[s.used-n : s.used-n : s.used]
		}
		s.chunk++
		s.used = 0
	}
}

// room gives the slice with space for one more.
func (s *slab[T]) room(v []T, n int) []T {
	if len(v) < cap(v) {
		return v
	}
	return append(s.take(max(n, 2*len(v))), v...)
}

func (s *slab[T]) reset() { s.chunk, s.used = 0, 0 }

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
	orphan    bool  // of records before the block's first time: theirs is the last of the blocks before, which Table.Add knows
	latest    int32 // the last record of it in the batch in hand, -1 if it is kept already
	firstTick int32 // chain in Block.ticks, -1 if empty
	lastTick  int32
	count     int64
	first     rca.Time
	last      rca.Time
	samples   []sample // the first three and the last
	params    []param
	numbers   []number
	stacks    []stack
}

const firstSamples = 3

type sample struct {
	place   rca.Place
	time    rca.Time
	message string
	stack   string
	fields  []rca.Field
	trace   string
}

// tick counts one step of time.
type tick struct {
	second     int64
	count      int64
	place      rca.Place
	prev, next int32
}

type param struct {
	name   string
	kind   rca.ParamKind
	n      int8
	many   bool
	marks  [maxValues]uint64 // of the values: what differs here is not compared further
	values [maxValues]string
	counts [maxValues]int64
}

const maxValues = 8

// mark is a value's length and its last bytes, in which ids differ most.
func mark(s string) uint64 {
	n := len(s)
	m := uint64(n) << 56
	for i := 1; i <= 7 && i <= n; i++ {
		m |= uint64(s[n-i]) << (8 * (i - 1))
	}
	return m
}

type number struct {
	name        string
	first, last int32 // chain in Block.points, -1 if empty
	steps
}

// steps is the step of time of a number: 1<<shift seconds, the least by which what was seen has at most maxPoints of them. It depends
// on the time spanned, never on how many points came when, so that a block may use its own: the whole input's is no less.
type steps struct {
	shift  uint8
	lo, hi int64 // seconds
}

// span widens the time seen, and tells whether the step grew.
func (s *steps) span(second int64) bool {
	s.lo, s.hi = min(s.lo, second), max(s.hi, second)
	grew := false
	for (s.hi>>s.shift)-(s.lo>>s.shift) >= maxPoints {
		s.shift++
		grew = true
	}
	return grew
}

// numberTick adds up the values of one step.
type numberTick struct {
	second             int64
	count              int64
	sum, minimum, maxi int64
}

func (t *numberTick) add(o *numberTick) {
	t.count += o.count
	t.sum += o.sum
	t.minimum, t.maxi = min(t.minimum, o.minimum), max(t.maxi, o.maxi)
}

type numberLink struct {
	numberTick
	next int32
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
	b.Begin()
	b.Count(recs)
}

// Begin empties the Block for the records of the next one.
func (b *Block) Begin() {
	if b.slots == nil {
		b.slots = make([]slot, 4096)
		b.mask = 4095
		b.points = make([]numberLink, 0, 4096)
	}
	b.gen++
	if b.gen == 0 {
		clear(b.slots)
		b.gen = 1
	}
	b.cells, b.text, b.keys, b.Cells, b.traces = b.cells[:0], b.text[:0], b.keys[:0], b.Cells[:0], b.traces[:0]
	b.ticks, b.points = b.ticks[:0], b.points[:0]
	b.samples.reset()
	b.params.reset()
	b.numbers.reset()
	b.fields.reset()
	b.memo = [2]hashMemo{}
	b.first, b.last, b.now = rca.NoTime, rca.NoTime, rca.NoTime
	b.shift, b.bound = b.hints.load(b.Baseline)
}

// Count counts records that follow those counted since Begin. Their fields may change afterwards, their texts may not.
func (b *Block) Count(recs []rca.Record) {
	b.batch = b.batch[:0]
	for i := range recs {
		r := &recs[i]
		if r.Time != rca.NoTime {
			b.now = r.Time
			if b.first == rca.NoTime || r.Time < b.first {
				b.first = r.Time
			}
			b.last = max(b.last, r.Time)
		}
		b.record(r, int32(i))
	}
	// Which record of a shape is its last is known only now: of a batch, one copy a shape is made.
	for i := range b.batch {
		k := &b.batch[i]
		c := &b.cells[k.cell]
		if c.latest == int32(i) {
			if len(c.samples) <= firstSamples {
				c.samples = b.samples.room(c.samples, firstSamples+1)
				c.samples = append(c.samples, sample{fields: b.fields.take(0)})
			}
			b.sample(&c.samples[firstSamples], &recs[i], k.message, k.at)
			c.latest = -1
		}
		if b.Assign {
			b.Cells = append(b.Cells, k.cell)
		}
	}
}

// sample keeps one record.
func (b *Block) sample(s *sample, r *rca.Record, message string, at rca.Time) {
	f := s.fields[:0]
	if n := min(len(r.Fields), maxFields); n > cap(f) {
		f = b.fields.take(n)
	}
	*s = sample{place: b.place(r), time: at, message: message, stack: r.Stack, fields: append(f, r.Fields[:min(len(r.Fields), maxFields)]...), trace: r.Trace}
}

func (b *Block) place(r *rca.Record) rca.Place {
	return rca.Place{Source: b.Source, Lines: int32(r.EndLine - r.Line + 1), Line: r.Line, Offset: r.Offset, Length: r.Length}
}

// located tells whether a logger's name says where in the code a line comes from: a class, a file with its line.
func located(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '.' || s[i] == ':' || s[i] == '#' {
			return true
		}
	}
	return false
}

// errorKeys are the fields whose text belongs to what a line says.
func errorKey(k string) bool {
	if k == "" || k[0] < 'a' || k[0] > 'r' {
		return false
	}
	switch k {
	case "err", "error", "exception", "cause", "reason", "error.message", "err.message", "detail", "details", "error.type", "err.type", "exception.message", "exception.class", "error_message", "attr.error", "attr.error.errmsg", "msg2":
		return true
	}
	return false
}

// record counts one record, the i-th of its batch.
func (b *Block) record(r *rca.Record, i int32) {
	sc, at := &b.sc, b.now
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
	h := mix(shape, b.memo[0].of(r.Component))
	h = mix(h, uint64(r.Severity)<<8|uint64(r.Status/100))
	if r.Logger != "" && located(r.Logger) {
		h = mix(h, b.memo[1].of(r.Logger))
	}
	var sig uint64
	if r.Stack != "" && isTrace(r.Stack) {
		sig = Signature(r.Stack)
		h = mix(h, 1)
	}
	key, orphan := h, at == rca.NoTime
	if orphan {
		key = mix(h, 2)
	}
	k := b.find(key)
	c := &b.cells[k]
	if c.count == 0 {
		c.shape, c.hash, c.key = shape, h, b.keep(sc.key)
		c.component, c.host, c.logger, c.format = r.Component, r.Host, r.Logger, r.Format
		c.severity, c.status, c.access, c.orphan = r.Severity, r.Status, access, orphan
		c.first, c.last = at, at
		c.latest, c.firstTick, c.lastTick = -1, -1, -1
	}
	c.count++
	if n := len(c.samples); n < firstSamples {
		c.samples = append(b.samples.room(c.samples, 1), sample{})
		b.sample(&c.samples[n], r, message, at)
	} else {
		c.latest = i
	}
	b.batch = append(b.batch, counted{k, message, at})
	second := int64(0)
	if at != rca.NoTime {
		second = floorDiv(int64(at), 1e9)
		if c.first == rca.NoTime || at < c.first {
			c.first = at
		}
		c.last = max(c.last, at)
		b.tick(c, second>>b.shift<<b.shift, r)
	}
	b.values(c, r, second, access)
	if sig != 0 {
		c.stack(sig, at, b.place(r), r.Stack)
	}
	if r.Trace != "" {
		if t := strHash(r.Trace); t <= b.bound {
			b.traces = append(b.traces, traceEvent{trace: t, cell: k, time: at, place: b.place(r), severity: r.Severity})
		}
	}
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
func (b *Block) values(c *cell, r *rca.Record, second int64, access bool) {
	sc := &b.sc
	n := min(sc.nNum, maxNumbers)
	if access {
		n = 0
	}
	for i := 0; i < n; i++ {
		b.number(c, i, "", second, sc.numbers[i])
	}
	np := 0
	if !access {
		np = min(sc.nParam, maxParams)
		for i := 0; i < np; i++ {
			b.param(c, i, "", sc.params[i].kind, sc.params[i].text)
		}
	}
	// Named fields come after the positions of the message, in the order in which the first record had them.
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Value == "" || len(f.Value) > 256 || access && i < 2 || errorKey(f.Key) {
			continue
		}
		if v, ok := parseNumber(f.Value); ok {
			if n < maxNumbers+6 {
				n = b.named(c, n, f.Key, second, v)
			}
			continue
		}
		if np < maxParams+8 {
			np = b.namedParam(c, np, f.Key, f.Value)
		}
	}
}

func (b *Block) tick(c *cell, second int64, r *rca.Record) {
	for i, n := c.lastTick, 0; i >= 0 && n < 4; n++ {
		t := &b.ticks[i]
		if t.second == second {
			t.count++
			return
		}
		i = t.prev
	}
	k := int32(len(b.ticks))
	b.ticks = append(b.ticks, tick{second, 1, b.place(r), c.lastTick, -1})
	if c.lastTick >= 0 {
		b.ticks[c.lastTick].next = k
	} else {
		c.firstTick = k
	}
	c.lastTick = k
}

func (b *Block) number(c *cell, i int, name string, second, v int64) {
	for len(c.numbers) <= i {
		c.numbers = append(b.numbers.room(c.numbers, 2), number{name, -1, -1, steps{0, second, second}})
	}
	nu := &c.numbers[i]
	if nu.last >= 0 {
		if t := &b.points[nu.last]; t.second == second>>nu.shift<<nu.shift {
			t.count++
			t.sum += v
			t.minimum, t.maxi = min(t.minimum, v), max(t.maxi, v)
			nu.lo, nu.hi = min(nu.lo, second), max(nu.hi, second)
			return
		}
	}
	if nu.last < 0 {
		nu.steps = steps{0, second, second}
	} else if nu.span(second) {
		b.coarsen(nu)
	}
	k := int32(len(b.points))
	b.points = append(b.points, numberLink{numberTick{second >> nu.shift << nu.shift, 1, v, v, v}, -1})
	if nu.last >= 0 {
		b.points[nu.last].next = k
	} else {
		nu.first = k
	}
	nu.last = k
}

// coarsen adds up neighbours in the chain that fall together.
func (b *Block) coarsen(nu *number) {
	nu.last = nu.first
	last := &b.points[nu.first]
	last.second = last.second >> nu.shift << nu.shift
	for i := last.next; i >= 0; {
		p := &b.points[i]
		next := p.next
		if p.second = p.second >> nu.shift << nu.shift; p.second == last.second {
			last.add(&p.numberTick)
		} else {
			last.next = i
			last, nu.last = p, i
		}
		i = next
	}
	last.next = -1
}

// named finds the number of a field at or after position n.
func (b *Block) named(c *cell, n int, name string, second, v int64) int {
	for i := n; i < len(c.numbers); i++ {
		if c.numbers[i].name == name {
			b.number(c, i, name, second, v)
			return i + 1
		}
	}
	if len(c.numbers) < maxNumbers+6 {
		b.number(c, len(c.numbers), name, second, v)
	}
	return n
}

// kindByLook asks for the kind of a value only where a parameter is made.
const kindByLook rca.ParamKind = 255

func (b *Block) param(c *cell, i int, name string, kind rca.ParamKind, v string) {
	for len(c.params) <= i {
		c.params = b.params.room(c.params, 1)
		k := len(c.params)
		c.params = c.params[:k+1]
		p := &c.params[k]
		if p.name, p.n, p.many, p.kind = name, 0, false, kind; kind == kindByLook {
			p.kind = kindOf(v)
		}
	}
	p := &c.params[i]
	m := mark(v)
	for k := 0; k < int(p.n); k++ {
		if p.marks[k] == m && p.values[k] == v {
			p.counts[k]++
			return
		}
	}
	if p.n == maxValues {
		p.many = true
		return
	}
	p.marks[p.n], p.values[p.n], p.counts[p.n] = m, v, 1
	p.n++
}

func (b *Block) namedParam(c *cell, n int, name, v string) int {
	for i := n; i < len(c.params); i++ {
		if c.params[i].name == name {
			if !c.params[i].many {
				b.param(c, i, name, kindByLook, v)
			}
			return i + 1
		}
	}
	if len(c.params) < maxParams+8 {
		b.param(c, len(c.params), name, kindByLook, v)
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
				*old = cell{stacks: old.stacks[:0]}
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
