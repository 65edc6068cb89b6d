// Package analyze runs the pipeline: paths of logs in, a *rca.Report out. It is the door for other Go programs.
//
//	r, err := analyze.Run(ctx, []string{"incident/"}, analyze.Options{Baseline: []string{"yesterday/"}})
//
// It reads each source once, as blocks that all processors parse and count, in memory that does not grow with the
// input; then it finds signals, ranks causes, and checks every quote against the source before it returns.
package analyze

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/detect"
	"github.com/rca-engine/rca/internal/know"
	"github.com/rca-engine/rca/internal/mine"
	"github.com/rca-engine/rca/internal/rank"
)

// Run analyses the paths. Bad log data is told in the report; the error is of what stopped the work. When ctx ends
// early, the report holds what was found so far and is marked partial.
func Run(ctx context.Context, paths []string, o Options) (*rca.Report, error) {
	lib := know.Builtin()
	var err error
	for _, k := range o.Knowledge {
		if lib, err = know.With(lib, "user's rules", []byte(k)); err != nil {
			return nil, err
		}
	}
	if len(o.WithoutRules) > 0 {
		if lib, err = know.Without(lib, o.WithoutRules); err != nil {
			return nil, err
		}
	}
	var ins []*input
	rep := &rca.Report{SchemaVersion: rca.SchemaVersion, Warnings: slices.Clone(o.Notes)}
	t := mine.NewTable()
	p, done := newPipeline(ctx, true, false, func(b *bundle) error {
		if b.panics != "" {
			rep.Warnings = append(rep.Warnings, panicWarning(b))
		}
		t.Add(&b.block, o.context(b))
		b.in.count(b)
		return nil
	})
	ref := o.reference(ctx, append(append([]string{}, paths...), o.Baseline...))
	if len(o.Baseline) > 0 {
		res, e := o.walk(ctx, p, o.Baseline, true, &ins, ref)
		rep.Warnings = append(rep.Warnings, sourceWarnings(res)...)
		addSkipped(rep, res)
		err = e
	}
	if err == nil {
		res, e := o.walk(ctx, p, paths, false, &ins, ref)
		rep.Warnings = append(rep.Warnings, sourceWarnings(res)...)
		addSkipped(rep, res)
		err = e
	}
	if e := done(); err == nil {
		err = e
	}
	if err != nil && !(errors.Is(err, context.Canceled) && ctx.Err() != nil) {
		return nil, err
	}
	rep.Partial = err != nil
	o.finish(rep, t.Finish(), ins, lib)
	return rep, nil
}

// finish goes from the mined series to the report.
func (o *Options) finish(rep *rca.Report, m *mine.Result, ins []*input, lib *know.Library) {
	series := o.inWindow(m.Series)
	span, before := spans(series)
	given := len(o.Baseline) > 0
	quiet := rca.Window{Start: rca.NoTime, End: rca.NoTime}
	rep.Baseline = rca.BaselineChoice{Kind: "given", Why: "named with --baseline", Window: before}
	if !given {
		quiet, rep.Baseline = chooseQuiet(span)
	}
	rep.Span = span
	sigs, diffs := detect.Signals(detect.Input{Series: series, Given: given, Quiet: quiet, Span: span, Before: before, Step: m.Step})
	rep.Signals, rep.Differences = sigs, diffs
	in := rank.Input{Series: series, Window: span, Quiet: quiet, Given: given, Traces: m.Traces[0], Signals: sigs, Knowledge: lib, Noise: o.Noise}
	for _, n := range m.Names {
		in.Names = append(in.Names, rank.Name(n))
	}
	for _, u := range detect.Upstreams(m.Traces[0], m.Traces[1]) {
		in.Names = append(in.Names, rank.Name{Host: u.Component, Address: u.Address})
	}
	if given {
		in.Before = detect.Predecessors(m.Traces[0])
		in.Pairs = detect.LostPairs(m.Traces[0], m.Traces[1])
	}
	out := rank.Hypotheses(in)
	for _, c := range out.Changes {
		kind := rca.SignalChange
		if c.Kind == "restart" || c.Kind == "start" || c.Kind == "stop" {
			kind = rca.SignalRestart
		}
		rep.Signals = append(rep.Signals, rca.Signal{ID: fmt.Sprintf("S%d", len(rep.Signals)+1), Kind: kind, Component: c.Component, At: c.Time, Text: c.Kind + ": " + clipText(firstLine(c.Cite.Sample.Message), 120)})
	}
	for _, s := range detect.Skews(m.Traces[0]) {
		rep.Warnings = append(rep.Warnings, rca.Warning{Count: int64(s.Traces), Text: fmt.Sprintf("the clocks of %s and %s disagree by about %s, as %d traces through both show: their order in time is not to be trusted", s.A, s.B, time.Duration(max(s.Ahead, -s.Ahead)).Round(time.Second), s.Traces),
			Remedy: "name the zone of one of them with --tz PATTERN=ZONE, if it is that"})
	}
	q := newQuoter(ins)
	rep.Verdict = out.Verdict
	rep.Unknowns, rep.FetchNext, rep.Rejected = out.Unknowns, out.FetchNext, out.Rejected
	for i, h := range out.Hypotheses {
		rep.RootCauses = append(rep.RootCauses, q.hypothesis(i+1, h))
	}
	rep.Window = o.window(span, out)
	q.timeline(rep, out)
	o.coverage(rep, m, ins, series, out)
	headline(rep)
	nothingRead(rep, ins)
	rep.Warnings = append(rep.Warnings, q.warnings...)
	rep.Made = rca.Made{Version: o.Version, Options: o.told(), Inputs: inputs(ins)}
	inputNotes(rep, ins)
}

