package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	seekable "github.com/SaveTheRbtz/zstd-seekable-format-go/pkg"
	"github.com/klauspost/compress/zstd"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/rca-engine/rca/internal/blob"
)

// place is one kind of store, and a way to its raw bytes.
type place struct {
	store blob.Store
	read  func(t *testing.T, name string) []byte // name below the root, with slashes
	write func(t *testing.T, name string, b []byte)
}

func stored(hash string) string { return hash[:2] + "/" + hash[2:4] + "/" + hash }

// Every behaviour is that of both stores.
func TestStore(t *testing.T) {
	suite := map[string]func(*testing.T, place){
		"round trip":        testRoundTrip,
		"random reads":      testRandomReads,
		"same content":      testSameContent,
		"not there":         testNotThere,
		"delete":            testDelete,
		"list":              testList,
		"torn put":          testTornPut,
		"sweep":             testSweep,
		"flipped bits":      testFlippedBits,
		"cut or replaced":   testCutOrReplaced,
		"healed by put":     testHealed,
		"any zstd tool":     testAnyZstdTool,
		"ctx ends the read": testContext,
	}
	for name, f := range suite {
		t.Run("disk/"+name, func(t *testing.T) { f(t, onDisk(t)) })
		t.Run("s3/"+name, func(t *testing.T) { f(t, onS3(t)) })
	}
}

