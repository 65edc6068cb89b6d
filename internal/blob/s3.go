package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	// partSize is the smallest that S3 takes; 10,000 of them are 50 GB of compressed content.
	partSize = 5 << 20
	// partsInMemory lets one part be filled while another one is on its way.
	partsInMemory = 2
	// maxCopy is how much S3 copies in one request.
	maxCopy = 5 << 30
)

// S3 keeps blobs in a bucket of S3 or of what speaks its protocol, as prefix/aa/bb/hash.
type S3 struct {
	client    *minio.Client
	bucket    string
	prefix    string // empty or ending in /
	versioned bool   // a deletion that names no version would keep the bytes
}

func openS3(ctx context.Context, u *url.URL, o Options) (*S3, error) {
	if u.User != nil {
		return nil, errors.New("open S3: the URL carries credentials; give them as settings, where they are not logged")
	}
	if o.AccessKey == "" || o.SecretKey == "" {
		return nil, errors.New("open S3: access key or secret key is missing")
	}
	endpoint, secure, lookup := "s3.amazonaws.com", true, minio.BucketLookupAuto
	var region string
	for k, v := range u.Query() {
		switch k {
		case "region":
			region = v[0]
		case "endpoint":
			e, err := url.Parse(v[0])
			if err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" || strings.Trim(e.Path, "/") != "" {
				return nil, fmt.Errorf("open S3: endpoint %q is not of the form https://host:port", v[0])
			}
			endpoint, secure = e.Host, e.Scheme == "https"
		case "path_style":
			switch v[0] {
			case "true":
				lookup = minio.BucketLookupPath
			case "false":
				lookup = minio.BucketLookupDNS
			default:
				return nil, fmt.Errorf("open S3: path_style is %q, neither true nor false", v[0])
			}
		default:
			return nil, fmt.Errorf("open S3: parameter %q is unknown; there are endpoint, region and path_style", k)
		}
	}
	client, err := minio.New(endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(o.AccessKey, o.SecretKey, o.SessionToken),
		Secure:       secure,
		Region:       region,
		BucketLookup: lookup,
	})
	if err != nil {
		return nil, fmt.Errorf("open S3: %w", err)
	}
	s := &S3{client: client, bucket: u.Host, prefix: strings.Trim(u.Path, "/")}
	if s.prefix != "" {
		s.prefix += "/"
	}
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	// A server that has no versions, or does not tell, is taken to keep none.
	if v, err := client.GetBucketVersioning(ctx, s.bucket); err == nil {
		s.versioned = v.Enabled() || v.Suspended()
	}
	return s, nil
}

func (s *S3) key(hash string) string { return s.prefix + path.Join(hash[:2], hash[2:4], hash) }

// Put uploads under another key, for the hash is known at the end only, and lets the server copy.
func (s *S3) Put(ctx context.Context, r io.Reader) (Info, error) {
	temporary := s.prefix + unfinished + "/put-" + rand.Text()
	info, err := s.upload(ctx, temporary, r)
	if err == nil {
		info.Modified, err = s.move(ctx, temporary, s.key(info.Hash), info.Stored)
	}
	if err != nil {
		return Info{}, fmt.Errorf("put blob: %w", s3Error(err))
	}
	return info, nil
}

// upload runs pack in a goroutine of its own, for the client reads what pack writes.
func (s *S3) upload(ctx context.Context, key string, r io.Reader) (Info, error) {
	pr, pw := io.Pipe()
	var info Info
	var packErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		info, packErr = pack(ctx, pw, r)
		pw.CloseWithError(packErr)
	}()
	_, err := s.client.PutObject(ctx, s.bucket, key, pr, -1, minio.PutObjectOptions{
		PartSize: partSize, NumThreads: partsInMemory, ConcurrentStreamParts: true, ContentType: "application/zstd",
	})
	pr.CloseWithError(err) // so that pack ends if the client gave up
	<-done
	if err != nil {
		return Info{}, err
	}
	return info, packErr
}

// move copies on the server and removes the source, also if the copy fails or ctx has ended meanwhile.
func (s *S3) move(ctx context.Context, from, to string, size int64) (modified time.Time, err error) {
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, s.remove(ctx, from))
	}()
	src := minio.CopySrcOptions{Bucket: s.bucket, Object: from}
	dst := minio.CopyDestOptions{Bucket: s.bucket, Object: to}
	if size < maxCopy {
		_, err = s.client.CopyObject(ctx, dst, src)
	} else {
		_, err = s.client.ComposeObject(ctx, dst, src)
	}
	if err != nil {
		return time.Time{}, err
	}
	st, err := s.client.StatObject(ctx, s.bucket, to, minio.StatObjectOptions{})
	return st.LastModified, err
}

