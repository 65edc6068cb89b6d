package incident

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/index"
	"github.com/rca-engine/rca/internal/source"
	"github.com/rca-engine/rca/internal/store"
)

// assignedFile holds, while the records are indexed, the template of every line.
const assignedFile = "assigned"

// indexer reads the logs again for what the report has no room for. The template of a record is known only when all were
// mined, and to keep the records until then would take as much memory as the logs: so one pass writes the number of each
// line's template to a file, and the next reads it beside the records.
type indexer struct {
	paths  []string
	opts   analyze.Options
	untold bool // the templates of single records are left out

	found  tally
	inputs []rca.Input
}

func (x *indexer) index(ctx context.Context, w io.Writer) error {
	templates, err := x.assign(ctx)
	if err != nil {
		return err
	}
	defer templates.close()
	out, err := index.NewWriter(w)
	if err != nil {
		return err
	}
	x.inputs, _, err = analyze.Records(ctx, x.paths, x.opts, func(r *rca.Record) error {
		t, err := templates.at(r.Source, r.Line)
		if err != nil {
			return err
		}
		if t == nil {
			return out.Add(r, "")
		}
		if strings.HasPrefix(r.Source, logsFolder+"/") {
			x.found.add(t, r.Component, r.Severity, 1, r.Time, r.Time)
		}
		return out.Add(r, t.ID)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// assign mines the templates.
func (x *indexer) assign(ctx context.Context) (*assigned, error) {
	x.found = tally{}
	if x.untold {
		mined, err := analyze.Templates(ctx, []string{logsFolder}, x.opts, nil)
		if err != nil {
			return nil, err
		}
		for _, s := range mined.Series {
			x.found.add(s.Template, s.Component, s.Severity, s.Count, s.First, s.Last)
		}
		return &assigned{}, nil
	}
	f, err := os.Create(assignedFile)
	if err != nil {
		return nil, err
	}
	a := &assigned{f: f, file: -1}
	w := bufio.NewWriterSize(f, 64<<10)
	numbers := map[*rca.Template]uint64{}
	var b [binary.MaxVarintLen64]byte
	_, err = analyze.Templates(ctx, x.paths, x.opts, func(l analyze.Assignment) error {
		if n := len(a.files); n == 0 || a.files[n-1] != l.File {
			a.files = append(a.files, strings.Clone(l.File))
			if err := w.WriteByte(nextFile); err != nil {
				return err
			}
		}
		n, ok := numbers[l.Template]
		if !ok {
			a.templates = append(a.templates, l.Template)
			n = uint64(len(a.templates)) // 0 is nextFile
			numbers[l.Template] = n
		}
		_, err := w.Write(b[:binary.PutUvarint(b[:], n)])
		return err
	})
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	a.r = bufio.NewReaderSize(f, 64<<10)
	return a, nil
}

// nextFile stands in the assigned file where the lines of the next source begin.
const nextFile = 0

// assigned gives the template of each line, asked for in their order; nil where a line has none.
type assigned struct {
	f         *os.File // nil: no line has one
	r         *bufio.Reader
	files     []string
	templates []*rca.Template
	file      int // index in files of the lines that are being read
	line      int64
	last      uint64 // number of the template of that line
}

func (a *assigned) at(file string, line int64) (*rca.Template, error) {
	if a.f == nil {
		return nil, nil
	}
	for a.file < 0 || a.files[a.file] != file || a.line < line {
		n, err := binary.ReadUvarint(a.r)
		switch {
		case err == io.EOF:
			return nil, errors.New("the logs changed between two readings of them")
		case err != nil:
			return nil, err
		case n == nextFile:
			a.file, a.line = a.file+1, 0
		default:
			a.line, a.last = a.line+1, n
		}
	}
	if t := a.templates[a.last-1]; t.ID != "" {
		return t, nil
	}
	return nil, nil
}

func (a *assigned) close() {
	if a.f != nil {
		a.f.Close()
		os.Remove(assignedFile)
	}
}

// tally counts the occurrences of each template of the logs.
type tally map[string]*store.Template

func (y tally) add(t *rca.Template, component string, s rca.Severity, n int64, first, last rca.Time) {
	row := y[t.ID]
	if row == nil {
		row = &store.Template{ID: t.ID, Text: t.Text, Component: strings.Clone(component), Severity: s.String()}
		y[t.ID] = row
	}
	row.Count += n
	if before := rca.SeverityWord(row.Severity); s > before {
		row.Severity = s.String()
	}
	if f := first.Std(); first != rca.NoTime && (row.First.IsZero() || f.Before(row.First)) {
		row.First = f
	}
	if l := last.Std(); last != rca.NoTime && l.After(row.Last) {
		row.Last = l
	}
}

// list gives the templates that the store takes, the most frequent first.
func (y tally) list() []store.Template {
	all := make([]store.Template, 0, len(y))
	for _, t := range y {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b store.Template) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID)) })
	return all[:min(len(all), store.MaxFindings)]
}

// texts writes the bytes of the sources in which the positions of records count, where these are not the bytes of an upload:
// of members of archives, of compressed files, and of UTF-16 as UTF-8.
func (x *indexer) texts(ctx context.Context, entry func(source string) (io.Writer, error)) error {
	packed := map[string]bool{}
	for _, in := range x.inputs {
		if !in.Seekable {
			packed[in.Name] = true
		}
	}
	if len(packed) == 0 {
		return nil
	}
	_, err := source.Walk(ctx, x.paths, x.opts.Source, func(s *source.Stream) error {
		if !packed[s.Name] {
			return nil
		}
		w, err := entry(s.Name)
		if err != nil {
			return err
		}
		r := bufio.NewReader(s)
		var utf16 encoding.Encoding
		switch mark, _ := r.Peek(2); {
		case bytes.Equal(mark, []byte{0xff, 0xfe}):
			utf16 = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
		case bytes.Equal(mark, []byte{0xfe, 0xff}):
			utf16 = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
		default:
			_, err = io.Copy(w, r)
			return err
		}
		_, err = io.Copy(w, utf16.NewDecoder().Reader(r))
		return err
	})
	return err
}
