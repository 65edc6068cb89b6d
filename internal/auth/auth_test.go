package auth_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

const good = "seven green bicycles"

// door is an Auth with a clock that the test sets, and one user.
type door struct {
	*auth.Auth
	t     *testing.T
	store *store.Store
	micro *atomic.Int64
	user  store.User
}

var cheap = auth.Options{Argon: auth.Argon{KiB: 64, Passes: 1, Threads: 1}}

func each(t *testing.T, test func(*door)) {
	t.Helper()
	var micro atomic.Int64
	now := func() time.Time { return time.UnixMicro(micro.Load()).UTC() }
	storetest.Each(t, store.Options{Now: now}, func(t *testing.T, s *store.Store) {
		micro.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
		d := &door{t: t, store: s, micro: &micro}
		d.Auth = d.another()
		u, err := d.CreateUser(t.Context(), "Ada", good, false)
		d.ok(err)
		d.user = u
		test(d)
	})
}

// another is what a second process has.
func (d *door) another() *auth.Auth {
	d.t.Helper()
	opts := cheap
	opts.Now = d.now
	a, err := auth.New(d.t.Context(), d.store, opts)
	d.ok(err)
	return a
}

func (d *door) now() time.Time           { return time.UnixMicro(d.micro.Load()).UTC() }
func (d *door) forward(by time.Duration) { d.micro.Add(by.Microseconds()) }

func (d *door) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) is(err, want error) {
	d.t.Helper()
	if !errors.Is(err, want) {
		d.t.Fatalf("error is %v, want %v", err, want)
	}
}

// enters and barred ask who a credential stands for.
func (d *door) enters(c auth.Credential) auth.Principal {
	d.t.Helper()
	p, err := d.Authenticate(d.t.Context(), c)
	d.ok(err)
	if p.User != d.user.ID {
		d.t.Fatalf("principal is %+v", p)
	}
	return p
}

func (d *door) barred(c auth.Credential) {
	d.t.Helper()
	p, err := d.Authenticate(d.t.Context(), c)
	d.is(err, auth.ErrCredentials)
	if p.User != "" || p.Admin || len(p.Roles) > 0 {
		d.t.Errorf("barred, yet the principal is %+v", p)
	}
}

func TestPasswordRules(t *testing.T) {
	f := func(name, password, want string) {
		t.Helper()
		err := auth.CheckPassword(name, password)
		if want == "" && err != nil {
			t.Errorf("%q is refused: %v", password, err)
		}
		if want != "" && (!errors.Is(err, auth.ErrPassword) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: error is %v, want it to say %q", password, err, want)
		}
	}
	f("ada", good, "")
	f("ada", "ünïcödé-äöüß", "")
	f("ada", "short", "shorter than 12")
	f("ada", "elevenchars", "shorter than 12")
	f("ada", strings.Repeat("abcd", 65), "longer than 256")
	f("Ada Lovelace", "xx-ADA lovelace-xx", "contains the name")
	f("ada", "aaaaaaaaaaaab", "too few different")
	f("bob", "Password12345", "commonest")
	f("bob", "qwertyuiop!!", "commonest")
	f("bob", "123456789012", "commonest")
	f("bob", "correcthorsebatterystaple", "commonest")
	f("bob", "abcdefgh\xffijkl", "not UTF-8")
}

func TestNames(t *testing.T) {
	each(t, func(d *door) {
		for _, name := range []string{"", " ada", "a\nb", "a\u202Eb", strings.Repeat("x", 65), "\xff"} {
			_, err := d.CreateUser(d.t.Context(), name, good, false)
			d.is(err, auth.ErrPassword)
		}
		_, err := d.CreateUser(d.t.Context(), "ADA", good, false)
		d.is(err, store.ErrConflict)
	})
}

