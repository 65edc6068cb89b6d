package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"

	"github.com/rca-engine/rca"
)

// Writer writes an index. Its memory is one block, the dictionaries, and what the footer will say of each block.
type Writer struct {
	w       io.Writer
	enc     *zstd.Encoder
	err     error // the first one; nothing can be written after it
	offset  int64
	records int64
	names   [dims]names
	blocks  []byte // as the footer holds them
	count   int    // of blocks

	n        int // records in the block
	ids      [dims][]uint32
	times    []rca.Time
	numbers  [columns][]uint64
	last     []rca.Time // time of the last record, by source
	position rca.Position

	raw, packed []byte
	slots       []uint32 // of values while a block is written, by id
	values      []value
}

// names gives numbers to strings. Number 0 is Other.
type names struct {
	ids   map[string]uint32
	list  []string
	bytes int
	name  string // the last one asked for, and its number: neighbours share them
	id    uint32
}

func newNames() names {
	return names{ids: map[string]uint32{Other: 0}, list: []string{Other}, name: Other}
}

func (n *names) number(s string) uint32 {
	if s == n.name {
		return n.id
	}
	s = cut(s)
	id, ok := n.ids[s]
	if !ok && len(n.list) < maxNames && n.bytes+len(s) <= maxNameBytes {
		id = uint32(len(n.list))
		s = strings.Clone(s) // it points into a block that is used again
		n.list = append(n.list, s)
		n.ids[s] = id
		n.bytes += len(s)
		ok = true
	}
	if ok {
		n.name, n.id = n.list[id], id
	}
	return id
}

// cut shortens a name to what a dictionary takes.
func cut(s string) string {
	if len(s) > maxNameSize {
		return strings.ToValidUTF8(s[:maxNameSize], "")
	}
	return s
}

// NewWriter begins an index.
func NewWriter(w io.Writer) (*Writer, error) {
	enc, err := newEncoder()
	if err != nil {
		return nil, err
	}
	x := &Writer{w: w, enc: enc, times: make([]rca.Time, blockRecords)}
	for d := range dims {
		x.ids[d] = make([]uint32, blockRecords)
		x.names[d] = newNames()
	}
	for c := range x.numbers {
		x.numbers[c] = make([]uint64, blockRecords)
	}
	x.write(binary.LittleEndian.AppendUint32([]byte(magic), version))
	return x, x.err
}

// Add takes the next record in input order. It keeps nothing of it.
func (x *Writer) Add(r *rca.Record, template string) error {
	if x.err != nil {
		return x.err
	}
	i := x.n
	source := x.names[dimSource].number(r.Source)
	x.ids[dimSource][i] = source
	x.ids[dimSeverity][i] = uint32(min(r.Severity, rca.SeverityFatal))
	x.ids[dimComponent][i] = x.names[dimComponent].number(r.Component)
	x.ids[dimTemplate][i] = x.names[dimTemplate].number(template)

	for int(source) >= len(x.last) {
		x.last = append(x.last, rca.NoTime)
	}
	at, from := r.Time, timeOwn
	if at == rca.NoTime {
		if at, from = x.last[source], timeCarried; at == rca.NoTime {
			from = timeNone
		}
	}
	x.last[source] = at
	x.times[i] = at
	x.numbers[colFlags][i] = uint64(from)

	p := &x.position
	x.numbers[colLine][i] = zigzag(r.Line - p.EndLine)
	x.numbers[colSpan][i] = zigzag(r.EndLine - r.Line)
	x.numbers[colOffset][i] = zigzag(r.Offset - (p.Offset + p.Length))
	x.numbers[colLength][i] = zigzag(r.Length)
	p.EndLine, p.Offset, p.Length = r.EndLine, r.Offset, r.Length

	if x.n++; x.n == blockRecords {
		x.flush()
	}
	return x.err
}

