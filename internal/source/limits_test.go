package source_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/source"
)

func TestMaxBytes(t *testing.T) {
	in(t, map[string][]byte{"a.log": bytes.Repeat([]byte("a"), 600), "b.log": bytes.Repeat([]byte("b"), 600), "c.log": []byte("c"),
		"t.tar.gz": gz(tarball(entry{"a", lines(100)}, entry{"b", lines(100)})), "z.zip": zipped(entry{"a", lines(100)}, entry{"b", lines(100)})})
	f := func(limit, bytes int64, told string, args ...string) {
		t.Helper()
		_, _, res := walk(t, source.Options{MaxBytes: limit}, args...)
		if res.Bytes != bytes || about(res) != told {
			t.Errorf("%q: %d bytes\n%swant\n%s", args, res.Bytes, about(res), told)
		}
	}
	f(1201, 1201, "", "a.log", "b.log", "c.log")
	f(1000, 1000, "skipped c.log: limit MaxBytes was reached before\nwarning b.log at 400: limit MaxBytes: 1000 bytes were read, the rest is not\n",
		"a.log", "b.log", "c.log")
	f(600, 600, "skipped c.log: limit MaxBytes was reached before\nwarning b.log at 0: limit MaxBytes: 600 bytes were read, the rest is not\n",
		"a.log", "b.log", "c.log")
	f(1000, 488, "warning t.tar.gz at 1000: limit MaxBytes: 1000 bytes were read, the rest is not\n"+
		"warning t.tar.gz!/a at 488: cut short: what holds it ends here\n", "t.tar.gz")
	f(1000, 1000, "skipped z.zip!/b: limit MaxBytes was reached before\nwarning z.zip!/a at 1000: limit MaxBytes: 1000 bytes were read, the rest is not\n", "z.zip")
}

func TestMaxRatio(t *testing.T) {
	const size = 66 << 20
	bomb := bytes.Repeat([]byte("A"), size)
	small := gz(bomb)
	in(t, map[string][]byte{"ok.gz": gz(bomb[:20<<20]), "bomb.gz": small, "bomb.zst": zst(bomb), "bomb.zip": zipped(entry{"a", bomb}, entry{"b", []byte("b\n")})})
	_, _, res := walk(t, source.Options{}, "ok.gz")
	if about(res) != "" || res.Bytes != 20<<20 {
		t.Errorf("small: %s", about(res))
	}
	_, _, res = walk(t, source.Options{MaxRatio: 500}, "bomb.gz", "bomb.zst", "bomb.zip")
	if res.Bytes > 3*(64<<20)+2 || len(res.Warnings) != 1 || !strings.HasPrefix(res.Warnings[0].Text, "limit MaxRatio") || len(res.Skipped) != 2 {
		t.Errorf("%d bytes: %s", res.Bytes, about(res))
	}
}

func TestMaxDepth(t *testing.T) {
	deep := []byte("x\n")
	for range 9 {
		deep = gz(deep)
	}
	nested := zipped(entry{"a.log", []byte("x\n")})
	for range 3 {
		nested = zipped(entry{"in.zip", nested}, entry{"a.log", []byte("x\n")})
	}
	in(t, map[string][]byte{"deep.gz": deep, "n.zip": nested})
	_, names, res := walk(t, source.Options{}, "deep.gz")
	if names != "" || len(res.Warnings) != 1 || len(res.Skipped) != 1 || !strings.Contains(res.Skipped[0].Reason, "MaxDepth") {
		t.Errorf("%s%s", names, about(res))
	}
	if _, names, _ := walk(t, source.Options{MaxDepth: 9}, "deep.gz"); names != "deep.gz \"x\\n\"\n" {
		t.Errorf("at the limit: %s", names)
	}
	_, names, res = walk(t, source.Options{MaxDepth: 2}, "n.zip")
	if strings.Count(names, "\n") != 2 || len(res.Skipped) != 1 {
		t.Errorf("%s%s", names, about(res))
	}
}

func TestMaxMembers(t *testing.T) {
	members := []entry{{"a", []byte("a")}, {"b", []byte("b")}, {"c", []byte("c")}, {"d", []byte("d")}}
	in(t, map[string][]byte{"x.tar": tarball(members...), "y.zip": zipped(members...), "z.7z": un64(sevenz)})
	f := func(max, files int, told string, args ...string) {
		t.Helper()
		_, _, res := walk(t, source.Options{MaxMembers: max}, args...)
		if res.Files != files || !strings.HasPrefix(about(res), told) {
			t.Errorf("%q: %d files\n%s", args, res.Files, about(res))
		}
	}
	f(4, 4, "", "x.tar")
	f(3, 3, "skipped x.tar: limit MaxMembers was reached before: members after x.tar!/c\nwarning x.tar", "x.tar")
	f(3, 3, "skipped y.zip: limit MaxMembers was reached before: 1 of 4 members\nwarning y.zip", "y.zip")
	f(6, 6, "skipped y.zip: limit MaxMembers was reached before: 2 of 4 members\nskipped z.7z: limit MaxMembers", "x.tar", "y.zip", "z.7z")
}

// Members whose directory entries all point at the same compressed bytes.
func TestOverlappingZip(t *testing.T) {
	body := gz(lines(2000))
	one := zipped(entry{"a", body})
	dir := bytes.Index(one, []byte("PK\x01\x02"))
	end := bytes.Index(one, []byte("PK\x05\x06"))
	entryBytes := one[dir:end]
	bomb := append([]byte{}, one[:dir]...)
	for range 50 {
		bomb = append(bomb, entryBytes...)
	}
	tail := bytes.Clone(one[end:])
	n := len(entryBytes) * 50
	tail[8], tail[10] = 50, 50
	tail[12], tail[13], tail[14] = byte(n), byte(n>>8), byte(n>>16)
	bomb = append(bomb, tail...)
	if zr, err := zip.NewReader(bytes.NewReader(bomb), int64(len(bomb))); err != nil || len(zr.File) != 50 {
		t.Fatal(err)
	}
	in(t, map[string][]byte{"o.zip": bomb})
	_, _, res := walk(t, source.Options{}, "o.zip")
	if res.Files != 1 || len(res.Warnings) != 1 || !strings.Contains(res.Warnings[0].Text, "overlap") {
		t.Errorf("%d files, %s", res.Files, about(res))
	}
}
