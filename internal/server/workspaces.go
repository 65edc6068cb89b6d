package server

import (
	"context"
	"slices"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

type workspaceView struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Personal  string    `json:"personal,omitempty" doc:"Id of the user whose own it is."`
	CreatedAt time.Time `json:"created_at"`
}

func viewWorkspace(w store.Workspace) workspaceView {
	return workspaceView{w.ID, w.Name, w.Personal, w.Created}
}

type workspaceOutput struct{ Body workspaceView }

type WorkspaceID struct {
	ID string `path:"id" maxLength:"64"`
}

type listWorkspacesInput struct {
	Paged
	All bool `query:"all" doc:"Also those that I am not in, for administrators of the service."`
}

func (s *Server) listWorkspaces(ctx context.Context, in *listWorkspacesInput) (*listOutput[workspaceView], error) {
	who := requestOf(ctx).who
	if in.All && who.Admin {
		l, err := s.store.Workspaces(ctx, in.page())
		return viewList(l, viewWorkspace), err
	}
	mine, err := s.store.WorkspacesOf(ctx, who.User)
	mine = slices.DeleteFunc(mine, func(w store.Workspace) bool { _, may := who.Roles[w.ID]; return !may })
	return viewAll(mine, viewWorkspace), err
}

type workspaceNameBody struct {
	Name string `json:"name" minLength:"1" maxLength:"100"`
}

type createWorkspaceInput struct{ Body workspaceNameBody }

func (s *Server) createWorkspace(ctx context.Context, in *createWorkspaceInput) (*workspaceOutput, error) {
	w, err := s.store.CreateWorkspace(ctx, in.Body.Name, requestOf(ctx).who.User)
	requestOf(ctx).note(w.ID, nil)
	return &workspaceOutput{viewWorkspace(w)}, err
}

func (s *Server) getWorkspace(ctx context.Context, in *WorkspaceID) (*workspaceOutput, error) {
	w, err := s.store.Workspace(ctx, in.ID)
	return &workspaceOutput{viewWorkspace(w)}, err
}

type renameWorkspaceInput struct {
	WorkspaceID
	Body workspaceNameBody
}

func (s *Server) renameWorkspace(ctx context.Context, in *renameWorkspaceInput) (*workspaceOutput, error) {
	if err := s.store.RenameWorkspace(ctx, in.ID, in.Body.Name); err != nil {
		return nil, err
	}
	return s.getWorkspace(ctx, &in.WorkspaceID)
}

func (s *Server) deleteWorkspace(ctx context.Context, in *WorkspaceID) (*struct{}, error) {
	return nil, s.store.DeleteWorkspace(ctx, in.ID)
}

type memberView struct {
	User     string     `json:"user"`
	Username string     `json:"username"`
	Role     store.Role `json:"role" enum:"viewer,analyst,admin"`
	Since    time.Time  `json:"since"`
}

func viewMember(m store.Member) memberView { return memberView{m.User, m.Name, m.Role, m.Created} }

func (s *Server) listMembers(ctx context.Context, in *WorkspaceID) (*listOutput[memberView], error) {
	all, err := s.store.Members(ctx, in.ID)
	return viewAll(all, viewMember), err
}

type setMemberInput struct {
	WorkspaceID
	Body struct {
		Username string     `json:"username" minLength:"1" maxLength:"200"`
		Role     store.Role `json:"role" enum:"viewer,analyst,admin"`
	}
}

func (s *Server) setMember(ctx context.Context, in *setMemberInput) (*listOutput[memberView], error) {
	u, err := s.store.UserByName(ctx, in.Body.Username)
	if err != nil {
		return nil, err
	}
	requestOf(ctx).note(in.ID, map[string]any{"user": u.ID, "role": in.Body.Role})
	if err := s.store.SetMember(ctx, in.ID, u.ID, in.Body.Role); err != nil {
		return nil, err
	}
	return s.listMembers(ctx, &in.WorkspaceID)
}

type removeMemberInput struct {
	WorkspaceID
	User string `path:"user" maxLength:"64"`
}

func (s *Server) removeMember(ctx context.Context, in *removeMemberInput) (*listOutput[memberView], error) {
	requestOf(ctx).note(in.ID, map[string]any{"user": in.User})
	if err := s.store.RemoveMember(ctx, in.ID, in.User); err != nil {
		return nil, err
	}
	return s.listMembers(ctx, &in.WorkspaceID)
}
