package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/rca-engine/rca/internal/store/storetest"
)

// An API without workers and a worker elsewhere share PostgreSQL, S3 and Redis, and nothing on disk. When the worker is killed in the
// middle of a job, the next one does it, once.
func TestProcesses(t *testing.T) {
	database := storetest.Postgres(t)
	if os.Getenv("RCA_TEST_S3") == "" || os.Getenv("RCA_TEST_REDIS") == "" {
		t.Skip("RCA_TEST_S3 or RCA_TEST_REDIS is not set")
	}
	bucket := "rca-" + strings.ToLower(rand.Text()[:10])
	makeBucket(t, bucket)
	env := []string{"RCA_DATABASE_URL=" + database, "RCA_REDIS_URL=" + os.Getenv("RCA_TEST_REDIS"),
		"RCA_BLOBS_URL=s3://" + bucket + "/team?path_style=true&endpoint=" + os.Getenv("RCA_TEST_S3"),
		"RCA_BLOBS_ACCESS_KEY=" + os.Getenv("RCA_TEST_S3_KEY"), "RCA_BLOBS_SECRET_KEY=" + os.Getenv("RCA_TEST_S3_SECRET")}
	s := serve(t, filepath.Join(t.TempDir(), "api"), []string{"--workers", "0"}, env...)
	work := func() *exec.Cmd {
		w := exec.Command(s.cmd.Path, "worker", "--workers", "2")
		w.Env = append(s.env, "RCA_DATA="+filepath.Join(t.TempDir(), "worker"))
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Process.Kill() })
		return w
	}

	// A log that takes some seconds, so that the worker dies in the middle of it.
	long := filepath.Join(s.dir, "long.log")
	writeLong(t, long, 60<<20)
	out, err := s.push("--only-upload", long)
	if err != nil {
		t.Fatalf("push: %v: %s", err, out)
	}
	fields := strings.Fields(out)
	var j struct{ ID, Status string }
	s.post("/jobs", map[string]any{"job_type": "rca_analysis", "input_manifest": map[string]any{"uploads": []string{fields[len(fields)-1]}}}, &j)
	first := work()
	s.until(j.ID, "running")
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // it was killed
	second := work()
	s.until(j.ID, "succeeded")
	status, b := s.send(http.MethodGet, "/jobs/"+j.ID+"/attempts", nil)
	var attempts struct{ Items []struct{ State string } }
	if err := json.Unmarshal(b, &attempts); err != nil || status != http.StatusOK {
		t.Fatalf("attempts: %d: %s: %v", status, b, err)
	}
	good := 0
	for _, a := range attempts.Items {
		if a.State == "succeeded" {
			good++
		}
	}
	if len(attempts.Items) != 2 || good != 1 {
		t.Errorf("attempts: %s", b)
	}

	if out, err := s.push(sessionsDiskFull(t)...); err != nil || !strings.Contains(out, "redis: the disk is full") {
		t.Errorf("push: %v: %s", err, out)
	}
	if err := second.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(); err != nil {
		t.Errorf("the worker stopped with %v", err)
	}
	s.stop()
	s.fsck()
}

// makeBucket makes a bucket on the test's S3 server.
func makeBucket(t *testing.T, name string) {
	t.Helper()
	_, host, _ := strings.Cut(os.Getenv("RCA_TEST_S3"), "://")
	client, err := minio.New(host, &minio.Options{Creds: credentials.NewStaticV4(os.Getenv("RCA_TEST_S3_KEY"), os.Getenv("RCA_TEST_S3_SECRET"), "")})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(t.Context(), name, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
}

// writeLong writes a log of so many bytes whose lines are hard to reduce.
func writeLong(t *testing.T, name string, size int) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i, n := 0, 0; n < size; i++ {
		k, err := fmt.Fprintf(w, "2026-11-24T%02d:%02d:%02dZ INFO desk%d order %d of %x was packed by %s in %dms\n", i/3600%24, i/60%60, i%60, i%7, i, i*7919, rand.Text(), i%97)
		if err != nil {
			t.Fatal(err)
		}
		n += k
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// until waits for a state of a job.
func (s *running) until(id, want string) {
	s.Helper()
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		status, b := s.send(http.MethodGet, "/jobs/"+id, nil)
		var j struct{ Status string }
		if err := json.Unmarshal(b, &j); err != nil || status != http.StatusOK {
			s.Fatalf("job: %d: %s: %v", status, b, err)
		}
		if j.Status == want {
			return
		}
		if j.Status == "failed" || j.Status == "succeeded" || time.Since(begin) > 3*time.Minute {
			s.Fatalf("the job is to be %s and is: %s", want, b)
		}
	}
}
