package mine

import (
	"math/bits"
	"sort"
	"strings"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"github.com/rca-engine/rca"
)

// Bounds of a Table. What does not fit is folded into coarser shapes, chosen by the order of the input alone, and counted.
const (
	maxShapes   = 40_000 // shapes in all; half as many again for those at error severity
	maxSiblings = 8_000  // shapes with the same first words
	maxCells    = 60_000 // series; half as many again for those at error severity
	fullSeries  = 10_000 // series that keep several samples; those after them keep the first and the last
	maxBuckets  = 512    // steps of time over the whole input
	maxPoints   = 64     // steps of a numeric field's series
)

// maxSteps bounds the steps of time of all series together, and those of all numbers: past it the steps of all grow. Ten
// thousand components over a long time have few lines each, and a step for every one of them.
const maxSteps = 250_000

// Table holds what all blocks so far said. Its size is bounded, whatever the size of the input.
type Table struct {
	Overflow int64 // records folded into a coarser shape

	shapes    []shape
	shapeOf   map[uint64]int32
	siblings  map[uint64]int32
	coarse    int
	cells     map[uint64]*total
	order     []*total
	first     int64 // second
	last      int64
	shift     uint // a bucket is 1<<shift seconds
	traces    [2]traceTable
	remap     []int32
	remapCell []*total
	hints     hints
	now       rca.Time // of the last record so far that had one, of the source in hand
	source    int32

	buckets      int // of all series
	points       int // of all numbers
	pointShift   uint8
	spareBuckets spares[rca.Bucket]
	sparePoints  spares[rca.NumberPoint]
}

// hints tell the workers what the table will not need. They may be old, for they only ever grow stricter, and what a worker
// leaves out or adds up by them the table would drop or add up as well: the answer does not depend on when they are read.
type hints struct {
	shift  atomic.Uint32    // of Table.shift
	bounds [2]atomic.Uint64 // complement of the greatest hash of a trace that is kept, for the logs and the baseline
}

func (h *hints) load(baseline bool) (shift uint, bound uint64) {
	if h == nil {
		return 0, ^uint64(0)
	}
	side := 0
	if baseline {
		side = 1
	}
	return uint(h.shift.Load()), ^h.bounds[side].Load()
}

// shape is one distinct masked message.
type shape struct {
	key    string
	count  int64
	access bool // an endpoint and its status: its path was cut into parts already, and endpoints are not merged
}

// total is a cell over the whole input.
type total struct {
	shape     int32
	component string
	host      string
	logger    string
	format    string
	severity  rca.Severity
	status    int
	access    bool
	baseline  bool
	count     int64
	first     rca.Time
	last      rca.Time
	samples   []rca.Sample
	buckets   []rca.Bucket // ascending; Start counts seconds until Finish
	params    []param
	numbers   []total2
	stacks    []rca.Stack
	keep      []byte // the texts of the last sample, written over by the next
	firsts    int    // how many samples it keeps besides the last
}

type total2 struct {
	name   string
	points []rca.NumberPoint // ascending; Start counts seconds until Finish
	steps
}

// spares are arrays that a series outgrew, by the power of two that they hold: the next series to grow takes one. Without
// them half of the memory that the table ever asks for is garbage, and fresh pages are the dearest thing here.
type spares[T any] [16][][]T

func (s *spares[T]) grow(v []T) []T {
	if len(v) < cap(v) {
		return v
	}
	k := bits.Len(uint(max(len(v), 1))) // twice the length
	var bigger []T
	if n := len(s[k]); n > 0 {
		bigger, s[k] = s[k][n-1], s[k][:n-1]
	} else {
		bigger = make([]T, 0, 1<<k)
	}
	bigger = append(bigger, v...)
	if c := cap(v); c > 0 {
		s[bits.Len(uint(c))-1] = append(s[bits.Len(uint(c))-1], v[:0])
	}
	return bigger
}

// NewTable makes an empty one.
func NewTable() *Table {
	return &Table{now: rca.NoTime, shapeOf: map[uint64]int32{}, siblings: map[uint64]int32{}, cells: map[uint64]*total{}, first: 1<<62 - 1, last: -1 << 62}
}

// Context says where a block stands in the input.
type Context struct {
	Baseline  bool
	Component string                 // of records that name none
	Line      int64                  // lines of the source before the block
	Offset    int64                  // bytes of the source before the block
	Raw       func(rca.Place) string // the bytes of a place that counts from the block's start
	Keep      bool                   // keep those bytes: the source cannot be read again
}

