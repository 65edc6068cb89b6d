package source

import (
	"errors"
	"fmt"
	"io"

	"github.com/bodgit/sevenzip"
)

// sevenzip hands out the members in the order they are stored, for many of them may share one compressed stream. Each
// is read to its end, even if it is skipped: the library would do the same unseen, past the limits.
//
// The library has no bound on the number of members a header may state, so a made-up header can exhaust the memory:
// a service reads uploads in a process of its own.
func (w *walker) sevenzip(l *layer) error {
	at, size, done, err := w.random(l)
	if stop := w.stop(); stop != nil {
		return stop
	}
	if err != nil {
		w.skip(l.name, cause(err))
		return nil
	}
	defer done()
	zr, err := openSevenzip(at, size)
	if err != nil {
		w.sevenzipFault(l.name, l, err)
		return nil
	}
	names := labels{archive: l.name}
	var before int64
	torn, tornBy := -1, "" // the compressed stream that broke, and in which member
	for i, f := range zr.File {
		if reason := w.member(l); reason != "" {
			w.skip(l.name, fmt.Sprintf("%s: %d of %d members", reason, len(zr.File)-i, len(zr.File)))
			return nil
		}
		if f.FileInfo().IsDir() {
			continue
		}
		cited, clean := names.name(f.Name)
		if f.Stream == torn {
			w.skip(cited, "compressed in one stream with "+tornBy+", where that broke")
			continue
		}
		r, err := openMember(f)
		if err != nil {
			w.sevenzipFault(cited, l, err)
			continue
		}
		br := w.buffer(shielded{r})
		_, first := br.Peek(1)
		in := func() int64 { return size }
		m := &meter{w: w, name: cited, r: br, below: l.m, in: in, before: before, charge: &w.spent.work}
		switch {
		case !w.o.Hidden && hidden(clean):
			w.skip(cited, "hidden")
		case !f.Mode().IsRegular():
			w.skip(cited, "not a regular file")
		case isEncrypted(first):
			w.sevenzipFault(cited, l, first)
			m.err = errCut
		default:
			inner := &layer{name: cited, mod: known(f.Modified), size: int64(f.UncompressedSize), depth: l.depth + 1, stdin: l.stdin} //nolint:gosec // a label
			err = w.layer(inner, m)
		}
		drain(m)
		before += m.n
		w.release(br)
		closeMember(r)
		if err == nil {
			err = w.stop()
		}
		if err != nil {
			return err
		}
		if m.broken() {
			torn, tornBy = f.Stream, cited
		}
	}
	return nil
}

func (w *walker) sevenzipFault(name string, l *layer, err error) {
	if isEncrypted(err) {
		w.skip(name, "encrypted: unpack it with its password")
		return
	}
	if !l.m.broken() {
		w.warn(name, 0, "7z: "+cause(err), remedy(err))
	}
	w.skip(name, "nothing of it could be read")
}

func isEncrypted(err error) bool {
	var re *sevenzip.ReadError
	return errors.As(err, &re) && re.Encrypted
}

func openSevenzip(at io.ReaderAt, size int64) (r *sevenzip.Reader, err error) {
	defer catch(&err)
	return sevenzip.NewReader(at, size)
}

func openMember(f *sevenzip.File) (r io.ReadCloser, err error) {
	defer catch(&err)
	return f.Open()
}

func closeMember(r io.Closer) {
	var err error
	defer catch(&err)
	_ = r.Close()
}
