package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/rca-engine/rca"
)

// Context returns the records around a position in the same source, in input order, and which of them stands at it. The
// position needs source and line; where no record has this line, the one before it is taken, or the first.
func (r *Reader) Context(ctx context.Context, p rca.Position, before, after int) (hits []Hit, at int, err error) {
	if before < 0 || after < 0 || before > maxLimit || after > maxLimit {
		return nil, 0, fmt.Errorf("context of a record: %w: %d before, %d after are not in 0 to %d", ErrQuery, before, after, maxLimit)
	}
	f, err := r.filter(&Query{Sources: []string{p.Source}})
	if err != nil {
		return nil, 0, err
	}
	k, err := r.locate(ctx, p)
	if err != nil {
		return nil, 0, fmt.Errorf("context of a record: %w", err)
	}
	k.time = 0
	var keys []key
	if before > 0 {
		if keys, err = r.next(ctx, f, order{reverse: true}, &k, before); err != nil {
			return nil, 0, err
		}
	}
	slices.Reverse(keys)
	at = len(keys)
	keys = append(keys, k)
	if after > 0 {
		rest, err := r.next(ctx, f, order{}, &k, after)
		if err != nil {
			return nil, 0, err
		}
		keys = append(keys, rest...)
	}
	hits, err = r.fetch(ctx, keys)
	return hits, at, err
}

// locate finds the record at a line of a source. It relies on the lines of a source ascending; where two sources have
// one name, it finds a record of one of them.
func (r *Reader) locate(ctx context.Context, p rca.Position) (key, error) {
	id, ok := r.ids[dimSource][cut(p.Source)]
	var in []int // blocks with records of the source, and the source's number in each
	var as []uint32
	for i := range r.footer.blocks {
		values := r.footer.blocks[i].dims[dimSource].values
		k, found := slices.BinarySearchFunc(values, id, func(v value, id uint32) int { return cmp.Compare(v.id, id) })
		if ok && found {
			in, as = append(in, i), append(as, uint32(k))
		}
	}
	if len(in) == 0 {
		return key{}, fmt.Errorf("source %q: %w", p.Source, ErrNotFound)
	}
	v := view{r: r}
	var err error
	look := func(i int) (first, last int, line int64) {
		if err == nil {
			err = v.open(ctx, in[i])
		}
		if err == nil {
			first, last, line, err = v.find(as[i], p.Line)
		}
		return first, last, line
	}
	// The last block whose first line of the source is not behind the one that is looked for.
	i := sort.Search(len(in), func(i int) bool { _, _, line := look(i); return line > p.Line })
	i = max(i-1, 0)
	first, last, _ := look(i)
	if err != nil {
		return key{}, err
	}
	place := max(first, last)
	times, err := v.time()
	if err != nil {
		return key{}, err
	}
	return key{times[place], v.block.first + int64(place)}, nil
}

// find returns, for a source of the block, the place and line of its first record, and the place of its last record
// that does not begin behind a line, or -1.
func (v *view) find(source uint32, line int64) (first, last int, firstLine int64, err error) {
	sources, err := v.property(dimSource)
	if err != nil {
		return 0, 0, 0, err
	}
	lines, err := v.column(colLine)
	if err != nil {
		return 0, 0, 0, err
	}
	spans, err := v.column(colSpan)
	if err != nil {
		return 0, 0, 0, err
	}
	first, last = -1, -1
	end := int64(0)
	for i := range lines {
		at := end + unzigzag(lines[i])
		end = at + unzigzag(spans[i])
		if sources[i] != source {
			continue
		}
		if first < 0 {
			first, firstLine = i, at
		}
		if at <= line {
			last = i
		}
	}
	if first < 0 {
		return 0, 0, 0, v.corrupt(dimSource) // the footer says that there is one
	}
	return first, last, firstLine, nil
}
