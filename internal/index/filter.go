package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rca-engine/rca"
)

// filter is a query as the columns are asked.
type filter struct {
	from, to rca.Time       // NoTime for an open side
	want     [dims][]bool   // by id; nil for all
	narrow   [dims][]bool   // by what the block's column holds, while it is looked at
	room     [dims][]bool   // for narrow, where it is not want itself
	cuts     [dims + 1]bool // which of the properties, and the time at last, keep some of the block's records and not others
}

const dimTime = dims // in filter.cuts

func (r *Reader) filter(q *Query) (*filter, error) {
	f := &filter{from: q.From, to: q.To}
	if f.from == 0 {
		f.from = rca.NoTime
	}
	if f.to == 0 {
		f.to = rca.NoTime
	}
	if f.from != rca.NoTime && f.to != rca.NoTime && f.from > f.to {
		return nil, fmt.Errorf("%w: From lies after To", ErrQuery)
	}
	for d, list := range map[int][]string{dimSource: q.Sources, dimComponent: q.Components, dimTemplate: q.Templates} {
		if len(list) == 0 {
			continue
		}
		f.want[d] = make([]bool, len(r.footer.names[d]))
		for _, s := range list {
			if id, ok := r.ids[d][cut(s)]; ok {
				f.want[d][id] = true
			}
		}
	}
	if len(q.Severities) > 0 || q.MinSeverity > 0 {
		f.want[dimSeverity] = make([]bool, severities)
		for s := range severities {
			sev := rca.Severity(s)
			f.want[dimSeverity][s] = sev >= q.MinSeverity && (len(q.Severities) == 0 || slices.Contains(q.Severities, sev))
		}
	}
	return f, nil
}

// someMay is judge's answer where only the columns can tell.
const someMay = -1

// judge tells how many records of a block pass, as far as the footer knows, else someMay. It prepares choose.
func (f *filter) judge(b *block) int {
	n, open := b.records, 0
	f.cuts = [dims + 1]bool{}
	if f.from != rca.NoTime || f.to != rca.NoTime {
		switch {
		case b.untimed == b.records || f.from != rca.NoTime && b.high < f.from || f.to != rca.NoTime && b.low >= f.to:
			return 0
		case b.untimed > 0 || f.from != rca.NoTime && b.low < f.from || f.to != rca.NoTime && b.high >= f.to:
			f.cuts[dimTime] = true
			n, open = someMay, 1
		}
	}
	for d, want := range f.want {
		if want == nil {
			continue
		}
		p := &b.dims[d]
		if p.wide {
			f.cuts[d], f.narrow[d] = true, want
			n = someMay
			open++
			continue
		}
		pass := 0
		narrow := f.room[d][:0]
		for _, v := range p.values {
			if want[v.id] {
				pass += int(v.count)
			}
			narrow = append(narrow, want[v.id])
		}
		f.room[d], f.narrow[d] = narrow, narrow
		if pass == 0 {
			return 0
		}
		if pass < b.records {
			f.cuts[d] = true
			n = pass
			open++
		}
	}
	if open > 1 || f.cuts[dimTime] {
		return someMay
	}
	return n
}

// choose returns the places of the records that pass, in a block that judge has just looked at.
func (f *filter) choose(v *view) ([]uint16, error) {
	n := v.block.records
	v.chosen = slices.Grow(v.chosen[:0], n)[:n]
	for i := range v.chosen {
		v.chosen[i] = uint16(i)
	}
	for d := range dims {
		if !f.cuts[d] {
			continue
		}
		ids, err := v.property(d)
		if err != nil {
			return nil, err
		}
		narrow, k := f.narrow[d], 0
		for _, i := range v.chosen {
			v.chosen[k] = i
			if narrow[ids[i]] {
				k++
			}
		}
		v.chosen = v.chosen[:k]
	}
	if !f.cuts[dimTime] || len(v.chosen) == 0 {
		return v.chosen, nil
	}
	times, err := v.time()
	if err != nil {
		return nil, err
	}
	k := 0
	for _, i := range v.chosen {
		if t := times[i]; t != rca.NoTime && t >= f.from && (f.to == rca.NoTime || t < f.to) {
			v.chosen[k] = i
			k++
		}
	}
	v.chosen = v.chosen[:k]
	return v.chosen, nil
}

// count tells how many records pass.
func (r *Reader) count(ctx context.Context, f *filter) (int64, error) {
	v := view{r: r}
	var total int64
	for i := range r.footer.blocks {
		n := f.judge(&r.footer.blocks[i])
		if n == someMay {
			if err := v.open(ctx, i); err != nil {
				return 0, err
			}
			chosen, err := f.choose(&v)
			if err != nil {
				return 0, err
			}
			n = len(chosen)
		}
		total += int64(n)
	}
	return total, nil
}

