package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/memory"
)

func newMemory() *cobra.Command {
	c := &cobra.Command{Use: "memory", Short: "The memory of past incidents: list, judge, exchange", Args: noArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
		Long: `A memory file is made and filled by rca analyze --memory FILE, which tells what it has seen before. An incident is remembered with the
cause that was told; only what a person says of it here is told later as the cause and as what fixed it (docs/memory.md).
An ID is that of rca memory list, or as much of its beginning as no other has.`}
	c.AddCommand(newMemoryList(), newMemoryShow(), newMemoryConfirm(), newMemoryCorrect(), newMemoryReject(), newMemoryForget(), newMemoryExport(), newMemoryImport())
	return c
}

// args wants a memory file and a number of further arguments; most below 0 is any number.
func memoryArgs(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if n := len(args); n < 1+least || most >= 0 && n > 1+most {
			return status{code: exitUsage, text: fmt.Sprintf("%s takes other arguments than these %d", c.CommandPath(), n), hint: c.UseLine()}
		}
		return nil
	}
}

// openMemory reads a memory file that must be there, and tells its broken lines.
func openMemory(path string) (*memory.Memory, error) {
	if err := memoryExists(path); err != nil {
		return nil, err
	}
	m, err := memory.ReadFile(path)
	if err == nil {
		tellBroken(path, m)
	}
	return m, err
}

func memoryExists(path string) error {
	if _, err := os.Stat(path); err != nil {
		return status{code: exitError, text: err.Error(), hint: "rca analyze --memory " + path + " PATH… makes it"}
	}
	return nil
}

func tellBroken(path string, m *memory.Memory) {
	for _, w := range brokenWarnings(path, m) {
		fmt.Fprintln(os.Stderr, "rca:", safe(fmt.Sprintf("%s:%d: %s", w.Source, w.Line, w.Text)))
	}
}

// brokenWarnings tells the first broken lines, and how many there are.
func brokenWarnings(path string, m *memory.Memory) []rca.Warning {
	const some = 5
	var out []rca.Warning
	for i, b := range m.Broken {
		w := rca.Warning{Source: path, Line: int64(b.Line), Text: "a line of the memory could not be read and is kept as it stands: " + clip(b.Why, 200), Remedy: "mend or delete it"}
		if i == some {
			w.Text, w.Count = fmt.Sprintf("%d more lines of the memory from here on could not be read and are kept as they stand", len(m.Broken)-some), int64(len(m.Broken)-some)
			return append(out, w)
		}
		out = append(out, w)
	}
	return out
}

// judge changes one incident of a memory file, and says what it is now.
func judge(path, id string, change func(*memory.Incident) error) error {
	if err := memoryExists(path); err != nil {
		return err
	}
	var now *memory.Incident
	err := memory.UpdateFile(path, func(m *memory.Memory) error {
		tellBroken(path, m)
		x, err := m.Find(id)
		if err != nil {
			return unknown(err, path)
		}
		now = x
		return change(x)
	})
	if err == nil {
		fmt.Printf("%s %s\n", now.ID, safe(now.Known()))
	}
	return err
}

func unknown(err error, path string) error {
	if errors.Is(err, memory.ErrUnknown) {
		return status{code: exitError, text: err.Error(), hint: "rca memory list " + path + " lists them"}
	}
	return err
}

// timeFilter are the flags that narrow a search.
type timeFilter struct{ since, until, component string }

func (f *timeFilter) add(c *cobra.Command) {
	c.Flags().StringVar(&f.since, "since", "", "only incidents that began at this time or later")
	c.Flags().StringVar(&f.until, "until", "", "only incidents that began at this time or before")
	c.Flags().StringVar(&f.component, "component", "", "only incidents whose cause is this component, or that hit it")
}

func (f *timeFilter) filter() (memory.Filter, error) {
	out := memory.Filter{Component: f.component}
	for _, x := range []struct {
		name, text string
		to         *rca.Time
	}{{"since", f.since, &out.Since}, {"until", f.until, &out.Until}} {
		t, err := readTime(x.name, x.text, time.UTC)
		if err != nil {
			return out, err
		}
		if !t.IsZero() {
			*x.to = rca.Time(t.UnixNano())
		}
	}
	return out, nil
}

