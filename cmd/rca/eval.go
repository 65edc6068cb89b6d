package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/internal/exam"
)

func newEval() *cobra.Command {
	var in inputFlags
	var variants []string
	var noBaseline, asJSON, reliability, heldOut, tuned, quiet, remembered bool
	c := &cobra.Command{
		Use:   "eval FOLDER…",
		Short: "Measure the accuracy on incidents whose cause is known",
		Long: `Each incident is a folder with logs/, if there is one baseline/, and incident.json:

  {"cause": {"component": "…", "aliases": [], "aliases_weak": [], "category": "…", "category_accept": [],
   "evidence": ["regular expression of a line that proves it"]}, "injected_at": "2026-11-24T01:59:47Z", "held_out": false}

Prints for each whether the right component is first, among the first three, the category and a proving line right, and what was
answered; why, where it is wrong; then the table, beside two naive methods. --variant asks the same of changed incidents, and whether
the engine is silent where it should be:

` + exam.Describe(),
		Args: somePaths,
		RunE: func(c *cobra.Command, args []string) error {
			if noBaseline {
				variants = []string{"no baseline"}
			}
			chosen, err := exam.Choose(variants)
			if err != nil {
				return status{code: exitUsage, text: err.Error(), hint: "rca eval --help lists them"}
			}
			dirs, err := exam.Find(args)
			if err != nil {
				return err
			}
			var incidents []*exam.Incident
			for _, d := range dirs {
				x, err := exam.Load(d)
				if err != nil {
					return err
				}
				if heldOut && !x.HeldOut || tuned && x.HeldOut {
					continue
				}
				incidents = append(incidents, x)
			}
			if len(incidents) == 0 {
				return status{code: exitUsage, text: "no " + exam.TruthName + " was found", hint: "rca eval --help tells what a folder of incidents holds"}
			}
			o, err := in.options(c.Context(), nil)
			if err != nil {
				return err
			}
			prepare := func(q *exam.Question) {
				without := q.Options.WithoutRules
				q.Options = o
				q.Options.WithoutRules = without
			}
			if remembered {
				all, err := exam.Recollect(c.Context(), incidents, chosen, prepare)
				if err != nil {
					return err
				}
				return printRecall(all, asJSON, quiet)
			}
			told := func(o exam.Outcome) {
				if !asJSON && !quiet {
					printOutcome(o, len(chosen) > 1)
				}
			}
			all, err := exam.Run(c.Context(), incidents, chosen, prepare, told)
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(os.Stdout)
				for _, o := range all {
					if err := e.Encode(o); err != nil {
						return err
					}
				}
				return nil
			}
			fmt.Println()
			exam.WriteTable(os.Stdout, exam.Rows(all))
			if reliability {
				fmt.Println()
				exam.WriteCalibration(os.Stdout, all)
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&variants, "variant", []string{exam.Variants[0].Name}, "how to ask, by name; all for every way")
	c.Flags().BoolVar(&noBaseline, "no-baseline", false, "do not use the baselines")
	c.Flags().BoolVar(&asJSON, "json", false, "one object for each answer, and no table")
	c.Flags().BoolVar(&reliability, "reliability", false, "print how often answers on each kind of evidence were right, and the calibration error")
	c.Flags().BoolVar(&heldOut, "held-out", false, "only incidents that were kept from tuning")
	c.Flags().BoolVar(&tuned, "tuned", false, "only incidents that were not kept from tuning")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "only the table")
	c.Flags().BoolVar(&remembered, "memory", false, "how well a memory of all of them finds each one's fellows, of the same fault, and with --variant their changed selves (docs/memory.md)")
	in.add(c)
	return c
}

// printRecall writes what a memory found of each incident, and the sums.
func printRecall(all []exam.Recollection, asJSON, quiet bool) error {
	if asJSON {
		e := newLines(os.Stdout)
		for _, r := range all {
			if err := e.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	if !quiet {
		for _, r := range all {
			fmt.Println(safe(r.Line()))
		}
		fmt.Println()
	}
	exam.WriteRecall(os.Stdout, all)
	return nil
}

// printOutcome writes one line for each answer, and why for a wrong one. What the logs of a held-out incident say is not shown.
func printOutcome(o exam.Outcome, withVariant bool) {
	name := filepath.Base(o.Incident)
	if withVariant {
		name = o.Variant + " · " + name
	}
	if o.Silence {
		if o.Found {
			fmt.Printf("told a cause  %-50s %s\n", clip(safe(name), 50), safe(o.Got))
			printWhy(o)
		}
		return
	}
	fmt.Printf("%s %s %s %s  %-50s %s\n", mark(o.First), mark(o.Three), mark(o.Category), mark(o.Proved), clip(safe(name), 50), safe(o.Got))
	if o.First || o.HeldOut {
		return
	}
	fmt.Printf("         wanted %s; %s\n", safe(o.Want), safe(o.Why))
	printWhy(o)
}

// printWhy shows the parts of the score of what was answered.
func printWhy(o exam.Outcome) {
	if o.HeldOut {
		return
	}
	var parts []string
	for _, p := range o.Parts {
		parts = append(parts, fmt.Sprintf("%s %.4g", p.Name, p.Value))
	}
	if len(parts) > 0 {
		fmt.Printf("         score: %s; %s\n", strings.Join(parts, " × "), safe(o.Parts[len(o.Parts)-1].Why))
	}
}

func mark(ok bool) string {
	if ok {
		return "+"
	}
	return "-"
}
