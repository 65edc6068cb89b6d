package source

import (
	"archive/zip"
	"bufio"
	"cmp"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// methods are the compressions a zip member may have besides none.
var methods = map[uint16]zip.Decompressor{
	zip.Deflate: flate.NewReader,
	12:          func(r io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(r)) },
	93:          zstd.ZipDecompressor(zstdOptions...),
	95: func(r io.Reader) io.ReadCloser {
		x, err := xz.NewReader(bufio.NewReader(r))
		if err != nil {
			return io.NopCloser(failed{err})
		}
		return io.NopCloser(shielded{x})
	},
}

// zipMember is a member with the name it is cited by and its place among the rotated parts.
type zipMember struct {
	*zip.File
	cited, clean string
	series       string
	rotation     int64
}

// zip hands out the members by series and age, as the directory at the end of the archive allows.
func (w *walker) zip(l *layer) error {
	at, size, done, err := w.random(l)
	if stop := w.stop(); stop != nil {
		return stop
	}
	if err != nil {
		w.skip(l.name, cause(err))
		return nil
	}
	defer done()
	zr, err := zip.NewReader(at, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		w.torn(l, errors.New("the directory at its end is missing or broken, only what stands before is read"))
		return w.salvage(l, at, size)
	}
	if slices.ContainsFunc(zr.File, func(f *zip.File) bool {
		return f.Name == "META-INF/MANIFEST.MF" || f.Name == "[Content_Types].xml"
	}) {
		w.skip(l.name, "a program or document (jar, docx, …)")
		return nil
	}
	for id, d := range methods {
		zr.RegisterDecompressor(id, d)
	}
	members := make([]zipMember, 0, min(len(zr.File), w.o.MaxMembers))
	names := labels{archive: l.name}
	for i, f := range zr.File {
		if reason := w.member(l); reason != "" {
			w.skip(l.name, fmt.Sprintf("%s: %d of %d members", reason, len(zr.File)-i, len(zr.File)))
			break
		}
		if f.FileInfo().IsDir() {
			continue
		}
		m := zipMember{File: f}
		m.cited, m.clean = names.name(f.Name)
		m.series, m.rotation = rotated(m.cited)
		members = append(members, m)
	}
	slices.SortStableFunc(members, func(a, b zipMember) int {
		return cmp.Or(cmp.Compare(a.series, b.series), cmp.Compare(b.rotation, a.rotation), cmp.Compare(a.cited, b.cited))
	})
	q := &lookahead{n: w.o.Ahead, open: make([]opener, len(members))}
	defer q.close()
	for i, m := range members {
		if m.Method != zip.Store && m.CompressedSize64 >= uint64(aheadLeast) && w.refusal(m) == "" { //nolint:gosec // never negative
			q.open[i] = func() (io.Reader, func() int64, func(), error) {
				r, err := m.Open()
				if err != nil {
					return nil, nil, nil, err
				}
				return r, func() int64 { return 0 }, func() { _ = r.Close() }, nil
			}
		}
	}
	var packed int64
	for i, m := range members {
		// Members that share their compressed bytes are how a small zip makes petabytes.
		if packed += int64(m.CompressedSize64); packed < 0 || packed > size { //nolint:gosec // checked for overflow
			w.warn(l.name, 0, "its members overlap, as in a zip bomb; those after "+m.cited+" are not read", "")
			w.skip(m.cited, "overlaps other members, as in a zip bomb")
			return nil
		}
		err := w.zipMember(l, m, q.take(i))
		q.done(i)
		if err != nil {
			return err
		}
	}
	return nil
}

// refusal tells why a member is not read.
func (w *walker) refusal(m zipMember) string {
	switch {
	case !w.o.Hidden && hidden(m.clean):
		return "hidden"
	case !m.Mode().IsRegular():
		return "not a regular file"
	case m.Flags&1 != 0:
		return "encrypted: unpack it with its password"
	}
	return ""
}

func (w *walker) zipMember(l *layer, m zipMember, a *ahead) error {
	if w.spent.exhausted {
		w.skip(m.cited, "limit MaxBytes was reached before")
		return nil
	}
	if reason := w.refusal(m); reason != "" {
		w.skip(m.cited, reason)
		return nil
	}
	r, err := m.Open()
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		w.skip(m.cited, fmt.Sprintf("compression method %d of zip is not supported", m.Method))
		return nil
	case err != nil:
		w.skip(m.cited, cause(err))
		return nil
	}
	defer r.Close()
	in := func() int64 { return int64(m.CompressedSize64) } //nolint:gosec // at most the archive's size
	inner := &layer{name: m.cited, mod: known(m.Modified), size: int64(m.UncompressedSize64), depth: l.depth + 1, stdin: l.stdin}
	from := io.Reader(r)
	if a != nil && a.begun() {
		from = a
	}
	return w.layer(inner, &meter{w: w, name: m.cited, r: from, below: l.m, in: in, charge: &w.spent.work})
}
