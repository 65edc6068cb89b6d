package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"
)

//go:generate go run . config docs ../..

// serviceConfig adds --config and reads what it names when the command runs.
type serviceConfig struct{ file string }

func (s *serviceConfig) add(c *cobra.Command) {
	c.Flags().StringVar(&s.file, "config", os.Getenv("RCA_CONFIG"), "configuration of the service in YAML (default: $RCA_CONFIG, else none)")
}

func (s *serviceConfig) load() (*config, error) {
	c, err := loadConfig(s.file, os.Environ())
	if err != nil {
		return nil, status{code: exitUsage, text: "configuration: " + err.Error(), hint: "rca config print shows what is set; docs/configuration.md lists the settings"}
	}
	return c, nil
}

func newConfig() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Check and print the configuration of the service",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var from serviceConfig
	check := &cobra.Command{
		Use:   "check",
		Short: "Say whether the configuration can be used",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := from.load(); err != nil {
				return err
			}
			fmt.Println("the configuration is good")
			return nil
		},
	}
	show := &cobra.Command{
		Use:   "print",
		Short: "Print the configuration as it is used, secrets masked",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := from.load()
			if err != nil {
				return err
			}
			text, err := c.masked()
			if err == nil {
				_, err = os.Stdout.Write(text)
			}
			return err
		},
	}
	docs := &cobra.Command{
		Use:    "docs FOLDER",
		Short:  "Write docs/configuration.md and .env.example into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := os.WriteFile(filepath.Join(args[0], "docs", "configuration.md"), configurationPage(), 0o644); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(args[0], ".env.example"), environmentExample(), 0o644)
		},
	}
	from.add(check)
	from.add(show)
	c.AddCommand(check, show, docs)
	return c
}

// masked writes the configuration as YAML that loadConfig would read but for its secrets.
func (c *config) masked() ([]byte, error) {
	copied := *c
	for _, s := range copied.settings() {
		if s.Secret && !s.value.IsZero() {
			s.value.SetString("***")
		}
	}
	return yaml.Marshal(&copied)
}

// configurationPage is docs/configuration.md.
func configurationPage() []byte {
	var b bytes.Buffer
	b.WriteString(`# Configuration

<!-- Made from cmd/rca/config.go by go generate; do not edit. -->

` + "`rca serve`, `rca worker` and the commands about them read, each over the one before: the defaults, a YAML file (`--config FILE` or `RCA_CONFIG`), the environment," + `
and their flags. A key that does not exist is refused. ` + "`rca config check` says whether all is well, `rca config print` what is used, with secrets masked." + `

Any environment name may end in ` + "`_FILE`" + `: then it names the file that holds the value, as secrets are mounted. Times are written 90s, 12h or 30d, sizes 512MB or 20GB (powers
of 1024), lists with commas in the environment.

| key | environment | default | |
|---|---|---|---|
`)
	for _, s := range defaults().settings() {
		note := s.Doc
		if s.Secret {
			note += " (secret)"
		}
		def := s.String()
		if def != "" {
			def = "`" + def + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.Key, s.Env, def, strings.ReplaceAll(note, "|", `\|`))
	}
	return b.Bytes()
}

// environmentExample is .env.example.
func environmentExample() []byte {
	var b bytes.Buffer
	b.WriteString("# Settings of rca serve and rca worker, with their defaults. Made from cmd/rca/config.go by go generate; do not edit.\n")
	for _, s := range defaults().settings() {
		fmt.Fprintf(&b, "\n# %s.\n#%s=%s\n", s.Doc, s.Env, s)
	}
	return b.Bytes()
}
