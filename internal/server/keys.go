package server

import (
	"context"
	"time"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
)

type KeyView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Prefix    string     `json:"prefix" doc:"By which the key is told from others; it is no secret."`
	Workspace string     `json:"workspace,omitempty" doc:"The only one that it is good for."`
	Scopes    []string   `json:"scopes" nullable:"false"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

func viewKey(k store.APIKey) KeyView {
	return KeyView{k.ID, k.Name, k.Prefix, k.Workspace, k.Scopes, k.Created, when(k.Expires), when(k.LastUsed), when(k.Revoked)}
}

func (s *Server) listKeys(ctx context.Context, _ *struct{}) (*listOutput[KeyView], error) {
	all, err := s.store.APIKeysOf(ctx, requestOf(ctx).who.User)
	return viewAll(all, viewKey), err
}

type createKeyInput struct {
	Body struct {
		Name      string       `json:"name" minLength:"1" maxLength:"200"`
		Workspace string       `json:"workspace,omitempty" maxLength:"64" doc:"The only one that it is good for; default all of mine."`
		Scopes    []auth.Scope `json:"scopes" minItems:"1" maxItems:"10" nullable:"false" enum:"jobs:read,jobs:write,uploads:write,incidents:write,admin"`
		ExpiresAt time.Time    `json:"expires_at,omitzero" doc:"Default never."`
	}
}

type createKeyOutput struct {
	Body struct {
		KeyView
		Secret string `json:"secret" doc:"The key itself. It is shown only now."`
	}
}

func (s *Server) createKey(ctx context.Context, in *createKeyInput) (*createKeyOutput, error) {
	b, st := in.Body, requestOf(ctx)
	if b.Workspace != "" {
		if err := s.exists(ctx, st, b.Workspace); err != nil {
			return nil, err
		}
	}
	secret, k, err := s.auth.CreateAPIKey(ctx, st.who, b.Name, b.Workspace, b.Scopes, b.ExpiresAt)
	if err != nil {
		return nil, err
	}
	st.note(k.ID, map[string]any{"prefix": k.Prefix, "scopes": k.Scopes, "workspace": k.Workspace})
	out := &createKeyOutput{}
	out.Body.KeyView, out.Body.Secret = viewKey(k), secret
	return out, nil
}

type KeyID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) revokeKey(ctx context.Context, in *KeyID) (*struct{}, error) {
	return nil, s.store.RevokeAPIKey(ctx, requestOf(ctx).who.User, in.ID)
}
