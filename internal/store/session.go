package store

import (
	"context"
	"time"
)

// Session is a browser that is logged in. It is found by the SHA-256 of its cookie, which is not stored.
type Session struct {
	Hash     string
	User     string
	Created  time.Time
	Expires  time.Time
	LastSeen time.Time
	Address  string
	Agent    string
}

const sessionColumns = "hash, user_id, created_at, expires_at, last_seen, address, agent"

func scanSession(r scanner) (s Session, err error) {
	err = r.Scan(&s.Hash, &s.User, instant{&s.Created}, instant{&s.Expires}, instant{&s.LastSeen}, &s.Address, &s.Agent)
	return s, err
}

// CreateSession stores a session.
func (q Queries) CreateSession(ctx context.Context, s Session) error {
	_, err := q.exec(ctx, "add session", "INSERT INTO sessions ("+sessionColumns+") VALUES ($1, $2, $3, $4, $3, $5, $6)",
		s.Hash, s.User, micros(q.now()), micros(s.Expires), s.Address, s.Agent)
	return err
}

// Session returns a session that has not expired.
func (q Queries) Session(ctx context.Context, hash string) (Session, error) {
	return one(ctx, q.read, "look up session", scanSession, "SELECT "+sessionColumns+" FROM sessions WHERE hash = $1 AND expires_at > $2", hash, micros(q.now()))
}

// SessionsOf lists a user's sessions that have not expired, the last used first.
func (q Queries) SessionsOf(ctx context.Context, user string) ([]Session, error) {
	return list(ctx, q.read, "list sessions", scanSession, "SELECT "+sessionColumns+` FROM sessions
		WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen DESC LIMIT 1000`, user, micros(q.now()))
}

// SeeSession notes that a session was used and until when it now lasts.
func (q Queries) SeeSession(ctx context.Context, hash string, expires time.Time) error {
	_, err := q.exec(ctx, "note session", "UPDATE sessions SET last_seen = $1, expires_at = $2 WHERE hash = $3", micros(q.now()), micros(expires), hash)
	return err
}

// DeleteSession ends a session; one that is not there has ended already.
func (q Queries) DeleteSession(ctx context.Context, hash string) error {
	_, err := q.exec(ctx, "end session", "DELETE FROM sessions WHERE hash = $1", hash)
	return err
}

// EndSessionOf ends a session of a user; another's session is ErrNotFound.
func (q Queries) EndSessionOf(ctx context.Context, user, hash string) error {
	return q.must(ctx, ErrNotFound, "end session", "DELETE FROM sessions WHERE hash = $1 AND user_id = $2", hash, user)
}
