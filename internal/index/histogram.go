package index

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/rca-engine/rca"
)

const maxBuckets = 10_000

// Counts holds numbers of records by severity.
type Counts [severities]int64

// Histogram counts the records of a query by steps of time and severity.
type Histogram struct {
	Start   rca.Time // of the first bucket, a multiple of Step since 1970
	Step    time.Duration
	Buckets []Counts
	Untimed Counts // records that stand at no time
	Total   int64
	// Exact is false if a filter by text gave up after the texts that one query reads: then only what lies before is
	// counted, in time's order.
	Exact bool

	first int64 // Start in steps; at the ends of what a Time holds, Start itself overflows
}

// Histogram counts what answers a query, in as many buckets as given or less: the step is one that a clock shows, or some
// days. (Steps begin in 1970; records from before and after take two buckets at least.) The order, cursor and limit of the
// query mean nothing here.
func (r *Reader) Histogram(ctx context.Context, q Query, buckets int) (Histogram, error) {
	if buckets < 1 || buckets > maxBuckets {
		return Histogram{}, fmt.Errorf("histogram: %w: %d buckets are not in 1 to %d", ErrQuery, buckets, maxBuckets)
	}
	f, err := r.filter(&q)
	if err != nil {
		return Histogram{}, fmt.Errorf("histogram: %w", err)
	}
	h := r.scale(f, buckets)
	if q.byText() {
		err = r.tallyTexts(ctx, &q, f, &h)
	} else {
		err = r.tally(ctx, f, &h)
	}
	if err != nil {
		return Histogram{}, fmt.Errorf("histogram: %w", err)
	}
	for _, c := range append(h.Buckets, h.Untimed) {
		for _, n := range c {
			h.Total += n
		}
	}
	return h, nil
}

// steps are what a clock shows, up to a day.
var steps = func() (all []int64) {
	for s := int64(1); s < 1e9; s *= 10 {
		all = append(all, s, 2*s, 5*s)
	}
	for _, s := range []time.Duration{1, 2, 5, 10, 15, 30} {
		all = append(all, int64(s*time.Second))
	}
	for _, s := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 2 * 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60} {
		all = append(all, int64(s*time.Minute))
	}
	return all
}()

// scale lays the buckets over the times of the blocks that may have something to count.
func (r *Reader) scale(f *filter, buckets int) Histogram {
	low, high := rca.Time(math.MaxInt64), rca.NoTime
	for i := range r.footer.blocks {
		if b := &r.footer.blocks[i]; b.low != rca.NoTime && f.judge(b) != 0 {
			low, high = min(low, b.low), max(high, b.high)
		}
	}
	if f.from != rca.NoTime {
		low = max(low, f.from)
	}
	if f.to != rca.NoTime {
		high = min(high, f.to-1)
	}
	h := Histogram{Step: time.Second, Exact: true}
	if low > high {
		return h
	}
	span := uint64(high) - uint64(low)
	fits := func(step int64) bool {
		return span/uint64(step) <= uint64(buckets) && floor(int64(high), step)-floor(int64(low), step) < int64(buckets)
	}
	step := int64(0)
	for _, s := range steps {
		if fits(s) {
			step = s
			break
		}
	}
	for day := int64(24 * time.Hour); step == 0; day *= 2 {
		if fits(day) || day > math.MaxInt64/4 {
			step = day
		}
	}
	h.first = floor(int64(low), step)
	h.Step = time.Duration(step)
	h.Start = rca.Time(h.first * step)
	h.Buckets = make([]Counts, floor(int64(high), step)-h.first+1)
	return h
}

func floor(t, step int64) int64 {
	n := t / step
	if t%step < 0 {
		n--
	}
	return n
}

// bucket returns the bucket of a time. The scale holds every time that is counted, if the file says the truth.
func (h *Histogram) bucket(t rca.Time) *Counts {
	if t == rca.NoTime {
		return &h.Untimed
	}
	i := floor(int64(t), int64(h.Step)) - h.first
	if i < 0 || i >= int64(len(h.Buckets)) {
		return nil
	}
	return &h.Buckets[i]
}

func (r *Reader) tally(ctx context.Context, f *filter, h *Histogram) error {
	v := view{r: r}
	for i := range r.footer.blocks {
		b := &r.footer.blocks[i]
		if f.judge(b) == 0 {
			continue
		}
		if f.whole(b, h) {
			continue
		}
		if err := v.open(ctx, i); err != nil {
			return err
		}
		chosen, err := f.choose(&v)
		if err != nil {
			return err
		}
		if len(chosen) == 0 {
			continue
		}
		times, err := v.time()
		if err != nil {
			return err
		}
		level, err := v.property(dimSeverity)
		if err != nil {
			return err
		}
		// Neighbours mostly fall into one bucket.
		var counts *Counts
		from, to := rca.Time(1), rca.Time(0)
		for _, place := range chosen {
			t := times[place]
			if t < from || t >= to {
				if counts = h.bucket(t); counts == nil {
					return v.corrupt(colTime)
				}
				from = rca.Time(floor(int64(t), int64(h.Step)) * int64(h.Step))
				if to = from + rca.Time(h.Step); t == rca.NoTime || t < from || t >= to { // an overflow
					from, to = 1, 0
				}
			}
			s := level[place]
			if p := &b.dims[dimSeverity]; !p.wide {
				s = p.values[s].id
			}
			counts[s]++
		}
	}
	return nil
}

// whole counts a block by its footer, if it falls into one bucket and nothing but the severity is asked for.
func (f *filter) whole(b *block, h *Histogram) bool {
	cuts := f.cuts
	cuts[dimSeverity] = false
	p := &b.dims[dimSeverity]
	counts := h.bucket(b.low)
	if cuts != [dims + 1]bool{} || p.wide || b.untimed > 0 && b.untimed < b.records || counts == nil || counts != h.bucket(b.high) {
		return false
	}
	for _, v := range p.values {
		if want := f.want[dimSeverity]; want == nil || want[v.id] {
			counts[v.id] += int64(v.count)
		}
	}
	return true
}

func (r *Reader) tallyTexts(ctx context.Context, q *Query, f *filter, h *Histogram) error {
	s, err := r.walk(ctx, q, f, order{byTime: true}, nil, maxTexts)
	if err != nil {
		return err
	}
	for i, k := range s.keys {
		counts := h.bucket(k.time)
		if counts == nil {
			return fmt.Errorf("record %d lies outside of its block's time: %w", k.ordinal, ErrCorrupt)
		}
		counts[s.hits[i].Severity]++
	}
	h.Exact = !s.more
	return nil
}
