package server

import (
	"context"
	"sync"
	"time"
)

// Rate is how many requests are allowed in a span of time; all of them may come at once.
type Rate struct {
	Count int
	Per   time.Duration
}

// step is the time in which one more request is allowed.
func (r Rate) step() time.Duration { return max(r.Per/time.Duration(r.Count), 1) }

// Limiter counts requests by key, in this process or in Redis.
type Limiter interface {
	Take(ctx context.Context, key string, r Rate, now time.Time) (Taken, error)
}

// Taken is what a limiter says.
type Taken struct {
	OK    bool
	Left  int           // requests that would be allowed now
	Reset time.Duration // until all of them are
	Retry time.Duration // until the next one is; 0 if it is allowed
}

// gcra is the generic cell rate algorithm: due is when a client who kept to the rate exactly would have sent all that
// it has sent. The client may be ahead of that by the whole count, not more.
func gcra(due, now time.Time, r Rate) (time.Time, Taken) {
	step := r.step()
	burst := step * time.Duration(r.Count)
	if due.Before(now) {
		due = now
	}
	ahead := due.Sub(now)
	if ahead+step > burst {
		return due, Taken{Reset: ahead, Retry: ahead + step - burst}
	}
	ahead += step
	return now.Add(ahead), Taken{OK: true, Left: int((burst - ahead) / step), Reset: ahead}
}

// mostKeys bounds the keys that a process remembers, some 10 MB.
const mostKeys = 100_000

// localLimiter counts in memory.
type localLimiter struct {
	mu  sync.Mutex
	due map[string]time.Time
}

func newLocalLimiter() *localLimiter { return &localLimiter{due: map[string]time.Time{}} }

// Take counts a request.
func (l *localLimiter) Take(_ context.Context, key string, r Rate, now time.Time) (Taken, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	due, known := l.due[key]
	if !known && len(l.due) >= mostKeys {
		l.forget(now)
	}
	due, taken := gcra(due, now, r)
	l.due[key] = due
	return taken, nil
}

// forget drops the keys whose count has run out, and if that is not enough any half of them: in such a flood from
// everywhere, a limit for each address means little.
func (l *localLimiter) forget(now time.Time) {
	for k, due := range l.due {
		if !due.After(now) {
			delete(l.due, k)
		}
	}
	for k := range l.due {
		if len(l.due) <= mostKeys/2 {
			break
		}
		delete(l.due, k)
	}
}
