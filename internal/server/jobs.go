package server

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/rca-engine/rca/internal/incident"
	"github.com/rca-engine/rca/internal/store"
)

type jobView struct {
	ID              string          `json:"id"`
	Workspace       string          `json:"workspace"`
	User            string          `json:"user"`
	JobType         store.JobType   `json:"job_type" enum:"rca_analysis,log_analysis,embedding_generation"`
	Status          store.JobState  `json:"status" enum:"queued,running,succeeded,failed,cancelled"`
	Title           string          `json:"title"`
	Priority        int64           `json:"priority" doc:"1, the first, to 4."`
	Provider        string          `json:"provider,omitempty"`
	Model           string          `json:"model,omitempty"`
	Options         json.RawMessage `json:"options"`
	Window          window          `json:"window"`
	IdempotencyKey  string          `json:"idempotency_key,omitempty"`
	RerunOf         string          `json:"rerun_of,omitempty"`
	Attempt         int64           `json:"attempt" doc:"Number of the one that runs or ran last."`
	MaxAttempts     int64           `json:"max_attempts"`
	TimeLimit       int64           `json:"time_limit_seconds,omitempty"`
	Progress        progress        `json:"progress"`
	CancelRequested bool            `json:"cancel_requested"`
	Error           *jobError       `json:"error,omitempty"`
	LastEvent       int64           `json:"last_event"`
	ReportID        string          `json:"report_id,omitempty" doc:"None while there is no report."`
	CreatedAt       time.Time       `json:"created_at"`
	StartedAt       *time.Time      `json:"started_at,omitempty"`
	FinishedAt      *time.Time      `json:"finished_at,omitempty"`
	Inputs          []inputView     `json:"inputs,omitempty" nullable:"false" doc:"When one job is shown."`
}

type window struct {
	From *time.Time `json:"from,omitempty"`
	To   *time.Time `json:"to,omitempty"`
}

type progress struct {
	Stage      string     `json:"stage,omitempty"`
	DoneBytes  int64      `json:"done_bytes"`
	TotalBytes int64      `json:"total_bytes"`
	ETA        *time.Time `json:"eta,omitempty" doc:"When it will be done, as it looks."`
}

type jobError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type inputView struct {
	Upload string          `json:"upload,omitempty" doc:"None once the upload is deleted."`
	Role   store.InputRole `json:"role" enum:"logs,baseline"`
	Name   string          `json:"name"`
	Size   int64           `json:"size"`
}

func viewJob(j store.Job) jobView {
	v := jobView{ID: j.ID, Workspace: j.Workspace, User: j.User, JobType: j.Type, Status: j.State, Title: j.Title, Priority: j.Priority, Provider: j.Provider,
		Model: j.Model, Options: object(j.Options), Window: window{when(j.From), when(j.To)}, IdempotencyKey: j.IdempotencyKey, RerunOf: j.RerunOf,
		Attempt: j.Attempt, MaxAttempts: j.MaxAttempts, TimeLimit: int64(j.TimeLimit / time.Second),
		Progress:        progress{j.Stage, j.DoneBytes, j.TotalBytes, when(j.ETA)},
		CancelRequested: j.CancelRequested, LastEvent: j.LastEvent, ReportID: j.Report, CreatedAt: j.Created, StartedAt: when(j.Started),
		FinishedAt: when(j.Finished)}
	if j.ErrorCode != "" || j.Error != "" {
		v.Error = &jobError{j.ErrorCode, j.Error}
	}
	return v
}

type jobOutput struct {
	Status int
	Body   jobView
}

// started is the answer where a job was made, or found by its idempotency key.
func started(ctx context.Context, j store.Job, created bool) *jobOutput {
	st := requestOf(ctx)
	st.job = j
	st.note(j.ID, map[string]any{"job_type": j.Type, "created": created})
	if !created {
		return &jobOutput{http.StatusOK, viewJob(j)}
	}
	return &jobOutput{http.StatusAccepted, viewJob(j)}
}

type JobID struct {
	ID string `path:"id" maxLength:"64"`
}

type listJobsInput struct {
	Where
	Paged
	User   string           `query:"user" maxLength:"64" doc:"Id of the user who started them; me is myself."`
	Status []store.JobState `query:"status" enum:"queued,running,succeeded,failed,cancelled" maxItems:"5"`
	Type   []store.JobType  `query:"job_type" enum:"rca_analysis,log_analysis,embedding_generation" maxItems:"3"`
	Text   string           `query:"q" maxLength:"200" doc:"Words that the title holds."`
	Sort   store.JobSort    `query:"sort" enum:"created,-created,finished,-finished,priority,-priority" default:"-created"`
}

