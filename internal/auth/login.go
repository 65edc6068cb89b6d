package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rca-engine/rca/internal/store"
)

// Login returns the user with a name and a password. Whether the name is unknown, the user disabled or the password
// wrong, the answer is ErrCredentials and takes the same time. After a few wrong ones each further makes the name wait
// longer: LockedError.
func (a *Auth) Login(ctx context.Context, name, password string) (store.User, error) {
	if len(password) > MaxPassword {
		return store.User{}, ErrCredentials
	}
	u, err := a.store.UserByName(ctx, name)
	known := err == nil && !u.Disabled
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.User{}, err
	}
	// The attempt is counted before the password is looked at, or many at once would be more than one.
	if known {
		err = a.store.CountLogin(ctx, u.ID, pause)
		if errors.Is(err, store.ErrStale) {
			if u, err = a.store.User(ctx, u.ID); err == nil {
				err = &LockedError{u.LockedUntil}
			}
		}
	} else {
		err = a.strangers.count(name, a.opts.Now())
	}
	if err != nil {
		return store.User{}, err
	}
	hash := a.decoy
	if known {
		hash = u.PasswordHash
	}
	ok, stale, err := a.matches(ctx, password, hash)
	if err != nil {
		return store.User{}, err
	}
	if !known || !ok {
		return store.User{}, ErrCredentials
	}
	if err := a.store.GoodLogin(ctx, u.ID); err != nil {
		return store.User{}, err
	}
	if stale {
		hash, err := a.hash(ctx, password)
		if err != nil {
			return store.User{}, err
		}
		return u, a.store.ReplaceHash(ctx, u.ID, u.PasswordHash, hash)
	}
	return u, nil
}

// pause is how long a name must wait after so many wrong passwords: nothing for the first, then a second, doubled each
// time, up to a quarter of an hour.
func pause(failures int64) time.Duration {
	const free, longest = 4, 15 * time.Minute
	if failures <= free {
		return 0
	}
	return min(time.Second<<min(failures-free-1, 20), longest)
}

// strangers counts attempts for names that nobody has, so that a lock does not tell which names there are. It remembers
// so many names that to make it forget takes longer than to wait.
type strangers struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]stranger
}

type stranger struct {
	failures int64
	until    time.Time
}

const mostStrangers = 10_000

func (s *strangers) count(name string, now time.Time) error {
	key := sha256.Sum256([]byte(strings.ToLower(name)))
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.seen[key]
	if who.until.After(now) {
		return &LockedError{who.until}
	}
	if s.seen == nil || len(s.seen) >= mostStrangers {
		s.seen = map[[sha256.Size]byte]stranger{}
	}
	who.failures++
	who.until = now.Add(pause(who.failures)).UTC()
	s.seen[key] = who
	return nil
}

// CreateUser adds a user, if the name and the password follow the rules (else ErrPassword). A name that is taken is
// store.ErrConflict.
func (a *Auth) CreateUser(ctx context.Context, name, password string, admin bool) (store.User, error) {
	hash, err := a.accept(ctx, name, password)
	if err != nil {
		return store.User{}, err
	}
	return a.store.CreateUser(ctx, name, hash, admin)
}

// ChangePassword gives users another password when they know the old one. All their sessions and tokens end.
func (a *Auth) ChangePassword(ctx context.Context, name, old, password string) error {
	u, err := a.Login(ctx, name, old)
	if err != nil {
		return err
	}
	return a.ResetPassword(ctx, u.ID, password)
}

// ResetPassword gives a user another password, for administrators. All sessions and tokens of the user end.
func (a *Auth) ResetPassword(ctx context.Context, user, password string) error {
	u, err := a.store.User(ctx, user)
	if err != nil {
		return err
	}
	hash, err := a.accept(ctx, u.Name, password)
	if err != nil {
		return err
	}
	return a.store.SetPassword(ctx, user, hash)
}

// accept checks a name and a password against the rules and hashes it.
func (a *Auth) accept(ctx context.Context, name, password string) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	if err := CheckPassword(name, password); err != nil {
		return "", err
	}
	return a.hash(ctx, password)
}

// checkName refuses names that could be taken for another one or that break a line of a log.
func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > 64 || name != strings.TrimSpace(name) || !utf8.ValidString(name) {
		return fmt.Errorf("%w: a name has 1 to 64 characters and no space around it", ErrPassword)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%w: a name has only characters that can be seen", ErrPassword)
		}
	}
	return nil
}
