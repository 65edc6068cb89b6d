package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/store"
	"github.com/rca-engine/rca/internal/store/storetest"
)

func password(name, pass string) url.Values {
	return url.Values{"grant_type": {"password"}, "username": {name}, "password": {pass}}
}

type tokens struct {
	Access    string `json:"access_token"`
	Type      string `json:"token_type"`
	ExpiresIn int    `json:"expires_in"`
	Refresh   string `json:"refresh_token"`
}

func TestTokens(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		var a, b tokens
		s.ask("", "POST", "/auth/token", password("Ada", good)).is(200).into(&a)
		if a.Type != "bearer" || a.ExpiresIn != 900 {
			t.Errorf("tokens %+v", a)
		}
		var me struct {
			Username   string
			Via        string
			Workspaces []struct{ Name, Role string }
		}
		s.ask(a.Access, "GET", "/auth/me", nil).is(200).into(&me)
		if me.Username != "ada" || me.Via != "token" || len(me.Workspaces) != 2 {
			t.Errorf("me %+v", me)
		}
		refresh := func(token string) got {
			return s.ask("", "POST", "/auth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
		}
		refresh(a.Refresh).is(200).into(&b)
		refresh(a.Refresh).is(401) // a second time: stolen, so the whole login ends
		refresh(b.Refresh).is(401)
		s.forward(16 * time.Minute)
		if code := s.ask(a.Access, "GET", "/auth/me", nil).is(401).code(); code != "credentials" {
			t.Error(code)
		}
	})
}

func TestTokenTakesFormsAndNothingElseDoes(t *testing.T) {
	s := one(t, nil)
	s.ask("", "POST", "/auth/token", obj{"username": "ada", "password": good}).is(415)
	s.ask("", "POST", "/auth/session", password("ada", good)).is(415)
	s.ask("", "POST", "/auth/token", url.Values{"grant_type": {"client_credentials"}}).is(400)
	// No grant type is the original design's password.
	s.ask("", "POST", "/auth/token", url.Values{"username": {"ada"}, "password": {good}}).is(200)
}

// A name that nobody has is locked like one that somebody has.
func TestLockout(t *testing.T) {
	s := one(t, nil)
	for _, name := range []string{"ada", "nobody"} {
		for range 5 {
			s.ask("", "POST", "/auth/token", password(name, "wrong wrong wrong")).is(401)
		}
		g := s.ask("", "POST", "/auth/token", password(name, good)).is(429)
		if g.code() != "locked" || g.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: %s %s", name, g.Header, g.Body)
		}
	}
	s.forward(2 * time.Second)
	s.ask("", "POST", "/auth/token", password("ada", good)).is(200)
}

