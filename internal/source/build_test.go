package source_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/rca-engine/rca/internal/source"
)

// Made by the bzip2 and 7z commands, which Go has no writers for.
const (
	bz2OneTwo  = "QlpoOTFBWSZTWacUK3cAAALBgAAQAgGEgCAAIYAMAjj1G4u5IpwoSFOKFbuA" // "one\ntwo\n"
	bz2Empty   = "QlpoORdyRThQkAAAAAA="
	sevenz     = "N3q8ryccAARXrPiVoAAAAAAAAAAiAAAAAAAAAJP8fvABABZoaWQKb25lCnR3bwp0aHJlZQpkZWVwCgAAAIEzB64Pz7XvEA/r6py/Nj3+dICx8hEEyfKauu7R7k8Sj+MqeuPpN+F76530HhyMkvEK6xe+M99jAv0Si1wbiRAIHSo36BYIl3TYtphkCoHfb4Y+90fmBJGsa15+7DM7jPfegISzYTh70kaU5zsYKGiCzs+PSzig2SRagc3itft1uQAAFwYbAQmAhQAHCwEAASMDAQEFXQAQAAAMgNYKAVcAtTsAAA=="
	sevenzEnc  = "N3q8ryccAAQTyVIvgAAAAAAAAAAuAAAAAAAAAHYG4Oj6QU0J6sjpS2R19eqjAOoHVf8e9PbGYBFtIj/O5PjtUb/aaP/2OAhN6+h6BXlxE/paCu6JAgApKU+r1pIYbNDx2U0gVRm9AKPImdaS/LSr6X1ehhaYGbryUonzPl0yenTimvD4U4lj6abhy6GPik8O1KsNzMD/7GUwqsM3jONDyRcGEAEJcAAHCwEAASQG8QcBElMPFad3gneDvVNoDk4/3SmhbwxiCgGg9jn5AAA="
	sevenzEnc2 = "N3q8ryccAASr8RCuEAAAAAAAAABiAAAAAAAAAIKOpzK7ibTJP0ChreafuU/C9dMyAQQGAAEJEAAHCwEAAiQG8QcBElMPrS0809gjy/huQa/RoqvbkCEhAQABAAwMCAAICgHmC7oSAAAFARkBABENAGEALgBsAG8AZwAAABQKAQCAwEhYKD3aARUGAQAggKSBAAA="
	zipEnc     = "UEsDBAoACQAAAIMYIljmC7oSFAAAAAgAAAAFABwAYS5sb2dVVAkAAyV9k2WJ4gRrdXgLAAEEAAAAAAQAAAAAdZvT6fm9XGrvfyQKSD2dEbsaMMlQSwcI5gu6EhQAAAAIAAAAUEsBAh4DCgAJAAAAgxgiWOYLuhIUAAAACAAAAAUAGAAAAAAAAQAAAKSBAAAAAGEubG9nVVQFAAMlfZNldXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEASwAAAGMAAAAAAA=="
	tarV7GZ    = "H4sIAAAAAAACA+3PMQrCQBQE0F/nFJ5AfuRncx4LsZFsI3h9F8v0FgvvNQPDNHO/vvoz/iuHVvXL4ZyZa8ZaW1Xbx2wbfdvzFpeYyfncJPrxWN6fvgQAAAAAAAAAAABT+QIoAAqxACgAAA==" // a.log
)

func un64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// entry is a member to write; a nil body is a folder.
type entry struct {
	name string
	body []byte
}

var stamp = time.Date(2024, 1, 2, 3, 4, 6, 0, time.UTC)

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func zst(b []byte) []byte {
	w, _ := zstd.NewWriter(nil)
	return w.EncodeAll(b, nil)
}

func xzip(b []byte) []byte {
	var out bytes.Buffer
	w, _ := xz.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func tarball(entries ...entry) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.body)), ModTime: stamp}
		if e.body == nil {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			panic(err)
		}
		w.Write(e.body)
	}
	w.Close()
	return out.Bytes()
}

func zipped(entries ...entry) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: stamp})
		if err != nil {
			panic(err)
		}
		f.Write(e.body)
	}
	w.Close()
	return out.Bytes()
}

// lines is text that does not compress to nothing.
func lines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "2024-01-02T03:04:05Z INFO request %d took %d ms\n", i, i*i*7919%1000)
	}
	return b.Bytes()
}

// in writes files into a new folder and makes it the current one.
func in(t *testing.T, files map[string][]byte) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, body := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type seen struct {
	source.Stream
	body string
}

// walk reads all; names has one line a stream: its name and, if short, its bytes. Read ahead, it must be the same.
func walk(t *testing.T, o source.Options, args ...string) (streams []seen, names string, res *source.Result) {
	t.Helper()
	streams, names, res = walkOnce(t, o, args...)
	if o.Stdin == nil && o.Progress == nil {
		defer source.SetAheadLeast(1)()
		o.Ahead = 3
		s, n, r := walkOnce(t, o, args...)
		if n != names || about(r) != about(res) || r.Bytes != res.Bytes || len(s) != len(streams) {
			t.Errorf("%q read ahead: %s%swithout: %s%s", args, n, about(r), names, about(res))
		}
	}
	return streams, names, res
}

func walkOnce(t *testing.T, o source.Options, args ...string) (streams []seen, names string, res *source.Result) {
	t.Helper()
	var all strings.Builder
	res, err := source.Walk(context.Background(), args, o, func(s *source.Stream) error {
		b, err := io.ReadAll(s)
		if err != nil {
			t.Errorf("read %s: %v", s.Name, err)
		}
		streams = append(streams, seen{*s, string(b)})
		fmt.Fprintf(&all, "%s %q\n", s.Name, b[:min(len(b), 60)])
		return nil
	})
	if err != nil {
		t.Errorf("walk %q: %v", args, err)
	}
	return streams, all.String(), res
}

func about(res *source.Result) string {
	var b strings.Builder
	for _, s := range res.Skipped {
		fmt.Fprintf(&b, "skipped %s: %s\n", s.Name, s.Reason)
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(&b, "warning %s at %d: %s\n", w.Name, w.Offset, w.Text)
	}
	return b.String()
}
