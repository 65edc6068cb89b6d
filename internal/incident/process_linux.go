package incident

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// rlimitData is RLIMIT_DATA: private memory that may be written, which is where the heap grows. (RLIMIT_AS would count what
// the runtime only reserves.)
const rlimitData = 2

// unusedData is what counts as data and is hardly touched: some ten threads with stacks of 8 MB each, where the binary is linked
// with the system's library, and the part of the heap that the runtime holds ready.
const unusedData = 128 << 20

// limitMemory bounds the memory of this process. The runtime ends it with "out of memory" when it gets no more. The parent looks
// at what is really in use, and this stops what grows faster than it looks.
func limitMemory(n int64) error {
	n += unusedData
	l := syscall.Rlimit{Cur: uint64(n), Max: uint64(n)}
	if err := syscall.Setrlimit(rlimitData, &l); err != nil {
		return fmt.Errorf("limit memory to %d bytes: %w", n, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil { // a core would hold the logs
		return fmt.Errorf("forbid core files: %w", err)
	}
	return nil
}

// niceness is how far an analysis stands back behind what answers people: the API, and a database on the same machine.
const niceness = 10

// standBack lowers the priority of this process. Linux keeps it for each thread; those to come inherit it.
func standBack() error {
	if p, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0); err == nil && 20-p >= niceness {
		return nil // the system call answers with 20 less the niceness; going back up is not allowed
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("lower the priority: %w", err)
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if err := syscall.Setpriority(syscall.PRIO_PROCESS, id, niceness); err != nil && err != syscall.ESRCH {
			return fmt.Errorf("lower the priority: %w", err)
		}
	}
	return nil
}

// alone gives the child a process group of its own, and its death when the thread that started it dies.
func alone(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killAll ends a child with all its children.
func killAll(c *exec.Cmd) error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }

// usage tells how much memory a process has now, and how many bytes it has read, as far as /proc tells.
func usage(pid int) (memory, read int64) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if b, err := os.ReadFile(filepath.Join(proc, "statm")); err == nil {
		var size, resident int64
		if _, err := fmt.Sscan(string(b), &size, &resident); err == nil {
			memory = resident * int64(os.Getpagesize())
		}
	}
	if b, err := os.ReadFile(filepath.Join(proc, "io")); err == nil {
		if rest, ok := bytes.CutPrefix(b, []byte("rchar: ")); ok {
			digits, _, _ := bytes.Cut(rest, []byte("\n"))
			read, _ = strconv.ParseInt(string(digits), 10, 64)
		}
	}
	return memory, read
}

// peak is the most memory that an ended child had at once.
func peak(s *os.ProcessState) int64 {
	if r, ok := s.SysUsage().(*syscall.Rusage); ok {
		return r.Maxrss << 10
	}
	return 0
}

// disk tells how many bytes are free for us on the disk that holds a folder, and how many it has.
func disk(folder string) (free, size int64, ok bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, 0, false
	}
	return int64(s.Bavail) * s.Bsize, int64(s.Blocks) * s.Bsize, true
}

// claim marks a folder as in use until the file is closed, or this process dies however it does.
func claim(folder string) (*os.File, error) {
	f, err := os.Create(filepath.Join(folder, claimFile))
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
