package server

import (
	"context"
	"time"

	"github.com/rca-engine/rca/internal/store"
)

type userView struct {
	ID          string     `json:"id"`
	Username    string     `json:"username"`
	Admin       bool       `json:"admin" doc:"Of the whole service."`
	Disabled    bool       `json:"disabled"`
	LockedUntil *time.Time `json:"locked_until,omitempty" doc:"After too many wrong passwords."`
	CreatedAt   time.Time  `json:"created_at"`
	LastLogin   *time.Time `json:"last_login,omitempty"`
}

func viewUser(u store.User) userView {
	return userView{u.ID, u.Name, u.Admin, u.Disabled, when(u.LockedUntil), u.Created, when(u.LastLogin)}
}

type userOutput struct{ Body userView }

type UserID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) listUsers(ctx context.Context, in *Paged) (*listOutput[userView], error) {
	l, err := s.store.Users(ctx, in.page())
	return viewList(l, viewUser), err
}

type createUserInput struct {
	Body struct {
		Username string `json:"username" minLength:"1" maxLength:"200"`
		Password string `json:"password" maxLength:"1000" format:"password"`
		Admin    bool   `json:"admin,omitempty"`
	}
}

func (s *Server) createUser(ctx context.Context, in *createUserInput) (*userOutput, error) {
	u, err := s.auth.CreateUser(ctx, in.Body.Username, in.Body.Password, in.Body.Admin)
	if err != nil {
		return nil, err
	}
	requestOf(ctx).note(u.ID, map[string]any{"username": u.Name, "admin": u.Admin})
	return &userOutput{viewUser(u)}, nil
}

func (s *Server) getUser(ctx context.Context, in *UserID) (*userOutput, error) {
	u, err := s.store.User(ctx, in.ID)
	return &userOutput{viewUser(u)}, err
}

type updateUserInput struct {
	UserID
	Body struct {
		Admin    *bool `json:"admin,omitempty"`
		Disabled *bool `json:"disabled,omitempty"`
	}
}

func (s *Server) updateUser(ctx context.Context, in *updateUserInput) (*userOutput, error) {
	var u store.User
	err := s.store.InTx(ctx, func(tx *store.Tx) error {
		if in.Body.Admin != nil {
			if err := tx.SetAdmin(ctx, in.ID, *in.Body.Admin); err != nil {
				return err
			}
		}
		if in.Body.Disabled != nil {
			if err := tx.SetDisabled(ctx, in.ID, *in.Body.Disabled); err != nil {
				return err
			}
		}
		var err error
		u, err = tx.User(ctx, in.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	requestOf(ctx).note(u.ID, map[string]any{"admin": u.Admin, "disabled": u.Disabled})
	return &userOutput{viewUser(u)}, nil
}

type resetPasswordInput struct {
	UserID
	Body struct {
		Password string `json:"password" maxLength:"1000" format:"password"`
	}
}

func (s *Server) resetPassword(ctx context.Context, in *resetPasswordInput) (*struct{}, error) {
	return nil, s.auth.ResetPassword(ctx, in.ID, in.Body.Password)
}
