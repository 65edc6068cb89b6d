package index

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"

	"github.com/rca-engine/rca"
)

// maxFooter bounds what a footer unpacks to: some hundred bytes for each of the blocks, and the dictionaries.
const maxFooter = 512 << 20

// decoders are shared by all readers: one for footers, one for columns, neither of which makes more than such a thing may be.
var decoders = sync.OnceValues(func() (d [2]*zstd.Decoder, err error) {
	for i, most := range []uint64{maxFooter, maxColumn} {
		if d[i], err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(most)); err != nil {
			return d, err
		}
	}
	return d, nil
})

// Reader answers queries. All its methods may be called at the same time.
type Reader struct {
	at     io.ReaderAt
	dec    *zstd.Decoder
	footer *footer
	ids    [dims]map[string]uint32
	sum    uint64  // of the footer: tells one index from another
	rise   []int32 // blocks by their earliest time
	fall   []int32 // blocks by their latest time, the last one first
}

// Open reads the footer of an index of so many bytes.
func Open(at io.ReaderAt, size int64) (*Reader, error) {
	r, err := open(at, size)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return r, nil
}

func open(at io.ReaderAt, size int64) (*Reader, error) {
	dec, err := decoders()
	if err != nil {
		return nil, err
	}
	if size < int64(headerSize+trailerSize) {
		return nil, fmt.Errorf("%d bytes are too few: %w", size, ErrCorrupt)
	}
	head, tail := make([]byte, headerSize), make([]byte, trailerSize)
	if err := readFull(at, head, 0); err != nil {
		return nil, err
	}
	if err := readFull(at, tail, size-int64(trailerSize)); err != nil {
		return nil, err
	}
	if string(head[:len(magic)]) != magic || string(tail[trailerSize-len(magic):]) != magic {
		return nil, fmt.Errorf("not an index, or cut off: %w", ErrCorrupt)
	}
	for _, b := range [][]byte{head[len(magic):], tail[16:]} {
		if v := binary.LittleEndian.Uint32(b); v != version {
			return nil, fmt.Errorf("version %d, this program reads %d: %w", v, version, ErrCorrupt)
		}
	}
	length := binary.LittleEndian.Uint64(tail)
	room := uint64(size) - uint64(headerSize+trailerSize)
	if length > min(room, maxFooter) {
		return nil, fmt.Errorf("footer of %d bytes in a file of %d: %w", length, size, ErrCorrupt)
	}
	packed := make([]byte, length)
	end := size - int64(trailerSize) - int64(length)
	if err := readFull(at, packed, end); err != nil {
		return nil, err
	}
	r := &Reader{at: at, dec: dec[1], sum: xxhash.Sum64(packed)}
	if r.sum != binary.LittleEndian.Uint64(tail[8:]) {
		return nil, fmt.Errorf("checksum of the footer does not match: %w", ErrCorrupt)
	}
	raw, err := dec[0].DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("footer: %w: %w", err, ErrCorrupt)
	}
	if r.footer, err = parseFooter(raw, end); err != nil {
		return nil, err
	}
	for d, list := range r.footer.names {
		r.ids[d] = make(map[string]uint32, len(list))
		for id, s := range list {
			r.ids[d][s] = uint32(id)
		}
	}
	blocks := r.footer.blocks
	for i := range blocks {
		r.rise = append(r.rise, int32(i))
	}
	r.fall = slices.Clone(r.rise)
	slices.SortStableFunc(r.rise, func(a, b int32) int { return cmp.Compare(blocks[a].earliest(), blocks[b].earliest()) })
	slices.SortStableFunc(r.fall, func(a, b int32) int { return cmp.Compare(blocks[b].high, blocks[a].high) })
	return r, nil
}

// Records is how many records the index holds.
func (r *Reader) Records() int64 { return r.footer.records }

func readFull(at io.ReaderAt, p []byte, off int64) error {
	n, err := at.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%d bytes at %d are missing: %w", len(p)-n, off, ErrCorrupt)
	}
	return err
}

// view reads the columns of one block at a time. Each is unpacked when it is first asked for; the memory serves
// the next block again.
type view struct {
	r       *Reader
	block   *block
	have    [columns]bool
	ids     [dims][]uint32
	numbers [columns][]uint64
	times   []rca.Time
	timed   bool
	packed  []byte
	raw     []byte
	chosen  []uint16
}

// open turns to a block.
func (v *view) open(ctx context.Context, i int) error {
	if b := &v.r.footer.blocks[i]; b != v.block {
		v.block = b
		v.have = [columns]bool{}
		v.timed = false
	}
	return ctx.Err()
}

