package source

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxWindow bounds the memory of one zstd stream; zstd --long=29 is within it.
const maxWindow = 512 << 20

// zstdOptions: one decoder, in the caller's goroutine. Reading ahead is the business of whoever parses.
var zstdOptions = []zstd.DOption{
	zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow),
}

// unpack reads the one stream that a compression holds; r decompresses l.br. It keeps the name: app.log.gz is one log.
func (w *walker) unpack(l *layer, r io.Reader) error {
	inner := &layer{name: l.name, mod: l.mod, size: -1, depth: l.depth + 1, stdin: l.stdin}
	in := l.offset
	if l.ahead != nil && l.ahead.begun() {
		r, in = l.ahead, l.ahead.in
	}
	return w.layer(inner, &meter{w: w, name: l.name, r: r, below: l.m, in: in, charge: &w.spent.work})
}

func (w *walker) gzip(l *layer) error {
	r, err := gzip.NewReader(l.br)
	if err != nil {
		return w.unpack(l, failed{err})
	}
	defer func() { _ = r.Close() }()
	if r.ModTime.Unix() > 0 { // of the file that was compressed
		l.mod = r.ModTime
	}
	return w.unpack(l, r)
}

func (w *walker) zstd(l *layer) error {
	r, err := zstd.NewReader(l.br, zstdOptions...)
	if err != nil {
		return w.unpack(l, failed{err})
	}
	defer r.Close()
	return w.unpack(l, r)
}

func (w *walker) xz(l *layer) error {
	r, err := xz.NewReader(l.br)
	if err != nil {
		return w.unpack(l, failed{err})
	}
	return w.unpack(l, shielded{r})
}

// failed is the reader of what could not even be begun.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) {
	if f.err == io.EOF {
		return 0, io.ErrUnexpectedEOF
	}
	return 0, f.err
}

// shielded turns a panic of a decoder into its error: broken data must not end the program.
type shielded struct{ r io.Reader }

func (s shielded) Read(p []byte) (n int, err error) {
	defer catch(&err)
	return s.r.Read(p)
}

func catch(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("decoder gives up: %v", p)
	}
}

// known is a time, or zero for the beginnings of the calendars that mean "unknown": 1970, 1980 (zip), 1601 (7z).
func known(t time.Time) time.Time {
	if t.Unix() <= 0 || t.Year() == 1980 && t.YearDay() == 1 {
		return time.Time{}
	}
	return t
}

// drain reads what visit left of a member, through its meter, so that limits and the context hold for it as well.
func drain(m *meter) {
	if !errors.Is(m.err, errCut) {
		_, _ = io.Copy(io.Discard, m) // the error stays in m
	}
}
