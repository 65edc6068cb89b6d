package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/rca-engine/rca/internal/store"
)

// Tokens are what a program that logged in gets.
type Tokens struct {
	Access    string
	ExpiresIn time.Duration // of the access token
	Refresh   string        // good once, for the next Tokens
}

// claims are what an access token says.
type claims struct {
	jwt.RegisteredClaims
	Version int64 `json:"ver"` // the user's TokenVersion when it was made
}

// IssueTokens makes the first tokens after a login.
func (a *Auth) IssueTokens(ctx context.Context, u store.User) (Tokens, error) {
	now := a.opts.Now()
	refresh := secret()
	if err := a.store.CreateRefreshToken(ctx, digest(refresh), store.NewID(now), u.ID, now.Add(a.opts.RefreshTTL)); err != nil {
		return Tokens{}, err
	}
	return a.tokens(ctx, u, refresh)
}

// Refresh changes a refresh token for new tokens. One that was used before was stolen, here or there: all tokens that
// followed from that login are void then, and the error is store.ErrReused as well as ErrCredentials.
func (a *Auth) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	next := secret()
	t, err := a.store.RotateRefreshToken(ctx, digest(refresh), digest(next), a.opts.Now().Add(a.opts.RefreshTTL))
	if errors.Is(err, store.ErrReused) {
		return Tokens{}, fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	if err != nil {
		return Tokens{}, refused(err)
	}
	u, err := a.store.User(ctx, t.User)
	if err != nil {
		return Tokens{}, refused(err)
	}
	if u.Disabled {
		return Tokens{}, ErrCredentials
	}
	return a.tokens(ctx, u, next)
}

// Revoke ends a login: its refresh tokens are void. Access tokens last until they expire.
func (a *Auth) Revoke(ctx context.Context, refresh string) error {
	family, err := a.store.RefreshTokenFamily(ctx, digest(refresh))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.store.RevokeFamily(ctx, family)
}

func (a *Auth) tokens(ctx context.Context, u store.User, refresh string) (Tokens, error) {
	key, err := a.signingKey(ctx)
	if err != nil {
		return Tokens{}, err
	}
	now := a.opts.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{jwt.RegisteredClaims{
		Issuer:    a.opts.Issuer,
		Audience:  jwt.ClaimStrings{a.opts.Audience},
		Subject:   u.ID,
		ID:        store.NewID(now),
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(a.opts.AccessTTL)),
	}, u.TokenVersion})
	t.Header["kid"] = key.ID
	signed, err := t.SignedString(key.Secret)
	if err != nil {
		return Tokens{}, fmt.Errorf("sign access token: %w", err)
	}
	return Tokens{Access: signed, ExpiresIn: a.opts.AccessTTL, Refresh: refresh}, nil
}

// fromToken returns who an access token stands for.
func (a *Auth) fromToken(ctx context.Context, token string) (Principal, error) {
	var c claims
	var broken error // the database's, which is not the token's fault
	_, err := jwt.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key, err := a.verifyingKey(ctx, kid)
		if err != nil && !errors.Is(err, ErrCredentials) {
			broken = err
		}
		return key, err
	}, jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Name}), jwt.WithIssuer(a.opts.Issuer), jwt.WithAudience(a.opts.Audience), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(a.opts.Now))
	if broken != nil {
		return Principal{}, broken
	}
	if err != nil {
		return Principal{}, fmt.Errorf("%w: %s", ErrCredentials, strings.TrimPrefix(err.Error(), "token is unverifiable: "))
	}
	u, err := a.store.User(ctx, c.Subject)
	if err != nil {
		return Principal{}, refused(err)
	}
	if u.TokenVersion != c.Version {
		return Principal{}, ErrCredentials
	}
	return a.principal(ctx, u, Principal{Via: ViaToken, Credential: c.ID})
}