func firstLine(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i]
	}
	return s
}

// inWindow leaves out what lies outside the window that was asked for. Its precision is a bucket.
func (o *Options) inWindow(all []*rca.Series) []*rca.Series {
	if o.Since.IsZero() && o.Until.IsZero() {
		return all
	}
	w := rca.Window{Start: stdTime(o.Since), End: stdTime(o.Until)}
	var out []*rca.Series
	for _, s := range all {
		if s.Baseline || s.First == rca.NoTime {
			out = append(out, s)
			continue
		}
		n := s.Within(w)
		if n == 0 {
			continue
		}
		if n < s.Count {
			c := *s
			c.Count = n
			c.Buckets = nil
			for _, b := range s.Buckets {
				if (w.Start == rca.NoTime || b.Start >= w.Start) && (w.End == rca.NoTime || b.Start <= w.End) {
					c.Buckets = append(c.Buckets, b)
				}
			}
			c.First, c.Last = c.Buckets[0].Start, c.Buckets[len(c.Buckets)-1].Start
			c.Samples = nil
			for _, x := range s.Samples {
				if x.Time != rca.NoTime && (w.Start == rca.NoTime || x.Time >= w.Start) && (w.End == rca.NoTime || x.Time <= w.End) {
					c.Samples = append(c.Samples, x)
				}
			}
			if len(c.Samples) == 0 {
				c.Samples = s.Samples
			}
			s = &c
		}
		out = append(out, s)
	}
	return out
}

func spans(series []*rca.Series) (logs, base rca.Window) {
	logs, base = rca.Window{Start: rca.NoTime, End: rca.NoTime}, rca.Window{Start: rca.NoTime, End: rca.NoTime}
	for _, s := range series {
		w := &logs
		if s.Baseline {
			w = &base
		}
		if s.First == rca.NoTime {
			continue
		}
		if w.Start == rca.NoTime || s.First < w.Start {
			w.Start = s.First
		}
		w.End = max(w.End, s.Last)
	}
	return logs, base
}

// chooseQuiet takes the first quarter of the logs as normal where no baseline was given.
func chooseQuiet(span rca.Window) (rca.Window, rca.BaselineChoice) {
	none := rca.Window{Start: rca.NoTime, End: rca.NoTime}
	if span.Start == rca.NoTime || span.End-span.Start < 8e9 {
		return none, rca.BaselineChoice{Kind: "none", Why: "the logs have no times, or cover too few seconds to hold a normal part", Window: none}
	}
	w := rca.Window{Start: span.Start, End: span.Start + (span.End-span.Start)/4}
	return w, rca.BaselineChoice{Kind: "quiet part", Why: "no --baseline was named: the first quarter of the logs is taken as normal", Window: w}
}

