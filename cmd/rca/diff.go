package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/analyze"
)

func newDiff() *cobra.Command {
	var in inputFlags
	var asJSON bool
	var most int
	c := &cobra.Command{
		Use:     "diff GOOD BAD",
		Short:   "Tell what is new, gone, more and less in one set of logs against another",
		Example: "  rca diff yesterday/ today/\n  rca diff passed.log failed.log",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return status{code: exitUsage, text: "two sets of logs are wanted: a good and a bad one", hint: "rca diff GOOD BAD"}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o, err := in.options(c.Context(), args)
			if err != nil {
				return err
			}
			o.Baseline = args[:1]
			rep, err := analyze.Run(c.Context(), args[1:], o)
			if err != nil {
				return err
			}
			printWarnings(rep.Warnings)
			if rep.Partial {
				return context.Canceled
			}
			if asJSON {
				enc := newLines(os.Stdout)
				for _, d := range rep.Differences {
					if err := enc.Encode(d); err != nil {
						return err
					}
				}
				return nil
			}
			fmt.Printf("%-5s %9s %9s  %-8s %-18s %s\n", "", "good", "bad", "severity", "component", "template")
			shown := 0
			for _, d := range rep.Differences {
				if most > 0 && shown >= most {
					break
				}
				shown++
				fmt.Printf("%-5s %9d %9d  %-8s %-18s %s\n", d.Kind, d.Before, d.After, d.Severity, safe(clip(d.Component, 18)), safe(clip(d.Template, 200)))
			}
			if n := len(rep.Differences) - shown; n > 0 {
				fmt.Printf("… %d more, --most 0 shows them\n", n)
			}
			if len(rep.Differences) == 0 {
				fmt.Println("no template differs in more than chance would give")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a difference")
	c.Flags().IntVar(&most, "most", 40, "how many to print; 0: all")
	in.add(c)
	return c
}