func onDisk(t *testing.T) place {
	root := t.TempDir()
	s, err := blob.Open(t.Context(), root, blob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return place{s,
		func(t *testing.T, name string) []byte {
			b, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		func(t *testing.T, name string, b []byte) {
			if err := os.WriteFile(filepath.Join(root, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}}
}

// newBucket makes a bucket on the server that RCA_TEST_S3 names.
func newBucket(t testing.TB) (*minio.Client, string) {
	endpoint := os.Getenv("RCA_TEST_S3")
	if endpoint == "" {
		t.Skip("RCA_TEST_S3 names no server")
	}
	_, host, _ := strings.Cut(endpoint, "://")
	client, err := minio.New(host, &minio.Options{Creds: credentials.NewStaticV4(testKeys().AccessKey, testKeys().SecretKey, "")})
	if err != nil {
		t.Fatal(err)
	}
	bucket := fmt.Sprintf("rca-test-%d", rand.Uint64())
	if err := client.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return client, bucket
}

func testKeys() blob.Options {
	return blob.Options{AccessKey: os.Getenv("RCA_TEST_S3_KEY"), SecretKey: os.Getenv("RCA_TEST_S3_SECRET")}
}

// onS3 gives each test a bucket of its own.
func onS3(t testing.TB) place {
	client, bucket := newBucket(t)
	t.Cleanup(func() {
		for o := range client.ListObjects(context.Background(), bucket, minio.ListObjectsOptions{Recursive: true}) {
			client.RemoveObject(context.Background(), bucket, o.Key, minio.RemoveObjectOptions{})
		}
		client.RemoveBucket(context.Background(), bucket)
	})
	s, err := blob.Open(t.Context(), "s3://"+bucket+"/some/prefix?path_style=true&endpoint="+os.Getenv("RCA_TEST_S3"), testKeys())
	if err != nil {
		t.Fatal(err)
	}
	return place{s,
		func(t *testing.T, name string) []byte {
			o, err := client.GetObject(t.Context(), bucket, "some/prefix/"+name, minio.GetObjectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			b, err := io.ReadAll(o)
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		func(t *testing.T, name string, b []byte) {
			if _, err := client.PutObject(t.Context(), bucket, "some/prefix/"+name, bytes.NewReader(b), int64(len(b)), minio.PutObjectOptions{}); err != nil {
				t.Fatal(err)
			}
		}}
}

// content is n bytes, half of them log lines and half of them noise that does not compress.
func content(seed uint64, n int) []byte {
	rnd := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 0, n+4096)
	for len(b) < n {
		if rnd.IntN(2) == 0 {
			for range 20 {
				b = fmt.Appendf(b, "2026-11-27T04:%02d:%02d.%03dZ ERROR checkout-%d order %d refused\n", rnd.IntN(60), rnd.IntN(60), rnd.IntN(1000), rnd.IntN(9), rnd.Uint32())
			}
			continue
		}
		for range 150 {
			r := rnd.Uint64()
			b = append(b, byte(r), byte(r>>8), byte(r>>16), byte(r>>24), byte(r>>32), byte(r>>40), byte(r>>48), byte(r>>56))
		}
	}
	return b[:n]
}

func put(t *testing.T, s blob.Store, b []byte) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func testRoundTrip(t *testing.T, p place) {
	if err := p.store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 7<<20 + 12345} {
		want := content(uint64(n), n)
		info, err := p.store.Put(t.Context(), iotest.HalfReader(bytes.NewReader(want)))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(want)
		if info.Hash != hex.EncodeToString(sum[:]) || info.Size != int64(n) || time.Since(info.Modified) > time.Hour {
			t.Errorf("put %d bytes: %+v", n, info)
		}
		got, err := blob.Stat(t.Context(), p.store, info.Hash)
		if err != nil || got.Hash != info.Hash || got.Size != info.Size || got.Stored != info.Stored {
			t.Errorf("stat %+v, %v; put said %+v", got, err, info)
		}
		if err := blob.Verify(t.Context(), p.store, info.Hash); err != nil {
			t.Error(err)
		}
		r, err := p.store.Get(t.Context(), info.Hash)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, want[:min(n, 1<<20+5)]); n <= 1<<20+5 && err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func testRandomReads(t *testing.T, p place) {
	want := content(7, 9<<20+99)
	r, err := p.store.Get(t.Context(), put(t, p.store, want).Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var wg sync.WaitGroup
	for seed := range uint64(4) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, 2))
			buf := make([]byte, 3<<20)
			for range 25 {
				off := rnd.Int64N(r.Size() + 10)
				b := buf[:rnd.IntN(1<<rnd.IntN(22)+1)]
				n, err := r.ReadAt(b, off)
				end := min(off+int64(len(b)), r.Size())
				if off+int64(len(b)) > r.Size() != (err == io.EOF) || err != nil && err != io.EOF {
					t.Errorf("read %d at %d of %d: %v", len(b), off, r.Size(), err)
				}
				if !bytes.Equal(b[:n], want[min(off, end):end]) {
					t.Errorf("read %d at %d: not what was put", len(b), off)
				}
			}
		})
	}
	rnd := rand.New(rand.NewPCG(1, 3)) // Read and Seek go on beside ReadAt
	for range 40 {
		off := rnd.Int64N(r.Size())
		if got, err := r.Seek(off-r.Size(), io.SeekEnd); got != off || err != nil {
			t.Fatalf("seek to %d: %d, %v", off, got, err)
		}
		b := make([]byte, min(rnd.Int64N(1<<21), r.Size()-off))
		if _, err := io.ReadFull(r, b); err != nil || !bytes.Equal(b, want[off:off+int64(len(b))]) {
			t.Fatalf("read %d bytes from %d: %v, or not what was put", len(b), off, err)
		}
	}
	wg.Wait()
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("seek before the start: no error")
	}
	if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("read before the start: no error")
	}
}

func testSameContent(t *testing.T, p place) {
	b := content(1, 100_000)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := p.store.Put(t.Context(), bytes.NewReader(b)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := hashes(t, p.store); len(got) != 1 {
		t.Errorf("kept %d times", len(got))
	}
}

func hashes(t *testing.T, s blob.Store) (all []string) {
	t.Helper()
	for info, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if info.Stored == 0 || info.Modified.IsZero() {
			t.Errorf("list: %+v", info)
		}
		all = append(all, info.Hash)
	}
	return all
}

func testNotThere(t *testing.T, p place) {
	for _, hash := range []string{strings.Repeat("0", 64), "", "../../etc/passwd", strings.Repeat("A", 64), strings.Repeat("0", 63) + "/"} {
		if _, err := p.store.Get(t.Context(), hash); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("get %q: %v", hash, err)
		}
		if _, err := blob.Stat(t.Context(), p.store, hash); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("stat %q: %v", hash, err)
		}
	}
	if err := p.store.Delete(t.Context(), "../../etc/passwd"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("delete of a path: %v", err)
	}
	if err := p.store.Delete(t.Context(), strings.Repeat("0", 64)); err != nil {
		t.Errorf("delete of what is not there: %v", err)
	}
}