// Add takes one block's counts. Blocks must come in the order of the input.
func (t *Table) Add(b *Block, cx Context) {
	side := uint64(0)
	if cx.Baseline {
		side = 1
	}
	if b.first != rca.NoTime {
		t.span(floorDiv(int64(b.first), 1e9), floorDiv(int64(b.last), 1e9))
	}
	own := strHash(cx.Component)
	if b.Source != t.source {
		t.source, t.now = b.Source, rca.NoTime
	}
	t.remapCell = t.remapCell[:0]
	for i := range b.cells {
		c := &b.cells[i]
		if c.orphan {
			b.adopt(c, t.now)
		}
		id, folded := t.shape(c)
		h := c.hash
		if folded {
			t.Overflow += c.count
			h = mix(mix(uint64(id), strHash(c.component)), uint64(c.severity)<<8|uint64(c.status/100))
		}
		if c.component == "" {
			h = mix(h, own)
		}
		h = mix(h, side)
		g := t.cells[h]
		component := c.component
		if limit := cellLimit(c.severity); g == nil && len(t.order) >= limit {
			// Ten thousand components with a hundred templates each: what comes late is counted under its source.
			t.Overflow += c.count
			component = ""
			if id = t.fold("\x11"); len(t.order) >= limit+maxCells/10 {
				own = 0
			}
			h = mix(mix(mix(uint64(id), uint64(c.severity)), own), side)
			g = t.cells[h]
		}
		if g == nil {
			g = &total{shape: id, component: strings.Clone(component), host: strings.Clone(c.host), logger: strings.Clone(c.logger), format: c.format,
				severity: c.severity, status: c.status, access: c.access, baseline: cx.Baseline, first: rca.NoTime, last: rca.NoTime}
			if g.component == "" {
				g.component = cx.Component
			}
			if g.firsts = firstSamples; len(t.order) >= fullSeries {
				g.firsts = 1
			}
			t.cells[h] = g
			t.order = append(t.order, g)
		}
		t.shapes[id].count += c.count
		t.merge(g, b, c, cx)
		t.remapCell = append(t.remapCell, g)
	}
	if b.Assign {
		t.remap = t.remap[:0]
		for _, k := range b.Cells {
			t.remap = append(t.remap, t.remapCell[k].shape)
		}
	}
	t.bound()
	t.addTraces(b, cx)
	if b.now != rca.NoTime {
		t.now = b.now
	}
	b.hints = &t.hints
}

// adopt gives the records of a cell the time of the last record before the block, so that it does not matter where the
// block was cut. Without one they have none, and no numbers over time.
func (b *Block) adopt(c *cell, at rca.Time) {
	if at == rca.NoTime {
		c.numbers = c.numbers[:0]
		return
	}
	second := floorDiv(int64(at), 1e9)
	c.first, c.last = at, at
	for i := range c.samples {
		c.samples[i].time = at
	}
	for i := range c.stacks {
		c.stacks[i].time = at
	}
	for i := range c.numbers {
		if nu := &c.numbers[i]; nu.first >= 0 {
			b.points[nu.first].second, nu.steps = second, steps{0, second, second}
		}
	}
	c.firstTick, c.lastTick = int32(len(b.ticks)), int32(len(b.ticks))
	b.ticks = append(b.ticks, tick{second, c.count, c.samples[0].place, -1, -1})
}

// Assigned gives the shape of each record of the block added last, if that Block had Assign set.
func (t *Table) Assigned() []int32 { return t.remap }

// shape finds or makes the shape of a cell; folded says that it had to share a coarser one.
func (t *Table) shape(c *cell) (int32, bool) {
	if id, ok := t.shapeOf[c.shape]; ok {
		return id, false
	}
	limit := maxShapes
	if c.severity >= rca.SeverityError {
		limit += maxShapes / 2
	}
	lead := leading(c.key)
	sib := xxhash.Sum64String(lead)
	if len(t.shapes)-t.coarse < limit && t.siblings[sib] < maxSiblings {
		t.siblings[sib]++
		id := t.newShape(c.shape, strings.Clone(c.key))
		t.shapes[id].access = c.access
		return id, false
	}
	key := lead + " \x11"
	if t.siblings[sib] == 0 { // not even its first words are known: all such share one
		key = "\x11"
	}
	return t.fold(key), true
}

// fold finds or makes a coarse shape.
func (t *Table) fold(key string) int32 {
	h := xxhash.Sum64String(key)
	if id, ok := t.shapeOf[h]; ok {
		return id
	}
	t.coarse++
	return t.newShape(h, key)
}

func cellLimit(s rca.Severity) int {
	if s >= rca.SeverityError {
		return maxCells + maxCells/2
	}
	return maxCells
}

func (t *Table) newShape(h uint64, key string) int32 {
	id := int32(len(t.shapes))
	t.shapes = append(t.shapes, shape{key: key})
	t.shapeOf[h] = id
	return id
}

// leading is the first two words of a key.
func leading(key string) string {
	n := 0
	for i := 0; i < len(key); i++ {
		if key[i] == ' ' {
			if n++; n == 2 {
				return key[:i]
			}
		}
	}
	return key
}

