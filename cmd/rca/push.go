package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/term"
)

// pusher uploads files to a server by the tus protocol, and goes on where an earlier push of the same file stopped.
type pusher struct {
	server    string // without a slash at its end
	key       string
	workspace string // "" for the user's own
	client    *http.Client
	resume    string // folder in which unfinished uploads are remembered
	progress  func(name string, done, total int64)
}

// chunk is how much goes up in one request: what a broken connection costs at the most, in bytes.
const chunk = 64 << 20

// upload brings one file up and gives the id of its upload.
func (p *pusher) upload(ctx context.Context, file string) (id string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close() // read only
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file: pack a folder with tar first", file)
	}
	memo, err := p.memo(file, info)
	if err != nil {
		return "", err
	}
	at, offset, err := p.find(ctx, memo)
	if err != nil {
		return "", err
	}
	if at == "" {
		if at, err = p.create(ctx, filepath.Base(file), info.Size()); err != nil {
			return "", err
		}
		if err := os.WriteFile(memo, []byte(at), 0o600); err != nil {
			return "", err
		}
	}
	for failures := 0; ; {
		if p.progress != nil {
			p.progress(filepath.Base(file), offset, info.Size())
		}
		next, done, err := p.send(ctx, at, f, offset, info.Size())
		switch {
		case done != "":
			return done, os.Remove(memo)
		case err == nil:
			if next == offset && next < info.Size() {
				return "", fmt.Errorf("upload %s: the server takes no more bytes at %d", file, offset)
			}
			offset, failures = next, 0
			continue
		case ctx.Err() != nil:
			return "", ctx.Err()
		}
		// Ask how far it came until the server is there again, or says no.
		for found := false; !found; {
			var refused *refusal
			if failures++; errors.As(err, &refused) && refused.final() || failures > 12 {
				return "", err
			}
			select {
			case <-time.After(min(time.Duration(failures*failures)*100*time.Millisecond, 10*time.Second)):
			case <-ctx.Done():
				return "", ctx.Err()
			}
			var again string
			if again, next, err = p.find(ctx, memo); err == nil {
				if again == "" {
					return "", fmt.Errorf("upload %s: the server has lost it; push it again", file)
				}
				offset, found = next, true
			}
		}
	}
}

// memo is the file that remembers where an upload of just this content to just this server goes.
func (p *pusher) memo(file string, info fs.FileInfo) (string, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(p.resume, 0o700); err != nil {
		return "", err
	}
	key := fmt.Sprint(p.server, "\n", p.workspace, "\n", full, "\n", info.Size(), "\n", info.ModTime().UnixNano())
	return filepath.Join(p.resume, fmt.Sprintf("%016x", xxhash.Sum64String(key))), nil
}

// find asks the server how much of a remembered upload it has; at is "" when there is none.
func (p *pusher) find(ctx context.Context, memo string) (at string, offset int64, err error) {
	b, err := os.ReadFile(memo)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	resp, err := p.do(ctx, http.MethodHead, string(b), nil, nil)
	var refused *refusal
	if errors.As(err, &refused) && (refused.status == http.StatusNotFound || refused.status == http.StatusGone) {
		return "", 0, os.Remove(memo) // it expired, or was finished
	}
	if err != nil {
		return "", 0, err
	}
	resp.Body.Close()
	offset, err = strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	return string(b), offset, err
}

func (p *pusher) create(ctx context.Context, name string, size int64) (string, error) {
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte(name))
	if p.workspace != "" {
		meta += ",workspace " + base64.StdEncoding.EncodeToString([]byte(p.workspace))
	}
	resp, err := p.do(ctx, http.MethodPost, p.server+"/api/v1/uploads/tus", http.Header{"Upload-Length": {strconv.FormatInt(size, 10)}, "Upload-Metadata": {meta}}, nil)
	if err != nil {
		return "", err
	}
	resp.Body.Close()
	at, err := resp.Request.URL.Parse(resp.Header.Get("Location"))
	if err != nil || at.Path == resp.Request.URL.Path {
		return "", fmt.Errorf("%s told no place for the upload", p.server)
	}
	return p.server + at.RequestURI(), nil // behind a proxy the server may not know its own name
}

// send brings up one chunk. With the last one the server gives the id of the upload.
func (p *pusher) send(ctx context.Context, at string, f io.ReaderAt, offset, size int64) (next int64, id string, err error) {
	n := min(chunk, size-offset)
	body := io.Reader(io.NewSectionReader(f, offset, n))
	if p.progress != nil {
		body = &counting{r: body, tell: func(k int64) { p.progress("", offset+k, size) }}
	}
	resp, err := p.do(ctx, http.MethodPatch, at, http.Header{"Upload-Offset": {strconv.FormatInt(offset, 10)}, "Content-Type": {"application/offset+octet-stream"}, "Content-Length": {strconv.FormatInt(n, 10)}}, body)
	if err != nil {
		return 0, "", err
	}
	resp.Body.Close()
	next, err = strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	if err == nil && next == size {
		if id = resp.Header.Get("Upload-Id"); id == "" {
			err = fmt.Errorf("%s told no id for the finished upload", p.server)
		}
	}
	return next, id, err
}

// counting tells how much of a body was read.
type counting struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	c.tell(c.n)
	return n, err
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	code   string // of the problem
	text   string
	after  time.Duration // to wait before the next try
}

func (r *refusal) Error() string { return r.text }

// final tells whether the same request will be refused again.
func (r *refusal) final() bool {
	return r.status >= 400 && r.status < 500 && r.status != http.StatusConflict && r.status != http.StatusLocked && r.status != http.StatusTooManyRequests && r.status != http.StatusRequestTimeout
}

// do sends a request with the key; an answer other than a success becomes a refusal.
func (p *pusher) do(ctx context.Context, method, at string, header http.Header, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if n := header.Get("Content-Length"); n != "" {
		req.ContentLength, _ = strconv.ParseInt(n, 10, 64) // our own number
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Authorization", "Bearer "+p.key)
	resp, err := p.client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address, which is in the text below
		}
		return nil, fmt.Errorf("%s %s: %w", method, p.server, err)
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close() // nothing of it is wanted after
	r := &refusal{status: resp.StatusCode, text: fmt.Sprintf("%s %s: %s", method, req.URL.Path, resp.Status)}
	var problem struct{ Code, Title, Detail string }
	if b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10)); err == nil && json.Unmarshal(b, &problem) == nil && problem.Title != "" {
		r.code, r.text = problem.Code, problem.Title
		if problem.Detail != "" {
			r.text += ": " + problem.Detail
		}
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		r.after = time.Duration(s) * time.Second
	}
	return nil, r
}

// bar shows how far an upload is, on a terminal alone.
func bar() func(name string, done, total int64) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	var current string
	var began, told time.Time
	var first int64
	return func(name string, done, total int64) {
		if name != "" && name != current {
			current, began, first = name, time.Now(), done
		}
		if done < total && time.Since(told) < 200*time.Millisecond {
			return
		}
		told = time.Now()
		rate := float64(done-first) / max(time.Since(began).Seconds(), .001) / 1e6
		filled := int(20 * done / max(total, 1))
		fmt.Fprintf(os.Stderr, "\r%s %s%s %3d %% of %.1f MB, %.0f MB/s ", safe(short(current, 30)), strings.Repeat("█", filled), strings.Repeat("░", 20-filled), 100*done/max(total, 1), float64(total)/1e6, rate)
		if done == total {
			fmt.Fprintln(os.Stderr)
		}
	}
}

func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
