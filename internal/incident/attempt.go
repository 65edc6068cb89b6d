package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/store"
)

// The child's folder, which is also its working folder: evidence cites the logs by these names.
const (
	logsFolder     = "logs"
	baselineFolder = "baseline"
	findingsFile   = "findings.zip"
)

// order is what the parent writes to the child's standard input.
type order struct {
	Type     store.JobType `json:"type"`
	Baseline bool          `json:"baseline,omitempty"`
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Run      RunOptions    `json:"run"`
	Memory   int64         `json:"memory"`
	Unpacked int64         `json:"unpacked"`
	Version  string        `json:"version"`
}

// word is one line that the child prints: one of the fields is set.
type word struct {
	Stage string   `json:"stage,omitempty"` // begins now
	Found *finding `json:"found,omitempty"`
	Fault *fault   `json:"fault,omitempty"` // why it ends
}

// finding is the answer in short, told before the records are indexed.
type finding struct {
	Verdict   rca.Verdict `json:"verdict"`
	Headline  string      `json:"headline"`
	Component string      `json:"component,omitempty"`
	Category  string      `json:"category,omitempty"`
}

type fault struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// The stages of an attempt. The first and the last are the parent's.
const (
	stagePrepare = "preparing"
	stageAnalyse = "analysing"
	stageIndex   = "indexing"
	stageKeep    = "saving"
)

// Attempt is the child's whole life: it reads an order, analyses the logs in the working folder, and leaves what it found in
// one file there. What it writes to out is for its parent alone. It has no database, no network and no secret. The error is
// told to the parent as well.
func Attempt(ctx context.Context, in io.Reader, out io.Writer) error {
	say := json.NewEncoder(out)
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("read the order of an attempt (only a worker starts this command): %w", err)
	}
	if err := limitMemory(o.Memory); err != nil {
		return err
	}
	if err := standBack(); err != nil {
		return err
	}
	debug.SetMemoryLimit(o.Memory / 10 * 8)
	err := o.work(ctx, say)
	if err == nil || ctx.Err() != nil {
		return err
	}
	f := fault{CodeFailed, err.Error()}
	var bad *badInput
	switch {
	case errors.As(err, &bad):
		f.Code = CodeBadInput
	case errors.Is(err, syscall.ENOSPC):
		f.Code = CodeNoSpace
	}
	return errors.Join(err, say.Encode(word{Fault: &f}))
}

// badInput is an error of the engine: it stops for nothing but what it was asked for.
type badInput struct{ error }

func (o *order) work(ctx context.Context, say *json.Encoder) error {
	opts, err := o.options()
	if err != nil {
		return &badInput{err}
	}
	if err := say.Encode(word{Stage: stageAnalyse}); err != nil {
		return err
	}
	rep, err := analyze.Run(ctx, []string{logsFolder}, opts)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return &badInput{err}
	}
	if o.Type == store.LogAnalysis {
		withoutVerdict(rep)
	}
	if err := say.Encode(word{Found: findingOf(rep)}); err != nil {
		return err
	}
	if err := say.Encode(word{Stage: stageIndex}); err != nil {
		return err
	}
	f, err := os.Create(findingsFile)
	if err != nil {
		return err
	}
	err = o.write(ctx, f, rep, opts)
	return errors.Join(err, f.Close())
}

// options are what the engine is told. The patterns of components go in a fixed order: the first that matches counts.
func (o *order) options() (analyze.Options, error) {
	a := analyze.Options{Since: o.From, Until: o.To, FormatHint: o.Run.FormatHint, Year: o.Run.Year, Noise: o.Run.Noise,
		WithoutRules: o.Run.WithoutRules, Version: o.Version}
	a.Source.Hidden, a.Source.MaxBytes = true, o.Unpacked // whoever uploaded a hidden file wants it read
	for _, pattern := range slices.Sorted(maps.Keys(o.Run.Components)) {
		a.Components = append(a.Components, analyze.PathName{Pattern: pattern, Component: o.Run.Components[pattern]})
	}
	if o.Baseline {
		a.Baseline = []string{baselineFolder}
	}
	var err error
	a.Location, err = o.Run.location()
	return a, err
}

// withoutVerdict takes out of a report what ranks causes. The report's form knows three verdicts only, so it says inconclusive,
// which is true, and why.
func withoutVerdict(r *rca.Report) {
	r.Verdict = rca.Inconclusive
	r.Headline = fmt.Sprintf("No verdict was asked for: %d records, %d templates, %d signals", r.Coverage.Records, r.Coverage.Templates, len(r.Signals))
	r.Summary = r.Headline + "."
	r.WhatHappened, r.RootCauses, r.Rejected, r.Timeline, r.Unknowns, r.FetchNext = nil, nil, nil, nil, nil, nil
	r.Coverage.ErrorsExplained = 0
	if r.Window.Why != "as asked for" {
		r.Window = rca.Window{Start: r.Span.Start, End: r.Span.End, Why: "all of the logs"}
	}
}

func findingOf(r *rca.Report) *finding {
	f := &finding{Verdict: r.Verdict, Headline: r.Headline}
	if len(r.RootCauses) > 0 {
		f.Component, f.Category = r.RootCauses[0].Component, string(r.RootCauses[0].Category)
	}
	return f
}
