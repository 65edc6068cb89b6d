package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// wantStatus runs a program and wants an exit status: status 2 rca analyze.
func wantStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program arg...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var e *exec.ExitError
	switch {
	case errors.As(err, &e):
		got = e.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// harmless wants a file, stdout or stderr without a rune that a terminal obeys or that hides text.
func harmless(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		s := ts.ReadFile(name)
		for i, r := range s {
			if r != '\n' && r != '\t' && hidden(r) || r == utf8.RuneError && s[i] != 0xef {
				ts.Fatalf("%s holds %U at byte %d: %q", name, r, i, s[max(0, i-30):min(len(s), i+30)])
			}
		}
	}
}

// countLines wants a number of lines: lines 6 stdout.
func countLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines N file")
	}
	s := ts.ReadFile(args[1])
	if got := fmt.Sprint(bytes.Count([]byte(s), []byte("\n"))); got != args[0] {
		ts.Fatalf("%s lines in %s, want %s:\n%s", got, args[1], args[0], s)
	}
}
