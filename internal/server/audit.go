package server

import (
	"context"
	"encoding/json"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

type auditView struct {
	ID        string          `json:"id"`
	At        time.Time       `json:"at"`
	User      string          `json:"user,omitempty"`
	Workspace string          `json:"workspace,omitempty"`
	Action    string          `json:"action"`
	Object    string          `json:"object,omitempty"`
	Address   string          `json:"address"`
	RequestID string          `json:"request_id"`
	Detail    json.RawMessage `json:"detail"`
}

func viewAudit(a store.Audit) auditView {
	return auditView{a.ID, a.At, a.User, a.Workspace, a.Action, a.Object, a.Address, a.RequestID, object(a.Detail)}
}

type AuditFilter struct {
	User   string    `query:"user" maxLength:"64"`
	Action string    `query:"action" maxLength:"64"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to"`
}

type auditInput struct {
	Paged
	Where
	AuditFilter
}

func (s *Server) auditLog(ctx context.Context, in *auditInput) (*listOutput[auditView], error) {
	return s.auditOf(ctx, in.Workspace, in.AuditFilter, in.Paged)
}

type workspaceAuditInput struct {
	WorkspaceID
	Paged
	AuditFilter
}

func (s *Server) workspaceAudit(ctx context.Context, in *workspaceAuditInput) (*listOutput[auditView], error) {
	return s.auditOf(ctx, in.ID, in.AuditFilter, in.Paged)
}

func (s *Server) auditOf(ctx context.Context, workspace string, f AuditFilter, p Paged) (*listOutput[auditView], error) {
	l, err := s.store.Audit(ctx, store.AuditFilter{Workspace: workspace, User: f.User, Action: f.Action, From: f.From, To: f.To}, p.page())
	return viewList(l, viewAudit), err
}
