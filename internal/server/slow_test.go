package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/server"
)

// lingering is a site whose deadlines are short, reached by bare connections, that tells of each request which is over.
type lingering struct {
	*site
	web  *httptest.Server
	over chan struct{}
}

func linger(t *testing.T) *lingering {
	t.Helper()
	l := &lingering{site: one(t, func(o *server.Options) {
		o.Limits.Answer, o.Limits.Stall, o.Limits.Streams = 300*time.Millisecond, 300*time.Millisecond, 1
	}), over: make(chan struct{}, 10)}
	h := l.server.Handler()
	l.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { l.over <- struct{}{} }()
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(l.web.Close)
	return l
}

// begin sends a request, or the beginning of one, and does nothing more.
func (l *lingering) begin(who, method, path, rest string, header ...string) net.Conn {
	l.t.Helper()
	c, err := net.Dial("tcp", l.web.Listener.Addr().String())
	l.ok(err)
	l.t.Cleanup(func() { c.Close() })
	l.ok(c.(*net.TCPConn).SetReadBuffer(4096))
	_, err = fmt.Fprintf(c, "%s /api/v1%s HTTP/1.1\r\nHost: rca.test\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n%s", method, path, l.bearer(who),
		strings.Join(header, "\r\n"), rest)
	l.ok(err)
	return c
}

// ended waits until the server has let go of a request.
func (l *lingering) ended() {
	l.t.Helper()
	select {
	case <-l.over:
	case <-time.After(30 * time.Second):
		l.t.Fatal("the server still holds the request")
	}
}

// refused reads the answer to a request that did not come whole.
func (l *lingering) refused(c net.Conn, status int) {
	l.t.Helper()
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	l.ok(err)
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	l.ok(err)
	got{l.t, a.StatusCode, a.Header, b}.is(status).code()
}

// Bodies that stop coming are given up, and nothing of them stays.
func TestStalledBodies(t *testing.T) {
	l := linger(t)
	c := l.begin("ben", "POST", "/uploads/text", `{"text": "the rest nev`, "Content-Type: application/json", "Content-Length: 1000")
	l.ended()
	l.refused(c, 408)

	c = l.begin("ben", "POST", "/uploads", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"app.log\"\r\n\r\nthe rest nev",
		"Content-Type: multipart/form-data; boundary=b", "Content-Length: 1000")
	l.ended()
	l.refused(c, 408)
	var list struct{ Total int }
	if l.ask("ben", "GET", "/uploads", nil).is(200).into(&list); list.Total != 0 {
		t.Errorf("%d uploads", list.Total)
	}

	// A resumable one keeps what came, and its place is free for the rest.
	at := "/uploads/tus/" + l.things().tus
	l.begin("ben", "PATCH", at, "0123", "Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream", "Content-Length: 10")
	l.ended()
	if offset := l.ask("ben", "HEAD", at, nil, "Tus-Resumable", "1.0.0").is(200).Header.Get("Upload-Offset"); offset != "4" {
		t.Errorf("offset %s", offset)
	}
	l.ask("ben", "PATCH", at, "456789", "Tus-Resumable", "1.0.0", "Upload-Offset", "4", "Content-Type", "application/offset+octet-stream").is(204)
}

// Answers that nobody reads are given up, and so is the place of a follower.
func TestUnreadAnswers(t *testing.T) {
	l := linger(t)
	th := l.things()
	u, err := l.desk.TakeUpload(t.Context(), l.shared.ID, l.users["ben"].ID, "big.log", -1, io.LimitReader(zeros{}, 64<<20))
	l.ok(err)
	l.begin("ben", "GET", "/uploads/content/"+u.ID, "")
	l.ended()

	long := `{"text": "` + strings.Repeat("x", 60_000) + `"}`
	for range 400 {
		_, err := l.store.AppendEvent(t.Context(), th.job, "progress", long)
		l.ok(err)
	}
	l.begin("cem", "GET", "/jobs/"+th.job+"/events", "")
	l.ended()
	f := l.follow("cem", th.job, 400) // the only place is free again
	f.answer.Body.Close()
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
