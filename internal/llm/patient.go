package llm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	firstWait = 500 * time.Millisecond // before the second try; each wait after it is twice as long
	mostWait  = time.Minute            // also of what Retry-After asks for: who asks for more is told as away
	trips     = 5                      // failures in a row, after which a server is left alone
	rests     = 30 * time.Second       // for so long
)

// patient asks another provider again when that may help, no longer than its time, and leaves a server alone that fails again and again.
type patient struct {
	to      Provider
	s       Settings
	hints   *hints
	breaker *gobreaker.CircuitBreaker[any]
	wait    func(context.Context, time.Duration) error
}

func newPatient(p Provider, s Settings, h *hints) *patient {
	b := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{Name: s.Name, Timeout: rests,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= trips },
		IsSuccessful: func(err error) bool { // what the server refuses, or the caller gives up, says nothing against it
			return err == nil || !errors.Is(err, ErrAway)
		}})
	return &patient{p, s, h, b, sleep}
}

func (p *patient) Generate(ctx context.Context, model string, r Request) (*Answer, error) {
	if r.MaxTokens == 0 {
		r.MaxTokens = 1024
	}
	said := false // what was passed on cannot be taken back
	if delta := r.Delta; delta != nil {
		r.Delta = func(s string) { said = true; delta(s) }
	}
	return try(ctx, p, func() bool { return !said }, func(ctx context.Context) (*Answer, error) { return p.to.Generate(ctx, model, r) })
}

func (p *patient) Embed(ctx context.Context, model string, texts []string) (*Vectors, error) {
	return try(ctx, p, nil, func(ctx context.Context) (*Vectors, error) { return p.to.Embed(ctx, model, texts) })
}

// Look asks once: whoever looks wants to know how it is now.
func (p *patient) Look(ctx context.Context, model string) ([]string, int, error) {
	ctx, cancel := context.WithTimeout(ctx, p.s.Timeout)
	defer cancel()
	names, window, err := p.to.Look(ctx, model)
	return names, window, away(ctx, err)
}

func try[T any](ctx context.Context, p *patient, may func() bool, ask func(context.Context) (T, error)) (T, error) {
	var none T
	wait := firstWait
	for n := 1; ; n++ {
		p.hints.after.Store(0)
		v, err := p.breaker.Execute(func() (any, error) {
			once, cancel := context.WithTimeout(ctx, p.s.Timeout)
			defer cancel()
			v, err := ask(once)
			if err != nil && ctx.Err() != nil {
				return v, ctx.Err()
			}
			return v, away(once, err)
		})
		if err == nil {
			return v.(T), nil
		}
		if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
			return none, fmt.Errorf("%s failed %d times in a row and is left alone for %s: %w", p.s.Name, trips, rests, ErrAway)
		}
		if n >= p.s.Tries || !errors.Is(err, ErrAway) || may != nil && !may() {
			return none, err
		}
		pause := wait
		if asked := time.Duration(p.hints.after.Load()); asked > 0 {
			if pause = asked; pause > mostWait {
				return none, fmt.Errorf("%w (it asks to be left alone for %s)", err, asked)
			}
		}
		if err := p.wait(ctx, pause); err != nil {
			return none, err
		}
		wait = min(2*wait, mostWait)
	}
}

// away marks what may be better the next time: the network, a time that was up, an answer that broke off.
func away(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, ErrAway) || errors.Is(err, ErrRefused) {
		return err
	}
	var network *url.Error
	if ctx.Err() != nil || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// hints reads of each answer how long the server asks to be left alone.
type hints struct {
	base  http.RoundTripper
	after atomic.Int64 // nanoseconds
}

func (h *hints) RoundTrip(r *http.Request) (*http.Response, error) {
	base := h.base
	if base == nil {
		base = http.DefaultTransport
	}
	a, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	v := a.Header.Get("Retry-After")
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		h.after.Store(int64(time.Duration(n) * time.Second))
	} else if at, err := http.ParseTime(v); err == nil {
		h.after.Store(int64(max(0, time.Until(at))))
	}
	return a, nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// wholeVectors wants a vector for each text, all of one length.
func wholeVectors(name string, v *Vectors) error {
	for i := range v.Values {
		if len(v.Values[i]) == 0 || len(v.Values[i]) != len(v.Values[0]) {
			return fmt.Errorf("%s: embedding %d has %d numbers, the first %d: %w", name, i, len(v.Values[i]), len(v.Values[0]), io.ErrUnexpectedEOF)
		}
	}
	return nil
}
