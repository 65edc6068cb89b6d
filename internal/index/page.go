package index

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rca-engine/rca"
)

const (
	defaultLimit = 100
	maxLimit     = 1000

	// What one query by text reads at most, before it returns with a cursor.
	maxTexts     = 20_000
	maxTextBytes = 32 << 20
	maxText      = 64 << 10 // of one record
	textBatch    = 500
)

// Query says which records, in which order. The zero value is the first hundred in input order.
type Query struct {
	From, To    rca.Time       // From <= time < To; 0 and NoTime leave a side open, any other leaves out what stands at no time
	MinSeverity rca.Severity   // and above; default all
	Severities  []rca.Severity // any of these; default all
	Sources     []string       // any of these; default all; so the next two
	Components  []string
	Templates   []string

	Match    *regexp.Regexp // in the text of the record; default any
	Contains string         // in the text, in the same case; default any
	// Text returns the text of a record, from its source's decompressed bytes. It is required with Match and Contains, and
	// is asked for the first 64 KiB of a record at most.
	Text func(ctx context.Context, source string, offset, length int64) (string, error)

	ByTime  bool // by time, and at equal times by input order; default by input order
	Reverse bool // the last one first

	After  string        // a cursor of a page of the same query: what comes there; default the beginning
	Around *rca.Position // instead: half of the page lies before this source and line
	Limit  int           // hits on a page, at most 1000; default 100
}

// Page is a piece of the answer to a query, in its order.
type Page struct {
	Hits     []Hit
	Next     string // cursor of what follows; empty at the end
	Previous string // cursor of what comes before; empty at the beginning
	// Total is how many records answer the query. With a filter by text it is not Exact, but how many records pass all the
	// other filters, that is an upper bound.
	Total int64
	Exact bool
}

// Page answers a query. With a filter by text it reads the text of 20,000 records or 32 MB at most: then a page may have few
// hits or none, and yet a cursor in Next (or in Previous, if it was asked for what comes before).
func (r *Reader) Page(ctx context.Context, q Query) (Page, error) {
	p, err := r.page(ctx, &q)
	if err != nil {
		return Page{}, fmt.Errorf("page of records: %w", err)
	}
	return p, nil
}

func (r *Reader) page(ctx context.Context, q *Query) (Page, error) {
	switch {
	case q.Limit < 0 || q.Limit > maxLimit:
		return Page{}, fmt.Errorf("%w: limit %d is not in 1 to %d", ErrQuery, q.Limit, maxLimit)
	case q.After != "" && q.Around != nil:
		return Page{}, fmt.Errorf("%w: a cursor and a position at once", ErrQuery)
	}
	limit := q.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	f, err := r.filter(q)
	if err != nil {
		return Page{}, err
	}
	o := order{q.ByTime, q.Reverse}
	id := r.queryID(q)
	if q.After != "" {
		c, err := parseCursor(q.After, id)
		if err != nil {
			return Page{}, err
		}
		return r.from(ctx, q, f, o, c, limit)
	}
	total, err := r.count(ctx, f)
	if err != nil {
		return Page{}, err
	}
	c := cursor{query: id, total: total}
	if q.Around != nil {
		return r.around(ctx, q, f, o, c, limit)
	}
	s, err := r.walk(ctx, q, f, o, nil, limit)
	if err != nil {
		return Page{}, err
	}
	return Page{Hits: s.hits, Next: s.cursor(c, false), Total: total, Exact: !q.byText()}, nil
}

// from returns the page at a cursor.
func (r *Reader) from(ctx context.Context, q *Query, f *filter, o order, c cursor, limit int) (Page, error) {
	p := Page{Total: c.total, Exact: !q.byText()}
	way := o
	if c.back {
		way.reverse = !way.reverse
	}
	s, err := r.walk(ctx, q, f, way, &c.key, limit)
	if err != nil {
		return Page{}, err
	}
	p.Hits = s.hits
	onward := s.cursor(c, c.back)
	back := ""
	if len(s.keys) > 0 { // where the cursor came from lies before these
		back = cursor{c.query, !c.back, s.keys[0], c.total}.String()
	}
	if c.back {
		slices.Reverse(p.Hits)
		p.Next, p.Previous = back, onward
		return p, nil
	}
	p.Next, p.Previous = onward, back
	return p, nil
}

