package source

import "bytes"

// sniffLen is how much of a level is looked at to tell what it holds.
const sniffLen = 8 << 10

// format is what a level holds.
type format int

const (
	maybeText format = iota
	skipped          // never logs, or not supported: the magic's reason says so
	gzipped
	zstded
	bzipped
	xzed
	tarred
	zipped
	sevenzipped
)

// magics tell formats by the bytes at an offset. In a reason $name stands for the name.
var magics = []struct {
	at     int
	bytes  string
	format format
	reason string
}{
	{0, "\x1f\x8b\x08", gzipped, ""},
	{0, "\x28\xb5\x2f\xfd", zstded, ""},
	{0, "\xfd7zXZ\x00", xzed, ""},
	{0, "PK\x03\x04", zipped, ""},
	{0, "PK\x05\x06", zipped, ""}, // an empty one
	{0, "7z\xbc\xaf\x27\x1c", sevenzipped, ""},
	{257, "ustar", tarred, ""},

	{0, "LPKSHHRH", skipped, "a binary systemd journal: export it with journalctl --file '$name' -o json > journal.json"},
	{0, "ElfFile\x00", skipped, "a Windows event log: export it in PowerShell with Get-WinEvent -Path '$name' | " +
		"Select-Object TimeCreated,Id,LevelDisplayName,ProviderName,MachineName,Message | ConvertTo-Json > events.json, " +
		"or elsewhere with evtx_dump -o jsonl '$name' > events.json"},
	{0, "\x04\x22\x4d\x18", skipped, "lz4 is not supported: decompress it with lz4 -d '$name'"},
	{0, "\x1f\x9d", skipped, "compress (.Z) is not supported: decompress it with gzip -d '$name'"},
	{0, "\x5d\x00\x00", skipped, "lzma is not supported: decompress it with xz -d '$name'"},
	{0, "Rar!\x1a\x07", skipped, "rar is not supported: unpack it with unrar x '$name'"},
	{0, "MSCF\x00\x00\x00\x00", skipped, "cab is not supported: unpack it with cabextract '$name'"},
	{0, "PK\x07\x08", skipped, "a zip in several volumes is not supported: join it with zip -s 0"},

	{0, "\xd4\xc3\xb2\xa1", skipped, "binary: a network capture"},
	{0, "\xa1\xb2\xc3\xd4", skipped, "binary: a network capture"},
	{0, "\x4d\x3c\xb2\xa1", skipped, "binary: a network capture"},
	{0, "\xa1\xb2\x3c\x4d", skipped, "binary: a network capture"},
	{0, "\x0a\x0d\x0d\x0a", skipped, "binary: a network capture"},
	{0, "SQLite format 3\x00", skipped, "binary: a SQLite database"},
	{0, "\x7fELF", skipped, "binary: an ELF program or core dump"},
	{0, "\xca\xfe\xba\xbe", skipped, "binary: a Java class"},
	{0, "\xcf\xfa\xed\xfe", skipped, "binary: a Mach-O program"},
	{0, "\x00asm", skipped, "binary: a WebAssembly program"},
	{0, "JAVA PROFILE 1.0", skipped, "binary: a Java heap dump"},
	{0, "\x89PNG", skipped, "binary: an image"},
	{0, "\xff\xd8\xff", skipped, "binary: an image"},
	{0, "GIF8", skipped, "binary: an image"},
	{0, "\xde\x12\x04\x95", skipped, "binary: a catalogue of translations"},
	{0, "%PDF-", skipped, "binary: a PDF document"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", skipped, "binary: an old Office document"},
}

// sniff tells what a level that begins with head holds.
func sniff(head []byte) (f format, reason string) {
	for _, m := range magics {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.bytes)) {
			return m.format, m.reason
		}
	}
	switch {
	case bzip2Magic(head):
		return bzipped, ""
	case len(head) >= 4 && head[0]>>4 == 5 && string(head[1:4]) == "\x2a\x4d\x18":
		return zstded, "" // one that begins with a frame to skip
	case oldTar(head):
		return tarred, ""
	}
	return maybeText, ""
}

// bzip2Magic wants the magic of a block or of the end as well: "BZh9" alone may begin a text.
func bzip2Magic(head []byte) bool {
	if len(head) < 10 || string(head[:3]) != "BZh" || head[3] < '1' || head[3] > '9' {
		return false
	}
	m := string(head[4:10])
	return m == "1AY&SY" || m == "\x17\x72\x45\x38\x50\x90"
}

// oldTar tells a tar from before the magic of 1988 by its checksum: the sum of the header's bytes, its own eight taken
// as spaces, in octal.
func oldTar(head []byte) bool {
	if len(head) < 512 || head[0] == 0 {
		return false
	}
	var want, sum int64
	digits := 0
	for _, c := range head[148:156] {
		if c >= '0' && c <= '7' {
			want = want*8 + int64(c-'0')
			digits++
		} else if c != ' ' && c != 0 {
			return false
		}
	}
	for i, c := range head[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return digits > 0 && sum == want
}
