package incident

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Failure is an attempt that ended without a report.
type Failure struct {
	Code      string
	Text      string // what happened and what can be done, as a sentence
	Permanent bool   // another attempt would end the same way
	Peak      int64  // bytes of memory that the child had at most
	err       error
}

func (f *Failure) Error() string { return f.Code + ": " + f.Text }

func (f *Failure) Unwrap() error { return f.err }

// The codes of failures.
const (
	CodeBadInput    = "bad_input"     // the engine refuses what it was asked for
	CodeInputGone   = "input_gone"    // an upload was deleted before it was read
	CodeOutOfMemory = "out_of_memory" // more than Options.Memory
	CodeTimeLimit   = "time_limit"
	CodeCrashed     = "crashed"
	CodeNoSpace     = "no_space" // the disk or the bucket is full
	CodeFailed      = "failed"   // anything else
)

// watchEvery is how often the parent looks at the child. A child that eats a gigabyte a second is half a gigabyte past its
// limit before it is seen; its own limit stops it earlier.
const watchEvery = 200 * time.Millisecond

var errOverMemory = errors.New("child takes more memory than it may")

// child is a running attempt as its parent sees it.
type child struct {
	executable string
	folder     string
	memory     int64
	heard      func(word)              // called for each line it prints
	seen       func(bytesRead int64)   // called whenever it is looked at
	fault      *fault                  // that it told
	tail       tail                    // of its standard error
	stop       context.CancelCauseFunc // kills it
}

// run starts the child with its order and waits for its end. When ctx ends it is killed with all its children; the error then is
// the cause of that.
func (c *child) run(ctx context.Context, o order) (peakBytes int64, err error) {
	ctx, c.stop = context.WithCancelCause(ctx)
	defer c.stop(nil)
	stdin, err := json.Marshal(o)
	if err != nil {
		return 0, fmt.Errorf("write the order of an attempt: %w", err)
	}
	cmd := exec.CommandContext(ctx, c.executable, "attempt")
	cmd.Dir = c.folder
	cmd.Env = environment(c.folder)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Stderr = &c.tail
	alone(cmd)
	cmd.Cancel = func() error { return killAll(cmd) }
	cmd.WaitDelay = 5 * time.Second // a grandchild that left the group may hold the pipes
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("start the child: %w", err)
	}
	// The kernel sends the death signal when the thread that started the child ends, so that thread is kept until it is over.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start the child: %w", err)
	}
	var group sync.WaitGroup
	done := make(chan struct{})
	group.Go(func() { c.watch(done, cmd.Process.Pid) })
	c.listen(stdout)
	err = cmd.Wait()
	close(done)
	group.Wait()
	_ = killAll(cmd) // what it may have left behind in its group; usually there is nothing
	peakBytes = peak(cmd.ProcessState)
	if cause := context.Cause(ctx); cause != nil {
		return peakBytes, cause
	}
	return peakBytes, err
}

// environment is what a child gets of ours: how the runtime is to behave, but no address, no key and no secret.
func environment(folder string) []string {
	env := []string{"TMPDIR=" + folder, "TEMP=" + folder}
	for _, name := range []string{"PATH", "SYSTEMROOT", "ZONEINFO", "GOMAXPROCS", "GOGC", "GODEBUG", "GOTRACEBACK", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// listen reads what the child prints to the end.
func (c *child) listen(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var w word
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			fmt.Fprintf(&c.tail, "%.200s\n", lines.Bytes()) // whatever it is, it belongs to what went wrong
			continue
		}
		if w.Fault != nil {
			c.fault = w.Fault
		}
		c.heard(w)
	}
	_, _ = io.Copy(io.Discard, r) // after a line that is too long: a full pipe would stop the child
}

// watch looks at the child until done is closed.
func (c *child) watch(done <-chan struct{}, pid int) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			memory, read := usage(pid)
			if memory > c.memory {
				c.stop(errOverMemory)
			}
			c.seen(read)
		}
	}
}

// outOfMemory is how the runtime says that it got no more memory, for the heap or for the stack of a thread.
var outOfMemory = []string{"out of memory", "cannot allocate memory", "cannot map pages", "failed to reserve", "pthread_create failed", "failed to create new OS thread"}

// failure words what ended the child.
func (c *child) failure(err error, limit time.Duration, peak int64) *Failure {
	f := &Failure{Code: CodeFailed, Peak: peak, err: err}
	var exit *exec.ExitError
	said := c.tail.String()
	switch {
	case errors.Is(err, errOverMemory), slices.ContainsFunc(outOfMemory, func(words string) bool { return strings.Contains(said, words) }):
		f.Code, f.Permanent = CodeOutOfMemory, true
		f.Text = fmt.Sprintf("The analysis needs more than the %d MB that an attempt may take; "+
			"analyse a part of the logs, or let the operator raise that limit.", c.memory>>20)
	case errors.Is(err, errTimeLimit):
		f.Code, f.Permanent = CodeTimeLimit, true
		f.Text = fmt.Sprintf("The analysis took longer than %s; "+
			"analyse a part of the logs, or give the job a longer time limit.", limit)
	case c.fault != nil:
		f.Code, f.Permanent = c.fault.Code, c.fault.Code == CodeBadInput
		f.Text = c.fault.Text
		if f.Code == CodeNoSpace {
			f.Text = "The disk for running analyses is full; free some space there: " + f.Text
		}
	case errors.As(err, &exit):
		f.Code = CodeCrashed
		f.Text = fmt.Sprintf("The analysis ended with %s, which is a defect of the program; please report it with these last lines: %s",
			exit, lastLines(said))
	default:
		f.Text = fmt.Sprintf("The analysis could not be run: %s.", err)
	}
	return f
}

// maxTail bounds what is kept of a child's standard error. Go prints why a program ends before its goroutines, which may be
// many, so of a long output the beginning is kept as well.
const maxTail = 8 << 10

// tail keeps the beginning and the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	head []byte
	end  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	k := min(n, maxTail-len(t.head))
	t.head = append(t.head, p[:k]...)
	t.end = append(t.end, p[k:]...)
	if len(t.end) > 2*maxTail {
		t.end = append(t.end[:0], t.end[len(t.end)-maxTail:]...)
	}
	return n, nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.head) + string(t.end)
}

// lastLines clips what a child said to what a row of the store should hold: the first lines, where Go says what went wrong, and
// the last.
func lastLines(s string) string {
	const most = 1000
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "(it printed none)"
	case len(s) > 2*most:
		return strings.ToValidUTF8(s[:most], "") + " … " + strings.ToValidUTF8(s[len(s)-most:], "")
	}
	return s
}
