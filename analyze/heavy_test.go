package analyze_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
)

// raced tells that the race detector is on: it takes ten times the memory.
var raced bool

// heavy skips what takes minutes, unless RCA_HEAVY is set (make check-full).
func heavy(t *testing.T) {
	t.Helper()
	if os.Getenv("RCA_HEAVY") == "" {
		t.Skip("RCA_HEAVY is not set")
	}
}

// lines writes made-up lines until size bytes are out.
type lines struct {
	line func(i int) string
	size int64
	rest []byte
	i    int
}

func (l *lines) Read(p []byte) (int, error) {
	for len(l.rest) < len(p) && l.size > 0 {
		s := l.line(l.i)
		l.i++
		l.size -= int64(len(s)) + 1
		l.rest = append(append(l.rest, s...), '\n')
	}
	if len(l.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.rest)
	l.rest = l.rest[:copy(l.rest, l.rest[n:])]
	return n, nil
}

func stdin(r io.Reader) analyze.Options {
	var o analyze.Options
	o.Source.Stdin = r
	return o
}

// place gives where the first record with a text stands.
func place(t *testing.T, o analyze.Options, path, text string) (at rca.Place, records int64) {
	t.Helper()
	res, err := analyze.Templates(context.Background(), []string{path}, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	at.Line = -1
	for _, s := range res.Series {
		records += s.Count
		for _, x := range s.Samples {
			if at.Line < 0 && strings.Contains(x.Message, text) {
				at = x.Place
			}
		}
	}
	return at, records
}

// More than 2^31 bytes and 2^27 lines in one stream, of which nothing is stored: positions are right to the end.
func TestPositionsPast2G(t *testing.T) {
	heavy(t)
	const n = 1<<27 + 1
	one := []byte("request 1 served\n")
	body := bytes.Repeat(one, 1<<16)
	var parts []io.Reader
	for range n / (1 << 16) {
		parts = append(parts, bytes.NewReader(body))
	}
	parts = append(parts, bytes.NewReader(one), strings.NewReader("the disk is gone\n"))
	at, records := place(t, stdin(io.MultiReader(parts...)), "-", "disk is gone")
	if at.Line != n+1 || at.Offset != n*int64(len(one)) || records != n+1 {
		t.Errorf("line %d at byte %d of %d records, want line %d at byte %d of %d", at.Line, at.Offset, records, n+1, n*len(one), n+1)
	}
}

// One line of 1 GB is cut, counted, and what follows is where it is.
func TestLineOf1G(t *testing.T) {
	heavy(t)
	const size = 1 << 30
	long := io.LimitReader(&lines{line: func(int) string { return strings.Repeat("x", 1<<20-1) + "y" }, size: 2 * size}, size)
	r := io.MultiReader(&noBreaks{long}, strings.NewReader("\nthe disk is gone\n"))
	at, records := place(t, stdin(r), "-", "disk is gone")
	if at.Line != 2 || at.Offset != size+1 || records != 2 {
		t.Errorf("line %d at byte %d of %d records", at.Line, at.Offset, records)
	}
}

// noBreaks turns line ends into blanks.
type noBreaks struct{ r io.Reader }

func (b *noBreaks) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	for i := range p[:n] {
		if p[i] == '\n' {
			p[i] = ' '
		}
	}
	return n, err
}

// 1 MB of NUL bytes, as a crash leaves them: at the head, and between two lines.
func TestNULs(t *testing.T) {
	nul := strings.Repeat("\x00", 1<<20)
	f := filepath.Join(t.TempDir(), "app.log")
	write(t, f, []byte(nul+"2026-11-22 22:11:02 INFO first\n"+nul+"2026-11-22 22:11:03 ERROR the disk is gone\n2026-11-22 22:11:04 INFO last\n"))
	at, records := place(t, analyze.Options{}, f, "disk is gone")
	if at.Line != 2 || at.Offset != 2<<20+31 || records != 3 {
		t.Errorf("line %d at byte %d of %d records", at.Line, at.Offset, records)
	}
}

