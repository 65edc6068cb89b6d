package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Page asks for a part of a list, after a cursor or after a number of rows.
type Page struct {
	Limit  int    // default 50, at most 500
	Offset int    // rows to leave out, at most MaxOffset; not together with a cursor
	Cursor string // List.Next of the page before
	Total  bool   // count the whole list too
}

// Bounds of a page. Beyond them a caller pages by cursor, whose cost does not grow.
const (
	MaxLimit  = 500
	MaxOffset = 100_000
	MaxTotal  = 10_000
)

// List is a page of rows.
type List[T any] struct {
	Items []T
	Next  string // cursor of the next page, empty on the last one
	Total int64  // of the whole list, when asked for; counting stops at MaxTotal
	More  bool   // the list is longer than Total
}

// clauses are the conditions of a query that is put together, with their arguments.
type clauses struct {
	parts []string
	args  []any
}

// and adds a condition in which each ? stands for the next of the values.
func (c *clauses) and(text string, values ...any) {
	for _, v := range values {
		c.args = append(c.args, v)
		text = strings.Replace(text, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.parts = append(c.parts, text)
}

// contains adds a condition that a column of lower-case text holds each word of what is sought.
func (c *clauses) contains(column, sought string) {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	for _, word := range strings.Fields(strings.ToLower(sought)) {
		c.and(column+` LIKE ? ESCAPE '\'`, "%"+escape.Replace(word)+"%")
	}
}

func (c *clauses) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// order is what a list is sorted by: a column of integers, then the id. Both run in the same direction, so that an
// index over both serves either.
type order struct {
	column string
	desc   bool
}

// mark is the place between two rows at which the next page begins.
type mark struct {
	Order string `json:"o"`
	Value int64  `json:"v"`
	ID    string `json:"i"`
}

func (o order) String() string {
	if o.desc {
		return "-" + o.column
	}
	return o.column
}

// page reads a part of a table. key tells the value of the order's column and the id of a row, for the cursor.
func page[T any](ctx context.Context, on querier, doing, columns, table string, c clauses, o order, p Page, scan func(scanner) (T, error),
	key func(T) (int64, string)) (List[T], error) {
	var l List[T]
	if p.Limit <= 0 {
		p.Limit = 50
	}
	p.Limit = min(p.Limit, MaxLimit)
	if p.Offset < 0 || p.Offset > MaxOffset || p.Offset > 0 && p.Cursor != "" {
		return l, fmt.Errorf("%s: offset %d: %w", doing, p.Offset, ErrInvalid)
	}
	if p.Total {
		n, err := one(ctx, on, doing, scanInt, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT %d) AS found", table, c.where(), MaxTotal+1), c.args...)
		if err != nil {
			return l, err
		}
		l.Total, l.More = min(n, MaxTotal), n > MaxTotal
	}
	direction, after := "", ">"
	if o.desc {
		direction, after = " DESC", "<"
	}
	if p.Cursor != "" {
		m, err := readMark(p.Cursor, o)
		if err != nil {
			return l, fmt.Errorf("%s: %w", doing, err)
		}
		c.and("("+o.column+", id) "+after+" (?, ?)", m.Value, m.ID)
	}
	text := fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s%s, id%s LIMIT %d OFFSET %d", columns, table, c.where(), o.column, direction, direction, p.Limit+1, p.Offset)
	var err error
	if l.Items, err = list(ctx, on, doing, scan, text, c.args...); err != nil {
		return l, err
	}
	if len(l.Items) > p.Limit {
		l.Items = l.Items[:p.Limit]
		v, id := key(l.Items[p.Limit-1])
		b, err := json.Marshal(mark{o.String(), v, id})
		if err != nil {
			return l, fmt.Errorf("%s: %w", doing, err)
		}
		l.Next = base64.RawURLEncoding.EncodeToString(b)
	}
	return l, nil
}

func readMark(cursor string, o order) (mark, error) {
	var m mark
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &m) != nil || m.Order != o.String() {
		return m, ErrCursor
	}
	return m, nil
}
