package blob

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

const (
	aheadSize   = 2 << 20 // stored bytes that Read fetches at once: in S3 each fetch is a request
	keptFrames  = 4       // frames that ReadAt keeps unpacked: who looks at a log reads around one place
	decodeLimit = frameSize
)

// unpacker decodes single frames for all readers. It never makes more of a frame than a frame may hold.
var unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(decodeLimit), zstd.WithDecoderMaxWindow(8<<20))
})

// Reader reads the original bytes of a blob. ReadAt may be called at the same time from many goroutines, Read and Seek may not.
type Reader struct {
	info   Info
	layout layout
	fetch  func(p []byte, off int64) error // fills p with stored bytes
	close  func() error
	dec    *zstd.Decoder

	pos     int64
	current int64  // frame that Read is in, -1 if none
	content []byte // its bytes
	ahead   []byte // stored bytes from aheadAt on
	aheadAt int64

	mu   sync.Mutex
	kept []frame // the last used one first
}

type frame struct {
	index   int64
	content []byte // shared between calls, never written again
}

// newReader reads the table of a stored blob. If it returns an error, it has closed what fetch reads from.
func newReader(info Info, fetch func(p []byte, off int64) error, closeStored func() error) (*Reader, error) {
	dec, err := unpacker()
	if err == nil {
		var l layout
		if l, err = readLayout(info.Hash, info.Stored, fetch); err == nil {
			info.Size = l.size
			return &Reader{info: info, layout: l, fetch: fetch, close: closeStored, dec: dec, current: -1}, nil
		}
	}
	return nil, errors.Join(err, closeStored())
}

// Info describes the blob.
func (r *Reader) Info() Info { return r.info }

// Size is the number of original bytes.
func (r *Reader) Size() int64 { return r.info.Size }

// Close ends all reading. It must be called once.
func (r *Reader) Close() error { return r.close() }

// Seek sets where the next Read begins.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.info.Size
	default:
		return 0, fmt.Errorf("seek in blob %s: whence %d is unknown", r.info.Hash, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek in blob %s: position %d lies before its start", r.info.Hash, offset)
	}
	r.pos = offset
	return offset, nil
}

// Read reads on from where the last Read or Seek ended.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.pos >= r.info.Size {
		return 0, io.EOF
	}
	if i := r.pos / frameSize; i != r.current {
		r.current = -1
		packed, err := r.readAhead(i)
		if err != nil {
			return 0, err
		}
		if r.content, err = r.unpack(i, packed, r.content[:0]); err != nil {
			return 0, err
		}
		r.current = i
	}
	n := copy(p, r.content[r.pos%frameSize:])
	r.pos += int64(n)
	return n, nil
}

// readAhead returns the stored bytes of a frame, and fetches those behind it with them.
func (r *Reader) readAhead(i int64) ([]byte, error) {
	start, end := r.layout.starts[i], r.layout.starts[i+1]
	if start < r.aheadAt || end > r.aheadAt+int64(len(r.ahead)) {
		last := r.layout.starts[len(r.layout.starts)-1]
		n := min(last, max(end, start+aheadSize)) - start
		if int64(cap(r.ahead)) < n {
			r.ahead = make([]byte, n)
		}
		r.ahead, r.aheadAt = r.ahead[:n], start
		if err := r.fetch(r.ahead, start); err != nil {
			r.ahead = r.ahead[:0]
			return nil, err
		}
	}
	return r.ahead[start-r.aheadAt : end-r.aheadAt], nil
}

// ReadAt reads len(p) bytes from a position, or less at the end of the blob, with io.EOF.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read blob %s: position %d lies before its start", r.info.Hash, off)
	}
	n := 0
	for n < len(p) && off < r.info.Size {
		content, err := r.frame(off / frameSize)
		if err != nil {
			return n, err
		}
		m := copy(p[n:], content[off%frameSize:])
		n += m
		off += int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// frame returns the content of a frame. Two calls that want the same one at the same time both unpack it.
func (r *Reader) frame(i int64) ([]byte, error) {
	if content := r.recall(i); content != nil {
		return content, nil
	}
	start := r.layout.starts[i]
	packed := make([]byte, r.layout.starts[i+1]-start)
	if err := r.fetch(packed, start); err != nil {
		return nil, err
	}
	content, err := r.unpack(i, packed, make([]byte, 0, r.layout.length(i)))
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) < keptFrames {
		r.kept = append(r.kept, frame{})
	}
	copy(r.kept[1:], r.kept)
	r.kept[0] = frame{i, content}
	return content, nil
}

func (r *Reader) recall(i int64) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, f := range r.kept {
		if f.index == i {
			copy(r.kept[1:k+1], r.kept)
			r.kept[0] = f
			return f.content
		}
	}
	return nil
}

func (r *Reader) unpack(i int64, packed, dst []byte) ([]byte, error) {
	content, err := r.dec.DecodeAll(packed, dst)
	switch {
	case err != nil:
	case int64(len(content)) != r.layout.length(i):
		err = fmt.Errorf("%d bytes instead of %d", len(content), r.layout.length(i))
	case uint32(xxhash.Sum64(content)) != r.layout.sums[i]:
		err = errors.New("checksum does not match")
	default:
		return content, nil
	}
	return nil, fmt.Errorf("blob %s: frame at offset %d, stored at %d: %v: %w", r.info.Hash, i*frameSize, r.layout.starts[i], err, ErrCorrupt)
}
