package analyze_test

import (
	"os/exec"
	"syscall"
)

func init() {
	peakOf = func(c *exec.Cmd) int64 { return c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10 }
}
