package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rca-engine/rca/internal/store"
)

type eventsInput struct {
	JobID
	Last int64 `header:"Last-Event-ID" minimum:"0" doc:"Number of the last event that was seen."`
}

type streamOutput struct{ Body func(huma.Context) }

// heartbeat keeps proxies from closing a stream on which nothing happens.
const heartbeat = 15 * time.Second

// jobEvents writes a job's events as they come, until it has ended. The table of events is looked at again and again, for
// the job may run in any process; only a change of the job's newest event number makes it read them.
func (s *Server) jobEvents(ctx context.Context, in *eventsInput) (*streamOutput, error) {
	select {
	case s.streams <- struct{}{}:
	default:
		p := newProblem(http.StatusServiceUnavailable, "busy", "too many follow events already")
		p.retry = heartbeat
		return nil, p
	}
	return &streamOutput{func(c huma.Context) {
		defer func() { <-s.streams }()
		s.metrics.streams.Inc()
		defer s.metrics.streams.Dec()
		_, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		f := &follower{s: s, w: w, control: http.NewResponseController(w), job: in.ID, last: in.Last}
		if err := f.follow(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "event stream ended early", "request_id", requestOf(ctx).id, "job", in.ID, "error", err)
		}
	}}, nil
}

// follower is one stream of a job's events.
type follower struct {
	s       *Server
	w       http.ResponseWriter
	control *http.ResponseController
	job     string
	last    int64
}

func (f *follower) follow(ctx context.Context) error {
	tick := time.NewTicker(f.s.opts.Limits.Poll)
	defer tick.Stop()
	wrote := time.Now()
	if err := f.write(": events of job " + f.job + "\n\n"); err != nil {
		return err
	}
	for {
		j, err := f.s.store.Job(ctx, f.job)
		if err != nil { // also when the job was deleted meanwhile
			return err
		}
		for f.last < j.LastEvent {
			n, err := f.send(ctx)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			wrote = time.Now()
		}
		// The state was read before the events, so an ended job has told all.
		if j.State == store.JobSucceeded || j.State == store.JobFailed || j.State == store.JobCancelled {
			return f.write("event: end\ndata: {\"status\":\"" + string(j.State) + "\"}\n\n")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if time.Since(wrote) >= heartbeat {
			wrote = time.Now()
			if err := f.write(": still here\n\n"); err != nil {
				return err
			}
		}
	}
}

// send writes the next events, if there are any.
func (f *follower) send(ctx context.Context) (int, error) {
	all, err := f.s.store.Events(ctx, f.job, f.last, 200)
	if err != nil {
		return 0, err
	}
	var b strings.Builder
	for _, e := range all {
		data, err := json.Marshal(struct {
			At   time.Time       `json:"at"`
			Data json.RawMessage `json:"data"`
		}{e.At, object(e.Data)})
		if err != nil {
			return 0, err
		}
		fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, strings.Map(oneLine, e.Kind), data)
		f.last = e.Seq
	}
	return len(all), f.write(b.String())
}

// oneLine drops what would end a line of the stream.
func oneLine(r rune) rune {
	if r == '\n' || r == '\r' {
		return -1
	}
	return r
}

func (f *follower) write(text string) error {
	_ = f.control.SetWriteDeadline(time.Now().Add(f.s.opts.Limits.Stall)) // not every writer has deadlines
	if _, err := f.w.Write([]byte(text)); err != nil {
		return err
	}
	return f.control.Flush()
}
