package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sashabaranov/go-openai"
)

// openAI speaks OpenAI's API. Its own client library would make the program 17 MB larger and every start 4 ms longer; this one, of the
// community, 0.2 MB and nothing.
type openAI struct {
	name   string
	client *openai.Client
}

func newOpenAI(s Settings) *openAI {
	c := openai.DefaultConfig(s.Key)
	c.BaseURL, c.HTTPClient = strings.TrimSuffix(s.URL, "/"), s.Client
	if strings.HasSuffix(hostOf(s.URL), ".openai.azure.com") {
		c = openai.DefaultAzureConfig(s.Key, s.URL)
		c.HTTPClient = s.Client
	}
	return &openAI{s.Name, openai.NewClientWithConfig(c)}
}

func (o *openAI) Generate(ctx context.Context, model string, r Request) (*Answer, error) {
	q := openai.ChatCompletionRequest{Model: model, MaxCompletionTokens: r.MaxTokens}
	if o.name != "openai" { // the servers that speak its API know the older name
		q.MaxTokens, q.MaxCompletionTokens = r.MaxTokens, 0 //nolint:staticcheck // deprecated by OpenAI alone
	}
	if r.System != "" {
		q.Messages = append(q.Messages, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleSystem, Content: r.System})
	}
	for _, m := range r.Messages {
		q.Messages = append(q.Messages, openai.ChatCompletionMessage{Role: string(m.Role), Content: m.Text})
	}
	if r.Schema != nil {
		q.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: r.Schema.Name, Schema: r.Schema.JSON, Strict: true}}
	}
	if r.Delta != nil {
		return o.stream(ctx, q, r.Delta)
	}
	a, err := o.client.CreateChatCompletion(ctx, q)
	if err != nil {
		return nil, o.told(err)
	}
	if len(a.Choices) == 0 {
		return nil, fmt.Errorf("%s: an answer without a choice: %w", o.name, io.ErrUnexpectedEOF)
	}
	c := a.Choices[0]
	return &Answer{Content: c.Message.Content, Provider: o.name, Model: a.Model, Usage: Usage{a.Usage.PromptTokens, a.Usage.CompletionTokens}, Finish: openAIFinish(c.FinishReason)}, nil
}

func (o *openAI) stream(ctx context.Context, q openai.ChatCompletionRequest, delta func(string)) (*Answer, error) {
	q.Stream, q.StreamOptions = true, &openai.StreamOptions{IncludeUsage: true}
	s, err := o.client.CreateChatCompletionStream(ctx, q)
	if err != nil {
		return nil, o.told(err)
	}
	defer func() { _ = s.Close() }()                            // it was only read
	a := &Answer{Provider: o.name, Model: q.Model, Finish: Cut} // until the server says otherwise
	var text strings.Builder
	for {
		part, err := s.Recv()
		if errors.Is(err, io.EOF) {
			a.Content = text.String()
			return a, nil
		}
		if err != nil {
			return nil, o.told(err)
		}
		if part.Model != "" {
			a.Model = part.Model
		}
		if part.Usage != nil {
			a.Usage = Usage{part.Usage.PromptTokens, part.Usage.CompletionTokens}
		}
		for _, c := range part.Choices {
			if c.Delta.Content != "" {
				text.WriteString(c.Delta.Content)
				delta(c.Delta.Content)
			}
			if c.FinishReason != "" {
				a.Finish = openAIFinish(c.FinishReason)
			}
		}
	}
}

func openAIFinish(r openai.FinishReason) Finish {
	switch r {
	case openai.FinishReasonStop:
		return Complete
	case openai.FinishReasonLength:
		return Cut
	case openai.FinishReasonContentFilter:
		return Filtered
	}
	return Other
}

func (o *openAI) Embed(ctx context.Context, model string, texts []string) (*Vectors, error) {
	a, err := o.client.CreateEmbeddings(ctx, openai.EmbeddingRequest{Input: texts, Model: openai.EmbeddingModel(model)})
	if err != nil {
		return nil, o.told(err)
	}
	v := &Vectors{Model: string(a.Model), Values: make([][]float32, len(texts)), Usage: Usage{In: a.Usage.PromptTokens}}
	for _, d := range a.Data {
		if d.Index < 0 || d.Index >= len(texts) || v.Values[d.Index] != nil {
			return nil, fmt.Errorf("%s: embedding %d of %d texts: %w", o.name, d.Index, len(texts), io.ErrUnexpectedEOF)
		}
		v.Values[d.Index] = d.Embedding
	}
	return v, wholeVectors(o.name, v)
}

func (o *openAI) Look(ctx context.Context, _ string) ([]string, int, error) {
	l, err := o.client.ListModels(ctx)
	if err != nil {
		return nil, 0, o.told(err)
	}
	var names []string
	for _, m := range l.Models {
		names = append(names, m.ID)
	}
	return names, 0, nil
}

// told makes an error of ours of what the library says.
func (o *openAI) told(err error) error {
	var api *openai.APIError
	var raw *openai.RequestError
	switch {
	case errors.As(err, &api) && api.HTTPStatusCode != 0:
		return statusError(o.name, api.HTTPStatusCode, api.Message)
	case errors.As(err, &raw) && raw.HTTPStatusCode != 0:
		return statusError(o.name, raw.HTTPStatusCode, string(raw.Body))
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%s: an answer that is no JSON: %w", o.name, err)
	}
	return fmt.Errorf("%s: %w", o.name, err)
}
