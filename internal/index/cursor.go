package index

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/rca-engine/rca"
)

// cursor is a place between two records in a query's order. It carries the total, so that only the first page counts.
type cursor struct {
	query uint64 // of the query and the index
	back  bool   // towards the beginning
	key   key
	total int64
}

const cursorSize = 8 + 1 + 8 + 8 + 8

func (c cursor) String() string {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, cursorSize), c.query)
	b = append(b, 0)
	if c.back {
		b[8] = 1
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(c.key.time))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.key.ordinal))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.total))
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string, query uint64) (cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != cursorSize {
		return cursor{}, fmt.Errorf("%w: %.80q is no cursor", ErrQuery, s)
	}
	n := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	c := cursor{n(0), b[8] == 1, key{rca.Time(n(9)), int64(n(17))}, int64(n(25))}
	if c.query != query || c.total < 0 {
		return cursor{}, fmt.Errorf("%w: the cursor belongs to another query", ErrQuery)
	}
	return c, nil
}

// queryID tells apart what two queries ask, whatever the order of their lists, their cursors and limits.
func (r *Reader) queryID(q *Query) uint64 {
	match := ""
	if q.Match != nil {
		match = q.Match.String()
	}
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	return xxhash.Sum64(fmt.Appendf(nil, "%d %d %d %d %v %q %q %q %q %q %t %t", r.sum, q.From, q.To, q.MinSeverity,
		slices.Sorted(slices.Values(q.Severities)), sorted(q.Sources), sorted(q.Components), sorted(q.Templates),
		match, q.Contains, q.ByTime, q.Reverse))
}
