package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

// claude speaks Anthropic's API.
type claude struct {
	name   string
	client anthropic.Client
}

func newAnthropic(s Settings) *claude {
	// Retries are ours, so that all providers are treated alike; what else the library reads of the environment is replaced.
	return &claude{s.Name, anthropic.NewClient(option.WithAPIKey(s.Key), option.WithBaseURL(s.URL), option.WithHTTPClient(s.Client), option.WithMaxRetries(0))}
}

func (c *claude) Generate(ctx context.Context, model string, r Request) (*Answer, error) {
	p := anthropic.MessageNewParams{Model: model, MaxTokens: int64(r.MaxTokens)}
	if r.System != "" {
		p.System = []anthropic.TextBlockParam{{Text: r.System}}
	}
	for _, m := range r.Messages {
		block := anthropic.NewTextBlock(m.Text)
		if m.Role == Assistant {
			p.Messages = append(p.Messages, anthropic.NewAssistantMessage(block))
		} else {
			p.Messages = append(p.Messages, anthropic.NewUserMessage(block))
		}
	}
	if r.Schema != nil {
		var schema map[string]any
		if err := json.Unmarshal(r.Schema.JSON, &schema); err != nil {
			return nil, fmt.Errorf("schema %s: %w", r.Schema.Name, err)
		}
		p.OutputConfig = anthropic.OutputConfigParam{Format: anthropic.JSONOutputFormatParam{Schema: schema}}
	}
	var m *anthropic.Message
	if r.Delta == nil {
		var err error
		if m, err = c.client.Messages.New(ctx, p); err != nil {
			return nil, c.told(err)
		}
	} else {
		s := c.client.Messages.NewStreaming(ctx, p)
		defer func() { _ = s.Close() }() // it was only read
		m = &anthropic.Message{}
		for s.Next() {
			e := s.Current()
			if err := m.Accumulate(e); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if e.Type == "content_block_delta" && e.Delta.Text != "" {
				r.Delta(e.Delta.Text)
			}
		}
		if err := s.Err(); err != nil {
			return nil, c.told(err)
		}
	}
	var text strings.Builder
	for _, b := range m.Content {
		text.WriteString(b.Text)
	}
	finish := Other
	switch m.StopReason {
	case anthropic.StopReasonEndTurn, anthropic.StopReasonStopSequence:
		finish = Complete
	case anthropic.StopReasonMaxTokens, "": // without a reason the stream broke off
		finish = Cut
	case anthropic.StopReasonRefusal:
		finish = Filtered
	}
	return &Answer{Content: text.String(), Provider: c.name, Model: m.Model, Usage: Usage{int(m.Usage.InputTokens), int(m.Usage.OutputTokens)}, Finish: finish}, nil
}

func (c *claude) Embed(context.Context, string, []string) (*Vectors, error) {
	return nil, fmt.Errorf("%s: %w", c.name, ErrNoEmbeddings)
}

func (c *claude) Look(ctx context.Context, _ string) ([]string, int, error) {
	var names []string
	pages := c.client.Models.ListAutoPaging(ctx, anthropic.ModelListParams{})
	for pages.Next() {
		names = append(names, pages.Current().ID)
	}
	if err := pages.Err(); err != nil {
		return nil, 0, c.told(err)
	}
	return names, 0, nil
}

func (c *claude) told(err error) error {
	var api *anthropic.Error
	if errors.As(err, &api) {
		return statusError(c.name, api.StatusCode, api.RawJSON())
	}
	return fmt.Errorf("%s: %w", c.name, err)
}
