package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/internal/incident"
)

// newAttempt is the command that a worker starts for each attempt at a job, so that logs which break the engine break no worker.
// It is not for people: what it reads and prints may change with every version.
func newAttempt() *cobra.Command {
	return &cobra.Command{
		Use:    "attempt",
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return incident.Attempt(c.Context(), os.Stdin, os.Stdout)
		},
	}
}
