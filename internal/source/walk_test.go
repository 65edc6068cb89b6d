package source_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rca-engine/rca/internal/source"
)

func TestArguments(t *testing.T) {
	in(t, map[string][]byte{
		"logs/app.log": []byte("new\n"), "logs/app.log.1": []byte("old\n"), "logs/app.log.2.gz": gz([]byte("older\n")),
		"logs/sub/x.txt": []byte("x\n"), "logs/.hidden": []byte("h\n"), "logs/.git/config": []byte("g\n"),
		"logs/empty.log": nil, "lit[1].log": []byte("lit\n"), "list": []byte("# mine\n\n logs/sub \r\nlogs/app.log.1\n"),
	})
	f := func(want, skipped string, args ...string) {
		t.Helper()
		_, names, res := walk(t, source.Options{}, args...)
		if names != want {
			t.Errorf("%q: got\n%swant\n%s", args, names, want)
		}
		if got := about(res); got != skipped {
			t.Errorf("%q: got\n%swant\n%s", args, got, skipped)
		}
	}
	const hid = "skipped logs/.git: hidden\nskipped logs/.hidden: hidden\n"
	all := "logs/app.log.2.gz \"older\\n\"\nlogs/app.log.1 \"old\\n\"\nlogs/app.log \"new\\n\"\nlogs/empty.log \"\"\nlogs/sub/x.txt \"x\\n\"\n"
	f(all, hid, "logs")
	f(all, hid, "logs/")
	f(all, hid, "logs", "logs/app.log", "logs", "logs/*.log")
	f(all, hid, "logs/app.log", "logs")
	f("logs/app.log \"new\\n\"\n", "skipped ./logs/../logs/app.log: the same file as logs/app.log\n", "./logs/../logs/app.log", "logs/app.log")
	f("logs/app.log \"new\\n\"\n", "skipped ./logs/../logs/app.log: the same file as logs/app.log\n", "logs/app.log", "./logs/../logs/app.log")
	f("./logs/sub/x.txt \"x\\n\"\n", "", "./logs/sub")
	f("logs/.hidden \"h\\n\"\n", "", "logs/.hidden") // named itself
	f("lit[1].log \"lit\\n\"\n", "", "lit[1].log")   // a path before a pattern
	f("logs/app.log \"new\\n\"\nlogs/empty.log \"\"\n", "", "logs/*.log")
	f("logs/sub/x.txt \"x\\n\"\n", "", "**/*.txt")
	f("logs/app.log.1 \"old\\n\"\nlogs/app.log \"new\\n\"\n", "", "logs/**/app.log", "logs/app.lo[g].1")
	f("logs/app.log.1 \"old\\n\"\nlogs/sub/x.txt \"x\\n\"\n", "", "@list")

	for _, bad := range []string{"missing", "missing/*", "@missing"} {
		if _, err := source.Walk(context.Background(), []string{bad}, source.Options{}, nil); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
	if _, err := source.Walk(context.Background(), []string{"missing"}, source.Options{}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	_, names, _ := walk(t, source.Options{Hidden: true}, "logs")
	if !strings.Contains(names, "logs/.git/config") || !strings.Contains(names, "logs/.hidden") {
		t.Errorf("Hidden: %s", names)
	}
}

func TestLinks(t *testing.T) {
	in(t, map[string][]byte{"pods/0.log": []byte("a\n")})
	for link, to := range map[string]string{"pods/loop": ".", "pods/c.log": "0.log", "pods/none": "nowhere", "all": "pods"} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
	}
	_, names, res := walk(t, source.Options{}, "all")
	if want := "all/0.log \"a\\n\"\n"; names != want {
		t.Errorf("got %s", names)
	}
	want := "skipped all/c.log: the same file as all/0.log\nskipped all/loop: a link to a folder: name it to read it\n" +
		"skipped all/none: unreadable: no such file or directory\n"
	if got := about(res); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestStdin(t *testing.T) {
	f := func(input []byte, want string) {
		t.Helper()
		streams, names, _ := walk(t, source.Options{Stdin: strings.NewReader(string(input))}, "-", "-")
		if names != want {
			t.Errorf("got\n%swant\n%s", names, want)
		}
		for _, s := range streams {
			if !s.Stdin || s.Path != "" {
				t.Errorf("%s: Stdin %v, Path %q", s.Name, s.Stdin, s.Path)
			}
		}
	}
	f([]byte("x\n"), "- \"x\\n\"\n")
	f(gz([]byte("x\n")), "- \"x\\n\"\n")
	f(zipped(entry{"a.log", []byte("x\n")}), "-!/a.log \"x\\n\"\n")
	f(gz(tarball(entry{"a.log", []byte("x\n")})), "-!/a.log \"x\\n\"\n")
}

func TestPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	name := filepath.Join("/dev/fd", itoa(int(r.Fd())))
	if _, err := os.Stat(name); err != nil {
		t.Skip(err)
	}
	w.WriteString("piped\n")
	w.Close()
	if _, names, _ := walk(t, source.Options{}, name); names != name+" \"piped\\n\"\n" {
		t.Errorf("got %s", names)
	}
}

func itoa(n int) string {
	return strings.TrimSpace(strings.Join([]string{string(rune('0' + n/10)), string(rune('0' + n%10))}, ""))
}

func TestStreamFields(t *testing.T) {
	in(t, map[string][]byte{"a.log": []byte("abc"), "b.log.1.gz": gz([]byte("abc")), "c.tar": tarball(entry{"d.log.3", []byte("abcd")})})
	os.Chtimes("a.log", stamp, stamp)
	streams, _, res := walk(t, source.Options{}, "a.log", "b.log.1.gz", "c.tar")
	if len(streams) != 3 || res.Files != 3 || res.Bytes != 10 {
		t.Fatalf("got %d streams, %+v", len(streams), res)
	}
	a, b, d := streams[0], streams[1], streams[2]
	if a.Path != "a.log" || a.Size != 3 || !a.ModTime.Equal(stamp) || a.Series != "a.log" || a.Rotation != 0 {
		t.Errorf("a: %+v", a)
	}
	if b.Path != "" || b.Size != -1 || b.ModTime.IsZero() || b.Series != "b.log" || b.Rotation != 1 {
		t.Errorf("b: %+v", b)
	}
	if d.Name != "c.tar!/d.log.3" || d.Path != "" || d.Size != 4 || !d.ModTime.Equal(stamp) || d.Series != "c.tar!/d.log" || d.Rotation != 3 {
		t.Errorf("d: %+v", d)
	}
}

func TestTextOrBinary(t *testing.T) {
	utf16le := []byte{0xff, 0xfe}
	utf16be := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune("Zeile eins: größer\r\nline two\r\n")) {
		utf16le = binary.LittleEndian.AppendUint16(utf16le, u)
		utf16be = binary.BigEndian.AppendUint16(utf16be, u)
	}
	random := make([]byte, 4096)
	for i, x := 0, uint32(1); i < len(random); i++ {
		x = x*1664525 + 1013904223
		random[i] = byte(x >> 24)
	}
	hole := make([]byte, 1<<20)
	f := func(body []byte, want string) {
		t.Helper()
		in(t, map[string][]byte{"f": body})
		streams, _, res := walk(t, source.Options{}, "f")
		switch {
		case want == "":
			if len(streams) != 1 || streams[0].body != string(body) || res.Bytes != int64(len(body)) {
				t.Errorf("%.20q: not read as it is: %s", body, about(res))
			}
		case len(streams) != 0 || len(res.Skipped) != 1 || !strings.Contains(res.Skipped[0].Reason, want):
			t.Errorf("%.20q: got %d streams, %s", body, len(streams), about(res))
		}
	}
	f(nil, "")
	f([]byte("plain\n"), "")
	f([]byte("caf\xe9 in latin-1\n"), "")
	f([]byte("\x1b[31mERROR\x1b[0m red\n"), "")
	f(utf16le, "")
	f(utf16be, "")
	f(append(hole, "after the crash\n"...), "")
	f(append([]byte("before the crash\n"), hole...), "")
	f(append(hole[:3:3], "x\n"...), "")
	f(hole, "only NUL bytes")
	f(hole[:7], "only NUL bytes")
	f(random, "binary")
	f(append([]byte{0xff, 0xfe}, random...), "binary")
	f(append(hole, random...), "binary")
	f([]byte("SQLite format 3\x00......"), "SQLite")
	f([]byte("\x7fELF\x02\x01\x01"), "ELF")
	f([]byte("LPKSHHRH\x00\x00"), "journalctl --file 'f' -o json")
	f([]byte("ElfFile\x00\x00"), "evtx_dump")
	f([]byte("\x04\x22\x4d\x18"), "lz4 -d")
}

