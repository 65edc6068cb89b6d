package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/blob"
	"github.com/rca-engine/rca/internal/store"
)

// ErrCancelled ends an attempt that somebody wants cancelled. Whoever ends the context of Investigate for that reason gives it as
// the cause.
var ErrCancelled = errors.New("job was cancelled")

var errTimeLimit = errors.New("time limit of the attempt is over")

// progressEvery is how often the row of a running job is written. The answer tells of a cancellation, so it comes whether
// or not there is progress.
const progressEvery = 500 * time.Millisecond

// Investigate does the work of a job whose attempt was started, and ends it as succeeded with its report, templates and records.
// It is called by a worker, which deals with an error: it may be a *Failure, ErrCancelled, the cause of ctx's end, or
// store.ErrStale when another attempt owns the job, after which nothing is to be done. After an error nothing is left behind.
func (d *Desk) Investigate(ctx context.Context, job store.Job) error {
	limit := job.TimeLimit
	if limit == 0 {
		limit = d.o.TimeLimit
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTimeLimit)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	folder, err := os.MkdirTemp(d.o.Folder, attemptPrefix+"*")
	if err != nil {
		return d.told(ctx, fmt.Errorf("make a folder for the attempt: %w", err))
	}
	defer func() { _ = os.RemoveAll(folder) }() // if it cannot be removed, Sweep will try
	mine, err := claim(folder)
	if err != nil {
		return fmt.Errorf("claim the attempt's folder: %w", err)
	}
	defer mine.Close()

	p := &progress{desk: d, job: job, stop: stop, began: d.o.Now()}
	var group sync.WaitGroup
	done := make(chan struct{})
	group.Go(func() { p.report(ctx, done) })
	end := sync.OnceFunc(func() { close(done); group.Wait() })
	defer end()
	defer p.leave()

	baseline, err := d.prepare(ctx, job, folder, p)
	if err != nil {
		return d.told(ctx, err)
	}
	var options RunOptions
	if err := json.Unmarshal([]byte(job.Options), &options); err != nil {
		return &Failure{Code: CodeBadInput, Text: "The options of the job cannot be read; open it again.", Permanent: true, err: err}
	}
	c := &child{executable: d.o.Executable, folder: folder, memory: d.o.Memory, seen: p.seen, heard: func(w word) { d.heard(ctx, p, w) }}
	peak, err := c.run(ctx, order{Type: job.Type, Baseline: baseline, From: job.From, To: job.To, Run: options, Memory: d.o.Memory,
		Unpacked: d.o.MaxUnpacked, Version: d.o.Version})
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errTimeLimit) {
			return cause
		}
		return c.failure(err, limit, peak)
	}
	p.enter(ctx, stageKeep, 0)
	findings, err := openFindingsFile(filepath.Join(folder, findingsFile))
	if err != nil {
		return d.told(ctx, err)
	}
	defer func() { _ = findings.close() }() // it was only read
	result, err := d.read(ctx, findings, filepath.Join(folder, findingsFile))
	if err != nil {
		return d.told(ctx, err)
	}
	end()
	if cause := context.Cause(ctx); cause != nil {
		return d.told(ctx, cause)
	}
	result.outcome.PeakBytes = peak
	return d.conclude(ctx, job, result)
}

// told turns an error on this side of the child into one that a worker can deal with.
func (d *Desk) told(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	var f *Failure
	switch {
	case errors.Is(cause, errTimeLimit):
		return &Failure{Code: CodeTimeLimit, Permanent: true, err: err,
			Text: "The attempt took longer than it may before its analysis began or after it ended; give the job a longer time limit."}
	case cause != nil:
		return cause
	case errors.As(err, &f), errors.Is(err, store.ErrStale):
		return err
	case errors.Is(err, blob.ErrNoSpace), errors.Is(err, syscall.ENOSPC):
		return &Failure{Code: CodeNoSpace, Text: fmt.Sprintf("The disk for uploads, results or running analyses is full; free some space: %s.", err), err: err}
	}
	return &Failure{Code: CodeFailed, Text: fmt.Sprintf("The analysis could not be run: %s.", err), err: err}
}

// prepare puts the job's inputs into the folder as plain files, so that the engine can read evidence again at its position, with
// the time at which they were uploaded: a stamp without a year is read by it.
func (d *Desk) prepare(ctx context.Context, job store.Job, folder string, p *progress) (baseline bool, err error) {
	inputs, err := d.store.JobInputs(ctx, job.ID)
	if err != nil {
		return false, err
	}
	total := int64(0)
	for _, in := range inputs {
		total += in.Size
		baseline = baseline || in.Role == store.InputBaseline
	}
	if err := d.Spare(total); err != nil {
		return false, err
	}
	p.enter(ctx, stagePrepare, total)
	done := int64(0)
	for i, name := range placed(inputs) {
		in := inputs[i]
		gone := &Failure{Code: CodeInputGone, Permanent: true,
			Text: fmt.Sprintf("The upload %s was deleted before it was analysed; upload it again and open a new job.", in.Name)}
		if in.Upload == "" {
			return false, gone
		}
		u, err := d.store.Upload(ctx, job.Workspace, in.Upload)
		if errors.Is(err, store.ErrNotFound) {
			return false, gone
		}
		if err != nil {
			return false, err
		}
		if err := d.unpack(ctx, u, filepath.Join(folder, filepath.FromSlash(name)), func(n int64) { done += n; p.seen(done) }); err != nil {
			return false, fmt.Errorf("put %s into the attempt's folder: %w", in.Name, err)
		}
	}
	return baseline, nil
}

