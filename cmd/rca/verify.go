package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/report"
)

func newVerify() *cobra.Command {
	var in inputFlags
	c := &cobra.Command{
		Use:   "verify REPORT.json PATH…",
		Short: "Check every quote of a report against the logs again",
		Long: `Reads the logs anew and compares each quoted line, byte for byte, by its position and SHA-256. Exits with 0 when all
quotes hold and with 1 when one does not, or cannot be compared because the report is redacted. Name the logs, and the baseline if the report cites it, as they were named for
the report.`,
		Example: "  rca verify report.json incident/",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return status{code: exitUsage, text: "a report and the logs that it cites are wanted", hint: "rca verify REPORT.json PATH…"}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o, err := in.options(c.Context(), args[1:])
			if err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			rep, err := report.Read(f)
			if err != nil {
				return fmt.Errorf("read %s: %w", args[0], err)
			}
			checks, err := analyze.Verify(c.Context(), rep, args[1:], o)
			if err != nil {
				return err
			}
			bad, redacted := 0, 0
			for _, k := range checks {
				if k.Redacted {
					redacted++
				}
				if k.Err != "" {
					bad++
					fmt.Printf("%-5s %s:%d: %s\n", safe(k.ID), safe(k.File), k.Line, safe(k.Err))
				}
			}
			if bad > 0 {
				return status{code: exitError, text: fmt.Sprintf("%d of %d quotes do not hold", bad, len(checks)), hint: "the logs were changed since the report was made, or other ones were named"}
			}
			if redacted > 0 {
				return status{code: exitError, text: fmt.Sprintf("%d of %d quotes are redacted and cannot be compared; the other %d hold", redacted, len(checks), len(checks)-redacted),
					hint: "rca analyze without --redact makes a report that can be checked"}
			}
			fmt.Printf("all %d quotes hold\n", len(checks))
			return nil
		},
	}
	in.add(c)
	return c
}