func TestOrderOfArguments(t *testing.T) {
	files := map[string][]byte{"x.zip": zipped(entry{"b.log", []byte("b")}, entry{"a.log", []byte("a0")}, entry{"a.log.1", []byte("a1")}),
		"d/k.log": []byte("k"), "d/k.log-20240102": []byte("k2"), "d/k.log-20240101.gz": gz([]byte("k1")), "z.log": []byte("z"), "bad": make([]byte, 9)}
	in(t, files)
	_, want, wantRes := walk(t, source.Options{}, "x.zip", "d", "z.log", "bad")
	if !strings.HasPrefix(want, "d/k.log-20240101.gz \"k1\"\nd/k.log-20240102 \"k2\"\nd/k.log \"k\"\nx.zip!/a.log.1 \"a1\"\nx.zip!/a.log \"a0\"\nx.zip!/b.log") {
		t.Errorf("order:\n%s", want)
	}
	for _, args := range [][]string{{"bad", "z.log", "d", "x.zip"}, {"z.log", "./d", "d/k.log", "x.zip", "d", "bad"}, {"*", "d/*"}} {
		_, got, res := walk(t, source.Options{}, args...)
		if got != want {
			t.Errorf("%q: got\n%swant\n%s", args, got, want)
		}
		if args[1] != "./d" && about(res) != about(wantRes) {
			t.Errorf("%q: got\n%swant\n%s", args, about(res), about(wantRes))
		}
	}
}

