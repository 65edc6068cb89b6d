package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rca-engine/rca/internal/auth"
	"github.com/rca-engine/rca/internal/store"
)

func newUser() *cobra.Command {
	c := &cobra.Command{
		Use:   "user",
		Short: "Add, list and disable users of the service",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var from serviceConfig
	sub := func(use, short string, names int, run func(context.Context, *store.Store, *auth.Auth, []string) error) *cobra.Command {
		s := &cobra.Command{Use: use, Short: short, Args: func(c *cobra.Command, args []string) error {
			if len(args) != names {
				return status{code: exitUsage, text: fmt.Sprintf("%s takes %d names, %d are given", c.CommandPath(), names, len(args)), hint: "rca user " + use}
			}
			return nil
		}, RunE: func(c *cobra.Command, args []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			return cfg.withStore(c.Context(), func(s *store.Store) error {
				a, err := auth.New(c.Context(), s, cfg.authOptions())
				if err != nil {
					return err
				}
				return run(c.Context(), s, a, args)
			})
		}}
		from.add(s)
		c.AddCommand(s)
		return s
	}
	var admin bool
	add := sub("add NAME", "Add a user; the password is asked for, or read from standard input", 1, func(ctx context.Context, _ *store.Store, a *auth.Auth, args []string) error {
		password, err := askPassword()
		if err != nil {
			return err
		}
		u, err := a.CreateUser(ctx, args[0], password, admin)
		if err == nil {
			fmt.Println(u.ID)
		}
		return userError(args[0], err)
	})
	add.Flags().BoolVar(&admin, "admin", false, "an administrator of the whole service")
	sub("list", "List the users", 0, func(ctx context.Context, s *store.Store, _ *auth.Auth, _ []string) error {
		for p := (store.Page{Limit: store.MaxLimit}); ; {
			l, err := s.Users(ctx, p)
			if err != nil {
				return err
			}
			for _, u := range l.Items {
				fmt.Printf("%s  %-24s %-8s %s\n", u.ID, safe(u.Name), userState(u), lastLogin(u))
			}
			if p.Cursor = l.Next; p.Cursor == "" {
				return nil
			}
		}
	})
	byName := func(disabled bool) func(context.Context, *store.Store, *auth.Auth, []string) error {
		return func(ctx context.Context, s *store.Store, _ *auth.Auth, args []string) error {
			u, err := s.UserByName(ctx, args[0])
			if err == nil {
				err = s.SetDisabled(ctx, u.ID, disabled)
			}
			return userError(args[0], err)
		}
	}
	sub("disable NAME", "Lock a user out at once, with all tokens, keys and sessions", 1, byName(true))
	sub("enable NAME", "Let a disabled user in again", 1, byName(false))
	sub("reset-password NAME", "Set a new password; it is asked for, or read from standard input", 1, func(ctx context.Context, s *store.Store, a *auth.Auth, args []string) error {
		u, err := s.UserByName(ctx, args[0])
		if err != nil {
			return userError(args[0], err)
		}
		password, err := askPassword()
		if err != nil {
			return err
		}
		return userError(args[0], a.ResetPassword(ctx, u.ID, password))
	})
	return c
}

func userState(u store.User) string {
	switch {
	case u.Disabled:
		return "disabled"
	case u.Admin:
		return "admin"
	}
	return "user"
}

func lastLogin(u store.User) string {
	if u.LastLogin.IsZero() {
		return "never logged in"
	}
	return "last login " + u.LastLogin.UTC().Format(time.DateTime)
}

// userError says what an error of the store means for a name.
func userError(name string, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return status{code: exitError, text: fmt.Sprintf("there is no user %q", name), hint: "rca user list"}
	case errors.Is(err, store.ErrConflict):
		return status{code: exitError, text: fmt.Sprintf("there is a user %q already", name), hint: "rca user reset-password sets a new password"}
	}
	return err
}

// askPassword reads a password twice from a terminal without showing it, or one line from what else standard input is.
func askPassword() (string, error) {
	in := int(os.Stdin.Fd())
	if !term.IsTerminal(in) {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(os.Stderr, prompt)
		b, err := term.ReadPassword(in)
		fmt.Fprintln(os.Stderr)
		return string(b), err
	}
	first, err := ask("Password: ")
	if err != nil {
		return "", err
	}
	again, err := ask("Again: ")
	if err == nil && first != again {
		err = errors.New("the two passwords differ")
	}
	return first, err
}
