// Package llm asks language models: a request in, an answer with its usage out, over HTTP to a server that somebody configured.
//
// Three ways of speaking cover the field: OpenAI's API, which most servers speak, Anthropic's, and Ollama's own. Each is one file over a
// client library whose types do not leave it. What holds for all is in this package: who is configured (settings.go), retries, time
// limits and the breaker (patient.go), the look at a server (check.go). Nothing is opened, resolved or sent before Generate, Embed or Check.
package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Request is one question to a model.
type Request struct {
	System    string
	Messages  []Message
	Schema    *Schema      // the answer is one JSON object of it; nil: text
	MaxTokens int          // of the answer; default 1024
	Window    int          // tokens of question and answer that the model is asked to hold, where that is a choice (Ollama's num_ctx); 0: the server's
	Delta     func(string) // called with each piece of the answer as it comes; nil: the answer comes at once
}

// Message is one turn of a conversation.
type Message struct {
	Role Role
	Text string
}

// Role says whose a turn is.
type Role string

// The roles.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Schema is a JSON schema with a name.
type Schema struct {
	Name string
	JSON json.RawMessage
}

// Answer is what a model said.
type Answer struct {
	Content  string
	Provider string
	Model    string // as the server names it
	Usage    Usage
	Finish   Finish
}

// Usage counts tokens, as the server does.
type Usage struct {
	In  int `json:"input_tokens"`
	Out int `json:"output_tokens"`
}

// Finish says why an answer ended. One that is not Complete must not pass for whole.
type Finish string

// The ends of answers.
const (
	Complete Finish = "complete"
	Cut      Finish = "cut"      // at MaxTokens or at the end of the model's window
	Filtered Finish = "filtered" // by the provider
	Other    Finish = "other"    // for a reason that the server did not tell in a word we know
)

// Vectors are embeddings of texts, in their order.
type Vectors struct {
	Model  string
	Values [][]float32
	Usage  Usage
}

// Provider is a server that runs models.
type Provider interface {
	Generate(ctx context.Context, model string, r Request) (*Answer, error)
	Embed(ctx context.Context, model string, texts []string) (*Vectors, error)
	// Look asks for the models that the server has, and for the window of one in tokens, 0 where it does not tell.
	Look(ctx context.Context, model string) (models []string, window int, err error)
}

// Errors that a caller can branch on.
var (
	ErrNoEmbeddings = errors.New("the provider has no embeddings")
	ErrAway         = errors.New("the model's server cannot be reached or does not answer in time")
	ErrRefused      = errors.New("the model's server refuses the request") // wrong key, unknown model, too long: asking again does not help
)

// StatusError is an answer of a server that is no success.
type StatusError struct {
	Provider string
	Status   int
	Text     string // what the server said, cut
	err      error
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answers %d %s: %s", e.Provider, e.Status, http.StatusText(e.Status), e.Text)
}

// Unwrap makes errors.Is find ErrRefused in what will not get better.
func (e *StatusError) Unwrap() error { return e.err }

// statusError is the error of a status; its text is bounded, for it may repeat the question.
func statusError(provider string, status int, text string) *StatusError {
	const most = 300
	if len(text) > most {
		text = text[:most] + "…"
	}
	e := &StatusError{Provider: provider, Status: status, Text: text, err: ErrRefused}
	if again(status) {
		e.err = ErrAway
	}
	return e
}

// again tells whether a status may be another one the next time.
func again(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}
