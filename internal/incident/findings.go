package incident

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/store"
)

// What an attempt found is one zip file whose entries are stored as they are, so that each can be read at any position inside
// a blob. One file means one blob with one reference: report and records are kept and deleted together.
const (
	reportEntry    = "report.json"
	templatesEntry = "templates.json" // of the logs, without the baseline
	recordsEntry   = "records.idx"    // the index of logs and baseline
	textsEntry     = "texts/"         // and the name of a source whose bytes no upload holds as they are: what it unpacks to
)

// write writes the findings.
func (o *order) write(ctx context.Context, w io.Writer, rep *rca.Report, opts analyze.Options) error {
	z := zip.NewWriter(w)
	entry := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	}
	paths := []string{logsFolder}
	if o.Baseline {
		paths = []string{baselineFolder, logsFolder}
	}
	opts.Baseline = nil
	x := &indexer{paths: paths, opts: opts}
	// Which template a record has is known when all are mined. Until then a record takes some 60 bytes.
	if rep.Coverage.Records > o.Memory/2/60 {
		rep.Warnings = append(rep.Warnings, rca.Warning{Count: rep.Coverage.Records, Remedy: "raise the memory of an attempt, or analyse a part of the logs",
			Text: "so many records are more than fit into memory with the template of each: the records cannot be filtered by template"})
		x.untold = true
	}
	out, err := entry(reportEntry)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(rep); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if out, err = entry(recordsEntry); err != nil {
		return err
	}
	if err := x.index(ctx, out); err != nil {
		return fmt.Errorf("index records: %w", err)
	}
	if out, err = entry(templatesEntry); err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(x.found.list()); err != nil {
		return fmt.Errorf("write templates: %w", err)
	}
	if err := x.texts(ctx, func(source string) (io.Writer, error) { return entry(textsEntry + source) }); err != nil {
		return fmt.Errorf("keep unpacked texts: %w", err)
	}
	return z.Close()
}

// findings are the opened file.
type findings struct {
	at    io.ReaderAt
	files map[string]*zip.File
	close func() error
}

func openFindings(at io.ReaderAt, size int64, closeIt func() error) (*findings, error) {
	z, err := zip.NewReader(at, size)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open findings: %w", err), closeIt())
	}
	f := &findings{at: at, files: map[string]*zip.File{}, close: closeIt}
	for _, e := range z.File {
		f.files[e.Name] = e
	}
	return f, nil
}

func openFindingsFile(path string) (*findings, error) {
	h, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open findings: %w", err)
	}
	st, err := h.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open findings: %w", err), h.Close())
	}
	return openFindings(h, st.Size(), h.Close)
}

// findingsOf opens the findings of a job. store.ErrNotFound while there are none.
func (d *Desk) findingsOf(ctx context.Context, job string) (*findings, error) {
	row, err := d.store.ReportOf(ctx, job)
	if err != nil {
		return nil, err
	}
	r, err := d.blobs.Get(ctx, row.Blob)
	if errors.Is(err, blob.ErrNotFound) { // the job was deleted, or done again, between the two
		return nil, fmt.Errorf("open findings of job %s: %w: %w", job, store.ErrNotFound, err)
	}
	if err != nil {
		return nil, err
	}
	return openFindings(r, r.Size(), r.Close)
}

// section gives one entry by position.
func (f *findings) section(name string) (*io.SectionReader, error) {
	e := f.files[name]
	if e == nil || e.Method != zip.Store {
		return nil, fmt.Errorf("findings hold no %s: %w", name, fs.ErrNotExist)
	}
	off, err := e.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("find %s in findings: %w", name, err)
	}
	return io.NewSectionReader(f.at, off, int64(e.UncompressedSize64)), nil
}

// maxDocument bounds a JSON document of the findings, in bytes. The report of 10 GB of logs has less than 3 MB.
const maxDocument = 64 << 20

func (f *findings) document(name string, v any) error {
	s, err := f.section(name)
	if err != nil {
		return err
	}
	if s.Size() > maxDocument {
		return fmt.Errorf("%s of %d bytes is larger than any may be", name, s.Size())
	}
	if err := json.NewDecoder(s).Decode(v); err != nil {
		return fmt.Errorf("read %s of findings: %w", name, err)
	}
	return nil
}

// Report reads a job's report. store.ErrNotFound while there is none.
func (d *Desk) Report(ctx context.Context, job string) (*rca.Report, error) {
	f, err := d.findingsOf(ctx, job)
	if err != nil {
		return nil, err
	}
	r := new(rca.Report)
	return r, errors.Join(f.document(reportEntry, r), f.close())
}