// span widens the time covered and, with it, the step of time.
func (t *Table) span(a, b int64) {
	t.first, t.last = min(t.first, a), max(t.last, b)
	grew := false
	for (t.last>>t.shift)-(t.first>>t.shift) >= maxBuckets {
		t.shift++
		grew = true
	}
	if grew {
		t.coarsen()
	}
}

// coarsen brings all series to the table's step of time.
func (t *Table) coarsen() {
	t.buckets = 0
	for _, g := range t.order {
		out := g.buckets[:0]
		for _, b := range g.buckets {
			b.Start = b.Start >> t.shift << t.shift
			if n := len(out); n > 0 && out[n-1].Start == b.Start {
				out[n-1].Count += b.Count
			} else {
				out = append(out, b)
			}
		}
		g.buckets = out
		t.buckets += len(out)
	}
	t.hints.shift.Store(uint32(t.shift))
}

// bound makes the steps of all series or of all numbers larger when they are too many. The step depends on what was read, not on
// when it is asked: it is the least by which all that came so far is within the bound.
func (t *Table) bound() {
	for t.buckets > maxSteps {
		t.shift++
		t.coarsen()
	}
	for t.points > maxSteps {
		t.pointShift++
		t.points = 0
		for _, g := range t.order {
			for i := range g.numbers {
				n := &g.numbers[i]
				if n.shift < t.pointShift {
					n.shift = t.pointShift
					n.coarsen()
				}
				t.points += len(n.points)
			}
		}
	}
}

func (t *Table) merge(g *total, b *Block, c *cell, cx Context) {
	place := func(p rca.Place) rca.Place {
		p.Line += cx.Line + 1
		p.Offset += cx.Offset
		return p
	}
	for i := 0; i < min(len(c.samples), firstSamples) && len(g.samples) < g.firsts; i++ {
		var s rca.Sample
		t.sample(&s, nil, &c.samples[i], cx)
		s.Place = place(c.samples[i].place)
		g.samples = append(g.samples, s)
	}
	if g.count+c.count > int64(g.firsts) {
		if len(g.samples) == g.firsts {
			g.samples = append(g.samples, rca.Sample{})
		}
		s := &c.samples[len(c.samples)-1]
		last := &g.samples[g.firsts]
		g.keep = t.sample(last, g.keep, s, cx)
		last.Place = place(s.place)
	}
	g.count += c.count
	if c.first != rca.NoTime {
		if g.first == rca.NoTime || c.first < g.first {
			g.first = c.first
		}
		g.last = max(g.last, c.last)
	}
	for i := c.firstTick; i >= 0; {
		k := &b.ticks[i]
		t.bucket(g, rca.Bucket{Start: rca.Time(k.second >> t.shift << t.shift), Count: k.count, First: place(k.place)})
		i = k.next
	}
	for i := range c.numbers {
		if c.numbers[i].first >= 0 {
			t.number(g, i, &c.numbers[i], b.points)
		}
	}
	for i := range c.params {
		g.param(i, &c.params[i])
	}
	for _, s := range c.stacks {
		g.stack(s, place)
	}
}

// maxFields is how many fields of a record a sample keeps.
const maxFields = 16

// sample copies one record's texts. With keep they go into that memory, which is given back larger: a shape's last sample
// changes with every block, and would leave some twenty small strings behind each time.
func (t *Table) sample(out *rca.Sample, keep []byte, s *sample, cx Context) []byte {
	own := keep != nil
	*out = rca.Sample{Time: s.time, Fields: out.Fields[:0]}
	message, stack := clip(s.message, rca.MaxSample), clip(s.stack, rca.MaxSample)
	raw := ""
	if cx.Raw != nil {
		r := cx.Raw(s.place)
		out.Hash = xxhash.Sum64String(r)
		if cx.Keep {
			raw = clip(r, 2*rca.MaxSample)
			out.RawCut = len(r) > 2*rca.MaxSample
		}
	}
	n := len(message) + len(stack) + len(s.trace) + len(raw)
	for i := range s.fields {
		n += len(s.fields[i].Key) + min(len(s.fields[i].Value), 512)
	}
	if cap(keep) < n || !own {
		size := n
		if own {
			size += n / 2
		}
		keep = make([]byte, 0, size)
	}
	keep = keep[:0]
	copied := func(v string) string {
		at := len(keep)
		keep = append(keep, v...)
		return view(keep[at:])
	}
	out.Message, out.Stack, out.Trace, out.Raw = copied(message), copied(stack), copied(s.trace), copied(raw)
	if cap(out.Fields) < len(s.fields) {
		out.Fields = make([]rca.Field, 0, len(s.fields))
	}
	for i := range s.fields {
		out.Fields = append(out.Fields, rca.Field{Key: copied(s.fields[i].Key), Value: copied(clip(s.fields[i].Value, 512))})
	}
	if len(out.Fields) == 0 {
		out.Fields = nil
	}
	return keep
}

