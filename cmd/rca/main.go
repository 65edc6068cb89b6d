// Command rca reads logs and tells the root cause of an incident, with the lines that prove it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
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
	exitInterrupted  = 130 // as a shell tells it of SIGINT
)

// status is an error that carries an exit status; an empty text prints nothing.
type status struct {
	code int
	text string
	hint string
}

func (s status) Error() string { return s.text }

// softMemory is from where on the collector works harder, in bytes. What an analysis keeps is bounded well below it, whatever the
// size of the input (docs/performance.md); without it the heap may grow to twice of that before it is collected.
const softMemory = 176 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process at once
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
			fmt.Fprintln(os.Stderr, "rca:", safe(s.text))
		}
		if s.hint != "" {
			fmt.Fprintln(os.Stderr, "rca: hint:", safe(s.hint))
		}
		return s.code
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "rca: interrupted")
		return exitInterrupted
	default:
		fmt.Fprintln(os.Stderr, "rca:", safe(err.Error()))
		return exitError
	}
}

// more holds the commands that only some builds have.
var more []func() *cobra.Command

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "rca",
		Short:         "Find the root cause of an incident in any logs, with the lines that prove it",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return status{code: exitUsage, text: err.Error(), hint: c.CommandPath() + " --help lists the options"}
	})
	root.AddCommand(newAnalyze(), newVerify(), newDiff(), newRecords(), newTemplates(), newExplainFormat(), newRedact(), newRules(), newEval(), newMemory(), newServe(), newWorker(), newPush(), newConfig(), newMigrate(), newUser(), newBackup(), newRestore(), newFsck(), newModels(), newVersion(), newAttempt())
	for _, c := range more {
		root.AddCommand(c())
	}
	return root
}

// noArgs refuses arguments: those of the root and of a group are words that are no command.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s takes no arguments, not even %q", c.CommandPath(), args[0])
	if c.HasAvailableSubCommands() {
		text = fmt.Sprintf("unknown command %q", args[0])
		c.SuggestionsMinimumDistance = 2
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			return status{code: exitUsage, text: text, hint: "did you mean " + c.CommandPath() + " " + near[0] + "?"}
		}
	}
	return status{code: exitUsage, text: text, hint: c.CommandPath() + " --help tells its use"}
}
