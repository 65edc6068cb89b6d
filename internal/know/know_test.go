package know_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/rca-engine/rca/internal/know"
)

// Every entry carries lines that it must match and fields that a reader needs.
func TestBuiltinEntries(t *testing.T) {
	l, err := know.Read(os.DirFS("data"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range l.Check() {
		t.Error(err)
	}
	if len(l.Entries) < 300 {
		t.Fatalf("%d entries", len(l.Entries))
	}
	for _, e := range l.Entries {
		if e.Means == "" || e.Confirm == "" || e.Do == "" {
			t.Errorf("%s lacks means, confirm or do", e.ID)
		}
	}
}

// entries.go is what data/*.yml says now.
func TestEntriesAreFresh(t *testing.T) {
	l, err := know.Read(os.DirFS("data"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := know.Source(l)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("entries.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r"), nil), want) {
		t.Error("entries.go is stale: run go generate ./internal/know")
	}
}

// Lines of quiet times accuse nobody.
func TestHealthyLines(t *testing.T) {
	l, err := know.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"request done status=200 error=null err= duration_ms=12",
		"job finished errors=0 failed=0 skipped=2",
		"no errors found",
		"0 failed, 12 passed",
		"12 passed, 0 failed in 1.2s",
		"Tests run: 12, Failures: 0, Errors: 0, Skipped: 0",
		"config loaded timeout=30s connect_timeout=5s max_retries=3",
		"connection timeout set to 5000 ms",
		"pool opened size=10 timeout=30",
		`10.0.0.9 - - [01/Jan/2026:00:00:00 +0000] "GET /api/x HTTP/1.1" 200 512 "-" "curl/8.0"`,
		`10.0.0.9 - - [01/Jan/2026:00:00:00 +0000] "GET /x HTTP/1.1" 404 153 "-" "Mozilla/5.0"`,
		"request finished status=401 duration_ms=3",
		"request finished status=403 duration_ms=3",
		"request finished status=429 duration_ms=3",
		"worker restarted, status: running, code=0",
		"rate limiter configured rate=100",
		"tls certificate loaded, valid until 2027-01-01",
		"certificate renewed",
		"generating self-signed certificate",
		"circuit breaker closed",
		"health check passed",
		"page not found",
		"user not found",
		"GET /a/b: not found",
		"retrying in 5s",
		"exited: worker (exit status 0; expected)",
		"web-1 exited with code 0",
		"deadlock detection enabled",
		"deadlock_timeout = 1s",
		"dns cache refreshed 12 names",
		"memory usage 50% of limit",
		"disk usage 40%",
		"checked permissions: ok",
		"password changed for user x",
		"queue length 3",
		"consumer lag 0",
		"migration 12 applied",
		"all migrations are up to date",
		"token expires in 3600 seconds",
		"GC(12) Pause Young (Normal) (G1 Evacuation Pause) 24M->4M(256M) 3.412ms",
		"segment flushed",
		"node-1 is now UP",
		"backup finished, 0 errors",
		"uptime 812 s, restarts 0, oom_kills 0",
	} {
		for _, f := range l.Match([]string{s}, "") {
			if f.Category != "" && !f.Benign {
				t.Errorf("%s (level %d) accuses in %q", f.ID, f.Level, s)
			}
		}
	}
}
