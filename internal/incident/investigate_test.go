package incident_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/index"
	"github.com/rca-engine/rca/internal/store"
)

const sample = "../../testdata/incidents/bakery-deadlocks"

func TestAJobGivesTheReportOfTheEngine(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		ctx := w.Context()
		logs, baseline := w.uploads(sample+"/logs"), w.uploads(sample+"/baseline")
		j := w.run(incident.Spec{Logs: logs, Baseline: baseline, Title: "Bakery stands still"})
		got, err := w.Report(ctx, j.ID)
		w.ok(err)

		here, err := os.Getwd()
		w.ok(err)
		w.Chdir(sample)
		want, err := analyze.Run(ctx, []string{"logs"}, analyze.Options{Baseline: []string{"baseline"}, Version: "test"})
		w.Chdir(here)
		w.ok(err)
		if d := cmp.Diff(asJSON(t, want), asJSON(t, got)); d != "" {
			w.Errorf("report differs from the engine's (-engine +job):\n%s", d)
		}

		row, err := w.store.ReportOf(ctx, j.ID)
		w.ok(err)
		if row.Verdict != string(want.Verdict) || row.Component != want.RootCauses[0].Component || row.Partial || row.Headline != want.Headline {
			w.Errorf("row of the report is %+v", row)
		}
		attempts, err := w.store.Attempts(ctx, j.ID)
		w.ok(err)
		if len(attempts) != 1 || attempts[0].State != store.AttemptSucceeded || attempts[0].PeakBytes < 1<<20 {
			w.Errorf("attempts are %+v", attempts)
		}
		events, err := w.store.Events(ctx, j.ID, 0, 100)
		w.ok(err)
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		if d := cmp.Diff([]string{"state", "state", "stage", "stage", "finding", "stage", "stage", "state"}, kinds); d != "" {
			w.Errorf("events (-want +got):\n%s", d)
		}
		signals, err := w.store.Signals(ctx, j.ID, 1000, 0)
		w.ok(err)
		if len(signals) != len(want.Signals) {
			w.Errorf("%d signals are stored, the report has %d", len(signals), len(want.Signals))
		}

		records, err := w.Records(ctx, j.ID)
		w.ok(err)
		defer records.Close()
		page, p, err := records.Page(ctx, index.Query{Limit: 1000})
		w.ok(err)
		if p.Total != want.Coverage.Records {
			w.Errorf("the index holds %d records, the report counts %d", p.Total, want.Coverage.Records)
		}
		first, err := os.ReadFile(filepath.Join(sample, "baseline", "counter.log"))
		w.ok(err)
		if line, _, _ := strings.Cut(string(first), "\n"); page[0].Source != "baseline/counter.log" || page[0].Text != line {
			w.Errorf("the first record is %+v, want the line %q", page[0], line)
		}
		h, err := records.Histogram(ctx, index.Query{MinSeverity: rca.SeverityError}, 50)
		w.ok(err)
		if h.Total == 0 || h.Total >= p.Total {
			w.Errorf("%d of %d records are errors", h.Total, p.Total)
		}
		templates, err := w.store.Templates(ctx, j.ID, 1000, 0)
		w.ok(err)
		for _, x := range templates {
			_, p, err := records.Page(ctx, index.Query{Templates: []string{x.ID}, Limit: 1})
			w.ok(err)
			if p.Total < x.Count || x.Count == 0 {
				w.Errorf("template %q occurs %d times, the index finds %d", x.Text, x.Count, p.Total)
			}
		}
		e := want.RootCauses[0].Evidence[0]
		around, at, err := records.Context(ctx, rca.Position{Source: e.File, Line: e.Line}, 2, 2)
		w.ok(err)
		if !strings.HasPrefix(around[at].Text, e.Text) {
			w.Errorf("at the position of %q stands %q", e.Text, around[at].Text)
		}
		if told := w.fsck(ctx, false); told != nil {
			w.Errorf("fsck tells %q", told)
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const lines = "2026-01-05T10:00:00Z INFO api: request served in 12 ms\n2026-01-05T10:00:01Z ERROR api: cannot reach db-1: connection refused\n\tat Pool.get\n\tat Api.serve\n2026-01-05T10:00:02Z INFO api: request served in 15 ms\n"

// The text of a record is had whatever its source was packed into.
func TestTextsOfPackedSources(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		ctx := w.Context()
		var packed, archive bytes.Buffer
		g := gzip.NewWriter(&packed)
		g.Write([]byte(lines))
		g.Close()
		z := zip.NewWriter(&archive)
		for _, name := range []string{"pods/a.log", "pods/b.log"} {
			e, err := z.Create(name)
			w.ok(err)
			e.Write([]byte(lines))
		}
		z.Close()
		wide := []byte{0xff, 0xfe}
		for _, c := range utf16.Encode([]rune(strings.ReplaceAll(lines, "refused", "refusé 😀"))) {
			wide = append(wide, byte(c), byte(c>>8))
		}
		j := w.run(incident.Spec{Logs: []string{w.upload("app.log.gz", packed.String()).ID, w.upload("bundle.zip", archive.String()).ID,
			w.upload("wide.log", string(wide)).ID, w.upload("plain.log", lines).ID, w.upload("plain.log", lines+lines).ID}})
		records, err := w.Records(ctx, j.ID)
		w.ok(err)
		defer records.Close()
		page, p, err := records.Page(ctx, index.Query{Contains: "cannot reach"})
		w.ok(err)
		got := map[string]string{}
		for _, r := range page {
			got[r.Source] = r.Text
			if r.Template == "" || r.Gone {
				w.Errorf("record %+v has no template or text", r)
			}
		}
		trace := "2026-01-05T10:00:01Z ERROR api: cannot reach db-1: connection refused\n\tat Pool.get\n\tat Api.serve"
		want := map[string]string{"logs/app.log.gz": trace, "logs/bundle.zip!/pods/a.log": trace, "logs/bundle.zip!/pods/b.log": trace,
			"logs/wide.log": strings.ReplaceAll(trace, "refused", "refusé 😀"), "logs/plain.log": trace, "logs/2/plain.log": trace}
		if d := cmp.Diff(want, got); d != "" || p.Total < 7 {
			w.Errorf("texts of %d (-want +got):\n%s", p.Total, d)
		}
	})
}

