package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"time"
)

// Upload is a file that is to go up.
type Upload struct {
	Name      string
	Bytes     io.ReaderAt
	Size      int64
	Workspace string // id; default the user's own

	Begun    string                   // what OnBegin was told of an upload of the same bytes that did not end: it goes on where that stopped
	OnBegin  func(begun string) error // told once the service knows of the upload; an error ends it here
	Progress func(done int64)         // told of the bytes that are up, often
}

const (
	tusVersion = "1.0.0"
	chunk      = 64 << 20 // what goes up in one request: what a broken connection costs at the most
	tries      = 12       // to reach the service again before giving up: some two minutes
)

// Upload brings a file up by the tus protocol and returns the id of its upload, for a job's manifest. When the connection
// breaks it goes on where the service got to, until the service refuses or has been away for minutes.
func (c *ClientWithResponses) Upload(ctx context.Context, u Upload) (id string, err error) {
	at, offset, err := c.uploaded(ctx, u.Begun)
	if err != nil {
		return "", err
	}
	if at == "" {
		if at, err = c.begin(ctx, u); err != nil {
			return "", err
		}
	}
	if u.OnBegin != nil {
		if err := u.OnBegin(at); err != nil {
			return "", err
		}
	}
	for {
		next, id, err := c.send(ctx, at, u, offset)
		switch {
		case id != "":
			return id, nil
		case err == nil && next == offset:
			return "", fmt.Errorf("upload %s: the service takes no more bytes at %d", u.Name, offset)
		case err != nil:
			if next, err = c.again(ctx, at, err); err != nil {
				return "", err
			}
		}
		offset = next
	}
}

// again asks how far a broken upload came, until the service is there again or says no.
func (c *ClientWithResponses) again(ctx context.Context, at string, broken error) (offset int64, err error) {
	for try := 1; ; try++ {
		var r *Refusal
		if errors.As(broken, &r) && r.Final() || try > tries {
			return 0, broken
		}
		wait := min(time.Duration(try*try)*100*time.Millisecond, 10*time.Second)
		if r != nil {
			wait = max(wait, min(r.After, time.Minute))
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		found, offset, err := c.uploaded(ctx, at)
		if err == nil && found == "" {
			return 0, fmt.Errorf("the service has lost the upload: %w", broken)
		}
		if err == nil {
			return offset, nil
		}
		broken = err
	}
}

// uploaded asks how much of an upload is up; at is "" if the service knows none such, for it expired or was given up.
func (c *ClientWithResponses) uploaded(ctx context.Context, begun string) (at string, offset int64, err error) {
	if begun == "" {
		return "", 0, nil
	}
	a, err := c.TusHead(ctx, begun, &TusHeadParams{TusResumable: new(tusVersion)})
	var r *Refusal
	if errors.As(err, &r) && (r.Status == http.StatusNotFound || r.Status == http.StatusGone) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	defer a.Body.Close() // it is empty
	offset, err = strconv.ParseInt(a.Header.Get("Upload-Offset"), 10, 64)
	return begun, offset, err
}

func (c *ClientWithResponses) begin(ctx context.Context, u Upload) (at string, err error) {
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte(u.Name))
	if u.Workspace != "" {
		meta += ",workspace " + base64.StdEncoding.EncodeToString([]byte(u.Workspace))
	}
	a, err := c.TusCreateWithBody(ctx, &TusCreateParams{TusResumable: new(tusVersion), UploadLength: new(strconv.FormatInt(u.Size, 10)), UploadMetadata: &meta},
		"", nil, func(_ context.Context, q *http.Request) error {
			q.Header.Del("Content-Type") // there is no body
			return nil
		})
	if err != nil {
		return "", err
	}
	defer a.Body.Close() // it is empty
	// The last part alone: behind a proxy the service may not know its own name.
	if at = path.Base(a.Header.Get("Location")); at == "." || at == "/" {
		return "", fmt.Errorf("begin upload %s: the service told no place for it", u.Name)
	}
	return at, nil
}

// send brings up one chunk. With the last one the service gives the id of the upload.
func (c *ClientWithResponses) send(ctx context.Context, at string, u Upload, offset int64) (next int64, id string, err error) {
	n := min(chunk, u.Size-offset)
	body := &told{r: io.NewSectionReader(u.Bytes, offset, n), done: offset, progress: u.Progress}
	a, err := c.TusPatchWithBody(ctx, at, &TusPatchParams{TusResumable: new(tusVersion), UploadOffset: new(strconv.FormatInt(offset, 10))},
		"application/offset+octet-stream", body, func(_ context.Context, q *http.Request) error {
			q.ContentLength = n
			return nil
		})
	if err != nil {
		return 0, "", err
	}
	defer a.Body.Close() // it is empty
	next, err = strconv.ParseInt(a.Header.Get("Upload-Offset"), 10, 64)
	if err == nil && next == u.Size {
		if id = a.Header.Get("Upload-Id"); id == "" {
			err = fmt.Errorf("upload %s: the service told no id for it", u.Name)
		}
	}
	return next, id, err
}

// told tells how much of a body was read.
type told struct {
	r        io.Reader
	done     int64
	progress func(int64)
}

func (t *told) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	t.done += int64(n)
	if t.progress != nil {
		t.progress(t.done)
	}
	return n, err
}
