package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/explain"
	"github.com/rca-engine/rca/internal/know"
	"github.com/rca-engine/rca/internal/llm"
	"github.com/rca-engine/rca/internal/redact"
)

// wording lets a model word the finding, where it is asked for.
type wording struct {
	explain, preview bool
	model            string
	settings         llm.Settings
	name             string // of the model at its provider
}

func (w *wording) flags(fl *pflag.FlagSet) {
	fl.BoolVar(&w.explain, "explain", false, "let the language model of --model word the finding; what the cited lines do not bear is left out")
	fl.StringVar(&w.model, "model", os.Getenv("RCA_MODEL"), "PROVIDER/MODEL for --explain, as ollama/llama3.2 (default: RCA_MODEL; rca models list)")
	fl.BoolVar(&w.preview, "preview", false, "print the very bytes that --explain would send, with an estimate of the tokens, and send nothing")
}

// check finds the model before any log is read. It opens nothing.
func (w *wording) check() error {
	if !w.explain && !w.preview {
		return nil
	}
	if w.model == "" {
		return status{code: exitUsage, text: "--explain wants a model", hint: "name one with --model PROVIDER/MODEL or RCA_MODEL; rca models list shows the providers that are configured"}
	}
	all, err := llm.FromEnvironment(os.LookupEnv)
	if err != nil {
		return status{code: exitUsage, text: err.Error()}
	}
	if w.settings, w.name, err = llm.Choose(all, w.model); err != nil {
		return status{code: exitUsage, text: err.Error(), hint: "rca models list shows the providers that are configured"}
	}
	return nil
}

// add gives the report that is to be shown, with what the model says in it. The model is never shown any other report than the redacted
// one; where the reader may see the whole one, the values are put back into what it said. Done is true of a preview: nothing is left to do.
func (w *wording) add(ctx context.Context, whole *rca.Report, r *redact.Redactor, redacted bool) (shown *rca.Report, done bool, err error) {
	if !w.explain && !w.preview && !redacted {
		return whole, false, nil
	}
	hidden := r.Report(whole)
	if w.explain || w.preview {
		if done, err = w.ask(ctx, hidden); err != nil || done {
			return nil, done, err
		}
	}
	if redacted {
		return hidden, false, nil
	}
	for i := range hidden.Explanation.Sentences {
		s := &hidden.Explanation.Sentences[i]
		s.Text = r.Restore(s.Text)
	}
	whole.Explanation = hidden.Explanation
	return whole, false, nil
}

func (w *wording) ask(ctx context.Context, r *rca.Report) (done bool, err error) {
	o := explain.Options{Names: systems()}
	if w.preview {
		q, pack := explain.Request(r, o)
		b, err := llm.Preview(ctx, w.settings, w.name, q)
		if err != nil {
			return true, err
		}
		if _, err := os.Stdout.Write(append(b, '\n')); err != nil {
			return true, err
		}
		fmt.Fprintf(os.Stderr, "rca: nothing was sent; about %d tokens of question and at most %d of answer; %d lines of evidence, %d do not fit\n",
			explain.Tokens(pack.System)+explain.Tokens(pack.Text), q.MaxTokens, len(pack.Shown), pack.Omitted)
		return true, nil
	}
	p, err := llm.Open(w.settings)
	if err != nil {
		return true, err
	}
	r.Explanation = explain.Explain(ctx, p, w.name, r, o)
	if r.Explanation.Note != "" {
		fmt.Fprintln(os.Stderr, "rca:", safe(r.Explanation.Note))
	}
	return false, nil
}

// systems are the names of the products that the failure knowledge knows.
func systems() []string {
	// What files of the knowledge are named that is no product: in a sentence these are common words.
	const words = " auth backup build ci-servers cloud cron data data-platform database dns gateways go http kernel mail monitoring network node objectstore os pools queue storage time tls "
	var out []string
	for _, e := range know.Builtin().Entries {
		for _, n := range []string{e.System, e.Product} {
			if !strings.Contains(words, " "+n+" ") {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func newModels() *cobra.Command {
	c := &cobra.Command{
		Use:   "models",
		Short: "List and check the language models that are configured",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the providers that the environment configures; opens no connection",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			all, err := llm.FromEnvironment(os.LookupEnv)
			if err != nil {
				return status{code: exitUsage, text: err.Error()}
			}
			for _, s := range all {
				fmt.Printf("%-12s %-10s %s\n", s.Name, s.API, s.URL)
			}
			if len(all) == 0 {
				fmt.Println("none; set OLLAMA_HOST, OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, GROQ_API_KEY, OPENROUTER_API_KEY or RCA_LOCAL_MODEL_URL")
			}
			return nil
		},
	}, &cobra.Command{
		Use:   "check [PROVIDER/MODEL…]",
		Short: "Reach the providers, or ask the named models for a small answer by a schema",
		RunE: func(c *cobra.Command, args []string) error {
			all, err := llm.FromEnvironment(os.LookupEnv)
			if err != nil {
				return status{code: exitUsage, text: err.Error()}
			}
			if len(args) == 0 {
				for _, s := range all {
					args = append(args, s.Name+"/")
				}
			}
			if len(args) == 0 {
				return status{code: exitUsage, text: "no provider is configured", hint: "rca models list says how"}
			}
			bad := 0
			for _, name := range args {
				if err := checkModel(c.Context(), all, name); err != nil {
					fmt.Fprintf(os.Stderr, "rca: %s: %s\n", strings.TrimSuffix(name, "/"), safe(err.Error()))
					bad++
				}
			}
			if bad > 0 {
				return status{code: exitError}
			}
			return nil
		},
	})
	return c
}

func checkModel(ctx context.Context, all []llm.Settings, name string) error {
	provider, model, _ := strings.Cut(name, "/")
	s, err := llm.Find(all, provider)
	if err != nil {
		return err
	}
	p, err := llm.Open(s)
	if err != nil {
		return err
	}
	h, err := llm.Check(ctx, p, model)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%s: reached in %s, %d models", provider, h.Latency.Round(time.Millisecond), len(h.Models))
	if model != "" {
		line = fmt.Sprintf("%s: reached in %s, answered in %s", name, h.Latency.Round(time.Millisecond), h.Took.Round(time.Millisecond))
		if h.Window > 0 {
			line += fmt.Sprintf(", window %d tokens", h.Window)
		}
		if !h.Has {
			line += ", not among the models that it lists"
		}
		line += map[bool]string{true: ", keeps to schemas", false: ", does not keep to schemas: --explain will not work well"}[h.Schema]
	}
	fmt.Println(safe(line))
	return nil
}