func TestOptions(t *testing.T) {
	for _, o := range []auth.Options{{AccessTTL: -1}, {HashesAtOnce: -1}, {Argon: auth.Argon{KiB: 1, Passes: 1, Threads: 1}}, {Argon: auth.Argon{KiB: 1 << 30, Passes: 1, Threads: 1}}} {
		if _, err := auth.New(t.Context(), nil, o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

func TestLogin(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		u, err := d.Login(ctx, "aDA", good)
		d.ok(err)
		if u.ID != d.user.ID || !strings.HasPrefix(u.PasswordHash, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(u.PasswordHash, good) {
			d.t.Errorf("user is %+v", u)
		}
		for _, c := range [][2]string{{"Ada", good + "x"}, {"Ada", ""}, {"Nobody", good}, {"", ""}, {"Ada", strings.Repeat("x", 1<<20)}} {
			_, err := d.Login(ctx, c[0], c[1])
			d.is(err, auth.ErrCredentials)
		}
		d.ok(d.store.SetDisabled(ctx, d.user.ID, true))
		_, err = d.Login(ctx, "Ada", good)
		d.is(err, auth.ErrCredentials)
	})
}

// A name waits longer with each wrong password, whether anybody has it or not; a right one ends that.
func TestBackOff(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		for _, name := range []string{"Ada", "Nobody"} {
			var waits []time.Duration
			for len(waits) < 14 {
				_, err := d.Login(ctx, name, "wrong")
				var locked *auth.LockedError
				if errors.As(err, &locked) {
					d.t.Fatalf("%s is locked until %s, it is %s", name, locked.Until, d.now())
				}
				d.is(err, auth.ErrCredentials)
				_, err = d.Login(ctx, name, good) // even the right one has to wait
				if name == "Nobody" || errors.As(err, &locked) {
					wait := time.Duration(0)
					if errors.As(err, &locked) {
						wait = locked.Until.Sub(d.now())
					}
					waits = append(waits, wait)
					d.forward(wait)
				} else {
					d.ok(err)
					for range 4 { // a right one began the count anew: spend what is free
						_, err := d.Login(ctx, name, "wrong")
						d.is(err, auth.ErrCredentials)
					}
				}
			}
			last := waits[len(waits)-1]
			if last != 15*time.Minute {
				d.t.Errorf("%s waits %v", name, waits)
			}
			for i := 1; i < len(waits); i++ {
				if waits[i] < waits[i-1] {
					d.t.Errorf("%s waits %v", name, waits)
				}
			}
		}
		_, err := d.Login(ctx, "Ada", good)
		d.ok(err)
		_, err = d.Login(ctx, "Ada", "wrong")
		d.is(err, auth.ErrCredentials)
		_, err = d.Login(ctx, "Ada", good)
		d.ok(err)
	})
}

// Many guesses at the same moment are counted like as many one after the other.
func TestGuessesAtOnce(t *testing.T) {
	each(t, func(d *door) {
		errs := make(chan error, 30)
		for range cap(errs) {
			go func() {
				_, err := d.Login(d.t.Context(), "Ada", "wrong")
				errs <- err
			}()
		}
		tried := 0
		for range cap(errs) {
			var locked *auth.LockedError
			if err := <-errs; errors.Is(err, auth.ErrCredentials) {
				tried++
			} else if !errors.As(err, &locked) {
				d.t.Error(err)
			}
		}
		if tried != 5 {
			d.t.Errorf("%d guesses were looked at, want 5", tried)
		}
	})
}

func TestChangeAndResetPassword(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		tokens, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		cookie, _, err := d.StartSession(ctx, d.user, "::1", "curl")
		d.ok(err)
		d.is(d.ChangePassword(ctx, "Ada", "wrong", "eight green bicycles"), auth.ErrCredentials)
		d.is(d.ChangePassword(ctx, "Ada", good, "short"), auth.ErrPassword)
		d.enters(auth.Credential{Bearer: tokens.Access})
		d.ok(d.ChangePassword(ctx, "Ada", good, "eight green bicycles"))
		d.barred(auth.Credential{Bearer: tokens.Access})
		d.barred(auth.Credential{Cookie: cookie})
		_, err = d.Refresh(ctx, tokens.Refresh)
		d.is(err, auth.ErrCredentials)
		_, err = d.Login(ctx, "Ada", good)
		d.is(err, auth.ErrCredentials)
		d.ok(d.ResetPassword(ctx, d.user.ID, good))
		_, err = d.Login(ctx, "Ada", good)
		d.ok(err)
		d.is(d.ResetPassword(ctx, "none", good), store.ErrNotFound)
	})
}

// A hash of another cost is replaced at the next login, and sessions go on.
func TestHashIsRenewed(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		cookie, _, err := d.StartSession(ctx, d.user, "", "")
		d.ok(err)
		opts := cheap
		opts.Argon.Passes, opts.Now = 2, d.now
		dearer, err := auth.New(ctx, d.store, opts)
		d.ok(err)
		_, err = dearer.Login(ctx, "Ada", good)
		d.ok(err)
		u, err := d.store.User(ctx, d.user.ID)
		d.ok(err)
		if !strings.Contains(u.PasswordHash, "t=2") {
			d.t.Errorf("hash is still %s", u.PasswordHash)
		}
		_, err = d.Login(ctx, "Ada", good)
		d.ok(err)
		d.enters(auth.Credential{Cookie: cookie})
	})
}

