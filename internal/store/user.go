package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// User is a person or a program that may log in.
type User struct {
	ID           string
	Name         string // unique whatever the case
	PasswordHash string
	Admin        bool // of the whole service
	Disabled     bool
	TokenVersion int64 // tokens of a lower one are void
	FailedLogins int64 // since the last good one
	LockedUntil  time.Time
	Created      time.Time
	LastLogin    time.Time
}

const userColumns = "id, name, password_hash, admin, disabled, token_version, failed_logins, locked_until, created_at, last_login"

func scanUser(r scanner) (u User, err error) {
	err = r.Scan(&u.ID, &u.Name, &u.PasswordHash, &u.Admin, &u.Disabled, &u.TokenVersion, &u.FailedLogins, instant{&u.LockedUntil},
		instant{&u.Created}, instant{&u.LastLogin})
	return u, err
}

// fold makes names comparable; both databases fold only some letters, and not the same.
func fold(name string) string { return strings.ToLower(name) }

// CreateUser adds a user and a workspace of the user's own. A name that is taken is ErrConflict.
func (q Queries) CreateUser(ctx context.Context, name, passwordHash string, admin bool) (User, error) {
	now := q.now().UTC().Truncate(time.Microsecond)
	u := User{ID: NewID(now), Name: name, PasswordHash: passwordHash, Admin: admin, TokenVersion: 1, Created: now}
	err := q.atomic(ctx, func(q Queries) error {
		if _, err := q.exec(ctx, "add user "+name, `INSERT INTO users (id, name, folded, password_hash, admin, disabled, token_version, failed_logins,
			locked_until, created_at, last_login) VALUES ($1, $2, $3, $4, $5, $6, 1, 0, 0, $7, 0)`,
			u.ID, name, fold(name), passwordHash, admin, false, micros(now)); err != nil {
			return err
		}
		_, err := q.createWorkspace(ctx, name, u.ID, u.ID)
		return err
	})
	return u, err
}

// User returns the user with an id.
func (q Queries) User(ctx context.Context, id string) (User, error) {
	return one(ctx, q.read, "look up user", scanUser, "SELECT "+userColumns+" FROM users WHERE id = $1", id)
}

// UserByName returns the user with a name, whatever its case.
func (q Queries) UserByName(ctx context.Context, name string) (User, error) {
	return one(ctx, q.read, "look up user", scanUser, "SELECT "+userColumns+" FROM users WHERE folded = $1", fold(name))
}

// Users lists all users, the newest first.
func (q Queries) Users(ctx context.Context, p Page) (List[User], error) {
	return page(ctx, q.read, "list users", userColumns, "users", clauses{}, order{"created_at", true}, p, scanUser,
		func(u User) (int64, string) { return micros(u.Created), u.ID })
}

// HasAdmin reports whether somebody administers the service; the setup link is for when nobody does.
func (q Queries) HasAdmin(ctx context.Context) (bool, error) {
	n, err := one(ctx, q.read, "look for an administrator", scanInt, "SELECT count(*) FROM users WHERE admin AND NOT disabled")
	return n > 0, err
}

// SetPassword stores a new hash, voids all tokens and sessions of the user and forgets failed logins.
func (q Queries) SetPassword(ctx context.Context, id, passwordHash string) error {
	return q.atomic(ctx, func(q Queries) error {
		if err := q.must(ctx, ErrNotFound, "set password", `UPDATE users SET password_hash = $1, token_version = token_version + 1,
			failed_logins = 0, locked_until = 0 WHERE id = $2`, passwordHash, id); err != nil {
			return err
		}
		return q.endAccess(ctx, id)
	})
}

// ReplaceHash stores the same password hashed with newer parameters; tokens and sessions go on. A password that was
// changed meanwhile is kept.
func (q Queries) ReplaceHash(ctx context.Context, id, old, new string) error {
	_, err := q.exec(ctx, "replace password hash", "UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3", new, id, old)
	return err
}

// SetDisabled bars a user, which ends all sessions and tokens at once, or lets the user in again. The last
// administrator cannot be barred: ErrConflict.
func (q Queries) SetDisabled(ctx context.Context, id string, disabled bool) error {
	return q.changeAdmins(ctx, "disable user", id, func(q Queries) error {
		if err := q.must(ctx, ErrNotFound, "disable user", `UPDATE users SET disabled = $1, token_version = token_version + 1, failed_logins = 0,
			locked_until = 0 WHERE id = $2`, disabled, id); err != nil || !disabled {
			return err
		}
		return q.endAccess(ctx, id)
	})
}

// SetAdmin makes a user an administrator of the service, or no longer. The last one stays: ErrConflict.
func (q Queries) SetAdmin(ctx context.Context, id string, admin bool) error {
	return q.changeAdmins(ctx, "make user an administrator", id, func(q Queries) error {
		return q.must(ctx, ErrNotFound, "make user an administrator", "UPDATE users SET admin = $1 WHERE id = $2", admin, id)
	})
}

// changeAdmins keeps a change from leaving the service without an administrator. The rows of all administrators are
// locked first, in the order of their ids, so that two who bar each other at once do not both succeed.
func (q Queries) changeAdmins(ctx context.Context, doing, id string, change func(Queries) error) error {
	return q.atomic(ctx, func(q Queries) error {
		before, err := list(ctx, q.write, doing, scanText, "SELECT id FROM users WHERE admin AND NOT disabled ORDER BY id"+q.store.dialect.rowLock())
		if err != nil {
			return err
		}
		if err := change(q); err != nil {
			return err
		}
		if len(before) == 1 && before[0] == id {
			has, err := q.HasAdmin(ctx)
			if err == nil && !has {
				err = fmt.Errorf("%s: the last administrator: %w", doing, ErrConflict)
			}
			return err
		}
		return nil
	})
}

// endAccess deletes sessions and refresh tokens of a user.
func (q Queries) endAccess(ctx context.Context, user string) error {
	for _, table := range []string{"sessions", "refresh_tokens"} {
		if _, err := q.exec(ctx, "end sessions", "DELETE FROM "+table+" WHERE user_id = $1", user); err != nil {
			return err
		}
	}
	return nil
}

// CountLogin counts an attempt to log in before the password is looked at, so that many at once are no way around the
// lock, and locks the user for as long as pause says for that number of failures. A user who is locked is ErrStale.
func (q Queries) CountLogin(ctx context.Context, id string, pause func(failures int64) time.Duration) error {
	return q.atomic(ctx, func(q Queries) error {
		now := q.now()
		n, err := one(ctx, q.write, "count login", scanInt, "UPDATE users SET failed_logins = failed_logins + 1 WHERE id = $1 AND locked_until <= $2 RETURNING failed_logins",
			id, micros(now))
		if err != nil {
			return staleIfMissing(err)
		}
		d := pause(n)
		if d <= 0 {
			return nil
		}
		_, err = q.exec(ctx, "lock user", "UPDATE users SET locked_until = $1 WHERE id = $2", micros(now.Add(d)), id)
		return err
	})
}

// GoodLogin forgets the failures before it.
func (q Queries) GoodLogin(ctx context.Context, id string) error {
	_, err := q.exec(ctx, "note login", "UPDATE users SET failed_logins = 0, locked_until = 0, last_login = $1 WHERE id = $2", micros(q.now()), id)
	return err
}