// Get opens a blob. Every fetch is a request of its own.
func (s *S3) Get(ctx context.Context, hash string) (*Reader, error) {
	if err := checkHash(hash); err != nil {
		return nil, err
	}
	key := s.key(hash)
	st, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", hash, s3Error(err))
	}
	fetch := func(p []byte, off int64) error {
		if len(p) == 0 {
			return nil
		}
		var o minio.GetObjectOptions
		if err := o.SetRange(off, off+int64(len(p))-1); err != nil {
			return err
		}
		body, _, _, err := (&minio.Core{Client: s.client}).GetObject(ctx, s.bucket, key, o)
		if err == nil {
			defer body.Close()
			_, err = io.ReadFull(body, p)
		}
		if err != nil {
			return fmt.Errorf("read blob %s at stored byte %d: %w", hash, off, s3Error(err))
		}
		return nil
	}
	return newReader(Info{Hash: hash, Stored: st.Size, Modified: st.LastModified}, fetch, func() error { return nil })
}

// Delete removes the object, with every version of it.
func (s *S3) Delete(ctx context.Context, hash string) error {
	if err := checkHash(hash); err != nil {
		return err
	}
	if err := s.remove(ctx, s.key(hash)); err != nil {
		return fmt.Errorf("delete blob %s: %w", hash, s3Error(err))
	}
	return nil
}

func (s *S3) remove(ctx context.Context, key string) error {
	if !s.versioned {
		return s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})
	}
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: key, WithVersions: true, Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		if o.Key != key {
			continue
		}
		if err := s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{VersionID: o.VersionID}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// List pages through the bucket.
func (s *S3) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
			if o.Err != nil {
				yield(Info{}, fmt.Errorf("list blobs: %w", s3Error(o.Err)))
				return
			}
			hash := path.Base(o.Key)
			if !isHash(hash) || o.Key != s.key(hash) {
				continue // not ours, or unfinished
			}
			if !yield(Info{Hash: hash, Stored: o.Size, Modified: o.LastModified}, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil { // the client then ends the listing as if it were complete
			yield(Info{}, fmt.Errorf("list blobs: %w", err))
		}
	}
}

// Sweep removes uploads that were never completed and objects that were never copied. It goes by the time when they began.
func (s *S3) Sweep(ctx context.Context, before time.Time) (int, error) {
	ctx, cancel := context.WithCancel(ctx) // ends the listing if the loop ends early
	defer cancel()
	dir := s.prefix + unfinished + "/"
	removed := 0
	for u := range s.client.ListIncompleteUploads(ctx, s.bucket, dir, true) {
		if u.Err != nil {
			return removed, fmt.Errorf("sweep blobs: %w", s3Error(u.Err))
		}
		if !u.Initiated.Before(before) {
			continue
		}
		if err := s.client.RemoveIncompleteUpload(ctx, s.bucket, u.Key); err != nil {
			return removed, fmt.Errorf("sweep blobs: %w", s3Error(err))
		}
		removed++
	}
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: dir, Recursive: true}) {
		if o.Err != nil {
			return removed, fmt.Errorf("sweep blobs: %w", s3Error(o.Err))
		}
		if !o.LastModified.Before(before) {
			continue
		}
		if err := s.remove(ctx, o.Key); err != nil {
			return removed, fmt.Errorf("sweep blobs: %w", s3Error(err))
		}
		removed++
	}
	return removed, ctx.Err()
}

// Ready asks for the bucket.
func (s *S3) Ready(ctx context.Context) error {
	ok, err := s.client.BucketExists(ctx, s.bucket)
	if err != nil {
		return fmt.Errorf("bucket %s: %w", s.bucket, s3Error(err))
	}
	if !ok {
		return fmt.Errorf("bucket %s does not exist", s.bucket)
	}
	return nil
}

// s3Error turns the codes on which callers branch into our errors.
func s3Error(err error) error {
	var r minio.ErrorResponse
	if !errors.As(err, &r) {
		return noSpace(err)
	}
	switch {
	case r.Code == minio.NoSuchKey:
		return ErrNotFound
	case r.StatusCode == http.StatusInsufficientStorage, r.Code == "XMinioStorageFull", r.Code == "QuotaExceeded",
		r.Code == "XMinioAdminBucketQuotaExceeded":
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
