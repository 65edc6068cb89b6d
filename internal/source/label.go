package source

import (
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLabel bounds a member's name, which pax allows to be a megabyte.
const maxLabel = 512

// printable makes a name safe for terminals and logs: what is not a printable character, control and escape sequences
// above all, becomes U+FFFD. ok tells that nothing had to be changed.
func printable(name string) string {
	name = strings.ToValidUTF8(name, "\ufffd")
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '\ufffd'
	}, name)
}

// labels names the members of one archive.
type labels struct {
	archive string
	seen    map[string]int // how often
}

// name returns how a member is cited, and its cleaned path in the archive: no "..", no root, no escape sequences.
// A second member of the same name gets "#2", or positions in them could not be told apart.
func (s *labels) name(member string) (cited, clean string) {
	clean = strings.ReplaceAll(printable(member), `\`, "/")
	clean = strings.TrimPrefix(path.Clean("/"+clean), "/")
	if clean == "" {
		clean = "unnamed"
	}
	if len(clean) > maxLabel {
		cut := len(clean) - maxLabel
		for !utf8.RuneStart(clean[cut]) {
			cut++
		}
		clean = "…" + clean[cut:] // the end tells files apart
	}
	if s.seen == nil {
		s.seen = map[string]int{}
	}
	cited = s.archive + "!/" + clean
	for first := cited; s.seen[cited] > 0; {
		s.seen[first]++
		cited = first + "#" + strconv.Itoa(s.seen[first])
	}
	s.seen[cited]++
	return cited, clean
}

// hidden tells that a part of a member's path begins with a dot.
func hidden(clean string) bool { return strings.HasPrefix(clean, ".") || strings.Contains(clean, "/.") }
