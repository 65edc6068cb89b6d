package store

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// NewID makes a UUIDv7 (RFC 9562): ids sort by the time they were made. The twelve bits after the milliseconds hold the
// part of a millisecond, as the RFC's method 3 has it.
func NewID(at time.Time) string {
	var u [16]byte
	rand.Read(u[8:]) // never fails
	ms := at.UnixMilli()
	part := at.Sub(time.UnixMilli(ms)).Nanoseconds() << 12 / int64(time.Millisecond)
	binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16|0x7000|uint64(part)&0xFFF)
	u[8] = u[8]&0x3F | 0x80
	var s [36]byte
	hex.Encode(s[0:8], u[0:4])
	s[8] = '-'
	hex.Encode(s[9:13], u[4:6])
	s[13] = '-'
	hex.Encode(s[14:18], u[6:8])
	s[18] = '-'
	hex.Encode(s[19:23], u[8:10])
	s[23] = '-'
	hex.Encode(s[24:36], u[10:16])
	return string(s[:])
}