// window is the incident's: from a little before the onset to the last line.
func (o *Options) window(span rca.Window, out *rank.Output) rca.Window {
	w := rca.Window{Start: span.Start, End: span.End, Why: "all of the logs"}
	if !o.Since.IsZero() {
		w.Start, w.Why = stdTime(o.Since), "as asked for"
	}
	if !o.Until.IsZero() {
		w.End, w.Why = stdTime(o.Until), "as asked for"
	}
	if o.Since.IsZero() && out.Verdict != rca.NoIncident && out.Onset != rca.NoTime {
		w.Start, w.Why = out.Onset, "from the first signs of trouble to the last line"
	}
	return w
}

// nothingRead says so where there was nothing to look at: that is no healthy log.
func nothingRead(rep *rca.Report, ins []*input) {
	for _, in := range ins {
		if !in.Baseline && in.Records > 0 {
			return
		}
	}
	rep.Verdict = rca.Inconclusive
	rep.Headline = "Inconclusive: no log line was read"
	rep.Summary = rep.Headline + "."
	rep.WhatHappened = nil
	rep.FetchNext = append(rep.FetchNext, "the logs themselves: what was named holds no line that could be read")
}

// told are the options that change the report.
func (o *Options) told() map[string]string {
	m := map[string]string{}
	set := func(k, v string) {
		if v != "" {
			m[k] = v
		}
	}
	set("baseline", strings.Join(o.Baseline, " "))
	if !o.Since.IsZero() {
		set("since", o.Since.UTC().Format(time.RFC3339))
	}
	if !o.Until.IsZero() {
		set("until", o.Until.UTC().Format(time.RFC3339))
	}
	set("format-hint", o.FormatHint)
	set("without-rules", strings.Join(o.WithoutRules, " "))
	set("config", strings.Join(o.Configs, " "))
	if o.Location != nil {
		set("tz", o.Location.String())
	}
	if o.Year > 0 {
		set("year", fmt.Sprint(o.Year))
	}
	return m
}

// coverage counts what was read, and how much of the trouble is explained.
func (o *Options) coverage(rep *rca.Report, m *mine.Result, ins []*input, series []*rca.Series, out *rank.Output) {
	c := &rep.Coverage
	for _, in := range ins {
		c.Files++
		c.Bytes += in.Bytes
		c.Lines += in.Lines
		c.Records += in.Records
		c.Parsed += in.Parsed
		c.WithoutTime += in.NoTime
		c.CutLines += in.CutLines
		c.CutBytes += in.CutBytes
		c.ToldLost += in.Lost
	}
	c.Unparsed = c.Records - c.Parsed
	c.Templates, c.Overflow = len(m.Templates), m.Overflow
	for _, s := range series {
		if !s.Baseline && s.Severity >= rca.SeverityError {
			c.Errors += s.Count
			if out.Explained(s) {
				c.ErrorsExplained += s.Count
			}
		}
	}
}

// inputNotes tells what the user should know of single sources.
func inputNotes(rep *rca.Report, ins []*input) {
	rep.Warnings = append(rep.Warnings, bundleNotes(ins)...)
	for _, in := range ins {
		if in.CutLines > 0 {
			rep.Warnings = append(rep.Warnings, rca.Warning{Source: in.Name, Count: in.CutLines, Text: fmt.Sprintf("%d lines are longer than %d bytes and were cut; %d bytes were left out", in.CutLines, maxLine, in.CutBytes)})
		}
		if in.Lost > 0 {
			rep.Warnings = append(rep.Warnings, rca.Warning{Source: in.Name, Count: in.Lost, Text: fmt.Sprintf("the log itself says that it left out %d lines", in.Lost)})
		}
		if in.Records > 0 && in.NoTime == in.Records {
			rep.Warnings = append(rep.Warnings, rca.Warning{Source: in.Name, Count: in.Records, Text: "no line has a time that could be read", Remedy: "rca explain-format " + in.Name + " tells why; a format of your own may be given"})
		}
		for _, n := range in.Notes {
			rep.Warnings = append(rep.Warnings, rca.Warning{Source: in.Name, Text: n})
		}
	}
	sort.SliceStable(rep.Warnings, func(i, j int) bool { return rep.Warnings[i].Source < rep.Warnings[j].Source })
}
