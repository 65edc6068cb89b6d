//go:build linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// On a disk that is full the service refuses with a reason, loses nothing that it took, and goes on when there is room again.
func TestDiskFull(t *testing.T) {
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("a small disk needs the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(data, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := serve(t, filepath.Join(data, "rca"), nil)
	before, err := s.push(sessionsDiskFull(t)...)
	if err != nil {
		t.Fatalf("push: %v: %s", err, before)
	}

	ballast := filepath.Join(data, "ballast")
	var disk syscall.Statfs_t
	if err := syscall.Statfs(data, &disk); err != nil {
		t.Fatal(err)
	}
	const left = 2 << 20 // enough for the database to say what happened
	if err := os.WriteFile(ballast, make([]byte, int64(disk.Bavail)*disk.Bsize-left), 0o600); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(s.dir, "long.log")
	writeLong(t, long, 20<<20)
	if out, err := s.push("--only-upload", long); err == nil || !strings.Contains(out, "no space") && !strings.Contains(out, "no room") {
		t.Errorf("push onto a full disk: %v: %s", err, out)
	}
	if status, b := s.send(http.MethodPost, "/uploads/text", map[string]string{"name": "long.log", "text": strings.Repeat(fmt.Sprintf("%x\n", 1<<40), 1<<18)}); status != http.StatusInsufficientStorage && status != http.StatusRequestEntityTooLarge {
		t.Errorf("a text onto a full disk: %d: %s", status, b)
	}
	if status, b := s.send(http.MethodGet, "/jobs?limit=5", nil); status != http.StatusOK {
		t.Errorf("reading on a full disk: %d: %s", status, b)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if out, err := s.push("--only-upload", long); err != nil {
		t.Errorf("push with room again: %v: %s", err, out)
	}
	if after, err := s.push(sessionsDiskFull(t)...); err != nil || !strings.Contains(after, "redis: the disk is full") {
		t.Errorf("an analysis with room again: %v: %s", err, after)
	}
	s.stop()
	s.fsck()
}
