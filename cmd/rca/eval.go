package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
)

// truth is incident.json: what really caused an incident.
type truth struct {
	Title string `json:"title"`
	Cause struct {
		Component      string         `json:"component"`
		Aliases        []string       `json:"aliases"`
		Category       rca.Category   `json:"category"`
		CategoryAccept []rca.Category `json:"category_accept"`
		Evidence       []string       `json:"evidence"`
	} `json:"cause"`
}

// outcome is how one incident was answered.
type outcome struct {
	name             string
	found            bool
	first, three     bool
	category, proved bool
	got              string
	loudest          bool // the naive method: most error lines
}

func newEval() *cobra.Command {
	var in inputFlags
	var noBaseline bool
	c := &cobra.Command{
		Use:   "eval FOLDER…",
		Short: "Measure the accuracy on incidents whose cause is known",
		Long: `Each incident is a folder with logs/, if there is one baseline/, and incident.json:

  {"title": "…", "cause": {"component": "…", "aliases": [], "category": "…", "category_accept": [],
   "evidence": ["regular expression of a line that proves it"]}}

Prints for each what was answered, then how often the right component is first and among the first three, the right category
first, and a proving line cited, beside the naive method of taking the component with the most error lines.`,
		Args: somePaths,
		RunE: func(c *cobra.Command, args []string) error {
			dirs, err := incidentFolders(args)
			if err != nil {
				return err
			}
			if len(dirs) == 0 {
				return status{code: exitUsage, text: "no incident.json was found", hint: "rca eval --help tells what a folder of incidents holds"}
			}
			o, err := in.options(c.Context(), nil)
			if err != nil {
				return err
			}
			var all []outcome
			for _, d := range dirs {
				r, err := evaluate(c, d, o, noBaseline)
				if err != nil {
					return fmt.Errorf("%s: %w", d, err)
				}
				all = append(all, r)
				fmt.Printf("%s %s %s %s  %-34s %s\n", mark(r.first), mark(r.three), mark(r.category), mark(r.proved), clip(safe(r.name), 34), safe(r.got))
			}
			printTotals(all)
			return nil
		},
	}
	c.Flags().BoolVar(&noBaseline, "no-baseline", false, "do not use the baselines")
	in.add(c)
	return c
}

func mark(ok bool) string {
	if ok {
		return "+"
	}
	return "-"
}

func incidentFolders(args []string) ([]string, error) {
	var dirs []string
	for _, a := range args {
		err := filepath.WalkDir(a, func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "incident.json" {
				dirs = append(dirs, filepath.Dir(p))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Strings(dirs)
	return dirs, nil
}

func evaluate(c *cobra.Command, dir string, o analyze.Options, noBaseline bool) (outcome, error) {
	out := outcome{name: filepath.Base(dir), got: "-"}
	b, err := os.ReadFile(filepath.Join(dir, "incident.json"))
	if err != nil {
		return out, err
	}
	var want truth
	if err := json.Unmarshal(b, &want); err != nil {
		return out, fmt.Errorf("incident.json: %w", err)
	}
	if base := filepath.Join(dir, "baseline"); !noBaseline {
		if _, err := os.Stat(base); err == nil {
			o.Baseline = []string{base}
		}
	}
	rep, err := analyze.Run(c.Context(), []string{filepath.Join(dir, "logs")}, o)
	if err != nil {
		return out, err
	}
	names := map[string]bool{strings.ToLower(want.Cause.Component): true}
	for _, a := range want.Cause.Aliases {
		names[strings.ToLower(a)] = true
	}
	out.loudest = names[strings.ToLower(loudest(rep))]
	out.found = rep.Verdict == rca.RootCauseFound
	if len(rep.RootCauses) == 0 || !out.found {
		out.got = string(rep.Verdict)
		return out, nil
	}
	for i, h := range rep.RootCauses {
		ok := names[strings.ToLower(h.Component)]
		out.first = out.first || ok && i == 0
		out.three = out.three || ok && i < 3
	}
	top := rep.RootCauses[0]
	out.got = fmt.Sprintf("%s/%s, %s", top.Component, top.Category, top.Grade)
	for _, k := range append(want.Cause.CategoryAccept, want.Cause.Category) {
		out.category = out.category || k == top.Category
	}
	for _, e := range top.Evidence {
		for _, x := range want.Cause.Evidence {
			re, err := regexp.Compile(x)
			if err != nil {
				return out, fmt.Errorf("incident.json: evidence: %w", err)
			}
			out.proved = out.proved || re.MatchString(e.Text)
		}
	}
	return out, nil
}

// loudest is the component with the most error lines that the baseline lacks.
func loudest(rep *rca.Report) string {
	count := map[string]int64{}
	for _, d := range rep.Differences {
		if d.Severity >= rca.SeverityError && d.After > d.Before {
			count[d.Component] += d.After
		}
	}
	best, most := "", int64(0)
	for c, n := range count {
		if n > most || n == most && c < best {
			best, most = c, n
		}
	}
	return best
}

func printTotals(all []outcome) {
	n := len(all)
	share := func(f func(outcome) bool) string {
		k := 0
		for _, o := range all {
			if f(o) {
				k++
			}
		}
		return fmt.Sprintf("%3d of %d (%.0f %%)", k, n, 100*float64(k)/float64(n))
	}
	fmt.Printf("\n%-46s %s\n", "verdict root_cause_found", share(func(o outcome) bool { return o.found }))
	fmt.Printf("%-46s %s\n", "right component first (AC@1)", share(func(o outcome) bool { return o.first }))
	fmt.Printf("%-46s %s\n", "right component among three (AC@3)", share(func(o outcome) bool { return o.three }))
	fmt.Printf("%-46s %s\n", "right category first", share(func(o outcome) bool { return o.category }))
	fmt.Printf("%-46s %s\n", "a proving line cited first", share(func(o outcome) bool { return o.proved }))
	fmt.Printf("%-46s %s\n", "component and proof both", share(func(o outcome) bool { return o.first && o.proved }))
	fmt.Printf("%-46s %s\n", "naive: most new error lines (AC@1)", share(func(o outcome) bool { return o.loudest }))
}