func newMemoryList() *cobra.Command {
	var only timeFilter
	var asJSON bool
	c := &cobra.Command{Use: "list FILE", Short: "List the remembered incidents", Args: memoryArgs(0, 0), RunE: func(_ *cobra.Command, args []string) error {
		f, err := only.filter()
		if err != nil {
			return err
		}
		m, err := openMemory(args[0])
		if err != nil {
			return err
		}
		out := newLines(os.Stdout)
		for _, x := range m.Incidents {
			switch {
			case !f.Passes(x):
			case asJSON:
				if err := out.Encode(x); err != nil {
					return err
				}
			default:
				fmt.Printf("%s  %s  %-42s %s\n", x.ID, day(x.Start), clip(safe(x.Known()), 42), clip(safe(x.Headline), 100))
			}
		}
		return nil
	}}
	c.Flags().BoolVar(&asJSON, "json", false, "one object for each incident, whole")
	only.add(c)
	return c
}

func newMemoryShow() *cobra.Command {
	var only timeFilter
	c := &cobra.Command{Use: "show FILE ID", Short: "Show an incident, and those that are most like it", Args: memoryArgs(1, 1), RunE: func(_ *cobra.Command, args []string) error {
		f, err := only.filter()
		if err != nil {
			return err
		}
		m, err := openMemory(args[0])
		if err != nil {
			return err
		}
		x, err := m.Find(args[1])
		if err != nil {
			return unknown(err, args[0])
		}
		s, err := m.Search()
		if err != nil {
			return err
		}
		like, err := s.Like(x, f, 5)
		if err != nil {
			return err
		}
		showIncident(os.Stdout, x, like)
		return nil
	}}
	only.add(c)
	return c
}

// showIncident writes an incident for a person. Of its lines those that say most come first.
func showIncident(w io.Writer, x *memory.Incident, like []memory.Match) {
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%-12s %s\n", name, safe(text))
		}
	}
	row("id", x.ID)
	row("headline", x.Headline)
	row("time", day(x.Start)+" – "+day(x.End))
	row("cause", x.Known())
	if x.State != memory.Unconfirmed && x.Told.Component != "" {
		row("was told", x.Told.String())
	}
	row("fixed by", x.Resolution)
	row("hit", strings.Join(x.Hit, ", "))
	row("hosts", strings.Join(x.Hosts, ", "))
	row("stacks", strings.Join(x.Stacks, ", "))
	for i, l := range x.Lines {
		if i == 12 {
			row("", fmt.Sprintf("… %d more lines", len(x.Lines)-i))
			break
		}
		row("line", fmt.Sprintf("%5.2f  %s", l.Weight, l.Text))
	}
	for _, m := range like {
		told := "not alike enough to be told"
		if m.Likeness.Tells(memory.DefaultWeights, memory.Threshold) {
			told = "would be told"
		}
		row("like", fmt.Sprintf("%.2f %s  %s  %s; %s", m.Likeness.Score(memory.DefaultWeights), m.ID, day(m.Start), m.Known(), told))
		for _, p := range m.Likeness.Parts() {
			row("", fmt.Sprintf("     %.2f %s", p.Value, p.Why))
		}
	}
}

// day writes a time for a person, to the second.
func day(t rca.Time) string {
	if t == rca.NoTime {
		return "time not known     "
	}
	return t.Std().Format(time.DateTime)
}

func newMemoryConfirm() *cobra.Command {
	var resolution string
	c := &cobra.Command{Use: "confirm FILE ID", Short: "Say that the cause that was told was the true one", Args: memoryArgs(1, 1), RunE: func(_ *cobra.Command, args []string) error {
		return judge(args[0], args[1], func(x *memory.Incident) error { return x.Confirm(resolution, time.Now()) })
	}}
	c.Flags().StringVar(&resolution, "resolution", "", "what fixed it, in your words")
	return c
}

func newMemoryCorrect() *cobra.Command {
	var resolution, component, category string
	c := &cobra.Command{Use: "correct FILE ID --component NAME --category KIND", Short: "Say what the true cause was, where another was told", Args: memoryArgs(1, 1), RunE: func(_ *cobra.Command, args []string) error {
		return judge(args[0], args[1], func(x *memory.Incident) error {
			return x.Correct(memory.Cause{Component: component, Category: rca.Category(category)}, resolution, time.Now())
		})
	}}
	c.Flags().StringVar(&component, "component", "", "who is to blame")
	c.Flags().StringVar(&category, "category", "", "for what: a category of the report, as disk-full")
	c.Flags().StringVar(&resolution, "resolution", "", "what fixed it, in your words")
	return c
}

