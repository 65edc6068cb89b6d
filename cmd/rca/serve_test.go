package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/traces/tracestest"
)

// running is an rca serve with a key of its first administrator.
type running struct {
	*testing.T
	cmd   *exec.Cmd
	ended chan struct{} // closed when its standard error ends
	env   []string
	api   string
	key   string
	dir   string
}

// serve starts the service on a folder, makes the first administrator as a new user does, and takes a key.
func serve(t *testing.T, folder string, args []string, env ...string) *running {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("signals")
	}
	name, err := exec.LookPath("rca") // TestMain made it: the service starts itself again for each job
	if err != nil {
		t.Fatal(err)
	}
	s := &running{T: t, ended: make(chan struct{}), dir: t.TempDir(), env: append(append(os.Environ(), "RCA_HTTP_OPS=", "RCA_DATA="+folder), env...)}
	s.cmd = exec.Command(name, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	s.cmd.Env = s.env
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	made := regexp.MustCompile(`curl (http://\S+)/auth/setup .*"link": "([^"]+)"`)
	found := make(chan []string, 1)
	go func() {
		defer close(s.ended)
		for in := bufio.NewScanner(stderr); in.Scan(); {
			if m := made.FindStringSubmatch(in.Text()); m != nil {
				found <- m
			}
		}
	}()
	var link string
	select {
	case m := <-found:
		s.api, link = m[1], m[2]
	case <-s.ended:
		t.Fatal("the service ended without a word of the first administrator")
	case <-time.After(time.Minute):
		t.Fatal("the service says nothing of the first administrator")
	}
	const password = "wren-over-heather-7"
	var user struct{ Admin bool }
	s.post("/auth/setup", map[string]string{"link": link, "username": "ada", "password": password}, &user)
	if !user.Admin {
		t.Error("the first user is no administrator")
	}
	resp, err := http.PostForm(s.api+"/auth/token", url.Values{"grant_type": {"password"}, "username": {"ada"}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	var token struct {
		Access string `json:"access_token"`
	}
	err = json.NewDecoder(resp.Body).Decode(&token)
	resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	s.key = token.Access
	var key struct{ Secret string }
	s.post("/keys", map[string]any{"name": "laptop", "scopes": []string{"uploads:write", "jobs:write", "jobs:read"}}, &key)
	s.key = key.Secret
	return s
}

// send is one request; the status and the body of its answer.
func (s *running) send(method, path string, body any) (int, []byte) {
	s.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		s.Fatal(err)
	}
	q, err := http.NewRequest(method, s.api+path, bytes.NewReader(b))
	if err != nil {
		s.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	if s.key != "" {
		q.Header.Set("Authorization", "Bearer "+s.key)
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err = io.ReadAll(resp.Body); err != nil {
		s.Fatal(err)
	}
	return resp.StatusCode, b
}

// post makes something, and reads what was made.
func (s *running) post(path string, body, into any) {
	s.Helper()
	status, b := s.send(http.MethodPost, path, body)
	if status != http.StatusCreated && status != http.StatusAccepted {
		s.Fatalf("%s: %d: %s", path, status, b)
	}
	if err := json.Unmarshal(b, into); err != nil {
		s.Fatal(err)
	}
}

// push runs rca push as a user would.
func (s *running) push(args ...string) (string, error) {
	push := exec.Command(s.cmd.Path, append([]string{"push", "--server", strings.TrimSuffix(s.api, "/api/v1")}, args...)...)
	push.Env = append(os.Environ(), "RCA_API_KEY="+s.key, "XDG_CACHE_HOME="+filepath.Join(s.dir, "cache"), "HOME="+s.dir)
	out, err := push.CombinedOutput()
	return string(out), err
}

// stop ends the service as a supervisor does, and wants it to end well.
func (s *running) stop() {
	s.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	<-s.ended
	if err := s.cmd.Wait(); err != nil {
		s.Errorf("the service stopped with %v", err)
	}
}

// fsck wants every row and every blob in order.
func (s *running) fsck() {
	s.Helper()
	fsck := exec.Command(s.cmd.Path, "fsck")
	fsck.Env = s.env
	if out, err := fsck.CombinedOutput(); err != nil {
		s.Errorf("fsck: %v: %s", err, out)
	}
}

// sessionsDiskFull is the bundled incident as arguments of push.
func sessionsDiskFull(t *testing.T) []string {
	t.Helper()
	incident := filepath.Join("..", "..", "testdata", "incidents", "sessions-disk-full")
	args := []string{"--wait"}
	for _, part := range []string{"logs", "baseline"} {
		files, err := filepath.Glob(filepath.Join(incident, part, "*.log"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s: %v", part, err)
		}
		for _, f := range files {
			if part == "baseline" {
				args = append(args, "--baseline")
			}
			args = append(args, f)
		}
	}
	return args
}

// A new user's first quarter of an hour: the service is started, the first administrator made, a key taken, logs pushed, the report
// read; and the service stopped.
func TestServeAndPush(t *testing.T) {
	collector := tracestest.New(t, nil)
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil, "RCA_TELEMETRY_TRACES_URL="+collector.URL, "RCA_HTTP_TRUSTED_PROXIES=127.0.0.1")
	out, err := s.push(sessionsDiskFull(t)...)
	if err != nil || !strings.Contains(out, "redis: the disk is full") || !strings.Contains(out, "logs/redis.log:33") {
		t.Errorf("push: %v: %s", err, out)
	}
	followTrace(t, collector, s.api, s.key)
	s.stop()
	s.fsck()
}

// A client that sends the head of its request byte by byte is cut.
func TestSlowHeader(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil, "RCA_HTTP_HEADER_TIMEOUT=300ms")
	c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(s.api, "http://"), "/api/v1"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	go func() {
		for _, b := range []byte("GET /api/v1/auth/me HTTP/1.1\r\nHost: rca.test\r\nX-Slow: " + strings.Repeat("x", 1000)) {
			if _, err := c.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	b, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(string(b), " 200 ") {
		t.Errorf("answer %q, %v", b, err)
	}
	s.stop()
}
