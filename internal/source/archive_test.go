package source_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/source"
)

func TestArchives(t *testing.T) {
	one := []byte("one\n")
	rawBzip := func() []byte { // a zip with the method bzip2
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		body := un64(bz2OneTwo)
		f, _ := w.CreateRaw(&zip.FileHeader{Name: "m.log", Method: 12, CompressedSize64: uint64(len(body)), UncompressedSize64: 8, CRC32: 0x12ba0be6})
		f.Write(body)
		f, _ = w.CreateRaw(&zip.FileHeader{Name: "n.log", Method: 98})
		f.Write(nil)
		w.Close()
		return out.Bytes()
	}
	f := func(name string, body []byte, want, told string) {
		t.Helper()
		in(t, map[string][]byte{name: body})
		for _, o := range []source.Options{{}, {SpoolMemory: 10}} {
			_, names, res := walk(t, o, name)
			if names != want {
				t.Errorf("%s: got\n%swant\n%s", name, names, want)
			}
			if got := about(res); got != told {
				t.Errorf("%s: got\n%swant\n%s", name, got, told)
			}
		}
		if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
			for _, e := range left {
				if strings.HasPrefix(e.Name(), "rca-spool-") {
					t.Errorf("left behind: %s", e.Name())
				}
			}
		}
	}
	f("a.log.gz", gz(one), "a.log.gz \"one\\n\"\n", "")
	f("any", append(gz(one), gz(one)...), "any \"one\\none\\n\"\n", "") // members of gzip
	f("a.zst", zst(one), "a.zst \"one\\n\"\n", "")
	f("a.zst", append([]byte("\x50\x2a\x4d\x18\x02\x00\x00\x00zz"), zst(one)...), "a.zst \"one\\n\"\n", "")
	f("a.xz", xzip(one), "a.xz \"one\\n\"\n", "")
	f("a.bz2", un64(bz2OneTwo), "a.bz2 \"one\\ntwo\\n\"\n", "")
	f("e.bz2", un64(bz2Empty), "e.bz2 \"\"\n", "")
	f("e.gz", gz(nil), "e.gz \"\"\n", "")
	f("a.tar", tarball(entry{"d/", nil}, entry{"d/a.log", one}, entry{"./b", one}), "a.tar!/d/a.log \"one\\n\"\na.tar!/b \"one\\n\"\n", "")
	f("a.txt", gz(tarball(entry{"a", one})), "a.txt!/a \"one\\n\"\n", "") // the name tells nothing
	f("old.tar.gz", un64(tarV7GZ), "old.tar.gz!/a.log \"one\\ntwo\\n\"\n", "")
	f("a.zip", zipped(entry{"b", one}, entry{"d/", nil}, entry{"a", gz(one)}), "a.zip!/a \"one\\n\"\na.zip!/b \"one\\n\"\n", "")
	f("e.zip", zipped(), "", "")
	f("m.zip", rawBzip(), "m.zip!/m.log \"one\\ntwo\\n\"\n", "skipped m.zip!/n.log: compression method 98 of zip is not supported\n")
	f("a.jar", zipped(entry{"META-INF/MANIFEST.MF", one}), "", "skipped a.jar: a program or document (jar, docx, …)\n")
	f("enc.zip", un64(zipEnc), "", "skipped enc.zip!/a.log: encrypted: unpack it with its password\n")
	f("a.7z", un64(sevenz), "a.7z!/a.log \"one\\ntwo\\n\"\na.7z!/b.log \"three\\n\"\na.7z!/d/c.log \"deep\\n\"\n", "skipped a.7z!/.h/x.log: hidden\n")
	f("enc.7z", un64(sevenzEnc), "", "skipped enc.7z: encrypted: unpack it with its password\n")
	f("enc2.7z", un64(sevenzEnc2), "", "skipped enc2.7z!/a.log: encrypted: unpack it with its password\n")
	f("n.zip", zipped(entry{"i.tar.zst", zst(tarball(entry{"x.zip", zipped(entry{"deep.log", xzip(one)})}, entry{"y.7z", un64(sevenz)}))}),
		"n.zip!/i.tar.zst!/x.zip!/deep.log \"one\\n\"\nn.zip!/i.tar.zst!/y.7z!/a.log \"one\\ntwo\\n\"\n"+
			"n.zip!/i.tar.zst!/y.7z!/b.log \"three\\n\"\nn.zip!/i.tar.zst!/y.7z!/d/c.log \"deep\\n\"\n",
		"skipped n.zip!/i.tar.zst!/y.7z!/.h/x.log: hidden\n")
}