func TestAccessToken(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		tokens, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		p := d.enters(auth.Credential{Bearer: tokens.Access})
		if p.Via != auth.ViaToken || p.Name != "Ada" || p.Admin || p.Credential == "" || !p.Can(auth.ScopeAdmin) {
			d.t.Errorf("principal is %+v", p)
		}
		d.forward(tokens.ExpiresIn - time.Second)
		d.enters(auth.Credential{Bearer: tokens.Access})
		d.forward(2 * time.Second)
		d.barred(auth.Credential{Bearer: tokens.Access})

		tokens, err = d.IssueTokens(ctx, d.user)
		d.ok(err)
		d.ok(d.store.SetDisabled(ctx, d.user.ID, true))
		d.barred(auth.Credential{Bearer: tokens.Access})
		_, err = d.Refresh(ctx, tokens.Refresh)
		d.is(err, auth.ErrCredentials)
		d.ok(d.store.SetDisabled(ctx, d.user.ID, false))
		d.barred(auth.Credential{Bearer: tokens.Access}) // it does not come back to life
	})
}

func TestForgedTokens(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		_, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		keys, err := d.store.SigningKeys(ctx)
		d.ok(err)
		type claims = jwt.MapClaims
		forge := func(method jwt.SigningMethod, kid any, key any, change func(claims)) string {
			d.t.Helper()
			c := claims{"iss": "rca", "aud": "rca", "sub": d.user.ID, "ver": 1, "exp": d.now().Add(time.Minute).Unix()}
			change(c)
			t := jwt.NewWithClaims(method, c)
			if kid != nil {
				t.Header["kid"] = kid
			}
			s, err := t.SignedString(key)
			d.ok(err)
			return s
		}
		none := func(claims) {}
		kid, secret := keys[0].ID, keys[0].Secret
		d.enters(auth.Credential{Bearer: forge(jwt.SigningMethodHS256, kid, secret, none)})
		for name, token := range map[string]string{
			"other secret":   forge(jwt.SigningMethodHS256, kid, []byte("guess"), none),
			"unsigned":       forge(jwt.SigningMethodNone, kid, jwt.UnsafeAllowNoneSignatureType, none),
			"other method":   forge(jwt.SigningMethodHS512, kid, secret, none),
			"unknown key":    forge(jwt.SigningMethodHS256, "none", secret, none),
			"no key":         forge(jwt.SigningMethodHS256, nil, secret, none),
			"key of a kind":  forge(jwt.SigningMethodHS256, 7, secret, none),
			"other issuer":   forge(jwt.SigningMethodHS256, kid, secret, func(c claims) { c["iss"] = "x" }),
			"other audience": forge(jwt.SigningMethodHS256, kid, secret, func(c claims) { c["aud"] = "x" }),
			"no expiry":      forge(jwt.SigningMethodHS256, kid, secret, func(c claims) { delete(c, "exp") }),
			"no version":     forge(jwt.SigningMethodHS256, kid, secret, func(c claims) { delete(c, "ver") }),
			"unknown user":   forge(jwt.SigningMethodHS256, kid, secret, func(c claims) { c["sub"] = "x" }),
			"no token":       "x.y.z",
			"nothing":        "",
		} {
			if _, err := d.Authenticate(ctx, auth.Credential{Bearer: token}); !errors.Is(err, auth.ErrCredentials) {
				d.t.Errorf("%s: error is %v", name, err)
			}
		}
	})
}

// A new key signs after a while, in all processes; the old one verifies until its tokens are dead, and no longer.
func TestRotation(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		other := d.another()
		_, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		first, err := d.store.SigningKeys(ctx)
		d.ok(err)
		d.forward(30*24*time.Hour - time.Second)
		old, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		d.forward(2 * time.Second)
		fresh, err := other.IssueTokens(ctx, d.user) // the other one rotates
		d.ok(err)
		keys, err := d.store.SigningKeys(ctx)
		d.ok(err)
		if len(keys) != 2 || keys[1].ID != first[0].ID || keys[1].Retired.IsZero() {
			d.t.Fatalf("keys are %+v", keys)
		}
		d.enters(auth.Credential{Bearer: fresh.Access}) // with a key that this one has not seen yet
		d.enters(auth.Credential{Bearer: old.Access})
		d.forward(14 * time.Minute)
		d.enters(auth.Credential{Bearer: old.Access})
		d.forward(time.Minute)
		d.barred(auth.Credential{Bearer: old.Access})

		forged := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": "rca", "aud": "rca", "sub": d.user.ID, "ver": 1, "exp": d.now().Add(time.Hour).Unix()})
		forged.Header["kid"] = first[0].ID
		stolen, err := forged.SignedString(first[0].Secret)
		d.ok(err)
		d.enters(auth.Credential{Bearer: stolen}) // within a minute of grace the old key is good
		d.forward(2 * time.Minute)
		d.barred(auth.Credential{Bearer: stolen})
		d.forward(31 * 24 * time.Hour)
		_, err = d.IssueTokens(ctx, d.user)
		d.ok(err)
		if keys, err = d.store.SigningKeys(ctx); err != nil || len(keys) != 2 || keys[1].ID == first[0].ID {
			d.t.Errorf("keys are %+v, %v", keys, err)
		}
	})
}

