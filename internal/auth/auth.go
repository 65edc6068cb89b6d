// Package auth says who somebody is and what that one may do.
//
// In goes what a request carries: a name and a password, an access token, a refresh token, an API key, a session cookie
// or the one-time setup link. Out comes a Principal, a user with roles in workspaces, or an error that does not tell
// which part was wrong. Passwords are kept as argon2id in PHC form, everything else that is secret and random as its
// SHA-256, so that the database's content lets nobody in. The signing keys of access tokens are the exception: all processes
// must share them, so they lie in the database as they are.
//
// Every Authenticate looks the user up: a user who is disabled, or whose password was changed, is out at once, whatever
// tokens are still about.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

// Options are the settings of an Auth; the zero value works.
type Options struct {
	Issuer       string        // of access tokens; default "rca"
	Audience     string        // of access tokens; default "rca"
	AccessTTL    time.Duration // life of an access token; default 15 minutes
	RefreshTTL   time.Duration // life of a refresh token; default 30 days
	SessionIdle  time.Duration // a session unused for so long ends; default 12 hours
	SessionMax   time.Duration // and any ends after; default 30 days
	SetupTTL     time.Duration // life of the setup link; default 24 hours
	KeyAge       time.Duration // a signing key older than this is replaced; default 30 days
	Argon        Argon         // cost of a password's hash; default 32 MiB, 3 passes
	HashesAtOnce int           // hashes computed at the same time, each needs the memory; default 2
	Now          func() time.Time
}

func (o Options) withDefaults() (Options, error) {
	for _, d := range []struct {
		name  string
		v     *time.Duration
		usual time.Duration
	}{{"AccessTTL", &o.AccessTTL, 15 * time.Minute}, {"RefreshTTL", &o.RefreshTTL, 30 * 24 * time.Hour}, {"SessionIdle", &o.SessionIdle, 12 * time.Hour},
		{"SessionMax", &o.SessionMax, 30 * 24 * time.Hour}, {"SetupTTL", &o.SetupTTL, 24 * time.Hour}, {"KeyAge", &o.KeyAge, 30 * 24 * time.Hour}} {
		if *d.v < 0 {
			return o, fmt.Errorf("auth option %s is %s, want more than 0", d.name, *d.v)
		}
		if *d.v == 0 {
			*d.v = d.usual
		}
	}
	if o.Issuer == "" {
		o.Issuer = "rca"
	}
	if o.Audience == "" {
		o.Audience = "rca"
	}
	if o.Argon == (Argon{}) {
		o.Argon = Argon{KiB: 32 << 10, Passes: 3, Threads: 1}
	}
	if err := o.Argon.check(); err != nil {
		return o, err
	}
	if o.HashesAtOnce < 0 {
		return o, fmt.Errorf("auth option HashesAtOnce is %d, want more than 0", o.HashesAtOnce)
	}
	if o.HashesAtOnce == 0 {
		o.HashesAtOnce = 2
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// Auth answers who somebody is. It is safe for concurrent use.
type Auth struct {
	store     *store.Store
	opts      Options
	hashing   chan struct{} // a place for each hash being computed
	decoy     string        // hash that a password is compared with when there is no such user
	strangers strangers

	mu     sync.Mutex
	keys   map[string]store.SigningKey // those that verify
	signs  string                      // id of the one that signs
	loaded time.Time
}

// What a caller can branch on.
var (
	// ErrCredentials says that who asks is nobody we know; it does not tell why.
	ErrCredentials = errors.New("wrong or expired credentials")
	// ErrDenied says that the user may not do this.
	ErrDenied = errors.New("not allowed")
	// ErrPassword says that a new password or name breaks a rule, and which one.
	ErrPassword = errors.New("password not accepted")
)

// LockedError says that there were too many wrong passwords for a name, and until when to wait. It is the same for
// names that nobody has.
type LockedError struct{ Until time.Time }

// Error returns what to tell the user.
func (e *LockedError) Error() string {
	return "too many wrong passwords, wait until " + e.Until.Format(time.RFC3339)
}

// New returns an Auth on a database whose tables are made.
func New(ctx context.Context, s *store.Store, opts Options) (*Auth, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Auth{store: s, opts: opts, hashing: make(chan struct{}, opts.HashesAtOnce)}
	if a.decoy, err = a.hash(ctx, rand.Text()); err != nil {
		return nil, err
	}
	return a, nil
}

// secret makes 256 random bits as text.
func secret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// digest is how a random secret is stored; one with so many bits needs no slow hash.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// refused turns a row that is not there into the answer that does not tell so.
func refused(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrCredentials
	}
	return err
}
