// Package blob keeps the uploaded bytes, on disk or in S3.
//
// In: a stream of bytes of unknown length. Out: its SHA-256, under which the same bytes are read again from any position. The
// hash is that of the original bytes, so the same content is kept once, and Verify can tell that it is still what was given.
//
// What lies on the disk or in the bucket is one zstd file in the public seekable format: frames of 1 MiB of content each,
// which know nothing of one another, and a table of them at the end. A read unpacks only the frames that it touches. Any
// zstd tool unpacks the file as well (frames.go says what stands where).
//
// A blob appears under its hash whole or not at all: it is written under another name first. What a crash leaves there is
// taken away by Sweep.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"runtime"
	"strings"
	"syscall"
	"time"
)

var (
	// ErrNotFound is returned for a hash under which nothing is kept.
	ErrNotFound = errors.New("blob not found")
	// ErrCorrupt is returned when the kept bytes are not those that were given. No wrong byte is ever handed out.
	ErrCorrupt = errors.New("blob is corrupt")
	// ErrNoSpace is returned when the disk, the quota or the bucket is full.
	ErrNoSpace = errors.New("no space left for blobs")
)

// Info describes a blob.
type Info struct {
	Hash     string    // SHA-256 of the original bytes, in lower-case hex
	Size     int64     // original bytes; List leaves it zero, for it would have to open every blob
	Stored   int64     // bytes that it takes on the disk or in the bucket
	Modified time.Time // when it was put last
}

// Store keeps blobs. All methods may be called at the same time, also from several processes.
type Store interface {
	// Put stores what r yields. Content that is there already is written anew all the same: that heals a corrupt blob, and
	// sets Modified, by which a search for orphans sees that somebody has just asked for this blob.
	Put(ctx context.Context, r io.Reader) (Info, error)
	// Get opens a blob. Its reads end with ctx.
	Get(ctx context.Context, hash string) (*Reader, error)
	// Delete removes a blob with all its versions. One that is not there is no error.
	Delete(ctx context.Context, hash string) error
	// List yields all blobs in the order of their hashes. It ends after the first error.
	List(ctx context.Context) iter.Seq2[Info, error]
	// Sweep removes what unfinished Puts left behind before a time, and tells how many there were. The time must lie further
	// back than the longest upload lasts.
	Sweep(ctx context.Context, before time.Time) (int, error)
	// Ready tells whether blobs can be kept now.
	Ready(ctx context.Context) error
}

// Options holds what must not stand in a URL, for URLs are logged.
type Options struct {
	AccessKey    string // of S3; required there
	SecretKey    string // of S3; required there
	SessionToken string // of S3, with temporary keys; default none
}

// Open opens the store that a URL names:
//
//	/var/lib/rca/blobs                a folder, made if it is not there
//	file:///var/lib/rca/blobs         the same
//	s3://bucket/prefix?endpoint=https://minio:9000&region=eu-central-1&path_style=true
//
// Of S3's parameters, endpoint is Amazon's by default, region is asked of the server, and path_style (the bucket in the
// path instead of the host's name) follows from the endpoint. The bucket must be there.
func Open(ctx context.Context, rawURL string, o Options) (Store, error) {
	scheme, rest, ok := strings.Cut(rawURL, "://")
	switch {
	case rawURL == "":
		return nil, errors.New("open blob store: no folder and no URL given")
	case !ok:
		return OpenDisk(rawURL)
	case scheme == "file":
		if !strings.HasPrefix(rest, "/") {
			return nil, fmt.Errorf("open blob store: %s has a host or a relative path; write file:///path", rawURL)
		}
		u, err := url.Parse(rawURL)
		if err != nil {
			return nil, fmt.Errorf("open blob store: %w", err)
		}
		if runtime.GOOS == "windows" { // file:///C:/blobs
			return OpenDisk(strings.TrimPrefix(u.Path, "/"))
		}
		return OpenDisk(u.Path)
	case scheme == "s3":
		u, err := url.Parse(rawURL)
		if err != nil {
			return nil, errors.New("open blob store: the S3 URL does not parse") // url's own error would print what may be a key
		}
		return openS3(ctx, u, o)
	}
	return nil, fmt.Errorf("open blob store: scheme %q is neither file nor s3", scheme)
}

// Stat describes a blob without reading its content.
func Stat(ctx context.Context, s Store, hash string) (Info, error) {
	r, err := s.Get(ctx, hash)
	if err != nil {
		return Info{}, err
	}
	return r.Info(), r.Close()
}

// Verify reads a whole blob and hashes it again.
func Verify(ctx context.Context, s Store, hash string) error {
	r, err := s.Get(ctx, hash)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != hash {
		return fmt.Errorf("verify blob %s: content hashes to %s: %w", hash, got, ErrCorrupt)
	}
	return nil
}

// checkHash keeps anything else than a hash from becoming part of a path.
func checkHash(hash string) error {
	if !isHash(hash) {
		return fmt.Errorf("blob %q: not a SHA-256 in lower-case hex: %w", hash, ErrNotFound)
	}
	return nil
}

func isHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// noSpace marks an error of the system that means that the disk or the quota is full.
func noSpace(err error) error {
	const windowsDiskFull = syscall.Errno(112)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
