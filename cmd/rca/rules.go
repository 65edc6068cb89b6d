package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/internal/know"
)

func newRules() *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "The failure knowledge: list it, test your own"}
	c.AddCommand(&cobra.Command{
		Use:   "test FILE.yml…",
		Short: "Check rule files: every entry must match its lines and not those under \"not\"",
		Args:  somePaths,
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
					fmt.Fprintf(os.Stderr, "rca: %s: %v\n", name, e)
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
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			l, err := know.Builtin()
			if err != nil {
				return err
			}
			for _, e := range l.Entries {
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
