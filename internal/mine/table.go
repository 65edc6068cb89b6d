package mine

import (
	"sort"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/rca-engine/rca"
)

// Bounds of a Table. What does not fit is folded into coarser shapes, chosen by the order of the input alone, and counted.
const (
	maxShapes   = 40_000 // shapes in all; half as many again for those at error severity
	maxSiblings = 8_000  // shapes with the same first words
	maxCells    = 60_000 // series; half as many again for those at error severity
	maxBuckets  = 512    // steps of time over the whole input
	maxPoints   = 64     // steps of a numeric field's series
)

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
	buckets   []bucket
	params    []param
	numbers   []total2
	stacks    []rca.Stack
}

type bucket struct {
	index int64
	count int64
	place rca.Place
}

type total2 struct {
	name   string
	points []numberTick // second is the start of a step
	shift  uint
}

// NewTable makes an empty one.
func NewTable() *Table {
	return &Table{shapeOf: map[uint64]int32{}, siblings: map[uint64]int32{}, cells: map[uint64]*total{}, first: 1<<62 - 1, last: -1 << 62}
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
	t.remapCell = t.remapCell[:0]
	for i := range b.cells {
		c := &b.cells[i]
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
			t.cells[h] = g
			t.order = append(t.order, g)
		}
		t.shapes[id].count += c.count
		t.merge(g, c, cx)
		t.remapCell = append(t.remapCell, g)
	}
	if b.Assign {
		t.remap = t.remap[:0]
		for _, k := range b.Cells {
			t.remap = append(t.remap, t.remapCell[k].shape)
		}
	}
	t.addTraces(b, cx)
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
		for _, g := range t.order {
			g.coarsen(t.shift)
		}
	}
}

// coarsen adds up buckets that fall together.
func (g *total) coarsen(shift uint) {
	out := g.buckets[:0]
	for _, b := range g.buckets {
		b.index = b.index >> shift << shift
		if n := len(out); n > 0 && out[n-1].index == b.index {
			out[n-1].count += b.count
		} else {
			out = append(out, b)
		}
	}
	g.buckets = out
}

func (t *Table) merge(g *total, c *cell, cx Context) {
	place := func(p rca.Place) rca.Place {
		p.Line += cx.Line + 1
		p.Offset += cx.Offset
		return p
	}
	for i := 0; i < c.nSamples && len(g.samples) < 3; i++ {
		g.samples = append(g.samples, t.sample(&c.samples[i], cx, place))
	}
	if g.count+c.count > 3 {
		var s *sample
		if c.count > 3 {
			s = &c.lastOne
		} else {
			s = &c.samples[c.nSamples-1]
		}
		last := t.sample(s, cx, place)
		if len(g.samples) > 3 {
			g.samples[3] = last
		} else {
			g.samples = append(g.samples, last)
		}
	}
	g.count += c.count
	if c.first != rca.NoTime {
		if g.first == rca.NoTime || c.first < g.first {
			g.first = c.first
		}
		g.last = max(g.last, c.last)
	}
	for _, k := range c.ticks {
		g.bucket(k.second>>t.shift<<t.shift, k.count, place(k.place))
	}
	for i := range c.numbers {
		if len(c.numbers[i].ticks) == 0 {
			continue
		}
		g.number(c.numbers[i].name, i, c.numbers[i].ticks)
	}
	for i := range c.params {
		g.param(i, &c.params[i])
	}
	for _, s := range c.stacks {
		g.stack(s, place)
	}
}

func (t *Table) sample(s *sample, cx Context, place func(rca.Place) rca.Place) rca.Sample {
	out := rca.Sample{Place: place(s.place), Time: s.time, Message: strings.Clone(clip(s.message, rca.MaxSample)), Stack: strings.Clone(clip(s.stack, rca.MaxSample)), Trace: strings.Clone(s.trace)}
	for _, f := range s.fields {
		if len(out.Fields) < 16 {
			out.Fields = append(out.Fields, rca.Field{Key: strings.Clone(f.Key), Value: strings.Clone(clip(f.Value, 512))})
		}
	}
	if cx.Raw != nil {
		raw := cx.Raw(s.place)
		out.Hash = xxhash.Sum64String(raw)
		if cx.Keep {
			out.Raw = strings.Clone(clip(raw, 2*rca.MaxSample))
			out.RawCut = len(raw) > 2*rca.MaxSample
		}
	}
	return out
}

func (g *total) bucket(index, count int64, place rca.Place) {
	n := len(g.buckets)
	if n == 0 || g.buckets[n-1].index < index {
		g.buckets = append(g.buckets, bucket{index, count, place})
		return
	}
	i := sort.Search(n, func(i int) bool { return g.buckets[i].index >= index })
	if i < n && g.buckets[i].index == index {
		g.buckets[i].count += count
		return
	}
	g.buckets = append(g.buckets, bucket{})
	copy(g.buckets[i+1:], g.buckets[i:])
	g.buckets[i] = bucket{index, count, place}
}

func (g *total) number(name string, i int, ticks []numberTick) {
	k := i
	if name != "" {
		for k = 0; k < len(g.numbers) && g.numbers[k].name != name; k++ {
		}
		if k == len(g.numbers) && k >= maxNumbers+6 {
			return
		}
	}
	for len(g.numbers) <= k {
		g.numbers = append(g.numbers, total2{name: strings.Clone(name)})
	}
	n := &g.numbers[k]
	for _, t := range ticks {
		n.add(t)
	}
}

// add takes one step's sums. Its own step of time doubles when there are too many.
func (n *total2) add(t numberTick) {
	t.second = t.second >> n.shift << n.shift
	k := len(n.points)
	i := k
	if k > 0 && n.points[k-1].second >= t.second {
		i = sort.Search(k, func(i int) bool { return n.points[i].second >= t.second })
		if n.points[i].second == t.second {
			p := &n.points[i]
			p.count += t.count
			p.sum += t.sum
			p.minimum, p.maxi = min(p.minimum, t.minimum), max(p.maxi, t.maxi)
			return
		}
	}
	n.points = append(n.points, numberTick{})
	copy(n.points[i+1:], n.points[i:])
	n.points[i] = t
	// The step depends on the time spanned, never on how many points came when.
	for (n.points[len(n.points)-1].second>>n.shift)-(n.points[0].second>>n.shift) >= maxPoints {
		n.shift++
		out := n.points[:0]
		for _, p := range n.points {
			p.second = p.second >> n.shift << n.shift
			if m := len(out); m > 0 && out[m-1].second == p.second {
				o := &out[m-1]
				o.count += p.count
				o.sum += p.sum
				o.minimum, o.maxi = min(o.minimum, p.minimum), max(o.maxi, p.maxi)
			} else {
				out = append(out, p)
			}
		}
		n.points = out
	}
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
	for v := 0; v < p.n; v++ {
		found := false
		for w := 0; w < q.n; w++ {
			if q.values[w] == p.values[v] {
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
			q.values[q.n], q.counts[q.n] = strings.Clone(p.values[v]), p.counts[v]
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