func TestVisitMayStop(t *testing.T) {
	in(t, map[string][]byte{"a.tar.gz": gz(tarball(entry{"a", lines(5000)}, entry{"b", []byte("b\n")})), "c": lines(9), "d.7z": un64(sevenz)})
	n := 0
	res, err := source.Walk(context.Background(), []string{"."}, source.Options{}, func(s *source.Stream) error {
		n++
		_, err := io.ReadFull(s, make([]byte, 2))
		return err
	})
	if n != 6 || err != nil || len(res.Warnings) != 0 || res.Bytes != 12 {
		t.Errorf("reading a little of each: %d streams, %v, %+v", n, err, res)
	}
	mine := errors.New("mine")
	if _, err := source.Walk(context.Background(), []string{"."}, source.Options{}, func(*source.Stream) error { return mine }); err != mine {
		t.Errorf("visit's error: %v", err)
	}
}

func TestContext(t *testing.T) {
	in(t, map[string][]byte{"a.tar.gz": gz(tarball(entry{"a", lines(50000)}, entry{"b", []byte("b\n")})), "z": []byte("z")})
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	res, err := source.Walk(ctx, []string{"."}, source.Options{}, func(s *source.Stream) error {
		n++
		cancel()
		if _, err := io.ReadAll(s); !errors.Is(err, context.Canceled) {
			t.Errorf("read: %v", err)
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 1 || len(res.Warnings) != 0 {
		t.Errorf("%d streams, %v, %s", n, err, about(res))
	}
	if res, err := source.Walk(ctx, nil, source.Options{}, nil); res == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("before it began: %v", err)
	}
}

func TestProgress(t *testing.T) {
	in(t, map[string][]byte{"a.zip": zipped(entry{"a", lines(500)}), "b.log": lines(100), "c.gz": gz(lines(1000)), "d.bin": make([]byte, 100), ".hid": lines(3)})
	var p atomic.Int64
	walk(t, source.Options{Progress: &p}, ".", "b.log")
	var want int64
	for _, n := range []string{"a.zip", "b.log", "c.gz", "d.bin"} {
		info, _ := os.Stat(n)
		want += info.Size()
	}
	if got := source.Total([]string{".", "b.log"}, source.Options{}); got != want || p.Load() != want {
		t.Errorf("Total %d, Progress %d, want %d", got, p.Load(), want)
	}
	if got := source.Total([]string{"missing"}, source.Options{}); got != 0 {
		t.Errorf("Total of nothing: %d", got)
	}
}

func TestUnknownTimes(t *testing.T) {
	in(t, map[string][]byte{"a.7z": un64(sevenz)})
	streams, _, _ := walk(t, source.Options{}, "a.7z")
	for _, s := range streams {
		if s.ModTime.Sub(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)).Abs() > time.Second {
			t.Errorf("%s: %v", s.Name, s.ModTime)
		}
	}
}
