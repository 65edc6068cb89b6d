package index

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/rca-engine/rca"
)

// footer is what the end of the file tells.
type footer struct {
	records int64
	names   [dims][]string
	blocks  []block
}

// parseFooter reads the footer of a file whose blocks end at a position. It trusts nothing: what it returns is consistent
// in itself, so that the rest of the package need not look again.
func parseFooter(b []byte, end int64) (*footer, error) {
	s := scanner{b: b}
	f := &footer{records: int64(s.number(1 << 48))}
	for _, d := range []int{dimSource, dimComponent, dimTemplate} {
		n := s.count(maxNames)
		f.names[d] = make([]string, n)
		for i := range n {
			f.names[d][i] = s.text(int(s.number(maxNameSize)))
		}
		if n == 0 || f.names[d][0] != Other {
			s.fail("a dictionary does not begin with %s", Other)
		}
	}
	f.names[dimSeverity] = make([]string, severities)

	n := s.count(1 << 30)
	first, offset := int64(0), int64(headerSize)
	for range n {
		if s.err != nil {
			break
		}
		bl := block{first: first, records: int(s.number(blockRecords))}
		for d := range dims {
			bl.dims[d] = s.property(bl.records, len(f.names[d]))
		}
		if bl.dims[dimSource].wide {
			s.fail("block at record %d does not tell its sources", first)
		}
		bl.untimed = int(s.number(uint64(bl.records)))
		bl.low, bl.high = rca.Time(s.signed()), rca.Time(s.signed())
		bl.scale = int64(s.number(1e9))
		if (bl.low == rca.NoTime) != (bl.untimed == bl.records) || bl.low > bl.high || bl.scale == 0 || bl.records == 0 {
			s.fail("block at record %d has no records or impossible times", first)
		}
		for c := range columns {
			bl.cols[c] = column{offset, uint32(s.number(2 * maxColumn)), s.fixed()}
			offset += int64(bl.cols[c].size)
		}
		first += int64(bl.records)
		f.blocks = append(f.blocks, bl)
	}
	switch {
	case s.err != nil:
	case len(s.b) > 0:
		s.fail("%d bytes too many", len(s.b))
	case first != f.records:
		s.fail("blocks hold %d records of %d", first, f.records)
	case offset != end:
		s.fail("blocks end at byte %d, not at %d", offset, end)
	}
	if s.err != nil {
		return nil, s.err
	}
	return f, nil
}

// scanner reads values one after the other. After the first one that is wrong it yields zeros.
type scanner struct {
	b   []byte
	err error
}

func (s *scanner) fail(format string, a ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("footer: %s: %w", fmt.Sprintf(format, a...), ErrCorrupt)
	}
	s.b = nil
}

func (s *scanner) number(most uint64) uint64 {
	v, n := binary.Uvarint(s.b)
	if n <= 0 || v > most {
		s.fail("a number is missing or larger than %d", most)
		return 0
	}
	s.b = s.b[n:]
	return v
}

// count reads how many things follow; each takes a byte or more.
func (s *scanner) count(most int) int {
	n := int(s.number(uint64(most)))
	if n > len(s.b) {
		s.fail("%d entries in %d bytes", n, len(s.b))
		return 0
	}
	return n
}

func (s *scanner) signed() int64 {
	v, n := binary.Varint(s.b)
	if n <= 0 {
		s.fail("a number is missing")
		return 0
	}
	s.b = s.b[n:]
	return v
}

func (s *scanner) fixed() uint32 {
	if len(s.b) < 4 {
		s.fail("a checksum is missing")
		return 0
	}
	v := binary.LittleEndian.Uint32(s.b)
	s.b = s.b[4:]
	return v
}

// text returns a string that shares the footer's memory, which nothing writes to.
func (s *scanner) text(n int) string {
	if n > len(s.b) {
		s.fail("a name is cut off")
	}
	if n == 0 || s.err != nil {
		return ""
	}
	t := unsafe.String(&s.b[0], n)
	s.b = s.b[n:]
	return t
}

// property reads the values of a property in a block of so many records, from a dictionary of so many names.
func (s *scanner) property(records, names int) property {
	n := s.count(blockRecords)
	if n == 0 {
		return property{wide: true}
	}
	p := property{values: make([]value, 0, n)}
	id, sum := uint64(0), uint64(0)
	for i := range n {
		step := s.number(maxNames)
		id += step
		v := value{uint32(id), uint32(s.number(uint64(records)))}
		if id >= uint64(names) || v.count == 0 || i > 0 && step == 0 {
			s.fail("values of a block are not in order or have no name")
			return property{wide: true}
		}
		sum += uint64(v.count)
		p.values = append(p.values, v)
	}
	if sum != uint64(records) {
		s.fail("values of %d records in a block of %d", sum, records)
	}
	return p
}