func newMemoryReject() *cobra.Command {
	return &cobra.Command{Use: "reject FILE ID", Short: "Say that the cause that was told was wrong, where the true one is not known", Args: memoryArgs(1, 1), RunE: func(_ *cobra.Command, args []string) error {
		return judge(args[0], args[1], func(x *memory.Incident) error { x.Reject(time.Now()); return nil })
	}}
}

func newMemoryForget() *cobra.Command {
	return &cobra.Command{Use: "forget FILE ID…", Short: "Take incidents out of the memory", Args: memoryArgs(1, -1), RunE: func(_ *cobra.Command, args []string) error {
		if err := memoryExists(args[0]); err != nil {
			return err
		}
		return memory.UpdateFile(args[0], func(m *memory.Memory) error {
			tellBroken(args[0], m)
			for _, id := range args[1:] {
				x, err := m.Find(id)
				if err != nil {
					return unknown(err, args[0])
				}
				m.Forget(x)
			}
			return nil
		})
	}}
}

func newMemoryExport() *cobra.Command {
	var out string
	c := &cobra.Command{Use: "export FILE [ID…]", Short: "Write incidents, all or those named, as a memory file of their own", Args: memoryArgs(0, -1), RunE: func(_ *cobra.Command, args []string) error {
		m, err := openMemory(args[0])
		if err != nil {
			return err
		}
		part := &memory.Memory{}
		for _, id := range args[1:] {
			x, err := m.Find(id)
			if err != nil {
				return unknown(err, args[0])
			}
			part.Remember(x)
		}
		if len(args) == 1 {
			part.Incidents = m.Incidents
		}
		if out == "" || out == "-" {
			return part.Write(os.Stdout)
		}
		return part.WriteFile(out)
	}}
	c.Flags().StringVarP(&out, "output", "o", "", "write to this file, whole or not at all (default: standard output)")
	return c
}

func newMemoryImport() *cobra.Command {
	return &cobra.Command{Use: "import FILE FROM…", Short: "Add the incidents of other memory files, and tell where they are judged differently", Args: memoryArgs(1, -1), RunE: func(_ *cobra.Command, args []string) error {
		var others []*memory.Memory
		for _, from := range args[1:] {
			m, err := openMemory(from)
			if err != nil {
				return err
			}
			others = append(others, m)
		}
		return memory.UpdateFile(args[0], func(m *memory.Memory) error {
			tellBroken(args[0], m)
			for i, other := range others {
				added, conflicts := m.Merge(other)
				fmt.Printf("%s: %d new, %d judged differently\n", safe(args[1+i]), added, len(conflicts))
				for _, c := range conflicts {
					fmt.Printf("%s  kept: %s; there: %s\n", c.ID, safe(c.Here), safe(c.There))
				}
			}
			tellForgotten(m.Shrink())
			return nil
		})
	}}
}

func tellForgotten(n int) {
	if n > 0 {
		fmt.Fprintf(os.Stderr, "rca: the memory holds %d incidents at most: the %d oldest were forgotten, those that nobody judged first\n", memory.MaxIncidents, n)
	}
}

// recall adds to a report what a memory file knows of incidents like it. It gives the incident to remember, nil where there is none.
func recall(rep *rca.Report, path string) (*memory.Incident, error) {
	m, err := memory.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rep.Made.Options["memory"] = path
	rep.Warnings = append(rep.Warnings, brokenWarnings(path, m)...)
	if rep.Verdict == rca.NoIncident {
		return nil, nil
	}
	x, err := memory.New(rep)
	if err != nil {
		rep.Warnings = append(rep.Warnings, rca.Warning{Source: path, Text: "the memory was not asked and remembers nothing of this: " + err.Error()})
		return nil, nil
	}
	s, err := m.Search()
	if err != nil {
		return nil, err
	}
	rep.SeenBefore, err = s.Recall(x, memory.Filter{})
	return x, err
}

// remember adds an incident to a memory file.
func remember(x *memory.Incident, path string) error {
	return memory.UpdateFile(path, func(m *memory.Memory) error {
		m.Remember(x)
		tellForgotten(m.Shrink())
		return nil
	})
}