// Once an upload is deleted its records are still counted and placed, and say that their text is gone.
func TestTextsOfDeletedUploads(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		ctx := w.Context()
		u := w.upload("app.log", lines)
		j := w.run(incident.Spec{Logs: []string{u.ID}, Type: store.LogAnalysis})
		w.ok(w.store.DeleteUpload(ctx, w.workspace, u.ID))
		records, err := w.Records(ctx, j.ID)
		w.ok(err)
		defer records.Close()
		page, p, err := records.Page(ctx, index.Query{})
		w.ok(err)
		if p.Total != 3 || !page[1].Gone || page[1].Text != "" || page[1].Line != 2 {
			w.Errorf("%d records, the second is %+v", p.Total, page[1])
		}
		if _, _, err := records.Page(ctx, index.Query{Contains: "db-1"}); !errors.Is(err, incident.ErrTextGone) {
			w.Errorf("a search for text that is gone ends in %v", err)
		}
	})
}

func TestLogAnalysisGivesNoVerdict(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		j := w.run(incident.Spec{Logs: w.uploads(sample + "/logs"), Baseline: w.uploads(sample + "/baseline"), Type: store.LogAnalysis})
		r, err := w.Report(w.Context(), j.ID)
		w.ok(err)
		if r.Verdict != rca.Inconclusive || len(r.RootCauses)+len(r.Rejected)+len(r.Timeline)+len(r.WhatHappened) > 0 || !strings.HasPrefix(r.Headline, "No verdict was asked for") {
			w.Errorf("report ranks: %s %q", r.Verdict, r.Headline)
		}
		if len(r.Signals) == 0 || len(r.Differences) == 0 || r.Coverage.Records == 0 || r.Made.Inputs[0].Format == "" {
			w.Error("report lacks statistics, signals or formats")
		}
	})
}

func TestWhatEndsAChild(t *testing.T) {
	f := func(how, code string, permanent bool, o incident.Options, words ...string) {
		t.Run(how, func(t *testing.T) {
			o.Executable = broken(t, how)
			each(t, o, func(w *world) {
				j := w.start(incident.Spec{Logs: []string{w.upload("app.log", lines).ID}})
				err := w.Investigate(w.Context(), j)
				var f *incident.Failure
				if !errors.As(err, &f) || f.Code != code || f.Permanent != permanent {
					w.Fatalf("ended with %v", err)
				}
				for _, word := range words {
					if !strings.Contains(f.Text, word) {
						w.Errorf("%q lacks %q", f.Text, word)
					}
				}
				w.nothingLeft()
				if _, err := w.Report(w.Context(), j.ID); !errors.Is(err, store.ErrNotFound) {
					w.Errorf("report after a failure: %v", err)
				}
			})
		})
	}
	f("crash", incident.CodeCrashed, false, incident.Options{}, "a defect of the program", "exit status 2")
	f("eat", incident.CodeOutOfMemory, true, incident.Options{Memory: 256 << 20}, "256 MB")
	f("limited", incident.CodeOutOfMemory, true, incident.Options{}, "2048 MB") // by its own limit, before the parent sees it
	f("hang", incident.CodeTimeLimit, true, incident.Options{TimeLimit: time.Second}, "1s")
}

func TestTheLeastMemoryIsEnoughForASmallJob(t *testing.T) {
	each(t, incident.Options{Memory: 128 << 20}, func(w *world) {
		w.run(incident.Spec{Logs: w.uploads(sample + "/logs"), Baseline: w.uploads(sample + "/baseline")})
	})
}

// A worker that was given up and wakes again changes nothing.
func TestAStaleAttemptStops(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		j := w.start(incident.Spec{Logs: w.uploads(sample + "/logs")})
		_, err := w.store.Requeue(w.Context(), j.ID, j.Attempt, store.Outcome{State: store.AttemptLost})
		w.ok(err)
		if err := w.Investigate(w.Context(), j); !errors.Is(err, store.ErrStale) {
			w.Errorf("ended with %v", err)
		}
		if _, err := w.Report(w.Context(), j.ID); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("a stale attempt left a report: %v", err)
		}
	})
}

func TestBadRulesAreToldAsBadInput(t *testing.T) {
	each(t, incident.Options{}, func(w *world) {
		j := w.start(incident.Spec{Logs: []string{w.upload("app.log", lines).ID}, Run: incident.RunOptions{WithoutRules: []string{"no-such-rule"}}})
		err := w.Investigate(w.Context(), j)
		var f *incident.Failure
		if !errors.As(err, &f) || f.Code != incident.CodeBadInput || !f.Permanent || !strings.Contains(f.Text, "no-such-rule") {
			w.Errorf("ended with %v", err)
		}
	})
}