func (s *Server) listJobs(ctx context.Context, in *listJobsInput) (*listOutput[jobView], error) {
	st := requestOf(ctx)
	if in.User == "me" {
		in.User = st.who.User
	}
	l, err := s.store.Jobs(ctx, store.JobFilter{Workspace: st.workspace, User: in.User, States: in.Status, Types: in.Type, Text: in.Text, Sort: in.Sort}, in.page())
	return viewList(l, viewJob), err
}

type manifest struct {
	Uploads  []string `json:"uploads" maxItems:"1000" nullable:"false" doc:"Ids of uploads: the logs."`
	Baseline []string `json:"baseline,omitempty" maxItems:"1000" nullable:"false" doc:"Ids of uploads: logs of a normal time."`
}

type windowBody struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

type runOptions struct {
	FormatHint   string            `json:"format_hint,omitempty" maxLength:"100"`
	TimeZone     string            `json:"time_zone,omitempty" maxLength:"100" doc:"As Europe/Berlin, of times that name none."`
	Year         int               `json:"year,omitempty" minimum:"1970" maximum:"2200" doc:"Of times that name none."`
	Components   map[string]string `json:"components,omitempty" doc:"Component by pattern of the source's name."`
	Noise        []string          `json:"noise,omitempty" maxItems:"1000" nullable:"false" doc:"Patterns of lines that mean nothing."`
	WithoutRules []string          `json:"without_rules,omitempty" maxItems:"1000" nullable:"false" doc:"Names of rules to leave out."`
}

type createJobInput struct {
	Where
	Key  string `header:"Idempotency-Key" maxLength:"200" doc:"As idempotency_key in the body, which counts if both are given."`
	Body struct {
		JobType        store.JobType `json:"job_type" enum:"rca_analysis,log_analysis,embedding_generation"`
		InputManifest  manifest      `json:"input_manifest,omitempty"`
		Title          string        `json:"title,omitempty" maxLength:"300"`
		Window         windowBody    `json:"window,omitempty"`
		Options        runOptions    `json:"options,omitempty"`
		Provider       string        `json:"provider,omitempty" maxLength:"100"`
		Model          string        `json:"model,omitempty" maxLength:"200"`
		Priority       int64         `json:"priority,omitempty" minimum:"1" maximum:"4" default:"2"`
		MaxAttempts    int64         `json:"max_attempts,omitempty" minimum:"1" maximum:"10" default:"3"`
		TimeLimit      int64         `json:"time_limit_seconds,omitempty" minimum:"1" maximum:"86400"`
		IdempotencyKey string        `json:"idempotency_key,omitempty" maxLength:"200" doc:"A second request with the same one gets the first one's job."`
	}
}

// specFields tells which field of a request a field of incident.Spec comes from, where they differ.
var specFields = strings.NewReplacer("type", "job_type", "logs", "input_manifest.uploads", "baseline", "input_manifest.baseline", "from", "window.from",
	"run.", "options.", "run", "options", "time_limit", "time_limit_seconds")

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// specProblem says which field of the request is wrong. The value that was there is left out of the words.
func specProblem(e *incident.SpecError) *Problem {
	return fieldProblem("body."+specFields.Replace(e.Field), quoted.ReplaceAllString(e.Why, "it"))
}

func (s *Server) createJob(ctx context.Context, in *createJobInput) (*jobOutput, error) {
	st, b := requestOf(ctx), in.Body
	key := b.IdempotencyKey
	if key == "" {
		key = in.Key
	}
	j, created, err := s.queue.Submit(ctx, incident.Spec{Workspace: st.workspace, User: st.who.User, Type: b.JobType, Title: b.Title, Logs: b.InputManifest.Uploads,
		Baseline: b.InputManifest.Baseline, From: b.Window.From, To: b.Window.To, Run: incident.RunOptions(b.Options), Provider: b.Provider, Model: b.Model,
		Priority: b.Priority, MaxAttempts: b.MaxAttempts, TimeLimit: time.Duration(b.TimeLimit) * time.Second, IdempotencyKey: key})
	if err != nil {
		return nil, err
	}
	return started(ctx, j, created), nil
}

