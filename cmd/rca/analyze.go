package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/memory"
	"github.com/rca-engine/rca/report"
)

func newAnalyze() *cobra.Command {
	var in inputFlags
	var hide redactFlags
	var redacted bool
	var baseline, rules, without []string
	var since, until, around, format, out, memoryFile string
	var width int
	var verbose, ranking, exitCode bool
	var words wording
	c := &cobra.Command{
		Use:   "analyze PATH…",
		Short: "Find the root cause of an incident and the lines that prove it",
		Long: `Reads files, folders, globs, archives (tar, zip, 7z, gzip, zstd, bzip2, xz, nested), @list files or - for
standard input, and prints the root cause, the chain from cause to symptom, and the quoted lines that prove it.`,
		Example: "  rca analyze /var/log/incident\n  rca analyze --baseline yesterday/ today/\n  kubectl logs deploy/api | rca analyze -\n  rca analyze --format html -o report.html bundle.tar.gz",
		Args:    somePaths,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := in.options(c.Context(), args)
			if err != nil {
				return err
			}
			o.Baseline = baseline
			var own []string // those named go before those of a configuration
			for _, name := range rules {
				b, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				own = append(own, string(b))
			}
			o.Knowledge = append(own, o.Knowledge...)
			o.WithoutRules = without
			if err := window(&o, since, until, around); err != nil {
				return err
			}
			f := report.Format(format)
			known := false
			for _, k := range report.Formats {
				known = known || k == f
			}
			if err := words.check(); err != nil { // before the work
				return err
			}
			if !known {
				return status{code: exitUsage, text: fmt.Sprintf("unknown report format %q", format), hint: "the formats are text, markdown, html and json"}
			}
			r, err := hide.redactor()
			if err != nil {
				return err
			}
			stop := showProgress(&o, args)
			ctx, ended := endInput(c.Context(), &o, args)
			fitHeap(slices.Concat(args, o.Baseline))
			rep, err := analyze.Run(ctx, args, o)
			stop()
			if err != nil {
				return err
			}
			rep.Partial = rep.Partial || ended()
			var incident *memory.Incident
			if memoryFile != "" {
				if incident, err = recall(rep, memoryFile); err != nil {
					return err
				}
			}
			rep, done, err := words.add(c.Context(), rep, r, redacted || hide.given())
			if err != nil || done {
				return err
			}
			ro := report.Options{Format: f, Width: width, Verbose: verbose, Color: out == "" && colour()}
			if ro.Width == 0 && out == "" {
				ro.Width = terminalWidth()
			}
			if err := writeTo(out, func(w io.Writer) error { return report.Write(w, rep, ro) }); err != nil {
				return err
			}
			if incident != nil {
				if err := remember(incident, memoryFile); err != nil {
					return err
				}
			}
			if ranking {
				explainRanking(rep)
			}
			if exitCode {
				switch rep.Verdict {
				case rca.Inconclusive:
					return status{code: exitInconclusive}
				case rca.NoIncident:
					return status{code: exitNoIncident}
				}
			}
			return nil
		},
	}
	fl := c.Flags()
	fl.StringArrayVar(&baseline, "baseline", nil, "logs of a normal time to compare with (may be given several times)")
	fl.StringArrayVar(&rules, "rules", nil, "failure knowledge of your own, before the built-in (docs/rules.md)")
	fl.StringArrayVar(&without, "without-rule", nil, "id of an entry of the failure knowledge to leave out (rca rules list)")
	fl.StringVar(&since, "since", "", "look at lines from this time on: RFC 3339 or \"2026-11-22 22:11\" (in --tz, else UTC)")
	fl.StringVar(&until, "until", "", "look at lines up to this time")
	fl.StringVar(&around, "around", "", "look at 15 minutes before and after this time")
	fl.StringVar(&format, "format", "text", "text, markdown, html or json")
	fl.StringVarP(&out, "output", "o", "", "write the report to this file")
	fl.IntVar(&width, "width", 0, "columns of the text report (default: the terminal's, else 100)")
	fl.StringVar(&memoryFile, "memory", "", "tell what this file remembers of incidents like this one, and remember it there (docs/memory.md)")
	fl.BoolVarP(&verbose, "verbose", "v", false, "all sections of the text report")
	fl.BoolVar(&ranking, "explain-ranking", false, "print on standard error the parts of the score of the first five hypotheses")
	fl.BoolVar(&exitCode, "exit-code", false, "exit with 3 when inconclusive and 4 when there is no incident")
	words.flags(fl)
	fl.BoolVar(&redacted, "redact", false, "replace secrets and personal data in the report by pseudonyms (docs/redaction.md)")
	hide.add(fl, "redact-")
	in.add(c)
	return c
}

// writeTo runs write on standard output, or on a file that is complete when it gives no error.
func writeTo(name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		return write(os.Stdout)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// window reads the times that bound the incident.
func window(o *analyze.Options, since, until, around string) error {
	loc := o.Location
	if loc == nil {
		loc = time.UTC
	}
	var err error
	if o.Since, err = readTime("since", since, loc); err != nil {
		return err
	}
	if o.Until, err = readTime("until", until, loc); err != nil {
		return err
	}
	at, err := readTime("around", around, loc)
	if err != nil {
		return err
	}
	if around != "" && (since != "" || until != "") {
		return status{code: exitUsage, text: "--around is given together with --since or --until", hint: "--around T is 15 minutes before and after T; leave the others out"}
	}
	if !at.IsZero() {
		o.Since, o.Until = at.Add(-15*time.Minute), at.Add(15*time.Minute)
	}
	if !o.Since.IsZero() && !o.Until.IsZero() && o.Until.Before(o.Since) {
		return status{code: exitUsage, text: "--until is before --since", hint: "swap the two times"}
	}
	return nil
}

// readTime reads the time that a flag was given; the zero time where it was not.
func readTime(name, s string, loc *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, status{code: exitUsage, text: fmt.Sprintf("--%s: %q is no time", name, s), hint: "write it as 2026-11-22T22:11:00Z or \"2026-11-22 22:11\""}
}

// explainRanking prints how the first five hypotheses came by their scores.
func explainRanking(rep *rca.Report) {
	for i, h := range rep.RootCauses {
		if i == 5 {
			break
		}
		fmt.Fprintf(os.Stderr, "%d  %s  %s, %s  score %.1f\n", h.Rank, safe(h.Component), h.Category, h.Role, h.Score)
		for _, p := range h.Parts {
			fmt.Fprintf(os.Stderr, "   %-12s × %-8.3g %s\n", p.Name, p.Value, safe(p.Why))
		}
	}
	for _, r := range rep.Rejected {
		fmt.Fprintf(os.Stderr, "-  %s  %s: %s\n", safe(r.Component), r.Category, safe(r.Why))
	}
}
