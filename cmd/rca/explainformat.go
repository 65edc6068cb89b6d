package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
)

func newExplainFormat() *cobra.Command {
	var in inputFlags
	c := &cobra.Command{
		Use:   "explain-format FILE…",
		Short: "Tell how a log was understood, and why",
		Args:  somePaths,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := in.options(c.Context(), args)
			if err != nil {
				return err
			}
			type sample struct {
				n       int
				lines   []string
				unread  []string
				unreadN int64
			}
			by := map[string]*sample{}
			inputs, warnings, err := analyze.Records(c.Context(), args, o, func(r *rca.Record) error {
				s := by[r.Source]
				if s == nil {
					s = &sample{}
					by[r.Source] = s
				}
				text := fmt.Sprintf("    line %d: time %s, severity %s, component %s, logger %q, trace %q\n             message %s", r.Line, timeText(r.Time), r.Severity, safe(r.Component), safe(r.Logger), safe(r.Trace), safe(clip(r.Message, 120)))
				if r.Format == "" {
					s.unreadN++
					if len(s.unread) < 3 {
						s.unread = append(s.unread, text)
					}
				} else if s.n++; len(s.lines) < 3 {
					s.lines = append(s.lines, text)
				}
				return nil
			})
			printWarnings(append(o.Notes, warnings...))
			if err != nil {
				return err
			}
			for _, i := range inputs {
				fmt.Printf("%s\n  format     %s\n  why        %s\n  component  %s\n  records    %d from %d lines; header understood in %d, without a time %d\n  time       %s to %s\n",
					safe(i.Name), safe(i.Format), safe(i.Why), safe(i.Component), i.Records, i.Lines, i.Parsed, i.NoTime, timeText(i.First), timeText(i.Last))
				if s := by[i.Name]; s != nil {
					for _, l := range s.lines {
						fmt.Println(l)
					}
					if s.unreadN > 0 {
						fmt.Printf("  %d records without a header of this format, for example\n", s.unreadN)
						for _, l := range s.unread {
							fmt.Println(l)
						}
					}
				}
			}
			return nil
		},
	}
	in.add(c)
	return c
}

func timeText(t rca.Time) string {
	if t == rca.NoTime {
		return "none"
	}
	return t.Std().Format("2006-01-02T15:04:05.999Z07:00")
}