// key is where a record stands in an order: by time and then ordinal, or, with all times zero, by ordinal alone.
type key struct {
	time    rca.Time
	ordinal int64
}

func (k key) compare(o key) int {
	if c := cmp.Compare(k.time, o.time); c != 0 {
		return c
	}
	return cmp.Compare(k.ordinal, o.ordinal)
}

// order is a way through the records.
type order struct{ byTime, reverse bool }

// before tells whether a comes before b.
func (o order) before(a, b key) bool {
	if o.reverse {
		a, b = b, a
	}
	return a.compare(b) < 0
}

// next returns the first n keys behind a key, or from the beginning if after is nil.
//
// By time, the blocks are taken in the order of their earliest record, and those keys kept that may still be among the
// first n; once the next block begins behind the last of these, no other block matters.
func (r *Reader) next(ctx context.Context, f *filter, o order, after *key, n int) ([]key, error) {
	v := view{r: r}
	var keys []key
	full := false // then keys[n-1] bounds what may still come
	trim := func() {
		slices.SortFunc(keys, func(a, b key) int {
			if o.reverse {
				a, b = b, a
			}
			return a.compare(b)
		})
		if len(keys) >= n {
			keys, full = keys[:n], true
		}
	}
	for step := range r.footer.blocks {
		i := r.step(o, step)
		b := &r.footer.blocks[i]
		first, last := b.bounds(o)
		if full && o.before(keys[n-1], first) {
			break
		}
		if after != nil && !o.before(*after, last) || f.judge(b) == 0 {
			continue
		}
		if err := v.open(ctx, i); err != nil {
			return nil, err
		}
		chosen, err := f.choose(&v)
		if err != nil {
			return nil, err
		}
		var times []rca.Time
		if o.byTime && len(chosen) > 0 {
			if times, err = v.time(); err != nil {
				return nil, err
			}
		}
		if o.reverse {
			slices.Reverse(chosen)
		}
		var bound key
		if full {
			bound = keys[n-1]
		}
		for _, place := range chosen {
			k := key{0, b.first + int64(place)}
			if o.byTime {
				k.time = times[place]
			}
			if after != nil && !o.before(*after, k) || full && !o.before(k, bound) {
				continue
			}
			if keys = append(keys, k); len(keys) >= 2*n {
				trim()
				bound = keys[n-1]
				if !o.byTime {
					break
				}
			}
		}
		if len(keys) >= n {
			trim()
		}
	}
	trim()
	return keys, nil
}

// step returns the block to look at in a step of the way.
func (r *Reader) step(o order, step int) int {
	switch {
	case o.byTime && o.reverse:
		return int(r.fall[step])
	case o.byTime:
		return int(r.rise[step])
	case o.reverse:
		return len(r.footer.blocks) - 1 - step
	}
	return step
}

// bounds returns keys before or at the block's first one on the way, and behind or at its last one.
func (b *block) bounds(o order) (first, last key) {
	first, last = key{0, b.first}, key{0, b.first + int64(b.records) - 1}
	if o.byTime {
		first.time, last.time = b.earliest(), b.high
	}
	if o.reverse {
		return last, first
	}
	return first, last
}

// fetch returns the records of some keys, in the keys' order.
func (r *Reader) fetch(ctx context.Context, keys []key) ([]Hit, error) {
	ordinals := make([]int64, len(keys))
	for i, k := range keys {
		ordinals[i] = k.ordinal
	}
	slices.Sort(ordinals)
	v := view{r: r}
	found := make(map[int64]Hit, len(keys))
	var places []uint16
	var hits []Hit
	for len(ordinals) > 0 {
		i := r.blockOf(ordinals[0])
		b := &r.footer.blocks[i]
		places = places[:0]
		for len(ordinals) > 0 && ordinals[0] < b.first+int64(b.records) {
			places = append(places, uint16(ordinals[0]-b.first))
			ordinals = ordinals[1:]
		}
		if err := v.open(ctx, i); err != nil {
			return nil, err
		}
		var err error
		if hits, err = v.hits(hits[:0], places); err != nil {
			return nil, err
		}
		for _, h := range hits {
			found[h.Ordinal] = h
		}
	}
	all := make([]Hit, len(keys))
	for i, k := range keys {
		all[i] = found[k.ordinal]
	}
	return all, nil
}

// blockOf returns the block of a record.
func (r *Reader) blockOf(ordinal int64) int {
	i, _ := slices.BinarySearchFunc(r.footer.blocks, ordinal, func(b block, o int64) int {
		if b.first+int64(b.records) <= o {
			return -1
		}
		return 1
	})
	return i
}
