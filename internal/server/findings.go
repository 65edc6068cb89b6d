package server

import (
	"context"
	"encoding/json"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

type templateView struct {
	ID        string     `json:"id"`
	Text      string     `json:"text"`
	Component string     `json:"component,omitempty"`
	Severity  string     `json:"severity"`
	Count     int64      `json:"count"`
	First     *time.Time `json:"first,omitempty"`
	Last      *time.Time `json:"last,omitempty"`
}

func viewTemplate(t store.Template) templateView {
	return templateView{t.ID, t.Text, t.Component, t.Severity, t.Count, when(t.First), when(t.Last)}
}

type findingsInput struct {
	JobID
	Limit  int `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Offset int `query:"offset" minimum:"0" maximum:"20000"`
}

// found is a page of findings, of which there are a bounded number: they need no cursor.
type found[T any] struct {
	Body struct {
		Items []T  `json:"items" nullable:"false"`
		More  bool `json:"more" doc:"There are items after these."`
	}
}

func viewFound[R, T any](rows []R, limit int, view func(R) T) *found[T] {
	out := &found[T]{}
	out.Body.More = len(rows) > limit
	out.Body.Items = viewAll(rows[:min(len(rows), limit)], view).Body.Items
	return out
}

func (s *Server) jobTemplates(ctx context.Context, in *findingsInput) (*found[templateView], error) {
	all, err := s.store.Templates(ctx, in.ID, in.Limit+1, in.Offset)
	return viewFound(all, in.Limit, viewTemplate), err
}

type signalView struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"`
	Component string          `json:"component,omitempty"`
	Severity  string          `json:"severity"`
	Text      string          `json:"text"`
	At        *time.Time      `json:"at,omitempty"`
	Numbers   json.RawMessage `json:"numbers"`
}

func (s *Server) jobSignals(ctx context.Context, in *findingsInput) (*found[signalView], error) {
	all, err := s.store.Signals(ctx, in.ID, in.Limit+1, in.Offset)
	return viewFound(all, in.Limit, func(g store.Signal) signalView {
		return signalView{g.ID, g.Kind, g.Component, g.Severity, g.Text, when(g.At), object(g.Data)}
	}), err
}
