package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca/internal/llm"
	"github.com/rca-engine/rca/internal/llm/llmtest"
)

// each runs a test with each way of speaking.
func each(t *testing.T, test func(*testing.T, llm.API)) {
	for _, api := range []llm.API{llm.OpenAI, llm.Anthropic, llm.Ollama} {
		t.Run(string(api), func(t *testing.T) { test(t, api) })
	}
}

func settings(api llm.API, s *llmtest.Server) llm.Settings {
	url := s.URL
	if api == llm.OpenAI {
		url += "/v1"
	}
	return llm.Settings{Name: string(api), API: api, URL: url, Key: "key-of-wren", Timeout: 10 * time.Second}
}

// open makes a provider on a server with a script; pauses between tries are noted and not waited for.
func open(t *testing.T, api llm.API, script ...llmtest.Reply) (llm.Provider, *llmtest.Server, *[]time.Duration) {
	t.Helper()
	s := llmtest.New(t, script...)
	p, err := llm.Open(settings(api, s))
	if err != nil {
		t.Fatal(err)
	}
	var pauses []time.Duration
	llm.SetWait(p, func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil })
	return p, s, &pauses
}

var schema = &llm.Schema{Name: "answer", JSON: json.RawMessage(`{"type":"object","properties":{"cause":{"type":"string"}},"required":["cause"],"additionalProperties":false}`)}

func question() llm.Request {
	return llm.Request{System: "be brief", Messages: []llm.Message{{Role: llm.User, Text: "why?"}, {Role: llm.Assistant, Text: "what?"}, {Role: llm.User, Text: "the cause"}}, MaxTokens: 77, Window: 2048}
}

func TestGenerate(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		for _, streamed := range []bool{false, true} {
			p, s, _ := open(t, api, llmtest.Reply{Text: `{"cause": "a full disk"}`})
			q := question()
			q.Schema = schema
			var pieces []string
			if streamed {
				q.Delta = func(d string) { pieces = append(pieces, d) }
			}
			a, err := p.Generate(t.Context(), "tiny", q)
			if err != nil {
				t.Fatal(err)
			}
			if a.Content != `{"cause": "a full disk"}` || a.Finish != llm.Complete || a.Provider != string(api) || a.Model != "tiny-1" || a.Usage != (llm.Usage{In: 11, Out: 5}) {
				t.Errorf("streamed %v: %+v", streamed, a)
			}
			if streamed && (len(pieces) < 3 || strings.Join(pieces, "") != a.Content) {
				t.Errorf("pieces %q", pieces)
			}
			sent := string(s.Seen()[0].Body)
			for _, want := range []string{"be brief", "the cause", "what?", `"tiny"`, "77", `"additionalProperties"`} {
				if !strings.Contains(sent, want) {
					t.Errorf("%q was not sent: %s", want, sent)
				}
			}
			if api == llm.Ollama && !strings.Contains(sent, `"num_ctx":2048`) {
				t.Errorf("the window was not sent: %s", sent)
			}
			if api != llm.Ollama && s.Seen()[0].Key != "key-of-wren" {
				t.Errorf("the key was sent as %q", s.Seen()[0].Key)
			}
		}
	})
}

// An answer that was cut or filtered says so.
func TestFinish(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		for finish, want := range map[string]llm.Finish{"length": llm.Cut, "filter": llm.Filtered} {
			if api == llm.Ollama && finish == "filter" {
				want = llm.Other // it has no filter
			}
			for _, delta := range []func(string){nil, func(string) {}} {
				p, _, _ := open(t, api, llmtest.Reply{Text: "the disk of", Finish: finish})
				q := question()
				q.Delta = delta
				if a, err := p.Generate(t.Context(), "tiny", q); err != nil || a.Finish != want {
					t.Errorf("%s: %+v, %v", finish, a, err)
				}
			}
		}
	})
}

