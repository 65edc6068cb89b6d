package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/report"
)

type reportInput struct {
	JobID
	Format report.Format `query:"format" enum:"json,text,markdown,html" default:"json"`
	Match  string        `header:"If-None-Match"`
}

var reportTypes = map[report.Format]struct{ media, ending string }{
	report.JSON:     {"application/json", "json"},
	report.Text:     {"text/plain; charset=utf-8", "txt"},
	report.Markdown: {"text/markdown; charset=utf-8", "md"},
	report.HTML:     {"text/html; charset=utf-8", "html"},
}

// jobReport renders the report. HTML is handed out as a file, for it is made of what somebody uploaded: it is escaped, and
// even if it were not, no page of ours would run it.
func (s *Server) jobReport(ctx context.Context, in *reportInput) (*streamOutput, error) {
	row, err := s.store.ReportOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	etag := `W/"` + row.Blob[:min(len(row.Blob), 32)] + "-" + string(in.Format) + `"`
	t := reportTypes[in.Format]
	var body bytes.Buffer
	unchanged := matches(in.Match, etag)
	if !unchanged {
		r, err := s.desk.Report(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if err := report.Write(&body, r, report.Options{Format: in.Format, Verbose: true}); err != nil {
			return nil, err
		}
	}
	return &streamOutput{func(c huma.Context) {
		_, w := humago.Unwrap(c)
		h := w.Header()
		h.Set("ETag", etag)
		h.Set("Cache-Control", "private, no-cache")
		if unchanged {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", t.media)
		if in.Format == report.HTML {
			h.Set("Content-Security-Policy", sandboxed)
			h.Set("Content-Disposition", `attachment; filename="report-`+in.ID+`.html"`)
		}
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body.Bytes()) // the client may have gone
	}}, nil
}

type reportView struct {
	ID         string    `json:"id"`
	Job        string    `json:"job"`
	Workspace  string    `json:"workspace"`
	Partial    bool      `json:"partial" doc:"The job still runs, or was ended early."`
	Verdict    string    `json:"verdict"`
	Headline   string    `json:"headline"`
	Component  string    `json:"component,omitempty"`
	Category   string    `json:"category,omitempty"`
	Grade      string    `json:"grade,omitempty"`
	Confidence *float64  `json:"confidence,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
}

type listInWorkspace struct {
	Where
	Paged
}

func (s *Server) listReports(ctx context.Context, in *listInWorkspace) (*listOutput[reportView], error) {
	l, err := s.store.Reports(ctx, requestOf(ctx).workspace, in.page())
	return viewList(l, func(r store.Report) reportView {
		return reportView{r.ID, r.Job, r.Workspace, r.Partial, r.Verdict, r.Headline, r.Component, r.Category, r.Grade, r.Confidence, r.Created}
	}), err
}

// result is what the original design's clients read of a job that has ended.
type result struct {
	JobID              string          `json:"job_id"`
	Status             store.JobState  `json:"status"`
	DocumentsProcessed int             `json:"documents_processed" doc:"Files and members of archives that were read."`
	Analysis           analysis        `json:"analysis"`
	Patterns           []templateView  `json:"patterns" nullable:"false" doc:"The most frequent templates."`
	Report             json.RawMessage `json:"report" doc:"As docs/report.schema.json says."`
}

type analysis struct {
	Verdict      rca.Verdict `json:"verdict"`
	Headline     string      `json:"headline"`
	Summary      string      `json:"summary"`
	WhatHappened []string    `json:"what_happened" nullable:"false"`
	RootCauses   []cause     `json:"root_causes" nullable:"false"`
	Unknowns     []string    `json:"unknowns" nullable:"false"`
}

type cause struct {
	Rank       int          `json:"rank"`
	Component  string       `json:"component"`
	Category   rca.Category `json:"category"`
	Title      string       `json:"title"`
	Grade      rca.Grade    `json:"grade"`
	Confidence *float64     `json:"confidence"`
	NextSteps  []string     `json:"next_steps" nullable:"false"`
}

type resultOutput struct{ Body result }

func (s *Server) jobResult(ctx context.Context, in *JobID) (*resultOutput, error) {
	r, err := s.desk.Report(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	whole, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	templates, err := s.store.Templates(ctx, in.ID, 100, 0)
	if err != nil {
		return nil, err
	}
	out := result{JobID: in.ID, Status: requestOf(ctx).job.State, DocumentsProcessed: r.Coverage.Files, Report: whole,
		Patterns: viewAll(templates, viewTemplate).Body.Items,
		Analysis: analysis{Verdict: r.Verdict, Headline: r.Headline, Summary: r.Summary, WhatHappened: some(r.WhatHappened), RootCauses: []cause{}, Unknowns: some(r.Unknowns)}}
	for _, h := range r.RootCauses {
		out.Analysis.RootCauses = append(out.Analysis.RootCauses, cause{h.Rank, h.Component, h.Category, h.Title, h.Grade, h.Confidence, some(h.NextSteps)})
	}
	return &resultOutput{out}, nil
}

// some is a list that is [] in JSON when it is empty.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
