package server

import (
	"context"
	"time"
)

type workerView struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	Version   string    `json:"version"`
	Slots     int64     `json:"slots" doc:"Jobs at once."`
	StartedAt time.Time `json:"started_at"`
	BeatAt    time.Time `json:"beat_at" doc:"Last sign of life."`
}

type statusBody struct {
	Version  string `json:"version"`
	Database string `json:"database" enum:"sqlite,postgres"`
	Ready    bool   `json:"ready"`
	Parts    []Part `json:"parts" nullable:"false"`
	Queue    struct {
		Queued  int64      `json:"queued"`
		Running int64      `json:"running"`
		Oldest  *time.Time `json:"oldest,omitempty" doc:"When the job was made that waits longest."`
	} `json:"queue"`
	Workers []workerView `json:"workers" nullable:"false"`
}

type statusOutput struct{ Body statusBody }

func (s *Server) status(ctx context.Context, _ *struct{}) (*statusOutput, error) {
	out := &statusOutput{statusBody{Version: s.opts.Version, Database: string(s.store.Dialect()), Workers: []workerView{}}}
	out.Body.Parts, out.Body.Ready = s.ready(ctx)
	q, err := s.store.Queue(ctx)
	if err != nil {
		return nil, err
	}
	out.Body.Queue.Queued, out.Body.Queue.Running, out.Body.Queue.Oldest = q.Queued, q.Running, when(q.Oldest)
	all, err := s.store.Workers(ctx)
	for _, w := range all {
		out.Body.Workers = append(out.Body.Workers, workerView{w.ID, w.Host, w.Version, w.Slots, w.Started, w.Beat})
	}
	return out, err
}
