package source

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// random gives access by offset to a level: in place if it is a file on disk, else spooled, in memory up to
// SpoolMemory and above in a temporary file that has no name any more where the system allows that. close ends it.
func (w *walker) random(l *layer) (at io.ReaderAt, size int64, close func(), err error) {
	if l.at != nil {
		return l.at, l.size, func() {}, nil
	}
	var mem bytes.Buffer
	n, err := io.CopyN(&mem, l.br, w.o.SpoolMemory+1)
	if err != nil { // the end, torn or not: what came is all there is
		return bytes.NewReader(mem.Bytes()), n, func() {}, w.stop()
	}
	f, err := os.CreateTemp("", "rca-spool-*")
	if err != nil {
		return nil, 0, nil, err
	}
	removed := os.Remove(f.Name()) == nil
	close = func() {
		f.Close()
		if !removed { // Windows removes no open file
			os.Remove(f.Name())
		}
	}
	to := &writer{f: f}
	_, _ = io.Copy(to, io.MultiReader(&mem, l.br)) // an error of the reader is in l.m
	if err = to.err; err == nil {
		err = w.stop()
	}
	if err != nil {
		close()
		return nil, 0, nil, fmt.Errorf("spool: %w", err)
	}
	return f, to.n, close, nil
}

// writer remembers its own error, which io.Copy mixes with the reader's.
type writer struct {
	f   *os.File
	n   int64
	err error
}

func (w *writer) Write(p []byte) (n int, err error) {
	n, w.err = w.f.Write(p)
	w.n += int64(n)
	return n, w.err
}