// placed gives the path of each input in the folder of an attempt: two of one name are told apart by a folder with a number, for
// the name itself says which component wrote the log.
func placed(inputs []store.JobInput) []string {
	files, folders := map[string]bool{}, map[string]bool{}
	var all []string
	for _, in := range inputs {
		side := logsFolder
		if in.Role == store.InputBaseline {
			side = baselineFolder
		}
		name := side + "/" + in.Name
		for n := 2; files[name] || folders[name]; n++ {
			if folder := side + "/" + strconv.Itoa(n); !files[folder] {
				name = folder + "/" + in.Name
			}
		}
		files[name], folders[path.Dir(name)] = true, true
		all = append(all, name)
	}
	return all
}

func (d *Desk) unpack(ctx context.Context, u store.Upload, to string, wrote func(int64)) (err error) {
	r, err := d.blobs.Get(ctx, u.Blob)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(&counted{f, wrote}, struct{ io.Reader }{r}, make([]byte, 256<<10))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Chtimes(to, u.Created, u.Created)
}

type counted struct {
	w     io.Writer
	wrote func(int64)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.wrote(int64(n))
	return n, err
}

// heard passes on what the child says to those who follow the job.
func (d *Desk) heard(ctx context.Context, p *progress, w word) {
	switch {
	case w.Stage == stageIndex:
		p.enter(ctx, w.Stage, 2*p.total()) // it reads all twice
	case w.Stage != "":
		p.enter(ctx, w.Stage, p.total())
	case w.Found != nil:
		p.event(ctx, "finding", w.Found)
	}
}

// result is what the rows will say, once the findings lie in a blob.
type result struct {
	outcome   store.Outcome
	templates []store.Template
	signals   []store.Signal
}

func (d *Desk) read(ctx context.Context, f *findings, name string) (*result, error) {
	var rep rca.Report
	r := &result{}
	if err := errors.Join(f.document(reportEntry, &rep), f.document(templatesEntry, &r.templates)); err != nil {
		return nil, err
	}
	for _, s := range rep.Signals[:min(len(rep.Signals), store.MaxFindings)] {
		data, err := json.Marshal(s.Numbers)
		if err != nil {
			return nil, fmt.Errorf("read signal %s: %w", s.ID, err)
		}
		r.signals = append(r.signals, store.Signal{ID: s.ID, Kind: string(s.Kind), Component: s.Component, Severity: s.Severity.String(), Text: s.Text,
			At: s.At.Std(), Data: string(data)})
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("keep findings: %w", err)
	}
	defer file.Close()
	info, err := d.keep(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("keep findings: %w", err)
	}
	row := &store.Report{Partial: rep.Partial, Verdict: string(rep.Verdict), Headline: rep.Headline, Blob: info.Hash}
	if len(rep.RootCauses) > 0 {
		h := &rep.RootCauses[0]
		row.Component, row.Category, row.Grade, row.Confidence = h.Component, string(h.Category), string(h.Grade), h.Confidence
	}
	r.outcome = store.Outcome{State: store.AttemptSucceeded, Report: row}
	return r, nil
}

// conclude writes all rows of the result in one transaction. A database that is away for a moment must not cost an analysis of an
// hour, so it is tried for two minutes. If a commit went through and only its answer was lost, the next try finds the
// attempt ended: that is ErrStale, and the work is done.
func (d *Desk) conclude(ctx context.Context, job store.Job, r *result) error {
	wait := 250 * time.Millisecond
	for until := time.Now().Add(2 * time.Minute); ; wait = min(2*wait, 5*time.Second) {
		err := d.store.InTx(ctx, func(tx *store.Tx) error {
			if err := tx.SaveTemplates(ctx, job.ID, job.Attempt, r.templates); err != nil {
				return err
			}
			if err := tx.SaveSignals(ctx, job.ID, job.Attempt, r.signals); err != nil {
				return err
			}
			return tx.FinishAttempt(ctx, job.ID, job.Attempt, r.outcome)
		})
		switch {
		case err == nil, errors.Is(err, store.ErrStale):
			return err
		case ctx.Err() != nil:
			return d.told(ctx, err)
		case errors.Is(err, store.ErrInvalid), errors.Is(err, store.ErrReference), errors.Is(err, store.ErrConflict), time.Now().After(until):
			return d.told(ctx, fmt.Errorf("keep the result: %w", err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}
