package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	seekable "github.com/SaveTheRbtz/zstd-seekable-format-go/pkg"
	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// A stored blob is, from its first byte to its last:
//
//	zstd frames    each 1 MiB of content, the last one less, with zstd's own checksum
//	seal           a skippable frame of ours: magic, size and SHA-256 of the content, checksum
//	seek table     a skippable frame of the seekable format: size, content and checksum of each frame
//
// The seal's checksum covers the seal and the seek table. The format itself has none for its table, and a table with a flipped
// bit would lead to sound frames at wrong positions, that is to wrong bytes.
const (
	frameSize   = 1 << 20
	sealSize    = 8 + len(sealMagic) + 8 + sha256.Size + 8
	sealMagic   = "rcablob1"
	sealFrame   = 0x184D2A51 // one of the sixteen magic numbers whose frames every zstd decoder skips
	tableFooter = 9          // bytes at the end of the seek table: count of frames, flags, magic
	tableEntry  = 12
	tableHead   = 8
	maxPacked   = frameSize + frameSize/128 + 1024 // no frame is larger: zstd stores raw what does not shrink
)

// pack writes a stored blob with all that r yields. Its memory does not depend on how much that is, but for 12 bytes a frame.
func pack(ctx context.Context, w io.Writer, r io.Reader) (Info, error) {
	zw, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(frameSize), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return Info{}, err
	}
	enc, err := seekable.NewEncoder(&reused{Encoder: zw})
	if err != nil {
		return Info{}, err
	}
	var info Info
	put := func(p []byte) error {
		n, err := w.Write(p)
		info.Stored += int64(n)
		return noSpace(err)
	}
	hash := sha256.New()
	buf := make([]byte, frameSize)
	for end := false; !end; {
		if err := ctx.Err(); err != nil {
			return Info{}, err
		}
		n, err := fill(r, buf)
		if end = err == io.EOF; err != nil && !end {
			return Info{}, fmt.Errorf("read content: %w", err)
		}
		hash.Write(buf[:n])
		info.Size += int64(n)
		frame, err := enc.Encode(buf[:n])
		if err != nil {
			return Info{}, err
		}
		if err := put(frame); err != nil {
			return Info{}, err
		}
	}
	sum := hash.Sum(nil)
	info.Hash = hex.EncodeToString(sum)
	table, err := enc.EndStream()
	if err != nil {
		return Info{}, err
	}
	if err := put(append(seal(info.Size, sum, table), table...)); err != nil {
		return Info{}, err
	}
	return info, nil
}

// reused compresses every frame into the same memory: a frame is written before the next one is made.
type reused struct {
	*zstd.Encoder
	buf []byte
}

func (e *reused) EncodeAll(src, _ []byte) []byte {
	e.buf = e.Encoder.EncodeAll(src, e.buf[:0])
	return e.buf
}

func seal(size int64, sum, table []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, sealFrame)
	b = binary.LittleEndian.AppendUint32(b, uint32(sealSize-8))
	b = append(b, sealMagic...)
	b = binary.LittleEndian.AppendUint64(b, uint64(size))
	b = append(b, sum...)
	return binary.LittleEndian.AppendUint64(b, checksum(b, table))
}

func checksum(seal, table []byte) uint64 {
	d := xxhash.New()
	d.Write(seal)
	d.Write(table)
	return d.Sum64()
}

// layout is where the frames of a blob stand.
type layout struct {
	size   int64
	starts []int64  // of each frame in the stored bytes, and the end of the last
	sums   []uint32 // lower half of the frame's XXH64
}

// readLayout reads seal and seek table from the end of a stored blob.
func readLayout(hash string, stored int64, fetch func(p []byte, off int64) error) (layout, error) {
	bad := func(format string, a ...any) (layout, error) {
		return layout{}, fmt.Errorf("blob %s: %s: %w", hash, fmt.Sprintf(format, a...), ErrCorrupt)
	}
	tail := make([]byte, min(stored, 64<<10)) // a table of 5 GB of content
	if err := fetch(tail, stored-int64(len(tail))); err != nil {
		return layout{}, err
	}
	if len(tail) < sealSize+tableHead+tableFooter {
		return bad("%d bytes are too few", stored)
	}
	frames := int64(binary.LittleEndian.Uint32(tail[len(tail)-tableFooter:]))
	tableSize := tableHead + frames*tableEntry + tableFooter
	end := int64(sealSize) + tableSize
	if end > stored {
		return bad("seek table of %d frames does not fit into %d bytes", frames, stored)
	}
	if end > int64(len(tail)) {
		tail = make([]byte, end)
		if err := fetch(tail, stored-end); err != nil {
			return layout{}, err
		}
	}
	tail = tail[int64(len(tail))-end:]
	s, table := tail[:sealSize], tail[sealSize:]
	want := binary.LittleEndian.Uint64(s[sealSize-8:])
	if !bytes.Equal(s[8:8+len(sealMagic)], []byte(sealMagic)) || checksum(s[:sealSize-8], table) != want {
		return bad("seal or seek table at byte %d is damaged", stored-end)
	}
	if got := hex.EncodeToString(s[sealSize-8-sha256.Size : sealSize-8]); got != hash {
		return bad("the stored content is that of %s", got)
	}

	l := layout{size: int64(binary.LittleEndian.Uint64(s[8+len(sealMagic):])), starts: make([]int64, 1, frames+1), sums: make([]uint32, frames)}
	if frames != (l.size+frameSize-1)/frameSize {
		return bad("%d frames for %d bytes of content", frames, l.size)
	}
	// The library's own reader puts the entries into a tree, which takes 10 ms for 10 GB. All our frames are of one size.
	for i := range frames {
		entry := table[tableHead+i*tableEntry:]
		packed, content := binary.LittleEndian.Uint32(entry), binary.LittleEndian.Uint32(entry[4:])
		if int64(content) != l.length(i) || packed > maxPacked {
			return bad("frame %d of the seek table is wrong", i)
		}
		l.starts = append(l.starts, l.starts[i]+int64(packed))
		l.sums[i] = binary.LittleEndian.Uint32(entry[8:])
	}
	if l.starts[frames]+end != stored {
		return bad("frames end at byte %d of %d", l.starts[frames], stored)
	}
	return l, nil
}

// length is how much content a frame holds.
func (l *layout) length(frame int64) int64 {
	return min(frameSize, l.size-frame*frameSize)
}

// fill reads until buf is full or the content ends, and passes on all other errors. io.ReadFull would make one of a reader that
// broke off (io.ErrUnexpectedEOF, as of a torn HTTP body) and of one that ended.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = r.Read(buf[n:])
		n += k
	}
	return n, err
}
