package server

import (
	"context"
	"regexp"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/index"
)

// RecordsFilter says which records; all that is given must hold.
type RecordsFilter struct {
	From        time.Time `query:"from" doc:"Records at this time or later."`
	To          time.Time `query:"to" doc:"Records before this time."`
	MinSeverity string    `query:"min_severity" enum:"unknown,trace,debug,info,notice,warn,error,fatal" doc:"This and above."`
	Severities  []string  `query:"severity" enum:"unknown,trace,debug,info,notice,warn,error,fatal" maxItems:"8"`
	Sources     []string  `query:"source,explode" maxItems:"100"`
	Components  []string  `query:"component,explode" maxItems:"100"`
	Templates   []string  `query:"template,explode" maxItems:"100"`
	Match       string    `query:"match" maxLength:"500" doc:"Regular expression (RE2) that the text holds."`
	Contains    string    `query:"contains" maxLength:"500" doc:"What the text holds, in this case."`
}

func (f RecordsFilter) query() (index.Query, error) {
	q := index.Query{Sources: f.Sources, Components: f.Components, Templates: f.Templates, Contains: f.Contains, From: nanos(f.From), To: nanos(f.To)}
	if f.MinSeverity != "" {
		if err := q.MinSeverity.UnmarshalText([]byte(f.MinSeverity)); err != nil {
			return q, fieldProblem("query.min_severity", "not a severity")
		}
	}
	for _, name := range f.Severities {
		var v rca.Severity
		if err := v.UnmarshalText([]byte(name)); err != nil {
			return q, fieldProblem("query.severity", "not a severity")
		}
		q.Severities = append(q.Severities, v)
	}
	if f.Match != "" {
		// Go's expressions take time in proportion to the text; their size is bounded by the length that is allowed.
		re, err := regexp.Compile(f.Match)
		if err != nil {
			return q, fieldProblem("query.match", "not a regular expression in RE2's syntax")
		}
		q.Match = re
	}
	return q, nil
}

// nanos is a time of a query; beyond what nanoseconds can count, that side is open, as it is without a time.
func nanos(t time.Time) rca.Time {
	if y := t.Year(); t.IsZero() || y < 1678 || y > 2261 {
		return 0
	}
	return rca.Time(t.UnixNano())
}

type recordView struct {
	Ordinal   int64    `json:"ordinal" doc:"Its number in input order, from 0."`
	Source    string   `json:"source"`
	Line      int64    `json:"line"`
	EndLine   int64    `json:"end_line"`
	Offset    int64    `json:"offset"`
	Length    int64    `json:"length"`
	Time      rca.Time `json:"time" nullable:"true" doc:"Null if it has none of its own."`
	Severity  string   `json:"severity"`
	Component string   `json:"component,omitempty"`
	Template  string   `json:"template,omitempty"`
	Text      string   `json:"text" doc:"The lines as they are, up to 64 KiB."`
}

func viewRecords(all []incident.Record) []recordView {
	out := make([]recordView, 0, len(all))
	for _, r := range all {
		out = append(out, recordView{r.Ordinal, r.Source, r.Line, r.EndLine, r.Offset, r.Length, r.Time, r.Severity.String(), r.Component, r.Template, r.Text})
	}
	return out
}

type recordsOutput struct {
	Body struct {
		Items    []recordView `json:"items" nullable:"false"`
		Next     string       `json:"next,omitempty" doc:"Cursor of what follows; it may be there though the page is empty, where a filter by text has looked at enough."`
		Previous string       `json:"previous,omitempty" doc:"Cursor of what comes before."`
		Total    int64        `json:"total"`
		Exact    bool         `json:"exact" doc:"Else total is an upper bound."`
	}
}

