package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
)

// recordLine is one object of `rca records`.
type recordLine struct {
	File      string            `json:"file"`
	Line      int64             `json:"line"`
	EndLine   int64             `json:"end_line"`
	Timestamp rca.Time          `json:"timestamp"`
	Severity  rca.Severity      `json:"severity"`
	Component string            `json:"component"`
	Message   string            `json:"message"`
	Stack     string            `json:"stack,omitempty"`
	Host      string            `json:"host,omitempty"`
	Logger    string            `json:"logger,omitempty"`
	Process   string            `json:"process,omitempty"`
	Trace     string            `json:"trace,omitempty"`
	Status    int               `json:"status,omitempty"`
	Fields    map[string]string `json:"fields"`
	Format    string            `json:"format"`
}

func newRecords() *cobra.Command {
	var in inputFlags
	var format string
	c := &cobra.Command{
		Use:   "records PATH…",
		Short: "Print every record as it was understood, one JSON object a line",
		Args:  somePaths,
		RunE: func(c *cobra.Command, args []string) error {
			if format != "jsonl" {
				return status{code: exitUsage, text: fmt.Sprintf("unknown format %q", format), hint: "rca records knows jsonl"}
			}
			o, err := in.options(c.Context(), args)
			if err != nil {
				return err
			}
			w := bufio.NewWriterSize(os.Stdout, 1<<16)
			enc := newLines(w)
			_, warnings, err := analyze.Records(c.Context(), args, o, func(r *rca.Record) error {
				fields := make(map[string]string, len(r.Fields))
				for _, f := range r.Fields {
					fields[f.Key] = f.Value
				}
				f := r.Format
				if f == "" {
					f = "plain"
				}
				return enc.Encode(recordLine{r.Source, r.Line, r.EndLine, r.Time, r.Severity, r.Component, r.Message, r.Stack, r.Host, r.Logger, r.Process, r.Trace, r.Status, fields, f})
			})
			if e := w.Flush(); err == nil {
				err = e
			}
			printWarnings(append(o.Notes, warnings...))
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "jsonl", "output format: jsonl")
	in.add(c)
	return c
}