func testDelete(t *testing.T, p place) {
	a, b := put(t, p.store, []byte("a")), put(t, p.store, []byte("b"))
	if err := p.store.Delete(t.Context(), a.Hash); err != nil {
		t.Fatal(err)
	}
	if _, err := p.store.Get(t.Context(), a.Hash); !errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
	if got := hashes(t, p.store); !slices.Equal(got, []string{b.Hash}) {
		t.Errorf("left: %v", got)
	}
}

func testList(t *testing.T, p place) {
	var want []string
	for i := range 20 {
		want = append(want, put(t, p.store, fmt.Append(nil, i)).Hash)
	}
	slices.Sort(want)
	p.write(t, "tmp/put-left-by-a-crash", []byte("half"))
	p.write(t, want[0][:2]+"/README", []byte("not ours"))
	if got := hashes(t, p.store); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	for range p.store.List(t.Context()) {
		break // must not hang or panic
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	last := error(nil)
	for _, err := range p.store.List(ctx) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("list after the end: %v", last)
	}
}

func testTornPut(t *testing.T, p place) {
	// io.ErrUnexpectedEOF is what the body of a broken request ends with.
	for _, torn := range []error{errors.New("connection reset"), io.ErrUnexpectedEOF} {
		for _, n := range []int{0, 10, 9 << 20} {
			_, err := p.store.Put(t.Context(), io.MultiReader(bytes.NewReader(content(3, n)), iotest.ErrReader(torn)))
			if !errors.Is(err, torn) {
				t.Errorf("put that breaks after %d bytes by %v: %v", n, torn, err)
			}
		}
	}
	if n, err := p.store.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("left behind: %d, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := p.store.Put(ctx, readerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })); !errors.Is(err, context.Canceled) {
		t.Errorf("put that is cancelled: %v", err)
	}
	if got := hashes(t, p.store); len(got) != 0 {
		t.Errorf("kept: %v", got)
	}
	// In S3 the request that begins an upload may reach the server after its sender has given up: that is left to Sweep.
	if _, err := p.store.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if n, err := p.store.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("left behind by a sweep: %d, %v", n, err)
	}
}

type readerFunc func(b []byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func testSweep(t *testing.T, p place) {
	kept := put(t, p.store, []byte("whole"))
	p.write(t, "tmp/put-1", []byte("half"))
	p.write(t, "tmp/put-2", []byte("half"))
	if n, err := p.store.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("sweep of what is new: %d, %v", n, err)
	}
	if n, err := p.store.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Errorf("sweep: %d, %v", n, err)
	}
	if n, err := p.store.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("second sweep: %d, %v", n, err)
	}
	if err := blob.Verify(t.Context(), p.store, kept.Hash); err != nil {
		t.Error(err)
	}
}

// Whatever bit is flipped: reading gives the original bytes or ErrCorrupt with the blob's name, never other bytes.
func testFlippedBits(t *testing.T, p place) {
	want := content(5, 3<<20+500)
	info := put(t, p.store, want)
	whole := p.read(t, stored(info.Hash))
	rnd := rand.New(rand.NewPCG(9, 9))
	places := []int{0, len(whole) - 1, len(whole) - 5, len(whole) - 9}
	for i := range 30 { // the last 60 bytes are of the table
		places = append(places, len(whole)-1-2*i)
	}
	for range 15 {
		places = append(places, rnd.IntN(len(whole)))
	}
	for _, at := range places {
		bad := bytes.Clone(whole)
		bad[at] ^= 1 << rnd.IntN(8)
		p.write(t, stored(info.Hash), bad)
		err := blob.Verify(t.Context(), p.store, info.Hash)
		if !errors.Is(err, blob.ErrCorrupt) || !strings.Contains(err.Error(), info.Hash) {
			t.Fatalf("bit of byte %d of %d flipped: verify says %v", at, len(whole), err)
		}
		r, err := p.store.Get(t.Context(), info.Hash)
		if err != nil {
			continue // noticed when it was opened
		}
		noticed := 0
		for off := int64(0); off < r.Size(); off += 1 << 18 {
			b := make([]byte, 100)
			n, err := r.ReadAt(b, off)
			if !bytes.Equal(b[:n], want[off:off+int64(n)]) {
				t.Fatalf("bit of byte %d flipped: wrong bytes at %d", at, off)
			}
			if err != nil {
				noticed++
				if want := fmt.Sprintf("offset %d,", off>>20<<20); !errors.Is(err, blob.ErrCorrupt) || !strings.Contains(err.Error(), want) {
					t.Fatalf("bit of byte %d flipped: %v does not say %q", at, err, want)
				}
			}
		}
		if noticed == 0 {
			t.Fatalf("bit of byte %d flipped: no read noticed", at)
		}
		r.Close()
	}
}

