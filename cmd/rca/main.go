// Command rca reads logs and tells the root cause of an incident, with the lines that prove it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker.
var version = "dev"

// Exit statuses of the command line.
const (
	exitOK           = 0
	exitError        = 1
	exitUsage        = 2
	exitInconclusive = 3
	exitNoIncident   = 4
)

// status is an error that carries an exit status; an empty text prints nothing.
type status struct {
	code int
	text string
	hint string
}

func (s status) Error() string { return s.text }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var s status
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &s):
		if s.text != "" {
			fmt.Fprintln(os.Stderr, "rca:", s.text)
		}
		if s.hint != "" {
			fmt.Fprintln(os.Stderr, "rca: hint:", s.hint)
		}
		return s.code
	default:
		fmt.Fprintln(os.Stderr, "rca:", err)
		return exitError
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "rca",
		Short:         "Find the root cause of an incident in any logs, with the lines that prove it",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return status{code: exitUsage, text: err.Error(), hint: "rca " + c.Name() + " --help lists the options"}
	})
	root.AddCommand(newAnalyze(), newVerify(), newDiff(), newRecords(), newTemplates(), newExplainFormat(), newRules(), newMan(), newVersion())
	return root
}
