package index

import (
	"math/bits"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// maxColumn is the most that a column holds: its width and eight planes.
const maxColumn = 1 + 8*blockRecords

// planes writes numbers as their lowest bytes, then their second bytes and so on, as many as the largest one needs: a few
// large numbers among small ones then cost next to nothing once compressed. All zeros are written as nothing.
func planes(dst []byte, numbers []uint64) []byte {
	var all uint64
	for _, v := range numbers {
		all |= v
	}
	width := (bits.Len64(all) + 7) / 8
	if width == 0 {
		return dst
	}
	dst = append(dst, byte(width))
	for p := range width {
		start := len(dst)
		dst = slices.Grow(dst, len(numbers))[:start+len(numbers)]
		plane := dst[start:]
		for i, v := range numbers {
			plane[i] = byte(v >> (8 * p))
		}
	}
	return dst
}

// unplane reads what planes wrote. It returns false if raw does not hold len(dst) numbers of a width that T has.
func unplane[T uint32 | uint64](dst []T, raw []byte) bool {
	if len(raw) == 0 {
		clear(dst)
		return true
	}
	width := int(raw[0])
	if size := bits.Len64(uint64(^T(0))) / 8; width < 1 || width > size || len(raw) != 1+width*len(dst) {
		return false
	}
	for i, v := range raw[1:][:len(dst)] {
		dst[i] = T(v)
	}
	for p := 1; p < width; p++ {
		for i, v := range raw[1+p*len(dst):][:len(dst)] {
			dst[i] |= T(v) << (8 * p)
		}
	}
	return true
}

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// newEncoder makes small frames: columns have checksums of ours.
func newEncoder() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10))
}