func TestSession(t *testing.T) {
	s := one(t, func(o *server.Options) { o.TLS = true })
	in := s.ask("", "POST", "/auth/session", obj{"username": "ada", "password": good}).is(200)
	c, err := http.ParseSetCookie(in.Header.Get("Set-Cookie"))
	s.ok(err)
	if c.Name != "__Host-rca_session" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
		t.Errorf("cookie %+v", c)
	}
	cookie := c.Name + "=" + c.Value
	s.ask("", "GET", "/auth/me", nil, "Cookie", cookie).is(200)
	if code := s.ask("", "POST", "/workspaces", obj{"name": "x"}, "Cookie", cookie, "Sec-Fetch-Site", "cross-site").is(403).code(); code != "cross_origin" {
		t.Error(code)
	}
	s.ask("", "POST", "/workspaces", obj{"name": "x"}, "Cookie", cookie, "Sec-Fetch-Site", "same-origin").is(201)
	s.ask("", "DELETE", "/auth/session", nil, "Cookie", cookie).is(204)
	s.ask("", "GET", "/auth/me", nil, "Cookie", cookie).is(401)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		login := func(agent string) string {
			in := s.ask("", "POST", "/auth/session", obj{"username": "ada", "password": good}, "User-Agent", agent).is(200)
			c, err := http.ParseSetCookie(in.Header.Get("Set-Cookie"))
			s.ok(err)
			return c.Name + "=" + c.Value
		}
		desk, phone := login("desk"), login("phone \xff"+strings.Repeat("é", 200))
		s.forward(time.Second)
		type list struct {
			Items []struct {
				ID, Address, Agent string
				Current            bool
				LastSeen           time.Time `json:"last_seen"`
			}
		}
		var l list
		s.ask("", "GET", "/auth/sessions", nil, "Cookie", desk).is(200).into(&l)
		if len(l.Items) != 2 {
			t.Fatalf("sessions %+v", l)
		}
		ended := ""
		for _, i := range l.Items {
			if i.Address != "127.0.0.1" || i.LastSeen.IsZero() || i.Current != (i.Agent == "desk") || strings.Contains(desk+phone, i.ID) {
				t.Errorf("session %+v", i)
			}
			if !i.Current {
				ended = i.ID
			}
		}
		s.ask("ben", "DELETE", "/auth/sessions/"+ended, nil).is(404) // another's
		s.ask("", "GET", "/auth/me", nil, "Cookie", phone).is(200)
		s.ask("", "DELETE", "/auth/sessions/"+ended, nil, "Cookie", desk).is(204)
		s.ask("", "DELETE", "/auth/sessions/"+ended, nil, "Cookie", desk).is(404)
		s.ask("", "GET", "/auth/me", nil, "Cookie", phone).is(401)
		s.ask("ada", "GET", "/auth/sessions", nil).is(200).into(&l) // by token none is the current one
		if len(l.Items) != 1 || l.Items[0].Current {
			t.Errorf("sessions %+v", l)
		}
		s.ask("ben", "GET", "/auth/sessions", nil).is(200).into(&l)
		if len(l.Items) != 0 {
			t.Errorf("ben sees %+v", l)
		}
	})
}

func TestChangePassword(t *testing.T) {
	s := one(t, nil)
	const next = "eight yellow tricycles"
	if code := s.ask("ada", "POST", "/auth/password", obj{"old": "wrong wrong wrong", "new": next}).is(403).code(); code != "wrong_password" {
		t.Error(code)
	}
	if code := s.ask("ada", "POST", "/auth/password", obj{"old": good, "new": "short"}).is(422).code(); code != "password" {
		t.Error(code)
	}
	s.ask("ada", "POST", "/auth/password", obj{"old": good, "new": next}).is(204)
	s.ask("ada", "GET", "/auth/me", nil).is(401) // the token was given before
	s.ask("", "POST", "/auth/token", password("ada", next)).is(200)
}

func TestSetup(t *testing.T) {
	s := one(t, nil)
	ctx := t.Context()
	s.ok(s.store.CreateSetupLink(ctx, strings.Repeat("0", 64), s.now().Add(time.Hour)))
	s.ask("", "POST", "/auth/setup", obj{"link": "guessed", "username": "zoe", "password": good}).is(401)
	if _, err := s.auth.SetupLink(ctx); err == nil {
		t.Error("there is an administrator, and yet a setup link")
	}
}

// The first start: the link makes one administrator, once, for as long as it lasts, and with a password that is good enough.
func TestFirstAdministrator(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := empty(t, url, nil)
		old, err := s.auth.SetupLink(t.Context())
		s.ok(err)
		s.forward(8 * 24 * time.Hour)
		setup := func(link, pass string) got {
			return s.ask("", "POST", "/auth/setup", obj{"link": link, "username": "zoe", "password": pass})
		}
		setup(old, good).is(401) // it has expired
		link, err := s.auth.SetupLink(t.Context())
		s.ok(err)
		if code := setup(link, "short").is(422).code(); code != "password" {
			t.Error(code)
		}
		var u struct {
			Username string
			Admin    bool
		}
		if setup(link, good).is(201).into(&u); u.Username != "zoe" || !u.Admin {
			t.Errorf("made %+v", u)
		}
		setup(link, good).is(401) // a second time
		var tok tokens
		s.ask("", "POST", "/auth/token", password("zoe", good)).is(200).into(&tok)
		s.ask(tok.Access, "GET", "/users", nil).is(200)
		var l struct{ Total int }
		if s.ask(tok.Access, "GET", "/audit?action=auth.setup", nil).is(200).into(&l); l.Total != 1 {
			t.Errorf("%d entries of it in the audit log", l.Total)
		}
		if strings.Contains(s.log.String(), link) {
			t.Error("the log holds the link")
		}
	})
}

