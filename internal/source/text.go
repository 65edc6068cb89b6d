package source

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"unicode"
)

// maxHole bounds the NUL bytes a text may begin with. A hole that a crash left in a log is smaller; files like lastlog
// are sparse for hundreds of gigabytes.
const maxHole = 256 << 20

// judge looks at the next bytes of r. A reason tells why they are no text; nuls is how many NUL bytes were consumed
// that stand before the text: a crash leaves them where a file was made longer and its blocks never written.
func judge(r *bufio.Reader) (nuls int64, reason string) {
	for {
		head, _ := r.Peek(sniffLen)
		text := bytes.TrimLeft(head, "\x00")
		switch {
		case len(head) == 0 && nuls == 0:
			return 0, "" // empty is text with no lines
		case len(head) == 0:
			return 0, "only NUL bytes"
		case len(text) == 0 && nuls >= maxHole:
			return 0, "binary: begins with more than 256 MB of NUL bytes"
		case len(text) > 0 && nuls == 0 && len(text) == len(head):
			return 0, verdict(head)
		}
		n, _ := r.Discard(len(head) - len(text))
		nuls += int64(n)
		if len(text) > 0 {
			head, _ = r.Peek(sniffLen)
			return nuls, verdict(head)
		}
	}
}

// verdict judges by the share of control characters among the bytes that are not NUL. Random bytes have 10 %, text in
// any encoding next to none; 3 % leaves room for the odd line of garbage.
func verdict(head []byte) (reason string) {
	var control, printable int
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		control, printable = units(head[2:], binary.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		control, printable = units(head[2:], binary.BigEndian)
	default:
		for _, c := range head {
			switch {
			case c == 0:
			case isControl(rune(c)):
				control++
			default:
				printable++
			}
		}
	}
	if control*100 > 3*(control+printable) {
		return "binary"
	}
	return ""
}

func units(b []byte, order binary.ByteOrder) (control, printable int) {
	for ; len(b) >= 2; b = b[2:] {
		switch u := rune(order.Uint16(b)); {
		case u == 0:
		case isControl(u) || u >= 0xfff0 || unicode.Is(unicode.Co, u):
			control++
		default:
			printable++
		}
	}
	return control, printable
}

// isControl leaves out what terminals and printers put into logs: \b \t \n \v \f \r and ESC, which begins a colour.
func isControl(c rune) bool { return c < 0x20 && (c < '\b' || c > '\r') && c != 0x1b || c == 0x7f }

// zeros gives back the NUL bytes that judge consumed.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
