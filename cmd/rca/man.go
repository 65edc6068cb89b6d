//go:build man

package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// The writer of manual pages brings a Markdown parser whose tables cost every start 2 of 50 ms, so it is only in the build that
// "make man" runs.
func init() { more = append(more, newMan) }

// newMan writes the manual pages from the same source as --help.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages into a folder",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return status{code: exitUsage, text: "one folder is wanted", hint: "rca man FOLDER"}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := c.Root()
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{Title: "RCA", Section: "1", Source: "rca " + version}, args[0])
		},
	}
}
