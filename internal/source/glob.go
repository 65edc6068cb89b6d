package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// isPattern tells that an argument holds what a shell would expand, had it not been quoted.
func isPattern(a string) bool { return strings.ContainsAny(a, "*?[") }

// glob returns the sorted paths that match a pattern as in a shell: a leading dot only if the pattern has it, and "**"
// as any number of folders. A folder that is a link is not descended into by "**".
func glob(pattern string, hidden bool) []string {
	parts := strings.Split(filepath.ToSlash(pattern), "/")
	g := globber{hidden: hidden}
	start := ""
	if vol := filepath.VolumeName(pattern); vol != "" {
		start = vol
		parts = strings.Split(filepath.ToSlash(pattern[len(vol):]), "/")
	}
	if len(parts) > 1 && parts[0] == "" {
		start += "/"
		parts = parts[1:]
	}
	g.expand(start, parts)
	slices.Sort(g.found)
	return slices.Compact(g.found)
}

type globber struct {
	hidden bool
	found  []string
}

// expand matches the parts of a pattern below base, which ends in "/" or is empty.
func (g *globber) expand(base string, parts []string) {
	if len(parts) == 0 {
		g.found = append(g.found, strings.TrimSuffix(base, "/"))
		return
	}
	part, rest := parts[0], parts[1:]
	if !isPattern(part) {
		next := base + part
		if len(rest) > 0 {
			next += "/"
		}
		if _, err := os.Stat(orDot(next)); err == nil {
			g.expand(next, rest)
		}
		return
	}
	if part == "**" && len(rest) > 0 {
		g.expand(base, rest) // no folder at all
	}
	entries, _ := os.ReadDir(orDot(base)) // what cannot be read does not match, as in a shell
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(part, ".") && !g.hidden {
			continue
		}
		if part == "**" {
			if e.IsDir() {
				g.expand(base+e.Name()+"/", parts)
			} else if len(rest) == 0 {
				g.expand(base+e.Name(), nil)
			}
			continue
		}
		if ok, _ := filepath.Match(part, e.Name()); !ok {
			continue
		}
		if len(rest) == 0 {
			g.expand(base+e.Name(), nil)
		} else if info, err := os.Stat(base + e.Name()); err == nil && info.IsDir() {
			g.expand(base+e.Name()+"/", rest)
		}
	}
}

func orDot(base string) string {
	if base == "" {
		return "."
	}
	return base
}
