package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/rca-engine/rca"
)

// FuzzOpen gives the reader files whose checksums are right and whose content is anything: no input may make it panic, and
// what it cannot read is ErrCorrupt.
func FuzzOpen(f *testing.F) {
	var buf bytes.Buffer
	w, err := NewWriter(&buf)
	if err != nil {
		f.Fatal(err)
	}
	for i := range 300 {
		r := rca.Record{Position: rca.Position{Source: "app.log", Line: int64(i), EndLine: int64(i), Offset: int64(i) * 10, Length: 9},
			Time: rca.Time(i%7) * 1e9, Severity: rca.Severity(i % 8), Component: string(rune('a' + i%5))}
		if i%9 == 0 {
			r.Time = rca.NoTime
		}
		if err := w.Add(&r, string(rune('A'+i%20))); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	whole := buf.Bytes()
	size := int(binary.LittleEndian.Uint64(whole[len(whole)-trailerSize:]))
	blocks := whole[headerSize : len(whole)-trailerSize-size]
	dec, err := decoders()
	if err != nil {
		f.Fatal(err)
	}
	footer, err := dec[0].DecodeAll(whole[len(whole)-trailerSize-size:len(whole)-trailerSize], nil)
	if err != nil {
		f.Fatal(err)
	}
	enc, err := newEncoder()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(blocks, footer)
	f.Add([]byte{}, []byte{})
	f.Add([]byte{}, []byte("\x00\x01\x07(other)\x01\x07(other)\x01\x07(other)\x00")) // no records
	f.Fuzz(func(t *testing.T, blocks, footer []byte) {
		packed := enc.EncodeAll(footer, nil)
		b := binary.LittleEndian.AppendUint32([]byte(magic), version)
		b = append(append(b, blocks...), packed...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(packed)))
		b = binary.LittleEndian.AppendUint64(b, xxhash.Sum64(packed))
		b = append(binary.LittleEndian.AppendUint32(b, version), magic...)
		check := func(err error) {
			if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
		}
		r, err := Open(bytes.NewReader(b), int64(len(b)))
		if check(err); err != nil {
			return
		}
		for _, q := range []Query{{}, {ByTime: true, Reverse: true}, {From: 2e9, To: 4e9, MinSeverity: rca.SeverityWarn, Components: []string{"a", "b"}},
			{Around: &rca.Position{Source: "app.log", Line: 30}}} {
			_, err := r.Page(t.Context(), q)
			check(err)
			_, err = r.Histogram(t.Context(), q, 20)
			check(err)
		}
		_, _, err = r.Context(t.Context(), rca.Position{Source: "app.log", Line: 30}, 3, 3)
		check(err)
	})
}

// FuzzUnplane: whatever a column unpacks to, its numbers are read or refused.
func FuzzUnplane(f *testing.F) {
	f.Add([]byte{2, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var a [4]uint32
		var b [4]uint64
		if unplane(a[:], raw) && !unplane(b[:], raw) {
			t.Error("what fits into 32 bits fits into 64")
		}
		if unplane(b[:], raw) && len(raw) > 0 {
			var c [4]uint64
			if !unplane(c[:], planes(nil, b[:])) || b != c {
				t.Error("other numbers after writing and reading")
			}
		}
	})
}