func TestMemberNames(t *testing.T) {
	f := func(member, want string) {
		t.Helper()
		in(t, map[string][]byte{"a.zip": zipped(entry{member, []byte("x")})})
		streams, _, _ := walk(t, source.Options{Hidden: true}, "a.zip")
		if len(streams) != 1 || streams[0].Name != "a.zip!/"+want {
			t.Errorf("%q: got %+v", member, streams)
		}
	}
	f("../../evil.log", "evil.log")
	f("/etc/passwd", "etc/passwd")
	f(`..\..\win\app.log`, "win/app.log")
	f("a/../../b", "b")
	f("..", "unnamed")
	f("red\x1b[31m\n.log", "red\ufffd[31m\ufffd.log")
	f("rtl\u202egol.exe", "rtl\ufffdgol.exe")
	f("bad\xff\xfe.log", "bad\ufffd.log")
	f(strings.Repeat("ä", 600)+".log", "…"+strings.Repeat("ä", 254)+".log")

	in(t, map[string][]byte{"a.tar": tarball(entry{"x", []byte("1")}, entry{"x", []byte("2")}, entry{"x#2", []byte("3")}, entry{"x", []byte("4")})})
	if _, names, _ := walk(t, source.Options{}, "a.tar"); names != "a.tar!/x \"1\"\na.tar!/x#2 \"2\"\na.tar!/x#2#2 \"3\"\na.tar!/x#3 \"4\"\n" {
		t.Errorf("got %s", names)
	}
}

func TestTarSpecials(t *testing.T) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	w.WriteHeader(&tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/etc/\x1bpasswd"})
	w.WriteHeader(&tar.Header{Name: "p", Typeflag: tar.TypeFifo})
	w.WriteHeader(&tar.Header{Name: "._mac", Size: 1})
	w.Write([]byte("x"))
	w.Close()
	in(t, map[string][]byte{"a.tar": out.Bytes()})
	_, names, res := walk(t, source.Options{}, "a.tar")
	want := "skipped a.tar!/._mac: hidden\nskipped a.tar!/l: a link to /etc/\ufffdpasswd\nskipped a.tar!/p: not a regular file\n"
	if names != "" || about(res) != want {
		t.Errorf("got %s%s", names, about(res))
	}
}

// What stands before a cut is read, byte for byte, and a warning says where it broke. (Of xz, the chunk with the cut is
// lost, up to 2 MB.)
func TestTorn(t *testing.T) {
	body := lines(60_000)
	forms := map[string][]byte{
		"x.gz": gz(body), "x.zst": zst(body), "x.xz": xzip(body),
		"x.tar": tarball(entry{"a", body}, entry{"b", body}), "x.tar.gz": gz(tarball(entry{"a", body}, entry{"b", body})),
		"x.zip": zipped(entry{"a", body}, entry{"b", body}),
	}
	for name, whole := range forms {
		for _, cut := range []int{1, 5, 11, 1000, len(whole) / 3, len(whole) / 2, len(whole) * 3 / 4, len(whole) - 30, len(whole) - 3} {
			if cut >= len(whole) || cut < 0 {
				continue
			}
			in(t, map[string][]byte{name: whole[:cut]})
			streams, _, res := walk(t, source.Options{}, name)
			for _, s := range streams {
				if cut > 11 && !strings.HasPrefix(string(body), s.body) {
					t.Errorf("%s cut at %d: %s is no beginning of what was written", name, cut, s.Name)
				}
			}
			if cut > 11 && len(res.Warnings) == 0 && !(name == "x.tar" && cut >= len(whole)-1024) {
				t.Errorf("%s cut at %d of %d: no warning, %s", name, cut, len(whole), about(res))
			}
			if cut == len(whole)*3/4 {
				if len(streams) == 0 || int(res.Bytes) < len(body)/3 {
					t.Errorf("%s cut at %d of %d: only %d bytes read: %s", name, cut, len(whole), res.Bytes, about(res))
				}
				if got := res.Warnings[len(res.Warnings)-1]; got.Offset == 0 && name != "x.zip" {
					t.Errorf("%s: %+v", name, got)
				}
			}
		}
	}
}

func TestTornTiny(t *testing.T) {
	for name, whole := range map[string][]byte{"x.7z": un64(sevenz), "x.bz2": un64(bz2OneTwo)} {
		for cut := 12; cut < len(whole); cut++ {
			in(t, map[string][]byte{name: whole[:cut]})
			if _, names, res := walk(t, source.Options{}, name); names != "" && name == "x.7z" || len(res.Warnings) != 1 {
				t.Errorf("%s cut at %d: %s%s", name, cut, names, about(res))
			}
		}
	}
}

