package report

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rca-engine/rca"
)

// invisible are the runes that show nothing, or turn the text around them: format characters (bidi overrides, zero-width
// joiners, tags), line separators, and the fillers and variation selectors that can hide a payload.
var invisible = []*unicode.RangeTable{unicode.Cf, unicode.Zl, unicode.Zp, {
	R16: []unicode.Range16{{Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1},
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xfe00, Hi: 0xfe0e, Stride: 1}, {Lo: 0xffa0, Hi: 0xffa0, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}},
}}

// clean makes text safe to show on one line: control characters become their pictures (␛), what is invisible becomes
// its number (<U+202E>), a tab four spaces, an invalid byte U+FFFD.
func clean(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '\t':
			b.WriteString("    ")
		case r < ' ':
			b.WriteRune(0x2400 + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case r < 0x7f:
			b.WriteByte(byte(r))
		case r < 0xa0 || unicode.In(r, invisible...):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r) // an invalid byte was decoded to U+FFFD
		}
	}
	return b.String()
}

// cleanLines is clean for a text of several lines, which stay apart.
func cleanLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimRight(s, "\r\n"), "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Join(lines, "\n")
}

// evidenceType's text is the only one of the report that may have several lines: a record with its stack trace.
var evidenceType = reflect.TypeFor[rca.Evidence]()

// copied returns a deep copy of v with every string, keys of maps too, passed through f, every nil list or map made an empty one,
// and every number that JSON cannot write taken out. It is written with reflect so that a field
// added to the report later cannot be forgotten here.
func copied(v reflect.Value, f, lines func(string) string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		out.SetString(f(v.String()))
	case reflect.Float64:
		if x := v.Float(); !math.IsNaN(x) && !math.IsInf(x, 0) {
			out.SetFloat(x)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(copied(v.Elem(), f, lines))
		}
	case reflect.Slice:
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(copied(v.Index(i), f, lines))
		}
	case reflect.Map:
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(copied(it.Key(), f, lines), copied(it.Value(), f, lines))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			t := v.Type().Field(i)
			if t.Tag.Get("json") == "-" || !t.IsExported() {
				continue // not part of the contract, and not shown
			}
			g := f
			if v.Type() == evidenceType && t.Name == "Text" {
				g = lines
			}
			out.Field(i).Set(copied(v.Field(i), g, lines))
		}
	default:
		out.Set(v)
	}
	return out
}

// shown returns the copy of a report that the text, Markdown and HTML forms work on.
func shown(r *rca.Report) *rca.Report {
	return copied(reflect.ValueOf(r), clean, cleanLines).Interface().(*rca.Report)
}

// whole returns the copy of a report that the JSON form writes: its strings untouched.
func whole(r *rca.Report) *rca.Report {
	same := func(s string) string { return s }
	return copied(reflect.ValueOf(r), same, same).Interface().(*rca.Report)
}