// Ordered says in which order, and how many.
type Ordered struct {
	Order   string `query:"order" enum:"input,time" default:"input"`
	Reverse bool   `query:"reverse" doc:"The last one first."`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type recordsInput struct {
	JobID
	RecordsFilter
	Ordered
	Cursor string `query:"cursor" maxLength:"1000"`
}

func (s *Server) jobRecords(ctx context.Context, in *recordsInput) (*recordsOutput, error) {
	return s.recordsPage(ctx, in.ID, in.RecordsFilter, in.Ordered, in.Cursor, nil)
}

// Position names a place in a source.
type Position struct {
	Source string `query:"at_source" required:"true" maxLength:"4096"`
	Line   int64  `query:"at_line" required:"true" minimum:"1"`
}

func (p Position) position() rca.Position { return rca.Position{Source: p.Source, Line: p.Line} }

type aroundInput struct {
	JobID
	RecordsFilter
	Ordered
	Position
}

func (s *Server) recordsAround(ctx context.Context, in *aroundInput) (*recordsOutput, error) {
	at := in.position()
	return s.recordsPage(ctx, in.ID, in.RecordsFilter, in.Ordered, "", &at)
}

func (s *Server) recordsPage(ctx context.Context, job string, f RecordsFilter, o Ordered, cursor string, around *rca.Position) (*recordsOutput, error) {
	q, err := f.query()
	if err != nil {
		return nil, err
	}
	q.ByTime, q.Reverse, q.Limit, q.After, q.Around = o.Order == "time", o.Reverse, o.Limit, cursor, around
	out := &recordsOutput{}
	err = s.withRecords(ctx, job, func(r *incident.Records) error {
		all, page, err := r.Page(ctx, q)
		out.Body.Items, out.Body.Next, out.Body.Previous, out.Body.Total, out.Body.Exact = viewRecords(all), page.Next, page.Previous, page.Total, page.Exact
		return err
	})
	return out, err
}

// withRecords opens a job's records while f runs.
func (s *Server) withRecords(ctx context.Context, job string, f func(*incident.Records) error) error {
	r, err := s.desk.Records(ctx, job)
	if err != nil {
		return err
	}
	err = f(r)
	if closed := r.Close(); err == nil {
		err = closed
	}
	return err
}

type histogramInput struct {
	JobID
	RecordsFilter
	Buckets int `query:"buckets" minimum:"1" maximum:"1000" default:"100" doc:"At most so many."`
}

type bucketView struct {
	Start  rca.Time         `json:"start"`
	Counts map[string]int64 `json:"counts" doc:"By severity; those that are zero are left out."`
}

type histogramOutput struct {
	Body struct {
		Step    float64          `json:"step_seconds"`
		Buckets []bucketView     `json:"buckets" nullable:"false"`
		Untimed map[string]int64 `json:"untimed" doc:"Records that stand at no time, by severity."`
		Total   int64            `json:"total"`
		Exact   bool             `json:"exact" doc:"Else a filter by text has looked at enough, and only what lies before is counted."`
	}
}

func (s *Server) recordsHistogram(ctx context.Context, in *histogramInput) (*histogramOutput, error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	out := &histogramOutput{}
	err = s.withRecords(ctx, in.ID, func(r *incident.Records) error {
		h, err := r.Histogram(ctx, q, in.Buckets)
		b := &out.Body
		b.Step, b.Total, b.Exact, b.Untimed, b.Buckets = h.Step.Seconds(), h.Total, h.Exact, bySeverity(h.Untimed), make([]bucketView, 0, len(h.Buckets))
		for i, c := range h.Buckets {
			b.Buckets = append(b.Buckets, bucketView{h.Start + rca.Time(i)*rca.Time(h.Step), bySeverity(c)})
		}
		return err
	})
	return out, err
}

func bySeverity(c index.Counts) map[string]int64 {
	m := map[string]int64{}
	for i, n := range c {
		if n > 0 {
			m[rca.Severity(i).String()] = n
		}
	}
	return m
}

type contextInput struct {
	JobID
	Position
	Before int `query:"before" minimum:"0" maximum:"500" default:"20"`
	After  int `query:"after" minimum:"0" maximum:"500" default:"20"`
}

type contextOutput struct {
	Body struct {
		Items []recordView `json:"items" nullable:"false"`
		At    int          `json:"at" doc:"Which of the items stands at the position."`
	}
}

func (s *Server) recordsContext(ctx context.Context, in *contextInput) (*contextOutput, error) {
	out := &contextOutput{}
	err := s.withRecords(ctx, in.ID, func(r *incident.Records) error {
		all, at, err := r.Context(ctx, in.position(), in.Before, in.After)
		out.Body.Items, out.Body.At = viewRecords(all), at
		return err
	})
	return out, err
}
