package source

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

const (
	aheadChunk  = 256 << 10
	aheadChunks = 6
)

// aheadLeast is the size from which a file or member is worth a goroutine, in compressed bytes.
var aheadLeast int64 = 64 << 10

// opener begins to decompress one file or member. in tells how many compressed bytes were consumed.
type opener func() (r io.Reader, in func() int64, done func(), err error)

// ahead decompresses one file or member in a goroutine of its own, a few chunks before whoever reads it: one stream is one
// processor's work, but several may be unpacked side by side, and beside the parsing.
type ahead struct {
	chunks chan chunk
	free   chan []byte
	stop   chan struct{}
	ended  chan struct{}
	now    chunk
	rest   []byte
	tally  *tally // of the file, told of the compressed bytes
}

type chunk struct {
	b   []byte
	in  int64
	err error
}

var errNotPacked = errors.New("not compressed")

func readAhead(open opener) *ahead {
	a := &ahead{chunks: make(chan chunk, aheadChunks), free: make(chan []byte, aheadChunks), stop: make(chan struct{}), ended: make(chan struct{})}
	go a.run(open)
	return a
}

func (a *ahead) run(open opener) {
	defer close(a.ended)
	defer close(a.chunks)
	r, in, done, err := open()
	if err != nil {
		a.chunks <- chunk{err: err}
		return
	}
	defer done()
	for made := 0; ; {
		var b []byte
		if made < aheadChunks {
			b = make([]byte, aheadChunk)
			made++
		} else {
			select {
			case b = <-a.free:
			case <-a.stop:
				return
			}
		}
		n := 0
		for err = nil; n < len(b) && err == nil; {
			var k int
			k, err = shielded{r}.Read(b[n:])
			n += k
		}
		select {
		case a.chunks <- chunk{b[:n], in(), err}:
		case <-a.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// begun waits for the first bytes, and tells whether there will be any: if not, the usual way shall find out why.
func (a *ahead) begun() bool {
	a.next()
	return len(a.rest) > 0
}

func (a *ahead) next() {
	if cap(a.now.b) > 0 {
		select {
		case a.free <- a.now.b[:cap(a.now.b)]:
		default:
		}
	}
	before := a.now.in
	c, ok := <-a.chunks
	if !ok {
		c = chunk{in: before, err: io.EOF}
	}
	a.now, a.rest = c, c.b
	if a.tally != nil {
		a.tally.add(c.in - before)
	}
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		a.next()
	}
	n := copy(p, a.rest)
	if a.rest = a.rest[n:]; len(a.rest) == 0 {
		return n, a.now.err // with the last bytes: a reader of an archive may not ask again
	}
	return n, nil
}

func (a *ahead) in() int64 { return a.now.in }

func (a *ahead) close() {
	close(a.stop)
	<-a.ended
}

// lookahead keeps n files or members besides the one in hand unpacking.
type lookahead struct {
	n     int
	open  []opener // nil: not worth it
	begun []*ahead
}

// take gives the i-th, nil if it is not read ahead. They must be taken in order, and given back.
func (q *lookahead) take(i int) *ahead {
	for k := len(q.begun); q.n > 0 && k < len(q.open) && k <= i+q.n; k++ {
		var a *ahead
		if q.open[k] != nil {
			a = readAhead(q.open[k])
		}
		q.begun = append(q.begun, a)
	}
	if i >= len(q.begun) {
		return nil
	}
	return q.begun[i]
}

// done ends the i-th.
func (q *lookahead) done(i int) {
	if i < len(q.begun) && q.begun[i] != nil {
		q.begun[i].close()
		q.begun[i] = nil
	}
}

func (q *lookahead) close() {
	for i := range q.begun {
		q.done(i)
	}
}

// opener is for a file that is one compressed stream; what else it may be its head tells, when its turn comes.
func (f file) opener() opener {
	if f.size < aheadLeast || f.path == stdinArg {
		return nil
	}
	return func() (io.Reader, func() int64, func(), error) {
		h, err := os.Open(f.path)
		if err != nil {
			return nil, nil, nil, err
		}
		c := &counted{r: h}
		br := bufio.NewReaderSize(c, 64<<10)
		in := func() int64 { return c.n - int64(br.Buffered()) }
		done := func() { _ = h.Close() }
		head, _ := br.Peek(sniffLen)
		switch format, _ := sniff(head); format {
		case gzipped:
			r, err := gzip.NewReader(br)
			if err != nil {
				done()
				return nil, nil, nil, err
			}
			return r, in, done, nil
		case zstded:
			r, err := zstd.NewReader(br, zstdOptions...)
			if err != nil {
				done()
				return nil, nil, nil, err
			}
			return r, in, func() { r.Close(); done() }, nil
		case bzipped:
			return bzip2.NewReader(br), in, done, nil
		case xzed:
			r, err := xz.NewReader(br)
			if err != nil {
				done()
				return nil, nil, nil, err
			}
			return r, in, done, nil
		}
		done()
		return nil, nil, nil, errNotPacked
	}
}

type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