func TestRefresh(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		one, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		elsewhere, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		two, err := d.Refresh(ctx, one.Refresh)
		d.ok(err)
		d.enters(auth.Credential{Bearer: two.Access})
		_, err = d.Refresh(ctx, one.Refresh) // the thief, or the owner after the thief
		d.is(err, auth.ErrCredentials)
		d.is(err, store.ErrReused)
		_, err = d.Refresh(ctx, two.Refresh)
		d.is(err, auth.ErrCredentials)
		three, err := d.Refresh(ctx, elsewhere.Refresh)
		d.ok(err)
		d.ok(d.Revoke(ctx, three.Refresh))
		d.ok(d.Revoke(ctx, "none"))
		_, err = d.Refresh(ctx, three.Refresh)
		d.is(err, auth.ErrCredentials)
		last, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		d.forward(30 * 24 * time.Hour)
		_, err = d.Refresh(ctx, last.Refresh)
		d.is(err, auth.ErrCredentials)
	})
}

func TestSession(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		cookie, ends, err := d.StartSession(ctx, d.user, "::1", strings.Repeat("x", 1000))
		d.ok(err)
		if len(cookie) < 43 {
			d.t.Errorf("cookie %s has too few bits", cookie)
		}
		if all, err := d.store.SessionsOf(ctx, d.user.ID); err != nil || len(all) != 1 || strings.Contains(all[0].Hash, cookie) {
			d.t.Errorf("stored as %+v, %v", all, err)
		}
		used := 0
		for d.now().Add(11 * time.Hour).Before(ends) { // used, it lives on, up to its end
			d.forward(11 * time.Hour)
			if p := d.enters(auth.Credential{Cookie: cookie}); p.Via != auth.ViaSession {
				d.t.Errorf("principal is %+v", p)
			}
			used++
		}
		d.forward(ends.Sub(d.now()))
		d.barred(auth.Credential{Cookie: cookie})
		if used < 60 {
			d.t.Errorf("used %d times", used)
		}
		idle, _, err := d.StartSession(ctx, d.user, "", "")
		d.ok(err)
		d.forward(12 * time.Hour)
		d.barred(auth.Credential{Cookie: idle})
		out, _, err := d.StartSession(ctx, d.user, "", "")
		d.ok(err)
		d.enters(auth.Credential{Cookie: out})
		d.ok(d.EndSession(ctx, out))
		d.barred(auth.Credential{Cookie: out})
		d.barred(auth.Credential{Cookie: "guess"})
		d.barred(auth.Credential{})
	})
}