// What changes something is told in the audit log, and no secret is in a log.
func TestAuditAndLog(t *testing.T) {
	s := one(t, nil)
	s.ask("", "POST", "/auth/token", password("ada", good)).is(200)
	var u struct{ ID string }
	s.ask("root", "POST", "/users", obj{"username": "fay", "password": "nine purple unicycles"}, "X-Request-ID", "request-of-root").is(201).into(&u)
	s.forward(time.Second)
	s.ask("root", "PATCH", "/users/"+u.ID, obj{"disabled": true}).is(200)
	s.ask("root", "PATCH", "/users/"+s.users["root"].ID, obj{"admin": false}).is(409) // the last administrator
	var l struct {
		Items []struct {
			Action, User, Object, Address string
			RequestID                     string `json:"request_id"`
		}
		Total int
	}
	g := s.ask("root", "GET", "/audit?user="+s.users["root"].ID, nil).is(200).into(&l)
	if l.Total != 2 || l.Items[1].Action != "user.create" || l.Items[1].Object != u.ID || l.Items[1].RequestID != "request-of-root" || l.Items[1].Address != "127.0.0.1" ||
		l.Items[0].Action != "user.update" {
		t.Errorf("audit %s", g.Body)
	}
	s.ask("root", "GET", "/audit?action=auth.token", nil).is(200).into(&l)
	if l.Total != 1 || l.Items[0].User != s.users["ada"].ID {
		t.Errorf("audit %+v", l)
	}
	for _, secret := range []string{good, "unicycles", s.tokens["root"]} {
		if strings.Contains(s.log.String(), secret) || strings.Contains(string(g.Body), secret) {
			t.Errorf("a log holds %s", secret)
		}
	}
	if !strings.Contains(s.log.String(), `"user":"`+s.users["root"].ID) {
		t.Error("the log does not tell who asked")
	}
}

// Whoever is told of a success finds it in the audit log at once: the entry is written before the answer.
func TestAuditIsWrittenBeforeTheAnswer(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		for range 25 {
			var w struct{ ID string }
			s.ask("ada", "POST", "/workspaces", obj{"name": "team"}).is(201).into(&w)
			n, err := s.store.Audit(t.Context(), store.AuditFilter{Action: "workspace.create"}, store.Page{Limit: 1})
			s.ok(err)
			if len(n.Items) != 1 || n.Items[0].Object != w.ID {
				t.Fatalf("the newest entry is %+v, want one of %s", n.Items, w.ID)
			}
			s.forward(time.Millisecond)
		}
		s.ask("ben", "POST", "/workspaces", obj{"name": ""}).is(422)
		s.ask("ada", "PUT", "/workspaces/"+s.shared.ID+"/members", obj{"username": "ada", "role": "viewer"}).is(409) // the last administrator: nothing was done
		l, err := s.store.Audit(t.Context(), store.AuditFilter{Action: "member.set"}, store.Page{})
		s.ok(err)
		if len(l.Items) != 0 {
			t.Errorf("what was refused is told as done: %+v", l.Items)
		}

		// Of a form that tears, the files that had come are kept, and told.
		torn := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.log\"\r\n\r\n" + log + "\r\n--b\r\nContent-Disp"
		s.ask("ada", "POST", "/uploads", torn, "Content-Type", "multipart/form-data; boundary=b").is(400)
		var up struct{ Items []uploaded }
		s.ask("ada", "GET", "/uploads", nil).is(200).into(&up)
		l, err = s.store.Audit(t.Context(), store.AuditFilter{Action: "upload.create"}, store.Page{})
		s.ok(err)
		if len(up.Items) != 1 || len(l.Items) != 1 || l.Items[0].Object != up.Items[0].ID {
			t.Errorf("uploads %+v, audit %+v", up.Items, l.Items)
		}
	})
}
