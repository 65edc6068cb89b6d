package incident

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/rca-engine/rca/internal/store"
)

// shares say how much of an attempt's time each stage takes, about, and what came before it. They only serve the estimate of the
// time that is left.
var shares = map[string]struct{ before, part float64 }{
	stagePrepare: {0, 0.1},
	stageAnalyse: {0.1, 0.15},
	stageIndex:   {0.25, 0.7},
	stageKeep:    {0.95, 0.05},
}

// progress tells the row of a job how far its attempt is, and the attempt when it is not wanted any more.
type progress struct {
	desk  *Desk
	job   store.Job
	stop  context.CancelCauseFunc
	began time.Time

	mu    sync.Mutex
	span  trace.Span // of the stage, nil before the first
	stage string
	done  int64 // bytes of the stage
	all   int64 // bytes that the stage reads
	base  int64 // bytes that the child had read when the stage began
	last  int64 // bytes that it has read in all
	input int64 // bytes of all inputs
}

// enter begins a stage that reads so many bytes, and tells those who follow the job.
func (p *progress) enter(ctx context.Context, stage string, all int64) {
	p.mu.Lock()
	if p.stage == "" {
		p.input = all
	}
	if stage == stageAnalyse {
		p.last = 0 // before, the parent read
	}
	p.stage, p.done, p.all, p.base = stage, 0, all, p.last
	p.endSpan()
	_, p.span = tracer(ctx).Start(ctx, stage, trace.WithAttributes(attribute.Int64("rca.bytes", all)))
	p.mu.Unlock()
	p.event(ctx, "stage", map[string]string{"stage": stage})
}

// leave ends the last stage.
func (p *progress) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endSpan()
}

func (p *progress) endSpan() {
	if p.span != nil {
		p.span.End()
	}
}

// tracer is that of the span in ctx, which the caller began; without one its spans are nothing.
func tracer(ctx context.Context) trace.Tracer {
	return trace.SpanFromContext(ctx).TracerProvider().Tracer("rca/incident")
}

// total is how many bytes the inputs have.
func (p *progress) total() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.input
}

// seen notes how many bytes have been read.
func (p *progress) seen(read int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = read
	p.done = min(max(0, read-p.base), p.all)
}

// event is told to followers. One that cannot be written is left out: the row of the job says the same.
func (p *progress) event(ctx context.Context, kind string, data any) {
	b, err := json.Marshal(data)
	if err != nil {
		return
	}
	if _, err := p.desk.store.AppendAttemptEvent(ctx, p.job.ID, p.job.Attempt, kind, string(b)); errors.Is(err, store.ErrStale) {
		p.stop(store.ErrStale)
	}
}

// report writes the row until done is closed.
func (p *progress) report(ctx context.Context, done <-chan struct{}) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		cancel, err := p.desk.store.SetProgress(ctx, p.job.ID, p.job.Attempt, p.now())
		switch {
		case errors.Is(err, store.ErrStale):
			p.stop(store.ErrStale)
		case cancel:
			p.stop(ErrCancelled)
		}
		// Any other error is a database that is away: the work goes on, and the next tick tries again.
	}
}

// now is the state of things as the row shows it: bytes are those of the inputs, whatever a stage reads of them.
func (p *progress) now() store.Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	part := 1.0
	if p.all > 0 {
		part = float64(p.done) / float64(p.all)
	}
	s := store.Progress{Stage: p.stage, DoneBytes: int64(part * float64(p.input)), TotalBytes: p.input}
	share := shares[p.stage]
	if whole := share.before + share.part*part; whole > 0.05 {
		now := p.desk.o.Now()
		s.ETA = now.Add(time.Duration(float64(now.Sub(p.began)) * (1 - whole) / whole))
	}
	return s
}
