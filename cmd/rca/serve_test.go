package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
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

// A new user's first quarter of an hour: the service is started, the first administrator made, a key taken, logs pushed, the report
// read; and the service stopped. With the binary itself, for it starts itself again for each job.
func TestServeAndPush(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("signals")
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "rca")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	serve := exec.Command(binary, "serve", "--data", filepath.Join(dir, "data"), "--listen", "127.0.0.1:0")
	collector := tracestest.New(t, nil)
	serve.Env = append(os.Environ(), "RCA_HTTP_OPS=", "RCA_TELEMETRY_TRACES_URL="+collector.URL, "RCA_HTTP_TRUSTED_PROXIES=127.0.0.1")
	stderr, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serve.Process.Kill() })
	made := regexp.MustCompile(`curl (http://\S+)/auth/setup .*"link": "([^"]+)"`)
	found := make(chan []string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for in := bufio.NewScanner(stderr); in.Scan(); {
			if m := made.FindStringSubmatch(in.Text()); m != nil {
				found <- m
			}
		}
	}()
	var api, link string
	select {
	case m := <-found:
		api, link = m[1], m[2]
	case <-ended:
		t.Fatal("the service ended without a word of the first administrator")
	case <-time.After(time.Minute):
		t.Fatal("the service says nothing of the first administrator")
	}

	const password = "wren-over-heather-7"
	ask := func(path, token string, body any, into any) {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		q, err := http.NewRequest(http.MethodPost, api+path, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/json")
		if token != "" {
			q.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %s", path, resp.Status)
		}
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	var user struct{ Admin bool }
	ask("/auth/setup", "", map[string]string{"link": link, "username": "ada", "password": password}, &user)
	if !user.Admin {
		t.Error("the first user is no administrator")
	}
	resp, err := http.PostForm(api+"/auth/token", url.Values{"grant_type": {"password"}, "username": {"ada"}, "password": {password}})
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
	var key struct{ Secret string }
	ask("/keys", token.Access, map[string]any{"name": "laptop", "scopes": []string{"uploads:write", "jobs:write", "jobs:read"}}, &key)

	incident := filepath.Join("..", "..", "testdata", "incidents", "sessions-disk-full")
	args := []string{"push", "--server", strings.TrimSuffix(api, "/api/v1"), "--wait"}
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
	push := exec.Command(binary, args...)
	push.Env = append(os.Environ(), "RCA_API_KEY="+key.Secret, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "HOME="+dir)
	out, err := push.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "redis: the disk is full") || !strings.Contains(string(out), "logs/redis.log:33") {
		t.Errorf("push: %v: %s", err, out)
	}

	followTrace(t, collector, api, key.Secret)

	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ended
	if err := serve.Wait(); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		t.Errorf("the service stopped with status %d", e.ExitCode())
	}
}
