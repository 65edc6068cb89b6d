package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/internal/know"
)

func newRules() *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "The failure knowledge: list it, test your own", Args: noArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(&cobra.Command{
		Use:   "test FILE.yml…",
		Short: "Check rule files: every entry must match its lines and not those under \"not\"",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return status{code: exitUsage, text: "no rule files were named", hint: "rca rules test FILE.yml…"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			bad, n := 0, 0
			for _, name := range args {
				b, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				l, err := know.With(&know.Library{}, name, b)
				if err != nil {
					return err
				}
				n += len(l.Entries)
				for _, e := range l.Check() {
					bad++
					fmt.Fprintln(os.Stderr, "rca:", safe(fmt.Sprintf("%s: %v", name, e)))
				}
			}
			if bad > 0 {
				return status{code: exitError, text: fmt.Sprintf("%d faults in %d entries", bad, n)}
			}
			fmt.Printf("%d entries, all of their lines match\n", n)
			return nil
		},
	}, &cobra.Command{
		Use:   "list",
		Short: "List the built-in entries",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, e := range know.Builtin().Entries {
				what := string(e.Category)
				if e.Change != "" {
					what = "change: " + e.Change
				} else if e.Benign {
					what = "benign"
				}
				fmt.Printf("%-34s %-20s %-22s %s\n", e.ID, e.System, what, e.Title)
			}
			return nil
		},
	})
	return c
}
