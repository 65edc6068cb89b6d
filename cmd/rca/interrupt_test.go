//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// started runs the program on a standard input that stays open and has given n lines.
func started(t *testing.T, n int, args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), "RCA_TEST_AS_PROGRAM=1") // TestMain: signals must reach a process of its own
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	out, errs := &bytes.Buffer{}, &bytes.Buffer{}
	c.Stdout, c.Stderr = out, errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	for i := range n {
		if _, err := fmt.Fprintf(in, "2026-11-22 22:%02d:%02d INFO api: request %d served\n", i/60, i%60, i); err != nil {
			t.Fatal(err)
		}
	}
	if n > 0 {
		_, err = io.WriteString(in, "2026-11-22 22:59:59 ERROR half a li")
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, out, errs
}

func wait(t *testing.T, c *exec.Cmd) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Second):
		_ = c.Process.Kill()
		t.Fatal("the program did not end")
		return nil
	}
}

func TestInterruptPrintsWhatWasRead(t *testing.T) {
	for _, n := range []int{20, 3000} {
		c, out, errs := started(t, n, "analyze", "--format", "json", "-")
		time.Sleep(1500 * time.Millisecond) // it has started, and waits for more
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := wait(t, c); err != nil {
			t.Fatalf("%d lines: %v\n%s", n, err, errs)
		}
		var rep struct {
			Partial  bool
			Coverage struct{ Lines int }
		}
		if err := json.Unmarshal(out.Bytes(), &rep); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if !rep.Partial || rep.Coverage.Lines != n+1 {
			t.Errorf("%d lines: partial %v, lines %d", n, rep.Partial, rep.Coverage.Lines)
		}
		if !strings.Contains(errs.String(), "rca: interrupted") {
			t.Errorf("standard error: %q", errs)
		}
	}
}

func TestInterruptMarksTheTextPartial(t *testing.T) {
	c, out, _ := started(t, 3000, "analyze", "-") // more than a pipe holds: when all is written, it reads
	time.Sleep(300 * time.Millisecond)
	_ = c.Process.Signal(os.Interrupt)
	if err := wait(t, c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ToLower(out.String()), "partial") && !strings.Contains(out.String(), "interrupted") {
		t.Errorf("the report does not say that it is partial:\n%s", out)
	}
}

// Without a second input the first signal is enough; a command that does not answer to it is ended by the second.
func TestInterruptTwiceKills(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "slow.log")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip(err)
	}
	c, _, errs := started(t, 0, "analyze", fifo) // opening it waits for a writer that never comes
	time.Sleep(1500 * time.Millisecond)
	_ = c.Process.Signal(os.Interrupt)
	time.Sleep(300 * time.Millisecond)
	_ = c.Process.Signal(os.Interrupt)
	err := wait(t, c)
	var e *exec.ExitError
	if !errors.As(err, &e) || e.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("ended with %v\n%s", err, errs)
	}
}

func TestInterruptOfRecords(t *testing.T) {
	c, out, errs := started(t, 3000, "records", "-")
	time.Sleep(300 * time.Millisecond)
	_ = c.Process.Signal(os.Interrupt)
	err := wait(t, c)
	var e *exec.ExitError
	if !errors.As(err, &e) || e.ExitCode() != exitInterrupted || !strings.Contains(errs.String(), "rca: interrupted") {
		t.Errorf("ended with %v\n%s%s", err, out, errs)
	}
}
