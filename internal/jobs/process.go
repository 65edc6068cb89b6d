package jobs

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// thisProcess names the host, and after it what tells whether the process still runs: the namespace in which its number counts,
// the number, and when it started, for numbers are used again. Elsewhere than on Linux it is the host alone.
func thisProcess() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	space, started := pidSpace(), startOf(os.Getpid())
	if space == "" || started == "" {
		return host
	}
	return fmt.Sprintf("%s %s %d %s", host, space, os.Getpid(), started)
}

// endedHere tells that a process that thisProcess named ran on this host and has ended. Where that cannot be told it is false, and
// only the silence of the process will tell.
func endedHere(process string) bool {
	host, err := os.Hostname()
	if err != nil {
		return false
	}
	rest, ok := strings.CutPrefix(process, host+" ")
	part := strings.Fields(rest)
	if !ok || len(part) != 3 || part[0] != pidSpace() {
		return false
	}
	pid, err := strconv.Atoi(part[1])
	return err == nil && startOf(pid) != part[2]
}

// pidSpace names the namespace of process numbers: two containers may share a host's name and have a process 1 each.
func pidSpace() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return space
}

// startOf is when a process started, in ticks since the machine did; "" of one that is not there or only waits to be reaped.
func startOf(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// The name of the program, in brackets, may hold anything.
	field := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(field) < 20 || field[0] == "Z" || field[0] == "X" {
		return ""
	}
	return field[19]
}