// What may be better the next time is tried again, as late as the server asks for; what it refuses is not.
func TestRetries(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		good := llmtest.Reply{Text: "a full disk"}
		p, s, pauses := open(t, api, llmtest.Reply{Status: 429, After: "7"}, llmtest.Reply{Status: 503}, good)
		if a, err := p.Generate(t.Context(), "tiny", question()); err != nil || a.Content != "a full disk" {
			t.Errorf("after a limit and a failure: %+v, %v", a, err)
		}
		if len(s.Seen()) != 3 || len(*pauses) != 2 || (*pauses)[0] != 7*time.Second || (*pauses)[1] != time.Second {
			t.Errorf("%d requests with pauses of %v", len(s.Seen()), *pauses)
		}

		p, s, _ = open(t, api, llmtest.Reply{Status: 500})
		if _, err := p.Generate(t.Context(), "tiny", question()); !errors.Is(err, llm.ErrAway) || len(s.Seen()) != 3 {
			t.Errorf("a server that fails: %v after %d requests", err, len(s.Seen()))
		}
		p, s, _ = open(t, api, llmtest.Reply{Status: 401})
		var status *llm.StatusError
		if _, err := p.Generate(t.Context(), "tiny", question()); !errors.Is(err, llm.ErrRefused) || !errors.As(err, &status) || status.Status != 401 || len(s.Seen()) != 1 {
			t.Errorf("a wrong key: %v after %d requests", err, len(s.Seen()))
		}
		p, s, _ = open(t, api, llmtest.Reply{Status: 429, After: "3600"})
		if _, err := p.Generate(t.Context(), "tiny", question()); !errors.Is(err, llm.ErrAway) || len(s.Seen()) != 1 {
			t.Errorf("a limit of an hour: %v after %d requests", err, len(s.Seen()))
		}
	})
}

// An answer that breaks off, or is none, is no answer; pieces that were passed on are not said twice.
func TestBrokenAnswers(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		for _, c := range []llmtest.Reply{{Text: "a full disk and more", Broken: true}, {Garbage: true}} {
			for _, streamed := range []bool{false, true} {
				p, s, _ := open(t, api, c)
				q := question()
				said := 0
				if streamed {
					q.Delta = func(string) { said++ }
				}
				a, err := p.Generate(t.Context(), "tiny", q)
				if err == nil && a.Finish == llm.Complete {
					t.Errorf("%+v, streamed %v: passed for whole: %+v", c, streamed, a)
				}
				if said > 0 && len(s.Seen()) > 1 {
					t.Errorf("%+v: asked %d times though %d pieces were passed on", c, len(s.Seen()), said)
				}
			}
		}
	})
}

// A slow server costs its time and no more; a caller who leaves is let go at once, and it counts against nobody.
func TestTime(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		s := llmtest.New(t, llmtest.Reply{Text: "late", Wait: time.Hour})
		set := settings(api, s)
		set.Timeout, set.Tries = 50*time.Millisecond, 2
		p, err := llm.Open(set)
		if err != nil {
			t.Fatal(err)
		}
		llm.SetWait(p, func(context.Context, time.Duration) error { return nil })
		if _, err := p.Generate(t.Context(), "tiny", question()); !errors.Is(err, llm.ErrAway) || len(s.Seen()) != 2 {
			t.Errorf("a slow server: %v after %d requests", err, len(s.Seen()))
		}
		p, _, _ = open(t, api, llmtest.Reply{Text: "late", Wait: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if _, err := p.Generate(ctx, "tiny", question()); !errors.Is(err, context.Canceled) || errors.Is(err, llm.ErrAway) {
			t.Errorf("a caller who left: %v", err)
		}
	})
}

// A server that fails again and again is left alone.
func TestBreaker(t *testing.T) {
	p, s, _ := open(t, llm.OpenAI, llmtest.Reply{Status: 500})
	for range 3 {
		if _, err := p.Generate(t.Context(), "tiny", question()); !errors.Is(err, llm.ErrAway) {
			t.Fatal(err)
		}
	}
	if n := len(s.Seen()); n != 5 {
		t.Errorf("%d requests, want 5 and then none", n)
	}
}

