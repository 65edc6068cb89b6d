package server

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
)

type tokenInput struct {
	// Read raw: a decoder for forms would be one for every operation, and a page of another origin can send a form unasked.
	RawBody     []byte `contentType:"application/x-www-form-urlencoded"`
	ContentType string `header:"Content-Type" hidden:"true"`
}

type tokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type" enum:"bearer"`
	ExpiresIn    int64  `json:"expires_in" doc:"Seconds."`
	RefreshToken string `json:"refresh_token" doc:"Good once, for the next tokens."`
}

type tokenOutput struct{ Body tokens }

// token is OAuth2's password and refresh grant.
func (s *Server) token(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
	if t, _, err := mime.ParseMediaType(in.ContentType); err != nil || t != form {
		return nil, newProblem(http.StatusUnsupportedMediaType, "media_type", "the body must be a form, "+form)
	}
	f, err := url.ParseQuery(string(in.RawBody))
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "malformed", "the body is not a form")
	}
	var t auth.Tokens
	switch f.Get("grant_type") {
	case "password", "": // the original design's clients send none
		var u store.User
		if u, err = s.signIn(ctx, f.Get("username"), f.Get("password")); err != nil {
			return nil, err
		}
		t, err = s.auth.IssueTokens(ctx, u)
	case "refresh_token":
		if t, err = s.auth.Refresh(ctx, f.Get("refresh_token")); errors.Is(err, store.ErrReused) {
			s.log.WarnContext(ctx, "a refresh token came twice, its login was ended", "request_id", requestOf(ctx).id, "address", requestOf(ctx).address.String())
		}
	default:
		return nil, newProblem(http.StatusBadRequest, "grant", "grant_type must be password or refresh_token")
	}
	if err != nil {
		return nil, err
	}
	return &tokenOutput{tokens{t.Access, "bearer", int64(t.ExpiresIn / time.Second), t.Refresh}}, nil
}

// signIn checks a password and notes for log and audit who it was.
func (s *Server) signIn(ctx context.Context, name, password string) (store.User, error) {
	u, err := s.auth.Login(ctx, name, password)
	if err == nil {
		requestOf(ctx).note(u.ID, nil)
	}
	return u, err
}

type revokeInput struct {
	Body struct {
		RefreshToken string `json:"refresh_token" maxLength:"200"`
	}
}

func (s *Server) revokeToken(ctx context.Context, in *revokeInput) (*struct{}, error) {
	return nil, s.auth.Revoke(ctx, in.Body.RefreshToken)
}

type passwordLogin struct {
	Body struct {
		Username string `json:"username" maxLength:"200"`
		Password string `json:"password" maxLength:"1000" format:"password"`
	}
	Agent string `header:"User-Agent" hidden:"true"`
}

type sessionOutput struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   whoami
}

// login begins a session of a browser. Its cookie is out of reach of scripts and is sent from our own pages alone.
func (s *Server) login(ctx context.Context, in *passwordLogin) (*sessionOutput, error) {
	u, err := s.signIn(ctx, in.Body.Username, in.Body.Password)
	if err != nil {
		return nil, err
	}
	value, ends, err := s.auth.StartSession(ctx, u, requestOf(ctx).address.String(), in.Agent)
	if err != nil {
		return nil, err
	}
	who, err := s.auth.Authenticate(ctx, auth.Credential{Cookie: value})
	if err != nil {
		return nil, err
	}
	me, err := s.whoami(ctx, who)
	return &sessionOutput{s.cookie(value, ends), me}, err
}

func (s *Server) cookie(value string, ends time.Time) http.Cookie {
	return http.Cookie{Name: s.cookieName(), Value: value, Path: "/", Expires: ends, HttpOnly: true, Secure: s.opts.TLS, SameSite: http.SameSiteLaxMode}
}

type logoutInput struct{ request *http.Request }

// Resolve keeps the request, for the cookie's name depends on the options.
func (in *logoutInput) Resolve(c huma.Context) []error {
	in.request = requestIn(c)
	return nil
}

type logoutOutput struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) logout(ctx context.Context, in *logoutInput) (*logoutOutput, error) {
	if c, err := in.request.Cookie(s.cookieName()); err == nil {
		if err := s.auth.EndSession(ctx, c.Value); err != nil {
			return nil, err
		}
	}
	gone := s.cookie("", time.Time{})
	gone.MaxAge = -1
	return &logoutOutput{gone}, nil
}

type setupInput struct {
	Body struct {
		Link     string `json:"link" maxLength:"200" doc:"The secret at the end of the setup link."`
		Username string `json:"username" maxLength:"200"`
		Password string `json:"password" maxLength:"1000" format:"password"`
	}
}

func (s *Server) setup(ctx context.Context, in *setupInput) (*userOutput, error) {
	u, err := s.auth.Setup(ctx, in.Body.Link, in.Body.Username, in.Body.Password)
	if err != nil {
		return nil, err
	}
	requestOf(ctx).note(u.ID, nil)
	return &userOutput{Body: viewUser(u)}, nil
}

type membership struct {
	Workspace string     `json:"workspace"`
	Name      string     `json:"name"`
	Role      store.Role `json:"role" enum:"viewer,analyst,admin"`
	Personal  bool       `json:"personal" doc:"It is the user's own, and taken where none is named."`
}

type whoami struct {
	ID         string       `json:"id"`
	Username   string       `json:"username"`
	Admin      bool         `json:"admin" doc:"Of the whole service."`
	Via        auth.Via     `json:"via" enum:"token,key,session"`
	Scopes     []auth.Scope `json:"scopes,omitempty" nullable:"false" doc:"Of an API key."`
	Workspaces []membership `json:"workspaces" nullable:"false"`
}

type meOutput struct{ Body whoami }

func (s *Server) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	me, err := s.whoami(ctx, requestOf(ctx).who)
	return &meOutput{me}, err
}

func (s *Server) whoami(ctx context.Context, who auth.Principal) (whoami, error) {
	me := whoami{ID: who.User, Username: who.Name, Admin: who.Admin, Via: who.Via, Scopes: who.Scopes, Workspaces: []membership{}}
	all, err := s.store.WorkspacesOf(ctx, who.User)
	for _, w := range all {
		if r, may := who.Roles[w.ID]; may {
			me.Workspaces = append(me.Workspaces, membership{w.ID, w.Name, r, w.Personal == who.User})
		}
	}
	return me, err
}

type changePasswordInput struct {
	Body struct {
		Old string `json:"old" maxLength:"1000" format:"password"`
		New string `json:"new" maxLength:"1000" format:"password"`
	}
}

func (s *Server) changePassword(ctx context.Context, in *changePasswordInput) (*struct{}, error) {
	who := requestOf(ctx).who
	requestOf(ctx).note(who.User, nil)
	err := s.auth.ChangePassword(ctx, who.Name, in.Body.Old, in.Body.New)
	if errors.Is(err, auth.ErrCredentials) { // 401 would send the client to log in again
		return nil, newProblem(http.StatusForbidden, "wrong_password", "the old password is wrong")
	}
	return nil, err
}
