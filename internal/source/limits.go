package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// ratioFree is how much one compressed stream may yield before its ratio is asked.
const ratioFree = 64 << 20

// errCut is what a meter returns once it has reported why its bytes end: the levels above need not report it again.
var errCut = errors.New("cut short, as reported")

// spent is what a walk has used of its limits, at all levels together.
type spent struct {
	out       int64 // bytes handed out
	work      int64 // bytes made by decompression, whether or not anyone saw them
	members   int
	exhausted bool // MaxBytes is reached: nothing more is opened
	reported  map[string]bool
}

// limit reports that an option's limit was hit, for each option once: what it cut besides is in Result.Skipped.
func (w *walker) limit(name string, offset int64, option, text string) {
	if w.spent.reported[option] {
		return
	}
	if w.spent.reported == nil {
		w.spent.reported = map[string]bool{}
	}
	w.spent.reported[option] = true
	w.warn(name, offset, "limit "+option+": "+text, "raise "+option+" if this data is trusted")
}

// member counts one member of an archive, and tells whether it may still be read. If not, reason says why.
func (w *walker) member(l *layer) (reason string) {
	w.spent.members++
	switch {
	case w.spent.exhausted && !l.m.broken(): // if it broke at the limit, what it gave before is still in a buffer
		return "limit MaxBytes was reached before"
	case w.spent.members > w.o.MaxMembers:
		w.limit(l.name, l.offset(), "MaxMembers", fmt.Sprintf("more than %d members, the rest is not read", w.o.MaxMembers))
		return "limit MaxMembers was reached before"
	}
	return ""
}

// meter is passed by every byte of every level. It counts, keeps to the limits, sees the context's end and turns bad
// data into a warning, reported once, by the lowest level that sees it.
type meter struct {
	w      *walker
	name   string
	r      io.Reader
	below  *meter       // of the level that this one is made from
	in     func() int64 // compressed bytes consumed for this level; nil if it is not compressed
	before int64        // bytes of earlier members that came from the same compressed bytes
	charge *int64       // what counts towards MaxBytes: spent.work, spent.out, or nil
	leaf   bool         // read by visit: it sees a plain end instead of errCut
	n      int64        // bytes out
	err    error
}

// broken tells that the level ended before its time.
func (m *meter) broken() bool { return m.err != nil && m.err != io.EOF }

func (m *meter) Read(p []byte) (int, error) {
	if m.err == nil && len(p) > 0 {
		n := m.read(p)
		m.n += int64(n)
		if m.charge != nil {
			*m.charge += int64(n)
		}
		if n > 0 || m.err == nil {
			return n, nil // an error that came with bytes is returned by the next call
		}
	}
	if m.leaf && errors.Is(m.err, errCut) {
		return 0, io.EOF
	}
	return 0, m.err
}

func (m *meter) read(p []byte) int {
	if m.err = m.w.stop(); m.err != nil {
		return 0
	}
	room := int64(len(p))
	if m.charge != nil {
		room = min(room, m.w.o.MaxBytes-*m.charge)
	}
	// With no room left one byte is still asked for: only if there is one is something cut.
	n, err := m.r.Read(p[:max(room, 1)])
	switch {
	case n > 0 && room <= 0:
		m.w.spent.exhausted = true
		m.cut("MaxBytes", fmt.Sprintf("%d bytes were read, the rest is not", m.w.o.MaxBytes))
		return 0
	case m.in != nil && m.before+m.n+int64(n) > ratioFree && (m.before+m.n+int64(n))/m.w.o.MaxRatio > m.in():
		m.cut("MaxRatio", fmt.Sprintf("grows more than %d times when decompressed, the rest is not read", m.w.o.MaxRatio))
		return 0
	case err == io.EOF:
		m.err = io.EOF
	case err != nil:
		m.fault(err, m.n+int64(n))
	}
	return n
}

func (m *meter) cut(option, text string) {
	if m.w.spent.reported[option] {
		m.w.skip(m.name, "limit "+option+": the rest of it")
	}
	m.w.limit(m.name, m.n, option, text)
	m.err = errCut
}

// fault ends the level for bad data, seen by whatever reads it after n good bytes.
func (m *meter) fault(err error, n int64) {
	if m.err = m.w.stop(); m.err != nil {
		return
	}
	m.err = errCut
	switch {
	case m.below == nil || !m.below.broken():
		m.w.warn(m.name, n, cause(err), remedy(err))
	case m.below.name != m.name: // the level below has told why, but not that this member suffers
		m.w.warn(m.name, n, "cut short: what holds it ends here", "")
	}
}

// cause words an error of a library for a reader who knows the file but not the library.
func cause(err error) string {
	var pe *fs.PathError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF:
		return "ends too early: it is cut off or still being written"
	case errors.As(err, &pe):
		return pe.Err.Error()
	}
	return err.Error()
}

func remedy(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "copy the file again, complete"
	}
	return ""
}
