package redact_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rca-engine/rca/internal/redact"
)

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// labelledText is some megabytes of lines, with private keys over many lines between them, and all the values in them.
func labelledText() (string, []string) {
	g := gen{seeded()}
	var b strings.Builder
	var values []string
	for b.Len() < 3<<20 {
		for _, s := range sentences {
			line, labels := g.line(s)
			b.WriteString(line + "\n")
			for _, l := range labels {
				if v := line[l.start:l.end]; len(v) > 16 {
					values = append(values, v)
				}
			}
		}
	}
	return b.String(), values
}

// A stream gives what the whole text gives, whatever the size of the pieces that it comes in.
func TestCopyIsText(t *testing.T) {
	in, _ := labelledText()
	want, _ := newRedactor(t, redact.Options{IP: true}).Text(in)
	f := func(name string, rd io.Reader) {
		t.Helper()
		var out strings.Builder
		if err := newRedactor(t, redact.Options{IP: true}).Copy(&out, rd); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%s: the stream differs from the text", name)
		}
	}
	f("whole", strings.NewReader(in))
	f("in halves", iotest.HalfReader(strings.NewReader(in)))
}

// A line of many megabytes is parted without a value being parted with it, and without being held as a whole.
func TestCopyLongLine(t *testing.T) {
	in, values := labelledText()
	in = strings.ReplaceAll(in, "\n", " ")
	in = strings.Repeat(in, 4)
	var out strings.Builder
	r := newRedactor(t, redact.Options{IP: true, Hosts: []string{"internal", "corp.example"}})
	if err := r.Copy(&out, strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	left := 0
	for i, v := range values {
		if i%200 != 0 {
			continue
		}
		if strings.HasPrefix(v, "-----BEGIN") || strings.ContainsAny(v, " .@") { // a key without its line ends; names and addresses may stand in others' texts
			continue
		}
		if strings.Contains(out.String(), v) {
			if left++; left < 5 {
				at := strings.Index(out.String(), v)
				t.Errorf("%q is left: …%s…", v, out.String()[max(0, at-100):min(out.Len(), at+100)])
			}
		}
	}
	if got := r.Restore(out.String()); got != in {
		t.Error("the restored line is not that which went in")
	}
}

// One value longer than all buffers is hidden to its end.
func TestCopyEndlessValue(t *testing.T) {
	g := gen{seeded()}
	in := "a token=" + g.of(base62, 5<<20) + " end\nnext alice@example.com\n"
	var out strings.Builder
	if err := newRedactor(t, redact.Options{}).Copy(&out, strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "a token=<SECRET_1>") || !strings.HasSuffix(got, " end\nnext <EMAIL_1>\n") || len(got) > 200 {
		t.Errorf("%d bytes: %.80q … %q", len(got), got, got[max(0, len(got)-60):])
	}
}

// The memory does not grow with the stream, nor with the number of different values.
func TestCopyIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("needs some seconds")
	}
	r := newRedactor(t, redact.Options{})
	n := 0
	src := readerFunc(func(p []byte) (int, error) {
		m := 0
		for m+64 < len(p) && n < 600_000 {
			n++
			m += copy(p[m:], fmt.Sprintf("user=worker%d done\n", n))
		}
		if m == 0 {
			return 0, errEnd
		}
		return m, nil
	})
	var out counter
	err := r.Copy(&out, src)
	if !errors.Is(err, errEnd) {
		t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c := r.Counts()
	if len(c) != 1 || c[0].Replaced != 600_000 || c[0].Values != 1<<18 {
		t.Errorf("counts %+v", c)
	}
	if m.HeapAlloc > 200<<20 {
		t.Errorf("%d MB are held", m.HeapAlloc>>20)
	}
}

var errEnd = errors.New("the end")

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