// Close writes the last block and the footer. It does not close what is written to.
func (x *Writer) Close() error {
	if x.err != nil {
		return x.err
	}
	if x.n > 0 {
		x.flush()
	}
	b := binary.AppendUvarint(nil, uint64(x.records))
	for _, d := range []int{dimSource, dimComponent, dimTemplate} {
		b = binary.AppendUvarint(b, uint64(len(x.names[d].list)))
		for _, s := range x.names[d].list {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	b = binary.AppendUvarint(b, uint64(x.count))
	b = append(b, x.blocks...)
	b = x.enc.EncodeAll(b, nil)
	size, sum := uint64(len(b)), xxhash.Sum64(b)
	b = binary.LittleEndian.AppendUint64(b, size)
	b = binary.LittleEndian.AppendUint64(b, sum)
	b = binary.LittleEndian.AppendUint32(b, version)
	x.write(append(b, magic...))
	if err := x.err; err != nil {
		return err
	}
	x.err = errors.New("write index: it is closed")
	return nil
}

func (x *Writer) write(b []byte) {
	if x.err != nil {
		return
	}
	n, err := x.w.Write(b)
	x.offset += int64(n)
	if err != nil {
		x.err = fmt.Errorf("write index: %w", err)
	}
}

// flush writes the block, and what the footer says of it into x.blocks.
func (x *Writer) flush() {
	n := x.n
	x.blocks = binary.AppendUvarint(x.blocks, uint64(n))
	for d := range dims {
		x.property(d)
	}
	x.timing()
	for c := range columns {
		x.raw = planes(x.raw[:0], x.numbers[c][:n])
		x.packed = x.packed[:0]
		var sum uint32
		if len(x.raw) > 0 {
			x.packed = x.enc.EncodeAll(x.raw, x.packed)
			sum = uint32(xxhash.Sum64(x.packed))
			x.write(x.packed)
		}
		x.blocks = binary.AppendUvarint(x.blocks, uint64(len(x.packed)))
		x.blocks = binary.LittleEndian.AppendUint32(x.blocks, sum)
	}
	x.records += int64(n)
	x.count++
	x.n = 0
	x.position = rca.Position{} // every block can be read alone
}

// property counts the values of a property in the block and turns its ids into indexes of them.
func (x *Writer) property(d int) {
	ids, numbers := x.ids[d][:x.n], x.numbers[d]
	if need := max(len(x.names[d].list), severities); len(x.slots) < need {
		x.slots = append(x.slots, make([]uint32, need-len(x.slots))...)
	}
	x.values = x.values[:0]
	for _, id := range ids {
		if x.slots[id] == 0 {
			x.values = append(x.values, value{id: id})
		}
		x.slots[id]++
	}
	slices.SortFunc(x.values, func(a, b value) int { return int(a.id) - int(b.id) })
	if len(x.values) > maxValues && d != dimSource {
		x.blocks = binary.AppendUvarint(x.blocks, 0)
		for i, id := range ids {
			numbers[i] = uint64(id)
		}
		for _, v := range x.values {
			x.slots[v.id] = 0
		}
		return
	}
	x.blocks = binary.AppendUvarint(x.blocks, uint64(len(x.values)))
	before := uint32(0)
	for k, v := range x.values {
		x.blocks = binary.AppendUvarint(x.blocks, uint64(v.id-before))
		x.blocks = binary.AppendUvarint(x.blocks, uint64(x.slots[v.id]))
		x.slots[v.id] = uint32(k)
		before = v.id
	}
	for i, id := range ids {
		numbers[i] = uint64(x.slots[id])
	}
	for _, v := range x.values {
		x.slots[v.id] = 0
	}
}

// timing writes the bounds of the block's times and turns the times into steps, in the coarsest unit that holds them.
func (x *Writer) timing() {
	times, flags := x.times[:x.n], x.numbers[colFlags]
	low, high, scale, untimed := rca.NoTime, rca.NoTime, int64(1e9), 0
	for i, t := range times {
		if flags[i] == timeNone {
			untimed++
			continue
		}
		if low == rca.NoTime || t < low {
			low = t
		}
		high = max(high, t)
		for int64(t)%scale != 0 {
			scale /= 1000
		}
	}
	if high-low < 0 { // a difference that overflows comes out right if nothing divides it
		scale = 1
	}
	before := low
	for i, t := range times {
		x.numbers[colTime][i] = 0
		if flags[i] != timeNone {
			x.numbers[colTime][i] = zigzag((int64(t) - int64(before)) / scale)
			before = t
		}
	}
	x.blocks = binary.AppendUvarint(x.blocks, uint64(untimed))
	x.blocks = binary.AppendVarint(x.blocks, int64(low))
	x.blocks = binary.AppendVarint(x.blocks, int64(high))
	x.blocks = binary.AppendUvarint(x.blocks, uint64(scale))
}
