package source

import (
	"bufio"
	"cmp"
	"compress/bzip2"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options bounds and steers a walk. The zero value works.
type Options struct {
	// MaxBytes bounds the bytes handed out, and as well the bytes that decompression makes at all levels together.
	// Default 1 TiB: a plain log on the user's own disk is not cut. A service that reads uploads sets less.
	MaxBytes int64
	// MaxRatio bounds how many times larger than its compressed form one compressed stream or member may get.
	// It is asked from the first 64 MB on, so that small repetitive logs pass whatever their ratio. Default 1000:
	// logs reach 5 to 100, gzip cannot go beyond 1032.
	MaxRatio int64
	// MaxDepth bounds archives and compressions within one another; app.log.gz in a .tar.gz counts three. Default 8.
	MaxDepth int
	// MaxMembers bounds the members of all archives together. Default 100000.
	MaxMembers int
	// SpoolMemory is up to what size a zip or 7z inside a stream is held in memory; a larger one goes to a temporary
	// file. Default 32 MB.
	SpoolMemory int64
	// Ahead is how many compressed files, or members of a zip, are unpacked besides the one being read, each by a goroutine of
	// its own. What Walk does and tells does not depend on it. Default 0: none.
	Ahead int
	// Hidden reads the files and folders in a folder or archive whose name begins with a dot.
	Hidden bool
	// Stdin is what "-" reads. Default os.Stdin.
	Stdin io.Reader
	// Progress, if set, is increased by the bytes read from disk (not decompressed ones) while Walk runs, and ends at
	// what Total returns, plus what came from standard input and pipes.
	Progress *atomic.Int64
}

func (o Options) withDefaults() Options {
	o.MaxBytes = orDefault(o.MaxBytes, 1<<40)
	o.MaxRatio = orDefault(o.MaxRatio, 1000)
	o.MaxDepth = orDefault(o.MaxDepth, 8)
	o.MaxMembers = orDefault(o.MaxMembers, 100_000)
	o.SpoolMemory = orDefault(o.SpoolMemory, 32<<20)
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	return o
}

func orDefault[T int | int64](v, d T) T {
	if v <= 0 {
		return d
	}
	return v
}

// Stream is one log as bytes. It is valid until visit returns.
//
// Its Read returns an error other than io.EOF only when the context is done: where data is torn or a limit is
// reached, the stream just ends, and the Result says so.
type Stream struct {
	// Name is how the stream is cited: the argument as typed joined with the path below it, members of archives
	// after "!/" ("bundle.tar.gz!/pods/api.log"), "-" for standard input.
	Name string
	// Series is the name shared by the rotated parts of one log: the unrotated one ("dir/app.log").
	Series string
	// Rotation is 0 for the unrotated part and grows with age. Only its order has a meaning.
	Rotation int64
	// Path is the file on disk when its bytes are exactly this stream's, else "".
	Path string
	// ModTime is when the file or member was last written, zero if unknown.
	ModTime time.Time
	// Size is the number of bytes as the file system or the archive states it, -1 if unknown.
	Size int64
	// Stdin tells that the bytes come through standard input.
	Stdin bool
	io.Reader
}

// Skipped is something that was found and not read.
type Skipped struct{ Name, Reason string }

// Warning is something that was read in part: torn or broken data, or a limit.
type Warning struct {
	Name   string
	Offset int64 // decompressed bytes of Name before it broke
	Text   string
	Remedy string // what the user can do, or ""
}

// Result tells what a walk read and what it did not. Skipped and Warnings are sorted by name.
type Result struct {
	Skipped  []Skipped
	Warnings []Warning
	Files    int   // streams handed out
	Bytes    int64 // bytes read from them
}

// Walk resolves args and hands each stream they hold to visit, one after the other. Files come sorted by series, then
// the oldest rotation first, then by name, whatever the order of args; so do the members of a zip, while those of a
// tar or 7z come as they are stored. visit need not read to the end.
//
// The error is of what stops the work: an argument that does not exist, the context's end, visit's own error. The
// Result is never nil.
func Walk(ctx context.Context, args []string, o Options, visit func(*Stream) error) (*Result, error) {
	w := &walker{o: o.withDefaults(), visit: visit, res: &Result{}, stop: ctx.Err}
	err := w.walk(args)
	slices.SortStableFunc(w.res.Skipped, func(a, b Skipped) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(w.res.Warnings, func(a, b Warning) int { return cmp.Compare(a.Name, b.Name) })
	return w.res, err
}

// Total returns the bytes on disk of the files that Walk would read, for a progress bar. What Walk would fail on
// counts as nothing.
func Total(args []string, o Options) int64 {
	r := resolver{o: o.withDefaults(), stop: func() error { return nil }, res: &Result{}}
	files, err := r.resolve(args)
	if err != nil {
		return 0
	}
	var n int64
	for _, f := range files {
		n += max(f.size, 0)
	}
	return n
}

type walker struct {
	o       Options
	visit   func(*Stream) error
	res     *Result
	stop    func() error // the context's Err: a Reader has no other way to know of it
	spent   spent
	buffers []*bufio.Reader
}

func (w *walker) walk(args []string) error {
	r := resolver{o: w.o, stop: w.stop, res: w.res}
	files, err := r.resolve(args)
	if err != nil {
		return err
	}
	q := &lookahead{n: w.o.Ahead, open: make([]opener, len(files))}
	defer q.close()
	for i, f := range files {
		q.open[i] = f.opener()
	}
	for i, f := range files {
		err := w.file(f, q.take(i))
		q.done(i)
		if err != nil {
			return err
		}
	}
	return w.stop()
}

// layer is one level of a source: a file, what a compression holds, a member of an archive.
type layer struct {
	name  string
	path  string // of the file on disk, at its own level only
	mod   time.Time
	size  int64
	depth int
	stdin bool
	at    io.ReaderAt // the same bytes by offset, if the layer is a file on disk
	m     *meter
	br    *bufio.Reader // reads from m
	ahead *ahead        // what it holds, unpacked, if that was begun before its turn
}

// offset is how many bytes of the layer were consumed by whoever reads br.
func (l *layer) offset() int64 { return l.m.n - int64(l.br.Buffered()) }

func (w *walker) file(f file, a *ahead) error {
	if w.spent.exhausted {
		w.skip(f.name, "limit MaxBytes was reached before")
		return nil
	}
	l := &layer{name: f.name, mod: f.mod, size: f.size, stdin: f.path == stdinArg, ahead: a}
	t := &tally{to: w.o.Progress, size: f.size}
	defer t.done()
	if a != nil {
		a.tally = t
	}
	var r io.Reader
	if l.stdin {
		r = tallied{r: w.o.Stdin, t: t}
	} else {
		h, err := os.Open(f.path)
		if err != nil {
			w.skip(f.name, "unreadable: "+cause(err))
			return nil
		}
		defer h.Close()
		c := tallied{r: h, at: h, t: t}
		if r = c; f.size >= 0 {
			l.path, l.at = f.path, c
		}
	}
	return w.layer(l, &meter{w: w, name: l.name, r: r})
}

// layer reads one level whose bytes come through m, and all levels within it.
func (w *walker) layer(l *layer, m *meter) error {
	l.m, l.br = m, w.buffer(m)
	defer w.release(l.br)
	head, _ := l.br.Peek(sniffLen) // the error stays in m
	if err := w.stop(); err != nil {
		return err
	}
	if len(head) == 0 && m.broken() {
		w.skip(l.name, "nothing of it could be read")
		return nil
	}
	format, reason := sniff(head)
	switch {
	case format == maybeText:
		return w.text(l)
	case format == skipped:
		w.skip(l.name, strings.ReplaceAll(reason, "$name", l.name))
		return nil
	case l.depth >= w.o.MaxDepth:
		w.limit(l.name, 0, "MaxDepth", fmt.Sprintf("more than %d archives or compressions within one another", w.o.MaxDepth))
		w.skip(l.name, "limit MaxDepth: nested too deep")
		return nil
	}
	return w.open(l, format)
}

func (w *walker) open(l *layer, f format) error {
	switch f {
	case gzipped:
		return w.gzip(l)
	case zstded:
		return w.zstd(l)
	case bzipped:
		return w.unpack(l, bzip2.NewReader(l.br))
	case xzed:
		return w.xz(l)
	case tarred:
		return w.tar(l)
	case zipped:
		return w.zip(l)
	default:
		return w.sevenzip(l)
	}
}

// text hands a layer out, unless it turns out to be no text.
func (w *walker) text(l *layer) error {
	nuls, reason := judge(l.br)
	if err := w.stop(); err != nil {
		return err
	}
	if reason != "" {
		w.skip(l.name, reason)
		return nil
	}
	series, rotation := rotated(l.name)
	m := &meter{w: w, name: l.name, below: l.m, r: l.br, charge: &w.spent.out, leaf: true}
	if nuls > 0 {
		m.r = io.MultiReader(io.LimitReader(zeros{}, nuls), l.br)
	}
	w.res.Files++
	err := w.visit(&Stream{
		Name: l.name, Series: series, Rotation: rotation, Path: l.path, ModTime: l.mod, Size: l.size, Stdin: l.stdin,
		Reader: m,
	})
	w.res.Bytes += m.n
	m.err = os.ErrClosed
	return err
}

func (w *walker) skip(name, reason string) {
	w.res.Skipped = append(w.res.Skipped, Skipped{name, reason})
}

func (w *walker) warn(name string, offset int64, text, remedy string) {
	w.res.Warnings = append(w.res.Warnings, Warning{name, offset, text, remedy})
}

// buffer and release reuse the buffers of levels that are done: an archive may have very many small members.
func (w *walker) buffer(r io.Reader) *bufio.Reader {
	n := len(w.buffers)
	if n == 0 {
		return bufio.NewReaderSize(r, 64<<10)
	}
	b := w.buffers[n-1]
	w.buffers = w.buffers[:n-1]
	b.Reset(r)
	return b
}

func (w *walker) release(b *bufio.Reader) {
	b.Reset(nil)
	w.buffers = append(w.buffers, b)
}

// tally counts the bytes of one file towards Options.Progress: at most its size, and its size in the end, however
// its parts were read.
type tally struct {
	to      *atomic.Int64
	mu      sync.Mutex // members of a zip are read side by side
	n, size int64
}

func (t *tally) add(k int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.size >= 0 {
		k = min(k, t.size-t.n)
	}
	t.n += k
	if t.to != nil {
		t.to.Add(k)
	}
}

func (t *tally) done() {
	if t.size >= 0 {
		t.add(t.size - t.n)
	}
}

type tallied struct {
	r  io.Reader
	at io.ReaderAt
	t  *tally
}

func (c tallied) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.t.add(int64(n))
	return n, err
}

func (c tallied) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.at.ReadAt(p, off)
	c.t.add(int64(n))
	return n, err
}
