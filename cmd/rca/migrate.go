package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/internal/store"
)

func newMigrate() *cobra.Command {
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the tables of the service to this version, or back",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var from serviceConfig
	sub := func(use, short string, run func(context.Context, *store.Store) error) *cobra.Command {
		s := &cobra.Command{Use: use, Short: short, Args: noArgs, RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := from.load()
			if err != nil {
				return err
			}
			s, err := cfg.openStore(c.Context())
			if err != nil {
				return err
			}
			return errors.Join(run(c.Context(), s), s.Close())
		}}
		from.add(s)
		c.AddCommand(s)
		return s
	}
	tell := func(ms []store.Migration) {
		for _, m := range ms {
			state := "to do"
			if m.Applied {
				state = "done"
			}
			if !m.At.IsZero() {
				state += " " + m.At.UTC().Format(time.DateTime)
			}
			fmt.Printf("%-6s %3d  %-28s %s\n", m.Of, m.Version, m.Name, state)
		}
	}
	sub("up", "Apply all migrations that are missing", func(ctx context.Context, s *store.Store) error {
		done, err := s.Migrate(ctx)
		tell(done)
		if err == nil && len(done) == 0 {
			fmt.Println("nothing to do")
		}
		return err
	})
	sub("status", "List the migrations", func(ctx context.Context, s *store.Store) error {
		all, err := s.MigrateStatus(ctx)
		tell(all)
		return err
	})
	var to int64
	var sure bool
	down := sub("down", "Take migrations back, with all data that their tables hold", func(ctx context.Context, s *store.Store) error {
		if !sure {
			return status{code: exitUsage, text: "migrate down deletes data", hint: "say --yes, after rca backup"}
		}
		return s.MigrateDown(ctx, to)
	})
	down.Flags().Int64Var(&to, "to", 0, "version to go back to; 0: no tables at all")
	down.Flags().BoolVar(&sure, "yes", false, "yes, delete what the tables hold")
	return c
}
