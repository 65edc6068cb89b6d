package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
)

// inputFlags are the options of every command that reads logs.
type inputFlags struct {
	config   string
	noConfig bool

	hint   string
	zones  []string
	year   int
	hidden bool
	bytes  int64
	ratio  int64
	depth  int
	member int
}

func (f *inputFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.config, "config", "", "configuration of the logs (default: the "+analyze.ConfigName+" beside them; docs/cli.md)")
	fl.BoolVar(&f.noConfig, "no-config", false, "leave out the "+analyze.ConfigName+" beside the logs")
	fl.StringVar(&f.hint, "format-hint", "", "name of a log format to prefer")
	fl.StringArrayVar(&f.zones, "tz", nil, "time zone of stamps without one: ZONE, or PATTERN=ZONE for some sources")
	fl.IntVar(&f.year, "year", 0, "year of stamps without one")
	fl.BoolVar(&f.hidden, "hidden", false, "read hidden files too")
	fl.Int64Var(&f.bytes, "max-bytes", 0, "bytes to read at the most, unpacked (default 1 TiB)")
	fl.Int64Var(&f.ratio, "max-ratio", 0, "how many times larger than packed a member may get (default 1000)")
	fl.IntVar(&f.depth, "max-depth", 0, "archives within archives (default 8)")
	fl.IntVar(&f.member, "max-members", 0, "members of all archives (default 100000)")
}

// options reads the flags, and the configuration beside the paths.
func (f *inputFlags) options(ctx context.Context, paths []string) (analyze.Options, error) {
	o := analyze.Options{FormatHint: f.hint, Year: f.year, Version: version}
	o.Source.Hidden, o.Source.MaxBytes, o.Source.MaxRatio, o.Source.MaxDepth, o.Source.MaxMembers = f.hidden, f.bytes, f.ratio, f.depth, f.member
	o.Source.Stdin = &endable{r: os.Stdin, ctx: ctx}
	for _, z := range f.zones {
		pattern, name, ok := strings.Cut(z, "=")
		if !ok {
			pattern, name = "", z
		}
		loc, err := time.LoadLocation(name)
		if err != nil {
			return o, status{code: exitUsage, text: fmt.Sprintf("unknown time zone %q", name), hint: "use a name such as Europe/Berlin or UTC"}
		}
		if pattern == "" {
			o.Location = loc
		} else {
			o.Zones = append(o.Zones, analyze.Zone{Pattern: pattern, Location: loc})
		}
	}
	configs, beside := []string{f.config}, false
	if f.config == "" {
		configs, beside = analyze.FindConfigs(paths), true
	}
	if f.noConfig {
		configs = nil
		if f.config != "" {
			return o, status{code: exitUsage, text: "--config is given together with --no-config", hint: "leave one out"}
		}
	}
	for _, c := range configs {
		err := o.ReadConfig(c, beside)
		var ce *analyze.ConfigError
		if errors.As(err, &ce) {
			return o, status{code: exitUsage, text: ce.Error(), hint: ce.Remedy}
		}
		if err != nil {
			return o, err
		}
	}
	if known := o.Formats(); f.hint != "" && !slices.Contains(known, f.hint) {
		return o, status{code: exitUsage, text: fmt.Sprintf("unknown log format %q", f.hint), hint: "the formats are " + strings.Join(known, ", ")}
	}
	return o, nil
}

func somePaths(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return status{code: exitUsage, text: "no logs were named", hint: c.CommandPath() + " PATH…   (a file, a folder, an archive; - is standard input)"}
	}
	return nil
}

func printWarnings(ws []rca.Warning) {
	for _, w := range ws {
		text := w.Text
		switch {
		case w.Source != "" && w.Line > 0:
			text = fmt.Sprintf("%s:%d: %s", w.Source, w.Line, w.Text)
		case w.Source != "":
			text = w.Source + ": " + w.Text
		}
		fmt.Fprintln(os.Stderr, "rca: warning:", safe(text))
		if w.Remedy != "" {
			fmt.Fprintln(os.Stderr, "rca: hint:", safe(w.Remedy))
		}
	}
}