func TestEmbed(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		p, _, _ := open(t, api, llmtest.Reply{})
		v, err := p.Embed(t.Context(), "tiny", []string{"one", "two"})
		if api == llm.Anthropic {
			if !errors.Is(err, llm.ErrNoEmbeddings) {
				t.Errorf("%v", err)
			}
			return
		}
		if err != nil || len(v.Values) != 2 || v.Values[0][0] != 1 || v.Values[1][1] != 1 || v.Usage.In != 7 {
			t.Errorf("%+v, %v", v, err)
		}
		if _, err := p.Embed(t.Context(), "tiny", []string{"one", "two", "three"}); err == nil {
			t.Error("two vectors passed for three texts")
		}
	})
}

func TestCheck(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		p, _, _ := open(t, api, llmtest.Reply{Text: `{"wet": true}`}, llmtest.Reply{Text: "yes"})
		h, err := llm.Check(t.Context(), p, "tiny")
		if err != nil || !h.Has || !h.Schema || len(h.Models) != 1 || api == llm.Ollama && h.Window != 4096 {
			t.Errorf("%+v, %v", h, err)
		}
		if h, err := llm.Check(t.Context(), p, "tiny"); err != nil || h.Schema {
			t.Errorf("an answer that is no JSON: %+v, %v", h, err)
		}
	})
}

// A preview is what the server would get, but for the key, and nothing is sent.
func TestPreview(t *testing.T) {
	each(t, func(t *testing.T, api llm.API) {
		p, s, _ := open(t, api, llmtest.Reply{Text: "yes"})
		q := question()
		q.Schema = schema
		shown, err := llm.Preview(t.Context(), settings(api, s), "tiny", q)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Seen()) != 0 {
			t.Error("the preview was sent")
		}
		if _, err := p.Generate(t.Context(), "tiny", q); err != nil {
			t.Fatal(err)
		}
		head, body, _ := strings.Cut(string(shown), "\n\n")
		if body != string(s.Seen()[0].Body) {
			t.Errorf("previewed %s\nsent %s", body, s.Seen()[0].Body)
		}
		if strings.Contains(head, "wren") || !strings.HasPrefix(head, "POST "+s.URL) {
			t.Errorf("head: %s", head)
		}
	})
}

// Azure has the name of the model in its addresses, and its key in a header of its own.
func TestAzure(t *testing.T) {
	shown, err := llm.Preview(t.Context(), llm.Settings{Name: "openai", API: llm.OpenAI, URL: "https://team.openai.azure.com", Key: "key-of-wren"}, "tiny", question())
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(shown), "\n\n")
	if !strings.HasPrefix(head, "POST https://team.openai.azure.com/openai/deployments/tiny/chat/completions?api-version=") || !strings.Contains(head, "Api-Key: …") || strings.Contains(head, "wren") {
		t.Errorf("head: %s", head)
	}
}

func TestSettings(t *testing.T) {
	env := map[string]string{"OPENAI_API_KEY": "k", "OLLAMA_HOST": "box:11434", "OPENROUTER_API_KEY": " "}
	lookup := func(n string) (string, bool) { v, ok := env[n]; return v, ok }
	all, err := llm.FromEnvironment(lookup)
	if err != nil || len(all) != 2 || all[0].URL != "https://api.openai.com/v1" || all[1].URL != "http://box:11434" {
		t.Errorf("%+v, %v", all, err)
	}
	if s, model, err := llm.Choose(all, "ollama/llama3.2:3b"); err != nil || s.API != llm.Ollama || model != "llama3.2:3b" {
		t.Errorf("%+v, %q, %v", s, model, err)
	}
	for name, want := range map[string]string{"llama3.2": "PROVIDER/MODEL", "groq/x": "GROQ_API_KEY", "local/x": "RCA_LOCAL_MODEL_URL", "acme/x": "no provider"} {
		if _, _, err := llm.Choose(all, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	env["OPENAI_BASE_URL"] = "ftp://x"
	if _, err := llm.FromEnvironment(lookup); err == nil || !strings.Contains(err.Error(), "OPENAI_BASE_URL") {
		t.Errorf("%v", err)
	}
}
