//go:build !linux

package incident

import (
	"os"
	"os/exec"
	"path/filepath"
)

// Elsewhere than on Linux a child has no limit of memory but the one that its collector aims at, what it reads and what is free on the disk is not seen.

func limitMemory(int64) error { return nil }

func standBack() error { return nil }

func alone(*exec.Cmd) {}

func killAll(c *exec.Cmd) error { return c.Process.Kill() }

func usage(int) (memory, read int64) { return 0, 0 }

func peak(*os.ProcessState) int64 { return 0 }

func disk(string) (free, size int64, ok bool) { return 0, 0, false }

func claim(folder string) (*os.File, error) { return os.Create(filepath.Join(folder, claimFile)) }
