package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca/analyze"
)

func newTemplates() *cobra.Command {
	var in inputFlags
	var assign, asJSON bool
	c := &cobra.Command{
		Use:   "templates PATH…",
		Short: "Print the templates of the logs with their counts",
		Args:  somePaths,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := in.options(c.Context(), args)
			if err != nil {
				return err
			}
			printWarnings(o.Notes)
			w := bufio.NewWriterSize(os.Stdout, 1<<16)
			enc := newLines(w)
			if assign {
				type line struct {
					File     string `json:"file"`
					Line     int64  `json:"line"`
					ID       string `json:"template_id"`
					Template string `json:"template"`
				}
				if _, err := analyze.Templates(c.Context(), args, o, func(a analyze.Assignment) error {
					return enc.Encode(line{a.File, a.Line, a.Template.ID, a.Template.Text})
				}); err != nil {
					return err
				}
				return w.Flush()
			}
			res, err := analyze.Templates(c.Context(), args, o, nil)
			if err != nil {
				return err
			}
			counts := map[string]int64{}
			components := map[string]map[string]bool{}
			for _, s := range res.Series {
				counts[s.Template.ID] += s.Count
				if components[s.Template.ID] == nil {
					components[s.Template.ID] = map[string]bool{}
				}
				components[s.Template.ID][s.Component] = true
			}
			list := res.Templates
			sort.SliceStable(list, func(i, j int) bool { return counts[list[i].ID] > counts[list[j].ID] })
			for _, t := range list {
				var names []string
				for n := range components[t.ID] {
					names = append(names, n)
				}
				sort.Strings(names)
				if asJSON {
					if err := enc.Encode(map[string]any{"template_id": t.ID, "count": counts[t.ID], "components": names, "template": t.Text}); err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(w, "%9d  %s  %-20s %s\n", counts[t.ID], t.ID, safe(clip(strings.Join(names, ","), 20)), safe(t.Text))
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&assign, "assign", false, "print the template of every physical line, as JSON")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a template")
	in.add(c)
	return c
}