func TestAPIKey(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		own, err := d.store.PersonalWorkspace(ctx, d.user.ID)
		d.ok(err)
		team, err := d.store.CreateWorkspace(ctx, "Team", d.user.ID)
		d.ok(err)
		d.ok(d.store.SetAdmin(ctx, d.user.ID, true))
		tokens, err := d.IssueTokens(ctx, d.user)
		d.ok(err)
		p := d.enters(auth.Credential{Bearer: tokens.Access})
		key, row, err := d.CreateAPIKey(ctx, p, "ci", team.ID, []auth.Scope{auth.ScopeJobsRead}, d.now().Add(time.Hour))
		d.ok(err)
		if !strings.HasPrefix(key, "rca_"+row.Prefix+"_") || strings.Contains(key, row.Hash) {
			d.t.Errorf("key %s is stored as %+v", key, row)
		}
		k := d.enters(auth.Credential{Bearer: key})
		if k.Via != auth.ViaKey || k.Credential != row.ID || k.Admin || !k.Can(auth.ScopeJobsRead) || k.Can(auth.ScopeJobsWrite) || k.Can(auth.ScopeAdmin) ||
			!k.May(team.ID, store.Admin) || k.May(own.ID, store.Viewer) {
			d.t.Errorf("principal is %+v", k)
		}
		_, _, err = d.CreateAPIKey(ctx, k, "child", "", []auth.Scope{auth.ScopeAdmin}, time.Time{})
		d.is(err, auth.ErrDenied)
		for _, wrong := range []string{key + "x", key[:len(key)-1], "rca_", "rca__", "rca_" + row.Prefix, "rca_none_none"} {
			d.barred(auth.Credential{Bearer: wrong})
		}
		admin, adminRow, err := d.CreateAPIKey(ctx, p, "ops", "", []auth.Scope{auth.ScopeAdmin}, time.Time{})
		d.ok(err)
		if k := d.enters(auth.Credential{Bearer: admin}); !k.Admin || !k.Can(auth.ScopeUploadsWrite) {
			d.t.Errorf("principal is %+v", k)
		}
		d.forward(time.Hour)
		d.barred(auth.Credential{Bearer: key})
		d.enters(auth.Credential{Bearer: admin})
		d.ok(d.store.RevokeAPIKey(ctx, d.user.ID, adminRow.ID))
		d.barred(auth.Credential{Bearer: admin})

		_, _, err = d.CreateAPIKey(ctx, p, "x", "none", []auth.Scope{"jobs:burn"}, time.Time{})
		d.is(err, store.ErrInvalid)
		_, _, err = d.CreateAPIKey(ctx, p, "x", "", nil, time.Time{})
		d.is(err, store.ErrInvalid)
		_, _, err = d.CreateAPIKey(ctx, p, "x", "", auth.Scopes, d.now())
		d.is(err, store.ErrInvalid)
		for range auth.MaxAPIKeys {
			_, _, err = d.CreateAPIKey(ctx, p, "x", "", auth.Scopes, time.Time{})
			d.ok(err)
		}
		_, _, err = d.CreateAPIKey(ctx, p, "x", "", auth.Scopes, time.Time{})
		d.is(err, auth.ErrDenied)
	})
}

func TestRoles(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		bob, err := d.CreateUser(ctx, "Bob", good, false)
		d.ok(err)
		team, err := d.store.CreateWorkspace(ctx, "Team", bob.ID)
		d.ok(err)
		cookie, _, err := d.StartSession(ctx, d.user, "", "")
		d.ok(err)
		f := func(viewer, analyst, admin bool) {
			d.t.Helper()
			p := d.enters(auth.Credential{Cookie: cookie})
			for role, want := range map[store.Role]bool{store.Viewer: viewer, store.Analyst: analyst, store.Admin: admin, "": false, "king": false} {
				if p.May(team.ID, role) != want {
					d.t.Errorf("may %q: %v, want %v", role, !want, want)
				}
			}
		}
		f(false, false, false)
		d.ok(d.store.SetMember(ctx, team.ID, d.user.ID, store.Viewer))
		f(true, false, false)
		d.ok(d.store.SetMember(ctx, team.ID, d.user.ID, store.Analyst))
		f(true, true, false)
		d.ok(d.store.SetMember(ctx, team.ID, d.user.ID, store.Admin))
		f(true, true, true)
		d.ok(d.store.RemoveMember(ctx, team.ID, d.user.ID))
		f(false, false, false)
		d.ok(d.store.SetAdmin(ctx, d.user.ID, true))
		f(true, true, true)
		if (auth.Principal{}).May(team.ID, store.Viewer) || (auth.Principal{}).Can(auth.ScopeJobsRead) {
			d.t.Error("nobody may something")
		}
	})
}

func TestSetup(t *testing.T) {
	each(t, func(d *door) {
		ctx := d.t.Context()
		void, err := d.SetupLink(ctx)
		d.ok(err)
		link, err := d.SetupLink(ctx)
		d.ok(err)
		_, err = d.Setup(ctx, void, "Root", good)
		d.is(err, auth.ErrCredentials)
		_, err = d.Setup(ctx, link, "Root", "short")
		d.is(err, auth.ErrPassword)
		_, err = d.Setup(ctx, link, "ada", good)
		d.is(err, store.ErrConflict)
		u, err := d.Setup(ctx, link, "Root", good)
		d.ok(err)
		if !u.Admin {
			d.t.Error("not an administrator")
		}
		_, err = d.Setup(ctx, link, "Root2", good)
		d.is(err, auth.ErrCredentials)
		_, err = d.SetupLink(ctx)
		d.is(err, auth.ErrDenied)
	})
}

func TestSetupLinkExpires(t *testing.T) {
	each(t, func(d *door) {
		link, err := d.SetupLink(d.t.Context())
		d.ok(err)
		d.forward(24 * time.Hour)
		_, err = d.Setup(d.t.Context(), link, "Root", good)
		d.is(err, auth.ErrCredentials)
	})
}