func testCutOrReplaced(t *testing.T, p place) {
	info := put(t, p.store, content(6, 1<<20+500))
	other := put(t, p.store, []byte("other"))
	whole := p.read(t, stored(info.Hash))
	for _, bad := range [][]byte{nil, whole[:1], whole[:len(whole)/2], whole[:len(whole)-1], whole[1:], append(whole[:len(whole):len(whole)], 0),
		bytes.Repeat([]byte{0xff}, 5000), p.read(t, stored(other.Hash))} {
		p.write(t, stored(info.Hash), bad)
		if err := blob.Verify(t.Context(), p.store, info.Hash); !errors.Is(err, blob.ErrCorrupt) {
			t.Errorf("%d bytes of %d: %v", len(bad), len(whole), err)
		}
	}
}

func testHealed(t *testing.T, p place) {
	b := content(8, 50_000)
	info := put(t, p.store, b)
	p.write(t, stored(info.Hash), []byte("damaged"))
	put(t, p.store, b)
	if err := blob.Verify(t.Context(), p.store, info.Hash); err != nil {
		t.Error(err)
	}
}

func testAnyZstdTool(t *testing.T, p place) {
	want := content(4, 2<<20+77)
	z := p.read(t, stored(put(t, p.store, want).Hash))
	r, err := zstd.NewReader(bytes.NewReader(z))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("klauspost: %d bytes of %d, %v", len(got), len(want), err)
	}
	foreign, err := seekable.NewReader(bytes.NewReader(z), r)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5000)
	if _, err := foreign.ReadAt(got, 1<<20-100); err != nil || !bytes.Equal(got, want[1<<20-100:][:5000]) {
		t.Errorf("another reader of the format: %v, or other bytes", err)
	}
	tool, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("no zstd tool here")
	}
	cmd := exec.Command(tool, "-dc")
	cmd.Stdin = bytes.NewReader(z)
	if got, err := cmd.Output(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("zstd -dc: %d bytes of %d, %v", len(got), len(want), err)
	}
}