func (s *Server) getJob(ctx context.Context, _ *JobID) (*jobOutput, error) {
	j := requestOf(ctx).job
	inputs, err := s.store.JobInputs(ctx, j.ID)
	v := viewJob(j)
	for _, in := range inputs {
		v.Inputs = append(v.Inputs, inputView(in))
	}
	return &jobOutput{http.StatusOK, v}, err
}

// changed shows a job after a change.
func (s *Server) changed(ctx context.Context, id string) (*jobOutput, error) {
	j, err := s.store.Job(ctx, id)
	return &jobOutput{http.StatusAccepted, viewJob(j)}, err
}

func (s *Server) cancelJob(ctx context.Context, in *JobID) (*jobOutput, error) {
	if _, err := s.queue.Cancel(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.changed(ctx, in.ID)
}

func (s *Server) retryJob(ctx context.Context, in *JobID) (*jobOutput, error) {
	j, err := s.queue.Retry(ctx, in.ID)
	return &jobOutput{http.StatusAccepted, viewJob(j)}, err
}

type rerunInput struct {
	JobID
	Key  string `header:"Idempotency-Key" maxLength:"200"`
	Body struct {
		Title    *string     `json:"title,omitempty" maxLength:"300"`
		Window   *windowBody `json:"window,omitempty"`
		Options  *runOptions `json:"options,omitempty"`
		Provider *string     `json:"provider,omitempty" maxLength:"100"`
		Model    *string     `json:"model,omitempty" maxLength:"200"`
		Priority *int64      `json:"priority,omitempty" minimum:"1" maximum:"4"`
	}
}

// rerunJob starts a job like another one, but for what the body gives.
func (s *Server) rerunJob(ctx context.Context, in *rerunInput) (*jobOutput, error) {
	st, b := requestOf(ctx), in.Body
	was := st.job
	spec := incident.Spec{Workspace: was.Workspace, User: st.who.User, Type: was.Type, Title: was.Title, From: was.From, To: was.To, Provider: was.Provider,
		Model: was.Model, Priority: was.Priority, MaxAttempts: was.MaxAttempts, TimeLimit: was.TimeLimit, IdempotencyKey: in.Key, RerunOf: was.ID}
	if err := json.Unmarshal(object(was.Options), &spec.Run); err != nil {
		return nil, err
	}
	inputs, err := s.store.JobInputs(ctx, was.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range inputs {
		if f.Upload == "" {
			return nil, newProblem(http.StatusConflict, "input_gone", "a file that the job read was deleted")
		}
		if f.Role == store.InputBaseline {
			spec.Baseline = append(spec.Baseline, f.Upload)
		} else {
			spec.Logs = append(spec.Logs, f.Upload)
		}
	}
	if b.Title != nil {
		spec.Title = *b.Title
	}
	if b.Window != nil {
		spec.From, spec.To = b.Window.From, b.Window.To
	}
	if b.Options != nil {
		spec.Run = incident.RunOptions(*b.Options)
	}
	if b.Provider != nil {
		spec.Provider = *b.Provider
	}
	if b.Model != nil {
		spec.Model = *b.Model
	}
	if b.Priority != nil {
		spec.Priority = *b.Priority
	}
	j, created, err := s.queue.Submit(ctx, spec)
	if err != nil {
		return nil, err
	}
	return started(ctx, j, created), nil
}

func (s *Server) deleteJob(ctx context.Context, in *JobID) (*struct{}, error) {
	return nil, s.queue.Delete(ctx, in.ID)
}

type attemptView struct {
	Attempt   int64              `json:"attempt"`
	Worker    string             `json:"worker"`
	State     store.AttemptState `json:"state" enum:"running,succeeded,failed,cancelled,lost,released"`
	ErrorCode string             `json:"error_code,omitempty"`
	Error     string             `json:"error,omitempty"`
	PeakBytes int64              `json:"peak_bytes" doc:"Of memory."`
	StartedAt time.Time          `json:"started_at"`
	EndedAt   *time.Time         `json:"ended_at,omitempty"`
}

func (s *Server) jobAttempts(ctx context.Context, in *JobID) (*listOutput[attemptView], error) {
	all, err := s.store.Attempts(ctx, in.ID)
	return viewAll(all, func(a store.Attempt) attemptView {
		return attemptView{a.Attempt, a.Worker, a.State, a.ErrorCode, a.Error, a.PeakBytes, a.Started, when(a.Ended)}
	}), err
}
