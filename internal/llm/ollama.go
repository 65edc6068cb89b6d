package llm

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ollama/ollama/api"
)

// ollama speaks Ollama's own API, the only one of its that takes the size of the window.
type ollama struct {
	name   string
	client *api.Client
}

func newOllama(s Settings) (*ollama, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, fmt.Errorf("address of %s: %w", s.Name, err)
	}
	return &ollama{s.Name, api.NewClient(u, s.Client)}, nil
}

func (o *ollama) Generate(ctx context.Context, model string, r Request) (*Answer, error) {
	stream := r.Delta != nil
	q := &api.ChatRequest{Model: model, Stream: &stream, Options: map[string]any{"num_predict": r.MaxTokens, "temperature": 0}}
	if r.Window > 0 {
		q.Options["num_ctx"] = r.Window
	}
	if r.Schema != nil {
		q.Format = r.Schema.JSON
	}
	if r.System != "" {
		q.Messages = append(q.Messages, api.Message{Role: "system", Content: r.System})
	}
	for _, m := range r.Messages {
		q.Messages = append(q.Messages, api.Message{Role: string(m.Role), Content: m.Text})
	}
	a := &Answer{Provider: o.name, Model: model, Finish: Cut} // until the server says that it is done
	var text strings.Builder
	err := o.client.Chat(ctx, q, func(part api.ChatResponse) error {
		text.WriteString(part.Message.Content)
		if stream && part.Message.Content != "" {
			r.Delta(part.Message.Content)
		}
		if part.Model != "" {
			a.Model = part.Model
		}
		if !part.Done {
			return nil
		}
		a.Usage = Usage{part.PromptEvalCount, part.EvalCount}
		switch part.DoneReason {
		case "stop":
			a.Finish = Complete
		case "length":
			a.Finish = Cut
		default:
			a.Finish = Other
		}
		return nil
	})
	if err != nil {
		return nil, o.told(err)
	}
	a.Content = text.String()
	return a, nil
}

func (o *ollama) Embed(ctx context.Context, model string, texts []string) (*Vectors, error) {
	a, err := o.client.Embed(ctx, &api.EmbedRequest{Model: model, Input: texts})
	if err != nil {
		return nil, o.told(err)
	}
	v := &Vectors{Model: a.Model, Values: a.Embeddings, Usage: Usage{In: a.PromptEvalCount}}
	if len(v.Values) != len(texts) {
		v.Values = append(v.Values, make([][]float32, max(0, len(texts)-len(v.Values)))...)
	}
	return v, wholeVectors(o.name, v)
}

func (o *ollama) Look(ctx context.Context, model string) ([]string, int, error) {
	l, err := o.client.List(ctx)
	if err != nil {
		return nil, 0, o.told(err)
	}
	var names []string
	for _, m := range l.Models {
		names = append(names, m.Name)
	}
	if model == "" {
		return names, 0, nil
	}
	info, err := o.client.Show(ctx, &api.ShowRequest{Model: model})
	if err != nil {
		return names, 0, o.told(err)
	}
	for k, v := range info.ModelInfo { // as llama.context_length
		if n, ok := v.(float64); ok && strings.HasSuffix(k, ".context_length") {
			return names, int(n), nil
		}
	}
	return names, 0, nil
}

func (o *ollama) told(err error) error {
	var status api.StatusError
	if errors.As(err, &status) {
		return statusError(o.name, status.StatusCode, status.ErrorMessage)
	}
	var key api.AuthorizationError
	if errors.As(err, &key) {
		return statusError(o.name, key.StatusCode, key.Status)
	}
	return fmt.Errorf("%s: %w", o.name, err)
}