// load leaves the raw bytes of a column in v.raw.
func (v *view) load(c int) error {
	col := v.block.cols[c]
	v.raw = v.raw[:0]
	if col.size == 0 {
		return nil
	}
	v.packed = slices.Grow(v.packed[:0], int(col.size))[:col.size]
	if err := readFull(v.r.at, v.packed, col.offset); err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	if uint32(xxhash.Sum64(v.packed)) != col.sum {
		return v.corrupt(c)
	}
	var err error
	if v.raw, err = v.r.dec.DecodeAll(v.packed, v.raw); err != nil {
		return v.corrupt(c)
	}
	return nil
}

func (v *view) corrupt(c int) error {
	return fmt.Errorf("read index: column %d at byte %d: %w", c, v.block.cols[c].offset, ErrCorrupt)
}

// property returns, for each record, an index into the block's values, or an id if they are too many.
func (v *view) property(d int) ([]uint32, error) {
	if v.have[d] {
		return v.ids[d], nil
	}
	if err := v.load(d); err != nil {
		return nil, err
	}
	v.ids[d] = slices.Grow(v.ids[d][:0], v.block.records)[:v.block.records]
	if !unplane(v.ids[d], v.raw) {
		return nil, v.corrupt(d)
	}
	most := len(v.block.dims[d].values)
	if v.block.dims[d].wide {
		most = len(v.r.footer.names[d])
	}
	if slices.Max(v.ids[d]) >= uint32(most) {
		return nil, v.corrupt(d)
	}
	v.have[d] = true
	return v.ids[d], nil
}

// id returns a record's value as the dictionary numbers it.
func (v *view) id(d, i int) (uint32, error) {
	ids, err := v.property(d)
	if err != nil {
		return 0, err
	}
	if v.block.dims[d].wide {
		return ids[i], nil
	}
	return v.block.dims[d].values[ids[i]].id, nil
}

func (v *view) column(c int) ([]uint64, error) {
	if v.have[c] {
		return v.numbers[c], nil
	}
	if err := v.load(c); err != nil {
		return nil, err
	}
	v.numbers[c] = slices.Grow(v.numbers[c][:0], v.block.records)[:v.block.records]
	if !unplane(v.numbers[c], v.raw) {
		return nil, v.corrupt(c)
	}
	v.have[c] = true
	return v.numbers[c], nil
}

// time returns where each record stands in time: its own time, a carried one, or NoTime.
func (v *view) time() ([]rca.Time, error) {
	if v.timed {
		return v.times, nil
	}
	flags, err := v.column(colFlags)
	if err != nil {
		return nil, err
	}
	steps, err := v.column(colTime)
	if err != nil {
		return nil, err
	}
	v.times = slices.Grow(v.times[:0], len(steps))[:len(steps)]
	now := int64(v.block.low)
	for i, s := range steps {
		if flags[i] == timeNone {
			v.times[i] = rca.NoTime
			continue
		}
		now += unzigzag(s) * v.block.scale
		v.times[i] = rca.Time(now)
	}
	v.timed = true
	return v.times, nil
}

// hits appends the records at some places of the block, which must ascend.
func (v *view) hits(dst []Hit, places []uint16) ([]Hit, error) {
	times, err := v.time()
	if err != nil {
		return nil, err
	}
	var n [columns][]uint64
	for _, c := range []int{colFlags, colLine, colSpan, colOffset, colLength} {
		if n[c], err = v.column(c); err != nil {
			return nil, err
		}
	}
	var id [dims]uint32
	var p rca.Position
	k := 0
	for i := range v.block.records {
		if k == len(places) {
			break
		}
		p.Line = p.EndLine + unzigzag(n[colLine][i])
		p.EndLine = p.Line + unzigzag(n[colSpan][i])
		p.Offset += p.Length + unzigzag(n[colOffset][i])
		p.Length = unzigzag(n[colLength][i])
		if int(places[k]) != i {
			continue
		}
		k++
		for d := range dims {
			if id[d], err = v.id(d, i); err != nil {
				return nil, err
			}
		}
		h := Hit{
			Ordinal: v.block.first + int64(i), Position: p, Time: rca.NoTime, Severity: rca.Severity(id[dimSeverity]),
			Component: v.r.footer.names[dimComponent][id[dimComponent]], Template: v.r.footer.names[dimTemplate][id[dimTemplate]],
		}
		h.Source = v.r.footer.names[dimSource][id[dimSource]]
		if n[colFlags][i] == timeOwn {
			h.Time = times[i]
		}
		dst = append(dst, h)
	}
	return dst, nil
}
