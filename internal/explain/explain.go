// Package explain lets a language model word a finding, and lets through only what the finding's evidence bears.
//
// In: a report, and a provider of models that somebody configured. Out: an rca.Explanation, of sentences that each cite evidence of the
// report. It works in three steps: Pack writes the report as a bounded question in which log text is data (pack.go), the model answers by
// a schema, and Gate takes each sentence apart and drops what its cited lines do not say (gate.go, words.go). A model that is away, wrong or
// silent leaves a note; the report stands as it was, and no grade or rank depends on anything said here.
package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/llm"
)

// Options bound what is asked.
type Options struct {
	Tokens int      // of the question, by a safe estimate; default 6000
	Answer int      // tokens of the answer; default 1024
	Window int      // tokens that the model is asked to hold (Ollama); default what question and answer need
	Names  []string // of systems, as "postgres": a sentence that names one needs a line that does
}

func (o Options) withDefaults() Options {
	if o.Tokens == 0 {
		o.Tokens = 6000
	}
	if o.Answer == 0 {
		o.Answer = 1024
	}
	if o.Window == 0 {
		o.Window = o.Tokens + o.Answer
	}
	return o
}

// Draft is what the model answers.
type Draft struct {
	Sentences []Claim `json:"sentences"`
}

// Claim is one sentence of a draft.
type Claim struct {
	Text     string   `json:"text"`
	Evidence []string `json:"evidence"`
}

// schema is a draft's. All properties are required and no others allowed: the strict mode of OpenAI wants it so.
const schema = `{"type":"object","properties":{"sentences":{"type":"array","items":{"type":"object","properties":{"text":{"type":"string"},` +
	`"evidence":{"type":"array","items":{"type":"string"}}},"required":["text","evidence"],"additionalProperties":false}}},"required":["sentences"],"additionalProperties":false}`

// Request is the question about a report, and the pack that it holds.
func Request(r *rca.Report, o Options) (llm.Request, *Pack) {
	o = o.withDefaults()
	p := NewPack(r, o.Tokens)
	return llm.Request{System: p.System, Messages: []llm.Message{{Role: llm.User, Text: p.Text}}, Schema: &llm.Schema{Name: "explanation", JSON: json.RawMessage(schema)},
		MaxTokens: o.Answer, Window: o.Window}, p
}

// Explain asks a model about a report. What goes wrong, also that the caller gave up, is a note in the explanation.
func Explain(ctx context.Context, p llm.Provider, model string, r *rca.Report, o Options) *rca.Explanation {
	q, pack := Request(r, o)
	e := &rca.Explanation{Model: model, Shown: len(pack.Shown), Omitted: pack.Omitted}
	if len(pack.Shown) == 0 {
		e.Note = "there is no evidence to explain; no model was asked"
		return e
	}
	a, err := p.Generate(ctx, model, q)
	switch {
	case err != nil && ctx.Err() != nil:
		e.Note = "the model was not waited for"
		return e
	case err != nil:
		e.Note = "the model gave no answer: " + err.Error()
		return e
	}
	e.Model, e.Usage = a.Provider+"/"+a.Model, rca.ModelUsage{In: a.Usage.In, Out: a.Usage.Out}
	if a.Finish != llm.Complete {
		e.Note = fmt.Sprintf("the model's answer is not whole (%s) and was left out", a.Finish)
		return e
	}
	d, err := parse(a.Content)
	if err != nil {
		e.Note = "the model's answer was left out: " + err.Error()
		return e
	}
	NewGate(r, pack, o.Names).Let(d, e)
	return e
}

// most bounds an answer, in bytes and in sentences.
const (
	mostAnswer    = 64 << 10
	mostSentences = 40
)

func parse(content string) (Draft, error) {
	var d Draft
	if len(content) > mostAnswer {
		return d, fmt.Errorf("it has %d bytes, more than %d", len(content), mostAnswer)
	}
	if err := json.Unmarshal([]byte(content), &d); err != nil {
		return d, fmt.Errorf("it does not keep to the schema: %w", err)
	}
	if len(d.Sentences) == 0 {
		return d, errors.New("it says nothing")
	}
	if len(d.Sentences) > mostSentences {
		return d, fmt.Errorf("it has %d sentences, more than %d", len(d.Sentences), mostSentences)
	}
	return d, nil
}
