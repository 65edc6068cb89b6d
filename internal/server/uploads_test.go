package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/server"
)

type uploaded struct {
	ID, Name, SHA256, State, Workspace string
	Size                               int64
}

// formOf streams a form with one file of a size, as curl -F does.
func formOf(name string, content io.Reader) (io.Reader, string) {
	r, w := io.Pipe()
	m := multipart.NewWriter(w)
	go func() {
		part, err := m.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, content)
		}
		if err == nil {
			err = m.Close()
		}
		w.CloseWithError(err)
	}()
	return r, m.FormDataContentType()
}

func TestFormUpload(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		body, kind := formOf(`..\..\evil "name".log`, strings.NewReader(log))
		var l struct{ Items []uploaded }
		s.ask("ben", "POST", "/uploads?workspace="+s.shared.ID, body, "Content-Type", kind).is(201).into(&l)
		sum := sha256.Sum256([]byte(log))
		u := l.Items[0]
		if len(l.Items) != 1 || u.SHA256 != hex.EncodeToString(sum[:]) || u.Size != int64(len(log)) || strings.ContainsAny(u.Name, `/\`) || u.State != "ready" {
			t.Errorf("upload %+v", u)
		}
		g := s.ask("cem", "GET", "/uploads/content/"+u.ID, nil).is(200)
		if string(g.Body) != log || !strings.HasPrefix(g.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(g.Header.Get("Content-Security-Policy"), "sandbox") ||
			g.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s %q", g.Header, g.Body)
		}
		part := s.ask("cem", "GET", "/uploads/content/"+u.ID, nil, "Range", "bytes=5-9").is(206)
		if string(part.Body) != log[5:10] {
			t.Errorf("range %q", part.Body)
		}
		s.ask("cem", "GET", "/uploads/content/"+u.ID, nil, "If-None-Match", g.Header.Get("ETag")).is(304)
		s.ask("cem", "DELETE", "/uploads/"+u.ID, nil).is(403)
		s.ask("ben", "DELETE", "/uploads/"+u.ID, nil).is(204)
		s.ask("ben", "GET", "/uploads/"+u.ID, nil).is(404)
	})
}

func TestTornForms(t *testing.T) {
	s := one(t, nil)
	for _, body := range []string{"", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf", "nonsense", "--b--\r\n"} {
		s.ask("ada", "POST", "/uploads", body, "Content-Type", "multipart/form-data; boundary=b").is(400)
	}
	s.ask("ada", "POST", "/uploads", "x", "Content-Type", "text/plain").is(415)
	s.ask("ada", "POST", "/uploads", "x", "Content-Type", "multipart/form-data").is(400)
	var l struct{ Total int }
	s.ask("ada", "GET", "/uploads", nil).is(200).into(&l)
	if l.Total != 0 {
		t.Errorf("%d uploads were left", l.Total)
	}
}

// What is too much is refused before its first byte: the body here never comes.
func TestRoomIsToldAndKept(t *testing.T) {
	s := one(t, func(o *server.Options) {
		d, err := incident.New(o.Store, o.Blobs, incident.Options{MaxUpload: 4 << 20, UserQuota: 6 << 20, Now: o.Now})
		if err != nil {
			t.Fatal(err)
		}
		o.Desk = d
	})
	var limits map[string]int64
	s.ask("ada", "GET", "/uploads/limits", nil).is(200).into(&limits)
	if limits["max_bytes"] != 4<<20 || limits["left_bytes"] != 6<<20 {
		t.Errorf("limits %v", limits)
	}
	tus := func(size int) got {
		return s.ask("ada", "POST", "/uploads/tus", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(size))
	}
	if code := tus(5 << 20).is(413).code(); code != "too_large" {
		t.Error(code)
	}
	q, err := http.NewRequestWithContext(t.Context(), "POST", s.http.URL+"/api/v1/uploads", silence{})
	s.ok(err)
	q.ContentLength = 6 << 20
	q.Header.Set("Authorization", "Bearer "+s.tokens["ada"])
	q.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	q.Header.Set("Expect", "100-continue")
	a, err := (&http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}).Do(q)
	s.ok(err)
	a.Body.Close()
	if a.StatusCode != 413 {
		t.Errorf("status %d", a.StatusCode)
	}
	tus(4 << 20).is(201)
	if code := tus(3 << 20).is(507).code(); code != "quota" { // what is announced counts
		t.Error(code)
	}
	body, kind := formOf("a.log", io.LimitReader(&noise{}, 5<<20))
	s.ask("ada", "POST", "/uploads", body, "Content-Type", kind).is(413)
}

type silence struct{}

func (silence) Read([]byte) (int, error) { panic("the body was asked for") }

// noise is a stream of lines that differ.
type noise struct{ n int }

func (z *noise) Read(p []byte) (int, error) {
	b := p[:0]
	for len(b)+64 <= len(p) || len(b) == 0 {
		z.n++
		b = fmt.Appendf(b, "%012d INFO a line of %032x\n", z.n, z.n*7919) // 63 bytes
	}
	return copy(p, b), nil
}

// A form of 200 MB passes in bounded memory.
func TestLargeFormTakesLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	s := one(t, nil)
	const size = 200 << 20
	body, kind := formOf("large.log", io.LimitReader(&noise{}, size))
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak.Store(max(peak.Load(), now.HeapInuse))
			}
		}
	}()
	start := time.Now()
	var l struct{ Items []uploaded }
	s.ask("ada", "POST", "/uploads", body, "Content-Type", kind).is(201).into(&l)
	took := time.Since(start)
	close(stop)
	<-stopped
	if l.Items[0].Size != size {
		t.Errorf("size %d", l.Items[0].Size)
	}
	more := int64(peak.Load()) - int64(before.HeapInuse)
	t.Logf("200 MB in %s, %.0f MB/s; heap %d MB more than before, client included", took, 200/took.Seconds(), more>>20)
	if more > 96<<20 {
		t.Errorf("heap grew by %d MB", more>>20)
	}
}

func TestTextUpload(t *testing.T) {
	s := one(t, nil)
	var u uploaded
	s.ask("ada", "POST", "/uploads/text", obj{"text": log}).is(201).into(&u)
	if u.Name != "pasted.log" || u.Size != int64(len(log)) {
		t.Errorf("upload %+v", u)
	}
	s.ask("ada", "POST", "/uploads/text", obj{"text": strings.Repeat("x", 10<<20+1)}).is(413)
	s.ask("ada", "POST", "/uploads/text", obj{"text": ""}).is(422)
}

// An upload that broke off goes on where it was, also in a new process, and is whole at the end.
func TestTusResumes(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		content := make([]byte, 3<<20)
		for i := range content {
			content[i] = byte('a' + i*i%23)
		}
		a := s.ask("ben", "POST", "/uploads/tus", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(len(content)),
			"Upload-Metadata", "filename "+b64("big.log")+",workspace "+b64(s.shared.ID)+",user "+b64("mallory")).is(201)
		at := a.Header.Get("Location")
		at = at[strings.Index(at, "/api/"):]
		patch := func(offset int, body io.Reader) got {
			return s.ask("ben", "PATCH", at, body, "Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
		}
		head := func() got { return s.ask("ben", "HEAD", at, nil, "Tus-Resumable", "1.0.0").is(200) }

		// The connection breaks after a million bytes.
		q, err := http.NewRequestWithContext(t.Context(), "PATCH", s.http.URL+at, io.MultiReader(bytes.NewReader(content[:1_000_000]), broken{}))
		s.ok(err)
		q.ContentLength = int64(len(content))
		for name, v := range map[string]string{"Authorization": "Bearer " + s.tokens["ben"], "Tus-Resumable": "1.0.0", "Upload-Offset": "0",
			"Content-Type": "application/offset+octet-stream"} {
			q.Header.Set(name, v)
		}
		if a, err := http.DefaultClient.Do(q); err == nil {
			a.Body.Close()
			t.Fatal("the broken request was answered")
		}
		// The server may look at the broken request after this one; once it has begun, HEAD waits until it has let go of the file.
		var h got
		offset := 0
		for try := 0; offset == 0 && try < 200; try++ {
			h = head()
			offset, err = strconv.Atoi(h.Header.Get("Upload-Offset"))
			s.ok(err)
			if offset == 0 {
				time.Sleep(20 * time.Millisecond)
			}
		}
		if offset == 0 || offset > 1_000_000 || h.Header.Get("Upload-Expires") == "" || h.Header.Get("Upload-Id") != "" {
			t.Errorf("after the break: %s", h.Header)
		}
		s.ask("ada", "HEAD", at, nil, "Tus-Resumable", "1.0.0").is(404) // another's, though in the same workspace
		s.ask("ada", "PATCH", at, "x", "Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream").is(404)
		patch(offset+1, bytes.NewReader(content[offset+1:])).is(409)
		s.restart()
		done := patch(offset, bytes.NewReader(content[offset:])).is(204)
		id := done.Header.Get("Upload-Id")
		sum := sha256.Sum256(content)
		var u uploaded
		s.ask("cem", "GET", "/uploads/"+id, nil).is(200).into(&u)
		if u.SHA256 != hex.EncodeToString(sum[:]) || u.Name != "big.log" || u.Workspace != s.shared.ID {
			t.Errorf("upload %+v", u)
		}
		// Who missed the last answer finds all there, and the id.
		if h := head(); h.Header.Get("Upload-Offset") != strconv.Itoa(len(content)) || h.Header.Get("Upload-Id") != id {
			t.Errorf("at the end: %s", h.Header)
		}
		s.forward(25 * time.Hour)
		s.expire()
		s.ask("ben", "HEAD", at, nil, "Tus-Resumable", "1.0.0").is(401)
		left, err := os.ReadDir(s.folder)
		s.ok(err)
		if len(left) != 0 {
			t.Errorf("%d files were left", len(left))
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

// The process died between the last byte and the answer: the next HEAD takes the bytes in.
func TestTusSettlesWhatWasWholeAlready(t *testing.T) {
	s := one(t, nil)
	a := s.ask("ada", "POST", "/uploads/tus", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(len(log))).is(201)
	at := a.Header.Get("Location")
	id := at[strings.LastIndex(at, "/")+1:]
	s.ok(os.WriteFile(s.folder+"/"+id, []byte(log), 0o600))
	h := s.ask("ada", "HEAD", at[strings.Index(at, "/api/"):], nil, "Tus-Resumable", "1.0.0").is(200)
	if g := s.ask("ada", "GET", "/uploads/content/"+h.Header.Get("Upload-Id"), nil).is(200); string(g.Body) != log {
		t.Errorf("%q", g.Body)
	}
	for _, id := range []string{"..%2f..%2fetc%2fpasswd", "short", strings.Repeat("z", 32)} {
		s.ask("ada", "HEAD", "/uploads/tus/"+id, nil, "Tus-Resumable", "1.0.0").is(404)
	}
}

// What tusd and net/http refuse is told as a problem too.
func TestRefusalsOfOthersAreProblems(t *testing.T) {
	s := one(t, nil)
	th := s.things()
	tus := "/uploads/tus/" + th.tus
	for _, q := range []struct {
		method, path, code string
		status             int
		header             []string
	}{
		{"PATCH", tus, "mismatched_offset", 409, []string{"Upload-Offset", "5", "Content-Type", "application/offset+octet-stream"}},
		{"PATCH", tus, "invalid_content_type", 400, []string{"Upload-Offset", "0", "Content-Type", "text/plain"}},
		{"DELETE", tus, "unsupported_version", 412, []string{"Tus-Resumable", "0.2"}},
		{"POST", "/uploads/tus", "invalid_upload_length", 400, []string{"Upload-Length", "x"}},
		{"POST", "/uploads/tus", "not_implemented", 400, []string{"Upload-Defer-Length", "1"}},
		{"GET", "/uploads/content/" + th.upload, "precondition", 412, []string{"If-Match", `"another"`}},
		{"GET", "/uploads/content/" + th.upload, "range", 416, []string{"Range", "bytes=5-1"}},
	} {
		g := s.ask("ben", q.method, q.path, nil, append([]string{"Tus-Resumable", "1.0.0"}, q.header...)...).is(q.status)
		if code := g.code(); code != q.code {
			t.Errorf("%s %s %v: code %s, want %s", q.method, q.path, q.header, code, q.code)
		}
	}
}
