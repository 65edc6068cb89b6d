package analyze_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/report"
)

const incidents = "../testdata/incidents"

// Every quote of every report on our own incidents stands where the report says. How often the answers are right is measured in
// internal/exam.
func TestQuotesOfIncidents(t *testing.T) {
	dirs, err := filepath.Glob(incidents + "/*/incident.json")
	if err != nil || len(dirs) < 50 {
		t.Fatalf("%d incidents found: %v", len(dirs), err)
	}
	quotes := 0
	for _, d := range dirs {
		dir := filepath.Dir(d)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			rep, err := analyze.Run(context.Background(), []string{dir + "/logs"}, analyze.Options{Baseline: []string{dir + "/baseline"}})
			if err != nil {
				t.Fatal(err)
			}
			if rep.Verdict == rca.RootCauseFound && len(rep.RootCauses[0].Evidence) == 0 {
				t.Errorf("a cause without evidence: %v", names(rep))
			}
			for _, h := range rep.RootCauses {
				quotes += len(h.Evidence)
			}
			checkQuotes(t, rep)
		})
	}
	if quotes < 200 {
		t.Errorf("only %d quotes were looked at", quotes)
	}
}

func names(r *rca.Report) []string {
	var out []string
	for _, h := range r.RootCauses {
		out = append(out, h.Component+"/"+string(h.Category))
	}
	return out
}

// checkQuotes opens each cited file in the plainest way and compares.
func checkQuotes(t *testing.T, r *rca.Report) {
	t.Helper()
	for _, h := range r.RootCauses {
		for _, e := range h.Evidence {
			b, err := os.ReadFile(e.File)
			if err != nil {
				t.Fatal(err)
			}
			line := strings.Split(string(b), "\n")[e.Line-1]
			if strings.TrimSuffix(line, "\r") != e.Text {
				t.Errorf("%s:%d is %q, the report quotes %q", e.File, e.Line, line, e.Text)
			}
			if got := string(b[e.Offset : e.Offset+e.Length]); got != e.Text {
				t.Errorf("%s at %d is %q, the report quotes %q", e.File, e.Offset, got, e.Text)
			}
		}
	}
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// The report is byte for byte the same on any number of processors, with any block size, in any order of files.
func TestDeterminism(t *testing.T) {
	var logs, base []string
	for _, d := range []string{"checkout-db-locked", "ledger-leaks-connections"} {
		l, _ := filepath.Glob(filepath.Join(incidents, d, "logs", "*"))
		b, _ := filepath.Glob(filepath.Join(incidents, d, "baseline", "*"))
		logs, base = append(logs, l...), append(base, b...)
	}
	if len(logs) < 4 {
		t.Fatal("too few logs")
	}
	render := func() string {
		rep, err := analyze.Run(context.Background(), logs, analyze.Options{Baseline: base})
		if err != nil {
			t.Fatal(err)
		}
		rep.Made.Options = nil // the order of files as typed is an option
		var b bytes.Buffer
		if err := report.Write(&b, rep, report.Options{Format: report.JSON}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	want := render()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rnd := rand.New(rand.NewSource(1))
	for _, procs := range []int{1, 2, 3, 8} {
		for _, size := range []int{4 << 10, 64<<10 + 7, 1 << 20} {
			runtime.GOMAXPROCS(procs)
			restore := analyze.SetBlockSize(size)
			rnd.Shuffle(len(logs), func(i, j int) { logs[i], logs[j] = logs[j], logs[i] })
			rnd.Shuffle(len(base), func(i, j int) { base[i], base[j] = base[j], base[i] })
			got := render()
			restore()
			if got != want {
				t.Fatalf("%d processors, blocks of %d: the report differs%s", procs, size, firstDifference(want, got))
			}
		}
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf(" at line %d:\n%s\n%s", i+1, x[i], y[i])
		}
	}
	return ""
}

// A report that was stopped is partial, says so and still holds what was found.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rep, err := analyze.Run(ctx, []string{filepath.Join(incidents, "checkout-db-locked", "logs")}, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !rep.Partial {
		t.Error("the report is not marked partial")
	}
}

func TestVerifyFindsAChangedLine(t *testing.T) {
	src, _ := filepath.Glob(filepath.Join(incidents, "checkout-db-locked", "logs", "*"))
	dir := t.TempDir()
	for _, f := range src {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(f)), b)
	}
	rep, err := analyze.Run(context.Background(), []string{dir}, analyze.Options{})
	if err != nil || len(rep.RootCauses) == 0 {
		t.Fatal(err, rep)
	}
	check := func(want int) {
		t.Helper()
		cs, err := analyze.Verify(context.Background(), rep, []string{dir}, analyze.Options{})
		if err != nil {
			t.Fatal(err)
		}
		bad := 0
		for _, c := range cs {
			if c.Err != "" {
				bad++
			}
		}
		if len(cs) == 0 || (bad > 0) != (want > 0) {
			t.Errorf("%d of %d quotes do not hold", bad, len(cs))
		}
	}
	check(0)
	e := rep.RootCauses[0].Evidence[0]
	b, _ := os.ReadFile(e.File)
	b[e.Offset] ^= 1
	write(t, e.File, b)
	check(1)
}

// Odd bytes: each input must be read to its end, every line counted.
func TestOddInput(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for name, in := range map[string]struct {
		text  string
		lines int64
		cut   int64
	}{
		"no newline at the end": {"2026-11-22 22:11:02 INFO a\n2026-11-22 22:11:03 INFO b", 2, 0},
		"crlf":                  {"2026-11-22 22:11:02 INFO a\r\n2026-11-22 22:11:03 INFO b\r\n", 2, 0},
		"long line":             {"2026-11-22 22:11:02 INFO a\n" + long + "\n2026-11-22 22:11:03 INFO b\n", 3, 1},
		"utf-16":                {"\xff\xfe" + wide("2026-11-22 22:11:02 INFO a\n2026-11-22 22:11:03 INFO b\n"), 2, 0},
		"empty lines":           {"\n\n\n2026-11-22 22:11:02 INFO a\n\n", 5, 0},
		"latin-1":               {"2026-11-22 22:11:02 INFO gr\xfc\xdfe\n", 1, 0},
		"bom":                   {"\xef\xbb\xbf2026-11-22 22:11:02 INFO a\n", 1, 0},
	} {
		f := filepath.Join(t.TempDir(), "app.log")
		write(t, f, []byte(in.text))
		rep, err := analyze.Run(context.Background(), []string{f}, analyze.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := rep.Coverage
		if c.Lines != in.lines || c.CutLines != in.cut || c.Records != c.Parsed+c.Unparsed {
			t.Errorf("%s: lines %d want %d, cut %d want %d, records %d = %d + %d", name, c.Lines, in.lines, c.CutLines, in.cut, c.Records, c.Parsed, c.Unparsed)
		}
	}
}

func wide(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		b.WriteByte(0)
	}
	return b.String()
}

func Example() {
	rep, err := analyze.Run(context.Background(), []string{"../testdata/incidents/sessions-disk-full/logs"},
		analyze.Options{Baseline: []string{"../testdata/incidents/sessions-disk-full/baseline"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rep.Verdict, rep.RootCauses[0].Component, rep.RootCauses[0].Category)
	// Output: root_cause_found redis disk-full
}