func (t *Table) bucket(g *total, b rca.Bucket) {
	n := len(g.buckets)
	i := n
	if n > 0 && g.buckets[n-1].Start >= b.Start {
		if i = n - 1; g.buckets[i].Start > b.Start {
			i = sort.Search(n, func(i int) bool { return g.buckets[i].Start >= b.Start })
		}
		if g.buckets[i].Start == b.Start {
			g.buckets[i].Count += b.Count
			return
		}
	}
	t.buckets++
	g.buckets = append(t.spareBuckets.grow(g.buckets), b)
	if i < n {
		copy(g.buckets[i+1:], g.buckets[i:])
		g.buckets[i] = b
	}
}

func (t *Table) number(g *total, i int, nu *number, points []numberLink) {
	k := i
	if nu.name != "" {
		for k = 0; k < len(g.numbers) && g.numbers[k].name != nu.name; k++ {
		}
		if k == len(g.numbers) && k >= maxNumbers+6 {
			return
		}
	}
	for len(g.numbers) <= k {
		g.numbers = append(g.numbers, total2{name: strings.Clone(nu.name)})
	}
	n := &g.numbers[k]
	if len(n.points) == 0 {
		n.steps = nu.steps
		n.shift = max(n.shift, t.pointShift)
	}
	t.points -= len(n.points)
	lo, hi := n.span(nu.lo), n.span(nu.hi)
	if lo || hi {
		n.coarsen()
	}
	for at := nu.first; at >= 0; at = points[at].next {
		n.add(&points[at].numberTick, &t.sparePoints)
	}
	t.points += len(n.points)
}

// add takes one step's sums.
func (n *total2) add(t *numberTick, spare *spares[rca.NumberPoint]) {
	start := rca.Time(t.second >> n.shift << n.shift)
	k := len(n.points)
	i := k
	if k > 0 && n.points[k-1].Start >= start {
		if i = k - 1; n.points[i].Start > start {
			i = sort.Search(k, func(i int) bool { return n.points[i].Start >= start })
		}
		if p := &n.points[i]; p.Start == start {
			p.Count += t.count
			p.Sum += t.sum
			p.Min, p.Max = min(p.Min, t.minimum), max(p.Max, t.maxi)
			return
		}
	}
	p := rca.NumberPoint{Start: start, Count: t.count, Sum: t.sum, Min: t.minimum, Max: t.maxi}
	n.points = append(spare.grow(n.points), p)
	if i < k {
		copy(n.points[i+1:], n.points[i:])
		n.points[i] = p
	}
}

// coarsen adds up points that fall together.
func (n *total2) coarsen() {
	out := n.points[:0]
	for _, p := range n.points {
		p.Start = p.Start >> n.shift << n.shift
		if m := len(out); m > 0 && out[m-1].Start == p.Start {
			q := &out[m-1]
			q.Count += p.Count
			q.Sum += p.Sum
			q.Min, q.Max = min(q.Min, p.Min), max(q.Max, p.Max)
		} else {
			out = append(out, p)
		}
	}
	n.points = out
}

func (g *total) param(i int, p *param) {
	k := i
	if p.name != "" {
		for k = 0; k < len(g.params) && g.params[k].name != p.name; k++ {
		}
		if k == len(g.params) && k >= maxParams+8 {
			return
		}
	}
	for len(g.params) <= k {
		g.params = append(g.params, param{name: strings.Clone(p.name), kind: p.kind})
	}
	q := &g.params[k]
	for v := 0; v < int(p.n); v++ {
		found := false
		for w := 0; w < int(q.n); w++ {
			if q.marks[w] == p.marks[v] && q.values[w] == p.values[v] {
				q.counts[w] += p.counts[v]
				found = true
				break
			}
		}
		if !found {
			if q.n == maxValues {
				q.many = true
				break
			}
			q.marks[q.n], q.values[q.n], q.counts[q.n] = p.marks[v], strings.Clone(p.values[v]), p.counts[v]
			q.n++
		}
	}
	q.many = q.many || p.many
}

func (g *total) stack(s stack, place func(rca.Place) rca.Place) {
	for i := range g.stacks {
		if g.stacks[i].Signature == s.signature {
			g.stacks[i].Count += s.count
			return
		}
	}
	if len(g.stacks) < maxStacks {
		g.stacks = append(g.stacks, rca.Stack{Signature: s.signature, Count: s.count, First: s.time, Place: place(s.place), Text: strings.Clone(clip(s.text, rca.MaxSample))})
	}
}
