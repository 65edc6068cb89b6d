package source

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// local is the header that stands before each member of a zip.
type local struct {
	name          string
	flags, method uint16
	packed        int64 // compressed bytes; -1 if only stated behind them
	mod           time.Time
}

// salvage reads the members of a zip that was torn before its directory, from the headers that stand before each.
func (w *walker) salvage(l *layer, at io.ReaderAt, size int64) error {
	names := labels{archive: l.name}
	br := bufio.NewReaderSize(io.NewSectionReader(at, 0, size), 64<<10)
	for {
		h, ok := nextLocal(br)
		if !ok || w.stop() != nil {
			return w.stop()
		}
		if reason := w.member(l); reason != "" {
			w.skip(l.name, reason+": the members after this")
			return nil
		}
		if h.name != "" && h.name[len(h.name)-1] == '/' {
			continue
		}
		cited, clean := names.name(h.name)
		_, can := methods[h.method]
		switch {
		case h.flags&1 != 0:
			w.skip(cited, "encrypted: unpack it with its password")
		case !w.o.Hidden && hidden(clean):
			w.skip(cited, "hidden")
		case h.method != zip.Store && !can, h.packed < 0 && h.method != zip.Deflate:
			w.skip(cited, fmt.Sprintf("without the directory of the zip its end cannot be found (method %d)", h.method))
		default:
			if err := w.salvageMember(l, br, h, cited); err != nil {
				return err
			}
		}
	}
}

func (w *walker) salvageMember(l *layer, br *bufio.Reader, h local, cited string) error {
	data := &countedBytes{r: br}
	limit := &io.LimitedReader{R: br, N: h.packed}
	if h.packed >= 0 {
		data.r = bufio.NewReader(limit)
	}
	m := &meter{w: w, name: cited, r: data, charge: &w.spent.work}
	if h.method != zip.Store {
		r := methods[h.method](data)
		defer r.Close()
		m.r, m.in = r, func() int64 { return data.n }
	}
	inner := &layer{name: cited, mod: h.mod, size: -1, depth: l.depth + 1, stdin: l.stdin}
	if err := w.layer(inner, m); err != nil {
		return err
	}
	drain(m)
	if h.packed > 0 && m.err == io.EOF {
		if left, _ := io.Copy(io.Discard, limit); left < limit.N {
			w.warn(cited, m.n, cause(io.ErrUnexpectedEOF), "")
		}
	}
	return w.stop()
}

// nextLocal finds and reads the next header.
func nextLocal(br *bufio.Reader) (h local, ok bool) {
	for {
		b, err := br.Peek(30)
		if err != nil {
			return h, false
		}
		if string(b[:4]) == "PK\x03\x04" {
			break
		}
		_, _ = br.Discard(1)
	}
	var b [30]byte
	_, _ = io.ReadFull(br, b[:])
	le := binary.LittleEndian
	h.flags, h.method, h.packed = le.Uint16(b[6:]), le.Uint16(b[8:]), int64(le.Uint32(b[18:]))
	if h.flags&8 != 0 || h.packed == 0xffffffff {
		h.packed = -1
	}
	date, clock := int(le.Uint16(b[12:])), int(le.Uint16(b[10:]))
	h.mod = known(time.Date(date>>9+1980, time.Month(date>>5&15), date&31, clock>>11, clock>>5&63, clock&31*2, 0, time.UTC))
	name := make([]byte, le.Uint16(b[26:]))
	if _, err := io.ReadFull(br, name); err != nil {
		return h, false
	}
	h.name = string(name)
	_, err := br.Discard(int(le.Uint16(b[28:])))
	return h, err == nil
}

// countedBytes counts what a decompressor takes. Having ReadByte, flate takes no byte beyond its end.
type countedBytes struct {
	r *bufio.Reader
	n int64
}

func (c *countedBytes) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *countedBytes) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}
