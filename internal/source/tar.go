package source

import (
	"archive/tar"
	"errors"
	"io"
)

// tar hands out the members in the order they are stored: the archive is read once, from begin to end.
func (w *walker) tar(l *layer) error {
	names := labels{archive: l.name}
	tr := tar.NewReader(l.br)
	last := ""
	for {
		h, err := tr.Next()
		switch {
		case w.stop() != nil:
			return w.stop()
		case err == io.EOF:
			return nil
		case err != nil && !errors.Is(err, tar.ErrInsecurePath):
			w.torn(l, err)
			return nil
		}
		if reason := w.member(l); reason != "" {
			w.skip(l.name, reason+": members after "+orBegin(last))
			return nil
		}
		if h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		name, clean := names.name(h.Name)
		last = name
		switch {
		case !w.o.Hidden && hidden(clean):
			w.skip(name, "hidden")
			continue
		case h.Typeflag == tar.TypeLink || h.Typeflag == tar.TypeSymlink:
			w.skip(name, "a link to "+printable(h.Linkname))
			continue
		case h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse && h.Typeflag != tar.TypeCont:
			w.skip(name, "not a regular file")
			continue
		}
		// A sparse member may be made of nothing but holes, so it has a ratio too.
		begin := l.offset()
		in := func() int64 { return l.offset() - begin }
		inner := &layer{name: name, mod: known(h.ModTime), size: h.Size, depth: l.depth + 1, stdin: l.stdin}
		if err := w.layer(inner, &meter{w: w, name: name, r: tr, below: l.m, in: in}); err != nil {
			return err
		}
	}
}

func orBegin(last string) string {
	if last == "" {
		return "its beginning"
	}
	return last
}

// torn reports an archive whose next member cannot be found, unless the level below has already told why.
func (w *walker) torn(l *layer, err error) {
	if !l.m.broken() {
		w.warn(l.name, l.offset(), cause(err)+"; members after this are lost", remedy(err))
	}
}
