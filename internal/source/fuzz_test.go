package source_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/source"
)

// Whatever a file holds: no panic, no error, no more bytes than the limits allow.
func FuzzWalk(f *testing.F) {
	one := []byte("one\ntwo\n")
	for _, b := range [][]byte{
		one, gz(one), zst(one), xzip(one), un64(bz2OneTwo), un64(sevenz), un64(sevenzEnc2), un64(zipEnc), un64(tarV7GZ),
		tarball(entry{"a", one}, entry{"b.gz", gz(one)}), zipped(entry{"a", one}, entry{"b.tar", tarball(entry{"c", one})}),
		zipped(entry{"a", lines(50)})[:300], append(make([]byte, 9000), one...), []byte("\xff\xfea\x00"),
	} {
		f.Add(b)
	}
	o := source.Options{MaxBytes: 1 << 20, MaxMembers: 50, MaxDepth: 4, SpoolMemory: 1 << 10}
	path := filepath.Join(f.TempDir(), "f")
	f.Fuzz(func(t *testing.T, b []byte) {
		path := path + filepath.Base(t.TempDir())
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(path)
		var n int64
		slow := time.AfterFunc(5*time.Second, func() { panic(fmt.Sprintf("still at work: %q", b)) })
		defer slow.Stop()
		res, err := source.Walk(context.Background(), []string{path}, o, func(s *source.Stream) error {
			k, err := io.Copy(io.Discard, s)
			n += k
			return err
		})
		if err != nil || n != res.Bytes || n > o.MaxBytes || res.Files > o.MaxMembers+1 {
			t.Errorf("%v, %d bytes, %+v", err, n, res)
		}
	})
}
