//go:build man

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every command has a page, and that of analyze tells its exit statuses.
func TestMan(t *testing.T) {
	dir := t.TempDir()
	if got := run(t.Context(), []string{"man", dir}); got != exitOK {
		t.Fatalf("exit status %d", got)
	}
	for _, c := range newRoot().Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, "rca-"+c.Name()+".1"))
		if err != nil {
			t.Error(err)
		}
		if c.Name() == "analyze" && !strings.Contains(string(b), "exit") {
			t.Error("the page of analyze has no exit statuses")
		}
	}
	if got := run(t.Context(), []string{"man"}); got != exitUsage {
		t.Errorf("without a folder: exit status %d", got)
	}
}
