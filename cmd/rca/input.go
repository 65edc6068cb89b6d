package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/analyze"
)

// inputFlags are the options of every command that reads logs.
type inputFlags struct {
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
	fl.StringVar(&f.hint, "format-hint", "", "name of a log format to prefer")
	fl.StringArrayVar(&f.zones, "tz", nil, "time zone of stamps without one: ZONE, or PATTERN=ZONE for some sources")
	fl.IntVar(&f.year, "year", 0, "year of stamps without one")
	fl.BoolVar(&f.hidden, "hidden", false, "read hidden files too")
	fl.Int64Var(&f.bytes, "max-bytes", 0, "bytes to read at the most, unpacked (default 1 TiB)")
	fl.Int64Var(&f.ratio, "max-ratio", 0, "how many times larger than packed a member may get (default 1000)")
	fl.IntVar(&f.depth, "max-depth", 0, "archives within archives (default 8)")
	fl.IntVar(&f.member, "max-members", 0, "members of all archives (default 100000)")
}

func (f *inputFlags) options() (analyze.Options, error) {
	o := analyze.Options{FormatHint: f.hint, Year: f.year, Version: version}
	o.Source.Hidden, o.Source.MaxBytes, o.Source.MaxRatio, o.Source.MaxDepth, o.Source.MaxMembers = f.hidden, f.bytes, f.ratio, f.depth, f.member
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
	return o, nil
}

func somePaths(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return status{code: exitUsage, text: "no logs were named", hint: "rca " + c.Name() + " PATH…   (a file, a folder, an archive; - is standard input)"}
	}
	return nil
}

func printWarnings(ws []rca.Warning) {
	for _, w := range ws {
		at := w.Source
		if w.Line > 0 {
			at = fmt.Sprintf("%s:%d", at, w.Line)
		}
		fmt.Fprintf(os.Stderr, "rca: warning: %s: %s\n", safe(at), safe(w.Text))
		if w.Remedy != "" {
			fmt.Fprintf(os.Stderr, "rca: hint: %s\n", w.Remedy)
		}
	}
}

// safe makes text of a log harmless on a terminal.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '␦'
		}
		return r
	}, s)
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n-1] + "…"
	}
	return s
}

func join(ss []string) string { return strings.Join(ss, ",") }
