package auth

import (
	"context"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

// seenEvery bounds how often the last use of a session or key is written: a page makes many requests.
const seenEvery = time.Minute

// StartSession begins a session of a browser and returns the value of its cookie, which is stored nowhere, and when the
// cookie ends at the latest.
func (a *Auth) StartSession(ctx context.Context, u store.User, address, agent string) (cookie string, ends time.Time, err error) {
	cookie = secret()
	now := a.opts.Now()
	if len(agent) > 300 { // it is the browser's word, of any length
		agent = agent[:300]
	}
	err = a.store.CreateSession(ctx, store.Session{Hash: digest(cookie), User: u.ID, Expires: now.Add(min(a.opts.SessionIdle, a.opts.SessionMax)),
		Address: address, Agent: agent})
	return cookie, now.Add(a.opts.SessionMax), err
}

// EndSession logs a browser out.
func (a *Auth) EndSession(ctx context.Context, cookie string) error {
	return a.store.DeleteSession(ctx, digest(cookie))
}

// fromSession returns who a cookie stands for, and lets the session live on.
func (a *Auth) fromSession(ctx context.Context, cookie string) (Principal, error) {
	s, err := a.store.Session(ctx, digest(cookie))
	if err != nil {
		return Principal{}, refused(err)
	}
	u, err := a.store.User(ctx, s.User)
	if err != nil {
		return Principal{}, refused(err)
	}
	p, err := a.principal(ctx, u, Principal{Via: ViaSession, Credential: s.Hash})
	if err != nil {
		return p, err
	}
	now := a.opts.Now()
	if now.Sub(s.LastSeen) < seenEvery {
		return p, nil
	}
	expires := now.Add(a.opts.SessionIdle)
	if last := s.Created.Add(a.opts.SessionMax); expires.After(last) {
		expires = last
	}
	return p, a.store.SeeSession(ctx, s.Hash, expires)
}