// around returns the page around a position: the record there, if it passes, is the first one of the second half.
func (r *Reader) around(ctx context.Context, q *Query, f *filter, o order, c cursor, limit int) (Page, error) {
	k, err := r.locate(ctx, *q.Around)
	if err != nil {
		return Page{}, err
	}
	if !o.byTime {
		k.time = 0
	}
	way := o
	way.reverse = !way.reverse
	before, err := r.walk(ctx, q, f, way, &k, limit/2)
	if err != nil {
		return Page{}, err
	}
	k.ordinal-- // nothing stands between this and the record itself
	if o.reverse {
		k.ordinal += 2
	}
	after, err := r.walk(ctx, q, f, o, &k, limit-len(before.hits))
	if err != nil {
		return Page{}, err
	}
	slices.Reverse(before.hits)
	return Page{
		Hits: append(before.hits, after.hits...), Next: after.cursor(c, false), Previous: before.cursor(c, true),
		Total: c.total, Exact: !q.byText(),
	}, nil
}

// stretch is a part of the way through the records.
type stretch struct {
	keys    []key
	hits    []Hit
	more    bool
	reached key // with more: go on behind this
}

// cursor returns where the way goes on, or "" at its end.
func (s *stretch) cursor(c cursor, back bool) string {
	if !s.more {
		return ""
	}
	c.key, c.back = s.reached, back
	return c.String()
}

func (q *Query) byText() bool { return q.Match != nil || q.Contains != "" }

// walk returns the first n records behind a key that pass all filters.
func (r *Reader) walk(ctx context.Context, q *Query, f *filter, o order, after *key, n int) (s stretch, err error) {
	if n == 0 { // half of a page of one
		return stretch{more: true, reached: *after}, nil
	}
	if q.byText() {
		return r.walkTexts(ctx, q, f, o, after, n)
	}
	if s.keys, err = r.next(ctx, f, o, after, n+1); err != nil {
		return s, err
	}
	if len(s.keys) > n {
		s.keys, s.more, s.reached = s.keys[:n], true, s.keys[n-1]
	}
	s.hits, err = r.fetch(ctx, s.keys)
	return s, err
}

func (r *Reader) walkTexts(ctx context.Context, q *Query, f *filter, o order, after *key, n int) (s stretch, err error) {
	if q.Text == nil {
		return s, fmt.Errorf("%w: a filter by text, and no way to the text", ErrQuery)
	}
	texts, size := 0, 0
	for {
		keys, err := r.next(ctx, f, o, after, textBatch)
		if err != nil {
			return s, err
		}
		hits, err := r.fetch(ctx, keys)
		if err != nil {
			return s, err
		}
		for i, h := range hits {
			if texts == maxTexts || size >= maxTextBytes {
				s.more = true
				return s, nil
			}
			text, err := q.Text(ctx, h.Source, h.Offset, min(h.Length, maxText))
			if err != nil {
				return s, fmt.Errorf("text of %s at byte %d: %w", h.Source, h.Offset, err)
			}
			texts++
			size += len(text)
			if pass := (q.Match == nil || q.Match.MatchString(text)) && strings.Contains(text, q.Contains); pass {
				if len(s.hits) == n {
					s.more = true
					return s, nil
				}
				s.keys, s.hits = append(s.keys, keys[i]), append(s.hits, h)
			}
			s.reached = keys[i]
		}
		if len(keys) < textBatch {
			return s, nil
		}
		after = &keys[len(keys)-1]
	}
}
