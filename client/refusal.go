package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Refusal is the error of every answer that is no success.
type Refusal struct {
	Problem               // as the service told it; of a proxy's answer there are only the title and the status
	Request string        // method and path
	After   time.Duration // to wait before the next try, if the service said so
}

// Error tells what was asked and why it was refused.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("%s: %s", r.Request, r.Title)
	if r.Detail != nil {
		text += ": " + *r.Detail
	}
	for _, e := range r.Errors {
		text += fmt.Sprintf("; %s: %s", e.Location, e.Message)
	}
	return text
}

// Final tells whether the same request would be refused again.
func (r *Refusal) Final() bool {
	switch r.Status {
	case http.StatusConflict, http.StatusLocked, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return false
	}
	return r.Status >= 400 && r.Status < 500
}

// refusing sends requests, and makes errors of refusals.
type refusing struct{ client *http.Client }

// Do is what the generated client calls.
func (c refusing) Do(q *http.Request) (*http.Response, error) {
	a, err := c.client.Do(q)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) { // without the whole address, whose query may hold what is no error's business
			err = u.Err
		}
		return nil, fmt.Errorf("%s %s%s: %w", q.Method, q.URL.Host, q.URL.Path, err)
	}
	if a.StatusCode < 400 {
		return a, nil
	}
	defer a.Body.Close() // nothing of it is wanted after
	r := &Refusal{Problem: Problem{Title: http.StatusText(a.StatusCode)}, Request: q.Method + " " + q.URL.Path}
	if kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type")); err == nil && strings.HasSuffix(kind, "json") {
		if b, err := io.ReadAll(io.LimitReader(a.Body, 256<<10)); err == nil {
			var p Problem
			if json.Unmarshal(b, &p) == nil && p.Title != "" {
				r.Problem = p
			}
		}
	}
	r.Status = int64(a.StatusCode)
	if s, err := strconv.Atoi(a.Header.Get("Retry-After")); err == nil {
		r.After = time.Duration(s) * time.Second
	}
	return nil, r
}
