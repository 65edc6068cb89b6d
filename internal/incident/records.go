package incident

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/index"
	"github.com/rca-engine/rca/internal/store"
)

// ErrTextGone is returned for a filter by text when the bytes of a source are kept no longer.
var ErrTextGone = errors.New("the upload that held the text was deleted")

// Records are a job's records with their texts: those of the logs, whose sources begin with "logs/", and of the baseline, whose
// sources begin with "baseline/". They may be asked many things at the same time, all in the context with which they were opened:
// what is open reads until that ends.
type Records struct {
	desk     *Desk
	job      store.Job
	findings *findings
	index    *index.Reader

	mu      sync.Mutex
	uploads map[string]string       // blob of each input by its name, read when it is first needed
	open    map[string]*blob.Reader // by hash
}

// Record is one of them as the viewer shows it.
type Record struct {
	index.Hit
	Text string // the raw lines, up to 64 KiB
	Gone bool   // the upload that held the text was deleted, so Text is empty
}

// maxRecordText bounds Record.Text, in bytes.
const maxRecordText = 64 << 10

// Records opens the records of a finished job, which live until ctx ends or they are closed. store.ErrNotFound while there are none.
func (d *Desk) Records(ctx context.Context, job string) (*Records, error) {
	row, err := d.store.Job(ctx, job)
	if err != nil {
		return nil, err
	}
	f, err := d.findingsOf(ctx, job)
	if err != nil {
		return nil, err
	}
	s, err := f.section(recordsEntry)
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	x, err := index.Open(s, s.Size())
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return &Records{desk: d, job: row, findings: f, index: x, open: map[string]*blob.Reader{}}, nil
}

// Close gives back what is open. Nothing may be asked after it.
func (r *Records) Close() error {
	err := r.findings.close()
	for _, b := range r.open {
		err = errors.Join(err, b.Close())
	}
	return err
}

// Page answers a query; Query.Text is filled in. The hits of the page it returns stand with their texts in the records.
func (r *Records) Page(ctx context.Context, q index.Query) ([]Record, index.Page, error) {
	q.Text = r.text
	p, err := r.index.Page(ctx, q)
	if err != nil {
		return nil, p, err
	}
	all, err := r.texts(ctx, p.Hits)
	return all, p, err
}

// Histogram counts.
func (r *Records) Histogram(ctx context.Context, q index.Query, buckets int) (index.Histogram, error) {
	q.Text = r.text
	return r.index.Histogram(ctx, q, buckets)
}

// Context gives what stands around a position, and which of the records stands at it.
func (r *Records) Context(ctx context.Context, p rca.Position, before, after int) ([]Record, int, error) {
	hits, at, err := r.index.Context(ctx, p, before, after)
	if err != nil {
		return nil, 0, err
	}
	all, err := r.texts(ctx, hits)
	return all, at, err
}

func (r *Records) texts(ctx context.Context, hits []index.Hit) ([]Record, error) {
	all := make([]Record, len(hits))
	for i, h := range hits {
		text, err := r.text(ctx, h.Source, h.Offset, min(h.Length, maxRecordText))
		if err != nil && !errors.Is(err, ErrTextGone) {
			return nil, fmt.Errorf("text of %s at byte %d: %w", h.Source, h.Offset, err)
		}
		all[i] = Record{h, text, err != nil}
	}
	return all, nil
}

// text reads a piece of a source: from what was unpacked when the records were indexed, or from the upload itself.
func (r *Records) text(ctx context.Context, source string, offset, length int64) (string, error) {
	at, err := r.source(ctx, source)
	if err != nil {
		return "", err
	}
	b := make([]byte, length)
	n, err := at.ReadAt(b, offset)
	if err == io.EOF { // the source is shorter than its record says
		err = nil
	}
	return strings.ToValidUTF8(string(b[:n]), "\uFFFD"), err
}

func (r *Records) source(ctx context.Context, name string) (io.ReaderAt, error) {
	s, err := r.findings.section(textsEntry + name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uploads == nil {
		if err := r.find(ctx); err != nil {
			return nil, err
		}
	}
	hash := r.uploads[name]
	if hash == "" {
		return nil, fmt.Errorf("%s: %w", name, ErrTextGone)
	}
	if b := r.open[hash]; b != nil {
		return b, nil
	}
	b, err := r.desk.blobs.Get(ctx, hash)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrTextGone, err)
	}
	if err != nil {
		return nil, err
	}
	r.open[hash] = b
	return b, nil
}

// find looks up which blob each input is.
func (r *Records) find(ctx context.Context) error {
	inputs, err := r.desk.store.JobInputs(ctx, r.job.ID)
	if err != nil {
		return err
	}
	uploads := map[string]string{}
	for i, name := range placed(inputs) {
		if inputs[i].Upload == "" {
			continue
		}
		u, err := r.desk.store.Upload(ctx, r.job.Workspace, inputs[i].Upload)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		uploads[name] = u.Blob
	}
	r.uploads = uploads
	return nil
}
