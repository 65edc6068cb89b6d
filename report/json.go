package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/rca-engine/rca"
)

// writeJSON writes the contract: the report as it is, indented, with every list a list.
func writeJSON(r *rca.Report) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(whole(r)); err != nil {
		return nil, err
	}
	return escapeInvisible(b.Bytes()), nil
}

// escapeInvisible writes as \uXXXX what encoding/json leaves raw but a terminal obeys or hides: DEL, the C1 controls and
// the invisible runes. All of them can stand only inside a string, so the value stays the same.
func escapeInvisible(b []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(b); {
		if b[i] < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r < 0xa0 || unicode.In(r, invisible...) {
			out = append(out, b[from:i]...)
			if r > 0xffff {
				r -= 0x10000
				out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			from = i + n
		}
		i += n
	}
	if out == nil {
		return b
	}
	return append(out, b[from:]...)
}

// Read reads a report that Write wrote as JSON. It is strict: an unknown field, a second value, another schema version
// or an unknown verdict, grade or category is an error, for whoever checks a report must not check half of it.
func Read(r io.Reader) (*rca.Report, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	out := new(rca.Report)
	if err := d.Decode(out); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read report: there is more after the report's end")
	}
	if err := check(out); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return out, nil
}

func check(r *rca.Report) error {
	if r.SchemaVersion != rca.SchemaVersion {
		return fmt.Errorf("schema_version is %d, this program reads %d", r.SchemaVersion, rca.SchemaVersion)
	}
	switch r.Verdict {
	case rca.RootCauseFound, rca.Inconclusive, rca.NoIncident:
	default:
		return fmt.Errorf("unknown verdict %q", r.Verdict)
	}
	for _, h := range r.RootCauses {
		switch h.Grade {
		case rca.Confirmed, rca.Likely, rca.Possible:
		default:
			return fmt.Errorf("unknown grade %q of cause %d", h.Grade, h.Rank)
		}
		if !slices.Contains(rca.Categories, h.Category) {
			return fmt.Errorf("unknown category %q of cause %d", h.Category, h.Rank)
		}
	}
	return nil
}