func TestBroken(t *testing.T) {
	body := lines(3000)
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 0xff
		return b
	}
	f := func(name string, data []byte, want string) {
		t.Helper()
		in(t, map[string][]byte{name: data})
		_, _, res := walk(t, source.Options{}, name)
		if len(res.Warnings) != 1 || !strings.Contains(fmt.Sprint(res.Warnings[0]), want) {
			t.Errorf("%s: %s", name, about(res))
		}
	}
	z := gz(body)
	f("crc.gz", flip(z, len(z)-6), fmt.Sprintf("crc.gz %d gzip: invalid checksum", len(body)))
	f("tail.gz", append(bytes.Clone(z), "garbage at the end"...), "gzip: invalid header")
	x := xzip(body)
	f("mid.xz", flip(x, len(x)/2), "mid.xz")
	s := zst(body)
	f("mid.zst", flip(s, len(s)/2), "mid.zst")
	zp := zipped(entry{"a", body})
	f("mid.zip", flip(zp, 600), "mid.zip!/a")
	tr := tarball(entry{"a", body}, entry{"b", body})
	f("mid.tar", flip(tr, 512+(len(body)+511)/512*512+10), "members after this are lost")
}

func TestTornMemberIsNamed(t *testing.T) {
	body := lines(2000)
	whole := gz(tarball(entry{"a.log", body}, entry{"b.log", body}))
	in(t, map[string][]byte{"x.tar.gz": whole[:len(whole)/3]})
	streams, _, res := walk(t, source.Options{}, "x.tar.gz")
	if len(streams) != 1 || len(res.Warnings) != 2 {
		t.Fatalf("%d streams, %s", len(streams), about(res))
	}
	archive, member := res.Warnings[0], res.Warnings[1]
	if archive.Name != "x.tar.gz" || !strings.HasPrefix(archive.Text, "ends too early") || archive.Offset < member.Offset || archive.Remedy == "" {
		t.Errorf("archive: %+v", archive)
	}
	if member.Name != "x.tar.gz!/a.log" || member.Offset != int64(len(streams[0].body)) || !strings.HasPrefix(member.Text, "cut short") {
		t.Errorf("member: %+v", member)
	}
}

func TestSalvagedZip(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range []entry{{"a.log", lines(10)}, {"d/", nil}, {"b.log.gz", gz(lines(20))}, {".h", lines(3)}, {"c.log", lines(30)}, {"d/", nil}} {
		f, _ := w.Create(e.name)
		f.Write(e.body)
	}
	w.Flush()
	whole := out.Bytes()
	var st bytes.Buffer // with sizes in front, stored
	w2 := zip.NewWriter(&st)
	f2, _ := w2.CreateRaw(&zip.FileHeader{Name: "s.log", Method: zip.Store, CompressedSize64: 4, UncompressedSize64: 4})
	f2.Write([]byte("one\n"))
	w2.Flush()
	in(t, map[string][]byte{"x.zip": whole, "y.zip": st.Bytes(), "z.zip": st.Bytes()[:st.Len()-2]})
	streams, _, res := walk(t, source.Options{}, "x.zip")
	if len(streams) != 3 || streams[0].body != string(lines(10)) || streams[1].body != string(lines(20)) || streams[2].body != string(lines(30)) {
		t.Errorf("got %d streams, %s", len(streams), about(res))
	}
	if len(res.Warnings) != 1 || len(res.Skipped) != 1 {
		t.Errorf("got %s", about(res))
	}
	if _, names, _ := walk(t, source.Options{}, "y.zip"); names != "y.zip!/s.log \"one\\n\"\n" {
		t.Errorf("got %s", names)
	}
	if _, names, res := walk(t, source.Options{}, "z.zip"); names != "z.zip!/s.log \"on\"\n" || len(res.Warnings) != 2 {
		t.Errorf("got %s%s", names, about(res))
	}
}

func TestGzipTime(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.ModTime = stamp
	w.Write([]byte("x"))
	w.Close()
	in(t, map[string][]byte{"a.gz": out.Bytes()})
	if s, _, _ := walk(t, source.Options{}, "a.gz"); !s[0].ModTime.Equal(stamp) {
		t.Errorf("got %v", s[0].ModTime)
	}
}
