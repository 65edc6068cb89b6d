package blob_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/rca-engine/rca/internal/blob"
)

func logs(n int) []byte {
	rnd := rand.New(rand.NewPCG(1, 1))
	words := []string{"order", "payment", "user", "session", "refused", "accepted", "timeout", "after", "retry", "upstream", "cart", "stock"}
	b := make([]byte, 0, n+400)
	for i := 0; len(b) < n; i++ {
		b = fmt.Appendf(b, "2026-11-27T%02d:%02d:%02d.%03dZ %s [worker-%d] com.shop.%s - ", i/36000000%24, i/600000%60, i/10000%60, i/10%1000,
			[]string{"INFO", "INFO", "INFO", "WARN", "ERROR"}[rnd.IntN(5)], rnd.IntN(32), words[rnd.IntN(len(words))])
		for range 4 + rnd.IntN(8) {
			b = append(append(b, words[rnd.IntN(len(words))]...), ' ')
		}
		b = fmt.Appendf(b, "id=%08x ms=%d\n", rnd.Uint32(), rnd.IntN(5000))
	}
	return b[:n]
}

func BenchmarkPutDisk(b *testing.B) {
	s, err := blob.OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	text := logs(64 << 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		info, err := s.Put(b.Context(), bytes.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size)/float64(info.Stored), "ratio")
	}
}

func BenchmarkReadDisk(b *testing.B) {
	s, err := blob.OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	text := logs(64 << 20)
	info, err := s.Put(b.Context(), bytes.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("whole", func(b *testing.B) {
		b.SetBytes(info.Size)
		for b.Loop() {
			r, err := s.Get(b.Context(), info.Hash)
			if err != nil {
				b.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, r); n != info.Size || err != nil {
				b.Fatal(n, err)
			}
			r.Close()
		}
	})
	b.Run("open and 4 KiB anywhere", func(b *testing.B) {
		rnd := rand.New(rand.NewPCG(1, 2))
		buf := make([]byte, 4096)
		for b.Loop() {
			r, err := s.Get(b.Context(), info.Hash)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.ReadAt(buf, rnd.Int64N(info.Size-4096)); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
}

// 10 GB have a seek table of 10,240 frames: what it costs to open such a blob anywhere. Making it takes some 20 s.
func BenchmarkOpen10GB(b *testing.B) {
	if os.Getenv("RCA_HEAVY") == "" {
		b.Skip("RCA_HEAVY is not set")
	}
	s, err := blob.OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	text := logs(1 << 16)
	text = bytes.Repeat(text, 16)
	left := 10 << 10
	info, err := s.Put(b.Context(), readerFunc(func(p []byte) (int, error) {
		if left--; left < 0 {
			return 0, io.EOF
		}
		return copy(p, text), nil
	}))
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	buf := make([]byte, 4096)
	for b.Loop() {
		r, err := s.Get(b.Context(), info.Hash)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.ReadAt(buf, rnd.Int64N(info.Size-4096)); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}

func BenchmarkS3(b *testing.B) {
	s := onS3(b).store
	text := logs(64 << 20)
	var info blob.Info
	b.Run("put", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var err error
			if info, err = s.Put(b.Context(), bytes.NewReader(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.SetBytes(info.Size)
		for b.Loop() {
			if err := blob.Verify(b.Context(), s, info.Hash); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open and 4 KiB anywhere", func(b *testing.B) {
		rnd := rand.New(rand.NewPCG(1, 2))
		buf := make([]byte, 4096)
		for b.Loop() {
			r, err := s.Get(b.Context(), info.Hash)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.ReadAt(buf, rnd.Int64N(info.Size-4096)); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
	})
}