func testContext(t *testing.T, p place) {
	info := put(t, p.store, content(2, 3<<20))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := p.store.Get(ctx, info.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if _, err := r.ReadAt(make([]byte, 1), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("read after the end: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	keys := blob.Options{AccessKey: "a", SecretKey: "b"}
	f := func(url string, o blob.Options, want string) {
		t.Helper()
		_, err := blob.Open(t.Context(), url, o)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
	f("", keys, "no folder")
	f("ftp://host/x", keys, `scheme "ftp"`)
	f("file://host/x", keys, "file:///path")
	f("s3://me:hunter2@bucket", keys, "credentials")
	f("s3://me:hunter2@bu%ket", keys, "does not parse")
	f("s3://bucket", blob.Options{}, "access key")
	f("s3://bucket?endpoint=localhost", keys, "https://host:port")
	f("s3://bucket?path_style=maybe", keys, "neither true nor false")
	f("s3://bucket?secret=x", keys, `"secret" is unknown`)
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	f(file, keys, "open blob folder")
	root := t.TempDir()
	if s, err := blob.Open(t.Context(), "file://"+filepath.ToSlash(root)+"/a%20b", keys); err != nil || s.Ready(t.Context()) != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(root, "a b")); err != nil {
		t.Error(err)
	}
}

func TestS3WrongBucketOrKey(t *testing.T) {
	_, bucket := newBucket(t)
	f := func(bucket string, o blob.Options, want string) {
		t.Helper()
		_, err := blob.Open(t.Context(), "s3://"+bucket+"?path_style=true&endpoint="+os.Getenv("RCA_TEST_S3"), o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("no-such-bucket", testKeys(), "bucket no-such-bucket does not exist")
	wrong := testKeys()
	wrong.SecretKey += "x"
	f(bucket, wrong, "bucket "+bucket)
}

// A server that was killed leaves an upload behind that was never completed.
func TestS3SweepsIncompleteUploads(t *testing.T) {
	client, bucket := newBucket(t)
	s, err := blob.Open(t.Context(), "s3://"+bucket+"/p?path_style=true&endpoint="+os.Getenv("RCA_TEST_S3"), testKeys())
	if err != nil {
		t.Fatal(err)
	}
	core := minio.Core{Client: client}
	for _, key := range []string{"p/tmp/put-1", "elsewhere"} {
		id, err := core.NewMultipartUpload(t.Context(), bucket, key, minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := core.PutObjectPart(t.Context(), bucket, key, id, 1, strings.NewReader("part"), 4, minio.PutObjectPartOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("sweep of what is new: %d, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("sweep: %d, %v", n, err)
	}
	var left []string
	for u := range client.ListIncompleteUploads(t.Context(), bucket, "", true) {
		left = append(left, u.Key)
	}
	if !slices.Equal(left, []string{"elsewhere"}) {
		t.Errorf("left: %v", left)
	}
	if err := client.RemoveIncompleteUpload(t.Context(), bucket, "elsewhere"); err != nil {
		t.Error(err)
	}
	client.RemoveBucket(t.Context(), bucket)
}

// In a bucket with versions a plain deletion would keep the bytes.
func TestS3DeletesAllVersions(t *testing.T) {
	client, bucket := newBucket(t)
	if err := client.EnableVersioning(t.Context(), bucket); err != nil {
		t.Skipf("the server keeps no versions: %v", err)
	}
	s, err := blob.Open(t.Context(), "s3://"+bucket+"?path_style=true&endpoint="+os.Getenv("RCA_TEST_S3"), testKeys())
	if err != nil {
		t.Fatal(err)
	}
	info := put(t, s, []byte("first"))
	put(t, s, []byte("first"))
	if err := s.Delete(t.Context(), info.Hash); err != nil {
		t.Fatal(err)
	}
	for o := range client.ListObjects(t.Context(), bucket, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		t.Errorf("left: %s %s %v", o.Key, o.VersionID, o.Err)
	}
	if err := client.RemoveBucket(t.Context(), bucket); err != nil {
		t.Error(err)
	}
}

// The memory of a Put does not grow with what is put.
func TestPutInBoundedMemory(t *testing.T) {
	f := func(t *testing.T, p place) {
		text := logs(1 << 20)
		var peak, before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		left := 64
		_, err := p.store.Put(t.Context(), readerFunc(func(b []byte) (int, error) {
			if left--; left < 0 {
				return 0, io.EOF
			}
			if left%10 == 0 {
				var now runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&now)
				peak.HeapAlloc = max(peak.HeapAlloc, now.HeapAlloc)
			}
			return copy(b, text), nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		if used := int64(peak.HeapAlloc) - int64(before.HeapAlloc); used > 16<<20 {
			t.Errorf("%d bytes in use", used)
		} else {
			t.Logf("%.1f MB in use at most", float64(used)/1e6)
		}
	}
	t.Run("disk", func(t *testing.T) { f(t, onDisk(t)) })
	t.Run("s3", func(t *testing.T) { f(t, onS3(t)) })
}

// A real full disk, where the test may mount one.
func TestFullDisk(t *testing.T) {
	root := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", root).CombinedOutput(); err != nil {
		t.Skipf("no small file system to be had: %v %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", root).Run() })
	s, err := blob.Open(t.Context(), root, blob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	small := put(t, s, []byte("fits"))
	noise := make([]byte, 8<<20)
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	if _, err := s.Put(t.Context(), bytes.NewReader(noise)); !errors.Is(err, blob.ErrNoSpace) {
		t.Errorf("put on a full disk: %v", err)
	}
	if err := blob.Verify(t.Context(), s, small.Hash); err != nil {
		t.Errorf("what was there before: %v", err)
	}
	put(t, s, []byte("fits again"))
	if err := os.WriteFile(filepath.Join(root, "hog"), noise, 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	if err := s.Ready(t.Context()); !errors.Is(err, blob.ErrNoSpace) {
		t.Errorf("ready on a full disk: %v", err)
	}
}
