package auth

import (
	"context"
	"slices"
	"strings"

	"github.com/rca-engine/rca/internal/store"
)

// Via says by what somebody came in.
type Via string

// The ways. Only a session's cookie is sent by a browser unasked, so only it needs protection against forged requests.
const (
	ViaToken   Via = "token"
	ViaKey     Via = "key"
	ViaSession Via = "session"
)

// Principal is who asks.
type Principal struct {
	User       string // id
	Name       string
	Admin      bool // of the whole service; a key needs the scope admin for it
	Via        Via
	Credential string  // id of the token or key, hash of the session: for logs and limits
	Scopes     []Scope // of a key; the others are not bounded
	Roles      map[string]store.Role
	only       string // the one workspace that a key is good for
}

// Credential is what a request carries. When it has both, Bearer counts.
type Credential struct {
	Bearer string // of the header Authorization: an access token or an API key
	Cookie string // of a session
}

// Authenticate returns who a credential stands for, or ErrCredentials.
func (a *Auth) Authenticate(ctx context.Context, c Credential) (Principal, error) {
	switch {
	case strings.HasPrefix(c.Bearer, keyMark):
		return a.fromKey(ctx, c.Bearer)
	case c.Bearer != "":
		return a.fromToken(ctx, c.Bearer)
	case c.Cookie != "":
		return a.fromSession(ctx, c.Cookie)
	}
	return Principal{}, ErrCredentials
}

// principal fills in what the user may do.
func (a *Auth) principal(ctx context.Context, u store.User, p Principal) (Principal, error) {
	if u.Disabled {
		return Principal{}, ErrCredentials
	}
	members, err := a.store.Memberships(ctx, u.ID)
	if err != nil {
		return Principal{}, err
	}
	p.User, p.Name, p.Roles = u.ID, u.Name, map[string]store.Role{}
	p.Admin = u.Admin && p.Can(ScopeAdmin) && p.only == ""
	for _, m := range members {
		if p.only == "" || p.only == m.Workspace {
			p.Roles[m.Workspace] = m.Role
		}
	}
	return p, nil
}

var ranks = map[store.Role]int{store.Viewer: 1, store.Analyst: 2, store.Admin: 3}

// May reports whether the principal may what a role may in a workspace. An administrator of the service may everything.
func (p Principal) May(workspace string, role store.Role) bool {
	need, known := ranks[role]
	if !known {
		return false
	}
	return p.Admin || ranks[p.Roles[workspace]] >= need
}

// Can reports whether a key has a scope; a token and a session have all.
func (p Principal) Can(s Scope) bool {
	return p.Via == ViaToken || p.Via == ViaSession || p.Via == ViaKey && (slices.Contains(p.Scopes, s) || slices.Contains(p.Scopes, ScopeAdmin))
}
