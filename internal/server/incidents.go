package server

import (
	"context"
	"errors"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

type incidentView struct {
	ID         string              `json:"id"`
	Workspace  string              `json:"workspace"`
	Title      string              `json:"title"`
	State      store.IncidentState `json:"state" enum:"open,investigating,resolved"`
	Job        string              `json:"job,omitempty"`
	Report     string              `json:"report,omitempty"`
	Component  string              `json:"component,omitempty"`
	Category   string              `json:"category,omitempty"`
	Summary    string              `json:"summary"`
	Resolution string              `json:"resolution,omitempty" doc:"What a person found."`
	Version    int64               `json:"version" doc:"Counts the changes. A change must name the one it changes."`
	CreatedAt  time.Time           `json:"created_at"`
	ResolvedAt *time.Time          `json:"resolved_at,omitempty"`
}

func viewIncident(i store.Incident) incidentView {
	return incidentView{i.ID, i.Workspace, i.Title, i.State, i.Job, i.Report, i.Component, i.Category, i.Summary, i.Resolution, i.Version, i.Created, when(i.Resolved)}
}

type incidentOutput struct{ Body incidentView }

type IncidentID struct {
	ID string `path:"id" maxLength:"64"`
	Where
}

type createIncidentInput struct {
	JobID
	Body struct {
		Title   string `json:"title,omitempty" maxLength:"300" doc:"Default the report's headline."`
		Summary string `json:"summary,omitempty" maxLength:"20000"`
	}
}

// createIncident takes over from the job's report what is known already, if there is a report.
func (s *Server) createIncident(ctx context.Context, in *createIncidentInput) (*incidentOutput, error) {
	st := requestOf(ctx)
	i := store.Incident{Workspace: st.job.Workspace, Job: st.job.ID, Title: in.Body.Title, Summary: in.Body.Summary}
	r, err := s.store.ReportOf(ctx, st.job.ID)
	switch {
	case err == nil:
		i.Report, i.Component, i.Category = r.ID, r.Component, r.Category
		if i.Title == "" {
			i.Title = r.Headline
		}
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	if i.Title == "" {
		i.Title = st.job.Title
	}
	i, err = s.store.CreateIncident(ctx, i)
	st.note(i.ID, map[string]any{"job": st.job.ID})
	return &incidentOutput{viewIncident(i)}, err
}

type listIncidentsInput struct {
	Where
	Paged
	State []store.IncidentState `query:"state" enum:"open,investigating,resolved" maxItems:"3"`
	Text  string                `query:"q" maxLength:"200" doc:"Words that title, summary or resolution hold."`
}

func (s *Server) listIncidents(ctx context.Context, in *listIncidentsInput) (*listOutput[incidentView], error) {
	l, err := s.store.Incidents(ctx, store.IncidentFilter{Workspace: requestOf(ctx).workspace, States: in.State, Text: in.Text}, in.page())
	return viewList(l, viewIncident), err
}

func (s *Server) getIncident(ctx context.Context, _ *IncidentID) (*incidentOutput, error) {
	return &incidentOutput{viewIncident(requestOf(ctx).incident)}, nil
}

type updateIncidentInput struct {
	IncidentID
	Body struct {
		Version    int64                `json:"version" minimum:"1" doc:"The version that is changed; another answers 409."`
		Title      *string              `json:"title,omitempty" minLength:"1" maxLength:"300"`
		State      *store.IncidentState `json:"state,omitempty" enum:"open,investigating,resolved"`
		Component  *string              `json:"component,omitempty" maxLength:"200"`
		Category   *string              `json:"category,omitempty" maxLength:"100"`
		Summary    *string              `json:"summary,omitempty" maxLength:"20000"`
		Resolution *string              `json:"resolution,omitempty" maxLength:"20000"`
	}
}

func (s *Server) updateIncident(ctx context.Context, in *updateIncidentInput) (*incidentOutput, error) {
	i, b := requestOf(ctx).incident, in.Body
	i.Version = b.Version
	for _, f := range []struct{ to, from *string }{{&i.Title, b.Title}, {&i.Component, b.Component}, {&i.Category, b.Category}, {&i.Summary, b.Summary},
		{&i.Resolution, b.Resolution}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if b.State != nil {
		i.State = *b.State
	}
	i, err := s.store.UpdateIncident(ctx, i)
	return &incidentOutput{viewIncident(i)}, err
}

type resolveIncidentInput struct {
	IncidentID
	Body struct {
		Version    int64  `json:"version" minimum:"1"`
		Resolution string `json:"resolution" minLength:"1" maxLength:"20000"`
	}
}

func (s *Server) resolveIncident(ctx context.Context, in *resolveIncidentInput) (*incidentOutput, error) {
	i := requestOf(ctx).incident
	i.Version, i.Resolution, i.State = in.Body.Version, in.Body.Resolution, store.IncidentResolved
	i, err := s.store.UpdateIncident(ctx, i)
	return &incidentOutput{viewIncident(i)}, err
}

func (s *Server) deleteIncident(ctx context.Context, in *IncidentID) (*struct{}, error) {
	return nil, s.store.DeleteIncident(ctx, requestOf(ctx).workspace, in.ID)
}
