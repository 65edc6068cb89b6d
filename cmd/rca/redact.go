package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rca-engine/rca/internal/redact"
	"github.com/rca-engine/rca/internal/source"
)

// redactFlags say what is hidden beside secrets and personal data.
type redactFlags struct {
	ip       bool
	hosts    []string
	patterns []string
}

// add declares the flags; prefix stands before their names where others stand beside them.
func (f *redactFlags) add(fl *pflag.FlagSet, prefix string) {
	fl.BoolVar(&f.ip, prefix+"ip", false, "redact IP addresses too, but for loopback")
	fl.StringArrayVar(&f.hosts, prefix+"host", nil, "redact host names that end in this suffix too, such as internal or corp.example (may be given several times)")
	fl.StringArrayVar(&f.patterns, prefix+"pattern", nil, "redact what this Go regular expression matches, or its first group, as NAME=REGEXP (may be given several times)")
}

// given tells whether one of the flags was used.
func (f *redactFlags) given() bool { return f.ip || len(f.hosts) > 0 || len(f.patterns) > 0 }

func (f *redactFlags) redactor() (*redact.Redactor, error) {
	o := redact.Options{IP: f.ip, Hosts: f.hosts}
	for _, s := range f.patterns {
		p, err := redact.ParsePattern(s)
		if err != nil {
			return nil, status{code: exitUsage, text: err.Error(), hint: "docs/redaction.md shows patterns"}
		}
		o.Patterns = append(o.Patterns, p)
	}
	r, err := redact.New(o)
	if err != nil {
		return nil, status{code: exitUsage, text: err.Error(), hint: "docs/redaction.md tells the options"}
	}
	return r, nil
}

func newRedact() *cobra.Command {
	var f redactFlags
	var out string
	var quiet bool
	c := &cobra.Command{
		Use:   "redact PATH…",
		Short: "Print logs with secrets and personal data replaced by pseudonyms",
		Long: `Reads logs, compressed or not, or - for standard input, and prints them with pseudonyms such as <EMAIL_3> in the place of
secrets and personal data: the same value by the same pseudonym. What was replaced is counted on standard error.`,
		Example: "  rca redact app.log > app.redacted.log\n  kubectl logs deploy/api | rca redact --ip - | less\n  rca redact --pattern 'TICKET=OPS-[0-9]+' -o redacted.txt *.log",
		Args:    somePaths,
		RunE: func(c *cobra.Command, args []string) error {
			r, err := f.redactor()
			if err != nil {
				return err
			}
			o := source.Options{Stdin: os.Stdin}
			var read *source.Result
			err = writeTo(out, func(w io.Writer) error {
				b := bufio.NewWriterSize(w, 1<<16)
				read, err = source.Walk(c.Context(), args, o, func(s *source.Stream) error {
					if err := r.Copy(b, s.Reader); err != nil {
						return fmt.Errorf("%s: %w", s.Name, err)
					}
					return b.Flush()
				})
				return err
			})
			if err != nil {
				return err
			}
			for _, k := range read.Skipped {
				fmt.Fprintln(os.Stderr, "rca: warning:", safe(k.Name+": not read: "+k.Reason))
			}
			if !quiet {
				printCounts(os.Stderr, r.Counts())
			}
			return nil
		},
	}
	f.add(c.Flags(), "")
	c.Flags().StringVarP(&out, "output", "o", "", "write to this file")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "print no counts")
	return c
}

func printCounts(w io.Writer, counts []redact.Count) {
	if len(counts) == 0 {
		fmt.Fprintln(w, "rca: nothing to redact was found")
	}
	for _, k := range counts {
		fmt.Fprintf(w, "rca: redacted %s: %d, of %d different\n", k.Kind, k.Replaced, k.Values)
	}
}
