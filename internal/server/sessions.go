package server

import (
	"context"
	"time"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
)

type sessionView struct {
	ID        string    `json:"id" doc:"By which the session is ended; it opens nothing."`
	Current   bool      `json:"current" doc:"It is the one that asks."`
	Address   string    `json:"address" doc:"From which the browser logged in."`
	Agent     string    `json:"agent" doc:"What the browser says of itself."`
	CreatedAt time.Time `json:"created_at"`
	LastSeen  time.Time `json:"last_seen" doc:"To the minute."`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) listSessions(ctx context.Context, _ *struct{}) (*listOutput[sessionView], error) {
	who := requestOf(ctx).who
	all, err := s.store.SessionsOf(ctx, who.User)
	return viewAll(all, func(h store.Session) sessionView {
		return sessionView{h.Hash, who.Via == auth.ViaSession && h.Hash == who.Credential, h.Address, h.Agent, h.Created, h.LastSeen, h.Expires}
	}), err
}

type sessionID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) endSession(ctx context.Context, in *sessionID) (*struct{}, error) {
	return nil, s.store.EndSessionOf(ctx, requestOf(ctx).who.User, in.ID)
}
