package analyze

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/parse"
)

// ConfigName is the file beside logs that says what the bytes cannot. It is hidden, so it is not read as a log.
const ConfigName = ".rca.yml"

// config is the form of a ConfigName.
type config struct {
	Ignore     []string  `yaml:"ignore"`
	Components yaml.Node `yaml:"components"`
	Zones      yaml.Node `yaml:"zones"`
	Formats    []struct {
		Name    string `yaml:"name"`
		Pattern string `yaml:"pattern"`
	} `yaml:"formats"`
	Rules []string `yaml:"rules"`
}

const configKeys = "the keys are ignore, components, zones, formats and rules (docs/cli.md)"

// FindConfigs gives the ConfigName of each folder that is among the paths, or that holds a file which is; each once, in
// the order of their names.
func FindConfigs(paths []string) []string {
	var found []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if p == "-" || err != nil {
			continue
		}
		dir := p
		if !info.IsDir() {
			dir = filepath.Dir(p)
		}
		name := filepath.Join(dir, ConfigName)
		if f, err := os.Stat(name); err == nil && f.Mode().IsRegular() && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// ReadConfig adds what a file says to the options; what they hold already goes before it. With beside, the file was found
// beside the logs and not named: then the rule files that it names must lie below it, and the report warns of it.
func (o *Options) ReadConfig(name string, beside bool) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var c config
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return configError(name, err)
	}
	fault := func(line int, text string) error { return &ConfigError{name, line, text, configKeys} }
	var said []string
	count := func(n int, what string) {
		if n > 0 {
			said = append(said, fmt.Sprintf("%s %d", what, n))
		}
	}
	for _, s := range c.Ignore {
		if strings.TrimSpace(s) == "" {
			return fault(0, "ignore: an empty text would leave out every line")
		}
		o.Noise = append(o.Noise, s)
	}
	count(len(c.Ignore), "ignore")
	n, err := pairs(&c.Components, "components", fault, func(pattern, component string) error {
		o.Components = append(o.Components, PathName{pattern, component})
		return nil
	})
	if err != nil {
		return err
	}
	count(n, "components")
	n, err = pairs(&c.Zones, "zones", fault, func(pattern, zone string) error {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			return fmt.Errorf("unknown time zone %q: use a name such as Europe/Berlin", zone)
		}
		o.Zones = append(o.Zones, Zone{pattern, loc})
		return nil
	})
	if err != nil {
		return err
	}
	count(n, "zones")
	for _, f := range c.Formats {
		if f.Name == "" || f.Pattern == "" {
			return fault(0, "formats: each has a name and a pattern")
		}
		if slices.Contains(parse.Names(), f.Name) {
			return fault(0, fmt.Sprintf("formats: %s is the name of a built-in format", f.Name))
		}
		custom := &parse.Custom{Name: f.Name, Pattern: f.Pattern}
		if err := custom.Compile(); err != nil {
			return fault(0, "formats: "+err.Error())
		}
		o.Custom = append(o.Custom, custom)
	}
	count(len(c.Formats), "formats")
	for _, r := range c.Rules {
		file := filepath.Join(filepath.Dir(name), filepath.FromSlash(r))
		if filepath.IsAbs(r) {
			file = r
		}
		if beside && !filepath.IsLocal(filepath.FromSlash(r)) {
			return fault(0, fmt.Sprintf("rules: %s does not lie below this file; name it with --rules", r))
		}
		k, err := os.ReadFile(file)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return fault(0, fmt.Sprintf("rules: there is no file %s", file))
			}
			return err
		}
		o.Knowledge = append(o.Knowledge, string(k))
	}
	count(len(c.Rules), "rules")
	o.Configs = append(o.Configs, name)
	if beside {
		w := rca.Warning{Source: filepath.ToSlash(name), Text: "found beside the logs and used", Remedy: "--no-config leaves it out"}
		if len(said) > 0 {
			w.Text += ": " + strings.Join(said, ", ")
		}
		o.Notes = append(o.Notes, w)
	}
	return nil
}

// pairs walks a mapping of pattern to value in the order of the file: the first pattern that matches wins.
func pairs(n *yaml.Node, key string, fault func(int, string) error, add func(pattern, value string) error) (int, error) {
	switch {
	case n.Kind == 0 || n.Tag == "!!null":
		return 0, nil
	case n.Kind != yaml.MappingNode:
		return 0, fault(n.Line, key+" is a mapping of a path pattern to a name")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if _, err := path.Match(k.Value, ""); err != nil || k.Value == "" {
			return 0, fault(k.Line, fmt.Sprintf("%s: %q is no path pattern", key, k.Value))
		}
		if v.Kind != yaml.ScalarNode || v.Value == "" {
			return 0, fault(v.Line, fmt.Sprintf("%s: %s wants a name", key, k.Value))
		}
		if err := add(k.Value, v.Value); err != nil {
			return 0, fault(v.Line, fmt.Sprintf("%s: %v", key, err))
		}
	}
	return len(n.Content) / 2, nil
}

// ConfigError is a fault in a configuration file.
type ConfigError struct {
	File   string
	Line   int // 0 if unknown
	Text   string
	Remedy string
}

func (e *ConfigError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	}
	return e.File + ": " + e.Text
}

// configError words what the YAML decoder says: "line 3: field ignored not found in type analyze.config".
func configError(name string, err error) error {
	text := err.Error()
	var te *yaml.TypeError
	if errors.As(err, &te) && len(te.Errors) > 0 {
		text = te.Errors[0]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	e := &ConfigError{File: name, Remedy: configKeys}
	if k, _ := fmt.Sscanf(text, "line %d:", &e.Line); k == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	if f, rest, ok := strings.Cut(strings.TrimPrefix(text, "field "), " not found in type "); ok && rest != "" {
		text = fmt.Sprintf("unknown key %q", f)
	}
	e.Text = text
	return e
}

// Formats are the names that FormatHint takes: the built-in ones and those of Custom.
func (o *Options) Formats() []string {
	names := parse.Names()
	for _, c := range o.Custom {
		names = append(names, c.Name)
	}
	return names
}
