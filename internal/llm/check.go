package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Health is how a provider was found.
type Health struct {
	Latency time.Duration // of the list of models
	Models  []string
	Window  int // of the model asked for, in tokens; 0: the server does not tell
	Has     bool
	Schema  bool // it kept to a JSON schema
	Took    time.Duration
}

// Check reaches a provider and, if a model is named, asks it for a small answer by a schema.
func Check(ctx context.Context, p Provider, model string) (Health, error) {
	var h Health
	begin := time.Now()
	var err error
	h.Models, h.Window, err = p.Look(ctx, model)
	h.Latency = time.Since(begin)
	slices.Sort(h.Models)
	if err != nil || model == "" {
		return h, err
	}
	h.Has = slices.Contains(h.Models, model) || slices.Contains(h.Models, model+":latest") // which Ollama leaves out in names
	begin = time.Now()
	a, err := p.Generate(ctx, model, Request{Messages: []Message{{User, "Is water wet? Answer as JSON."}}, MaxTokens: 64,
		Schema: &Schema{"answer", json.RawMessage(`{"type":"object","properties":{"wet":{"type":"boolean"}},"required":["wet"],"additionalProperties":false}`)}})
	h.Took = time.Since(begin)
	if err != nil {
		return h, err
	}
	var got map[string]any
	if json.Unmarshal([]byte(a.Content), &got) == nil && a.Finish == Complete {
		_, h.Schema = got["wet"].(bool)
	}
	return h, nil
}

// Preview gives the very bytes that a request would send, with the key in its head left out, and sends nothing.
func Preview(ctx context.Context, s Settings, model string, r Request) ([]byte, error) {
	t := &taker{}
	s.Client, s.Tries = &http.Client{Transport: t}, 1
	p, err := Open(s)
	if err != nil {
		return nil, err
	}
	if _, err := p.Generate(ctx, model, r); !errors.Is(err, errTaken) {
		return nil, fmt.Errorf("preview: %w", err)
	}
	return t.taken, nil
}

var errTaken = errors.New("not sent: a preview")

// taker writes a request down in place of sending it.
type taker struct{ taken []byte }

// secretHeaders hold keys.
var secretHeaders = []string{"Authorization", "X-Api-Key", "Api-Key"}

func (t *taker) RoundTrip(r *http.Request) (*http.Response, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	for _, k := range slices.Sorted(maps.Keys(r.Header)) {
		v := strings.Join(r.Header[k], ", ")
		if slices.Contains(secretHeaders, k) {
			v = "…"
		}
		fmt.Fprintf(&b, "%s: %s\n", k, v)
	}
	b.WriteByte('\n')
	if r.Body != nil {
		if _, err := io.Copy(&b, r.Body); err != nil {
			return nil, err
		}
	}
	t.taken = b.Bytes()
	return nil, errTaken
}