func TestManySmallFiles(t *testing.T) {
	dir := t.TempDir()
	const n = 2000
	for i := range n {
		write(t, filepath.Join(dir, fmt.Sprintf("svc-%04d.log", i)), []byte(fmt.Sprintf("2026-11-22 22:11:02 INFO started %d\n2026-11-22 22:11:03 INFO ready\n", i)))
	}
	rep, err := analyze.Run(context.Background(), []string{dir}, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := rep.Coverage; c.Files != n || c.Records != 2*n {
		t.Errorf("%d files, %d records", c.Files, c.Records)
	}
}

func TestEveryLineAnError(t *testing.T) {
	const n = 20_000
	i := 0
	r := &lines{size: 1 << 40, line: func(k int) string {
		return fmt.Sprintf("%s ERROR shop.Orders - order %d failed after %d ms: connection refused", time.Unix(1795384800+int64(k/50), 0).UTC().Format("2006-01-02 15:04:05"), k, k%900)
	}}
	var b strings.Builder
	for ; i < n; i++ {
		b.WriteString(r.line(i) + "\n")
	}
	rep, err := analyze.Run(context.Background(), []string{"-"}, stdin(strings.NewReader(b.String())))
	if err != nil {
		t.Fatal(err)
	}
	if c := rep.Coverage; c.Errors != n || c.Records != n {
		t.Errorf("%d errors of %d records", c.Errors, c.Records)
	}
}

// peaks are inputs that could make memory grow, and how much of it a process that analyses them may take, in MB.
var peaks = []struct {
	name string
	size int64
	most int64
	line func(r *rand.Rand, stamp string) string
}{
	{"numbers", 64 << 20, 96, func(r *rand.Rand, stamp string) string {
		return fmt.Sprintf("%s INFO  [worker-%d] shop.Orders - order %d of c%d stored in %d ms", stamp, r.Intn(8), r.Intn(1e6), r.Intn(900), r.Intn(900))
	}},
	{"a shape for each line", 64 << 20, 256, func(r *rand.Rand, stamp string) string {
		return fmt.Sprintf("%s ERROR [worker-%d] shop.Orders - %s %s %s took %d ms for %s %s", stamp, r.Intn(8), letters(r), letters(r), letters(r), r.Intn(900), letters(r), letters(r))
	}},
	{"ten thousand components", 64 << 20, 256, func(r *rand.Rand, stamp string) string {
		return fmt.Sprintf(`{"time":"%s","level":"info","service":"svc-%d","msg":"step %c done","order":%d,"ms":%d}`, stamp, r.Intn(10_000), 'a'+rune(r.Intn(5)), r.Intn(1e6), r.Intn(900))
	}},
}

func letters(r *rand.Rand) string {
	var b [8]byte
	for i := range b {
		b[i] = 'a' + byte(r.Intn(26))
	}
	return string(b[:])
}

// Each input is analysed by a process of its own, through a pipe, and its peak memory asked of the system.
func TestPeakMemory(t *testing.T) {
	if raced || testing.Short() {
		t.Skip("the race detector takes ten times the memory")
	}
	for _, p := range peaks {
		if peakOf == nil {
			t.Skip("not asked on this system")
		}
		cmd := exec.Command(os.Args[0], "-test.run", "^TestPeakChild$", "-test.count=1")
		cmd.Env = append(os.Environ(), "RCA_PEAK="+p.name)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", p.name, err, out)
		}
		mb := peakOf(cmd) >> 20
		t.Logf("%s: %d MB at most for %d MB", p.name, mb, p.size>>20)
		if mb > p.most {
			t.Errorf("%s: %d MB, more than %d", p.name, mb, p.most)
		}
	}
}

// peakOf gives a process's largest resident size in bytes, where the system tells it.
var peakOf func(*exec.Cmd) int64

func TestPeakChild(t *testing.T) {
	name := os.Getenv("RCA_PEAK")
	if name == "" {
		t.Skip("a child of TestPeakMemory")
	}
	debug.SetMemoryLimit(176 << 20) // as main does
	for _, p := range peaks {
		if p.name != name {
			continue
		}
		r := rand.New(rand.NewSource(7))
		at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
		in := &lines{size: p.size, line: func(i int) string {
			at = at.Add(time.Duration(i%40) * time.Millisecond)
			return p.line(r, at.Format("2006-01-02T15:04:05.000Z"))
		}}
		rep, err := analyze.Run(context.Background(), []string{"-"}, stdin(in))
		if err != nil || rep.Coverage.Records != int64(in.i) {
			t.Fatalf("%v: %d of %d records", err, rep.Coverage.Records, in.i)
		}
	}
}
