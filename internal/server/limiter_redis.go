package server

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// redisLimiter counts in Redis, for all processes together. While Redis is away it counts in this process, and says so in
// a metric.
type redisLimiter struct {
	client    *redis.Client
	local     Limiter
	fallbacks prometheus.Counter
	until     atomic.Int64 // Redis is not asked before, in nanoseconds: each request would wait for it in vain
}

// pauseRedis is how long Redis is left alone after an error.
const pauseRedis = time.Second

// gcraScript is gcra in Redis, by its clock, in microseconds: the clocks of many processes differ.
var gcraScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local step, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local ahead = math.max((tonumber(redis.call('GET', KEYS[1])) or now) - now, 0)
local burst = step * count
if ahead + step > burst then return {0, 0, ahead, ahead + step - burst} end
ahead = ahead + step
redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000))
return {1, math.floor((burst - ahead) / step), ahead, 0}`)

// What the client would say on standard error the metric and readyz say. Its logger is global.
func init() { redis.SetLogger(silent{}) }

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func newRedisLimiter(url string, local Limiter, fallbacks prometheus.Counter) (*redisLimiter, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("server option Redis: %w", err)
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.MaxRetries = 500*time.Millisecond, 250*time.Millisecond, 250*time.Millisecond, -1
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	return &redisLimiter{client: redis.NewClient(o), local: local, fallbacks: fallbacks}, nil
}

// Take counts a request.
func (l *redisLimiter) Take(ctx context.Context, key string, r Rate, now time.Time) (Taken, error) {
	if now.UnixNano() >= l.until.Load() {
		n, err := gcraScript.Run(ctx, l.client, []string{"rca:limit:" + key}, max(r.step().Microseconds(), 1), r.Count).Int64Slice()
		if err == nil && len(n) == 4 {
			return Taken{OK: n[0] == 1, Left: int(n[1]), Reset: time.Duration(n[2]) * time.Microsecond, Retry: time.Duration(n[3]) * time.Microsecond}, nil
		}
		if ctx.Err() == nil { // else the client went, and Redis may be well
			l.until.Store(now.Add(pauseRedis).UnixNano())
		}
	}
	l.fallbacks.Inc()
	return l.local.Take(ctx, key, r, now)
}

// ready tells whether Redis answers.
func (l *redisLimiter) ready(ctx context.Context) error {
	if err := l.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	return nil
}

func (l *redisLimiter) close() error { return l.client.Close() }
