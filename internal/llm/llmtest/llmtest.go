// Package llmtest is a server of language models for tests: it speaks the three APIs as the real servers do, and says what it was told
// to say, slowly, wrongly, in part, or not at all.
package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Reply is what the server does with one request for text or embeddings. The last one of a script is used again.
type Reply struct {
	Text    string
	Status  int           // default 200; else an error as that API words it
	After   string        // Retry-After
	Finish  string        // "stop" (default), "length", "filter"
	Wait    time.Duration // before the first byte
	Broken  bool          // the connection breaks in the middle
	Garbage bool          // no JSON
}

// Server is a running one.
type Server struct {
	URL string

	mu      sync.Mutex
	script  []Reply
	seen    []Request
	release chan struct{}
}

// Request is what came in.
type Request struct {
	Path   string
	Key    string
	Body   []byte
	Parsed map[string]any
}

// New starts a server with a script.
func New(t testing.TB, script ...Reply) *Server {
	t.Helper()
	s := &Server{script: script, release: make(chan struct{})}
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = h.URL
	t.Cleanup(func() { close(s.release); h.Close() })
	return s
}

// Seen gives the requests for text and embeddings so far.
func (s *Server) Seen() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.seen...)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	w.Header().Set("Content-Type", "application/json")
	switch path {
	case "/models":
		if r.Header.Get("X-Api-Key") != "" {
			fmt.Fprint(w, `{"data":[{"id":"tiny","type":"model","display_name":"Tiny","created_at":"2026-01-01T00:00:00Z"}],"has_more":false}`)
			return
		}
		fmt.Fprint(w, `{"object":"list","data":[{"id":"tiny","object":"model"}]}`)
		return
	case "/api/tags":
		fmt.Fprint(w, `{"models":[{"name":"tiny:latest","model":"tiny:latest"}]}`)
		return
	case "/api/show":
		fmt.Fprint(w, `{"model_info":{"llama.context_length":4096}}`)
		return
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q := Request{Path: path, Key: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + r.Header.Get("X-Api-Key"), Body: b}
	_ = json.Unmarshal(b, &q.Parsed) // a test looks at Body
	s.mu.Lock()
	s.seen = append(s.seen, q)
	reply := s.script[0]
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	s.mu.Unlock()
	if reply.Wait > 0 {
		select {
		case <-time.After(reply.Wait):
		case <-r.Context().Done():
			return
		case <-s.release:
			return
		}
	}
	if reply.After != "" {
		w.Header().Set("Retry-After", reply.After)
	}
	if reply.Status >= 300 {
		w.WriteHeader(reply.Status)
		switch {
		case strings.HasPrefix(path, "/api/"):
			fmt.Fprintf(w, `{"error":%s}`, quoted("it failed"))
		case path == "/messages":
			fmt.Fprintf(w, `{"type":"error","error":{"type":"api_error","message":%s}}`, quoted("it failed"))
		default:
			fmt.Fprintf(w, `{"error":{"message":%s,"type":"server_error","code":null}}`, quoted("it failed"))
		}
		return
	}
	stream, _ := q.Parsed["stream"].(bool)
	var parts []string
	finish := reply.Finish
	if finish == "" {
		finish = "stop"
	}
	if reply.Garbage {
		parts = []string{"<html>busy</html>"}
	} else {
		switch path {
		case "/chat/completions":
			parts = openAI(reply.Text, map[string]string{"filter": "content_filter"}[finish], finish, stream)
		case "/messages":
			parts = anthropic(reply.Text, map[string]string{"stop": "end_turn", "length": "max_tokens", "filter": "refusal"}[finish], stream)
		case "/api/chat":
			parts = ollama(reply.Text, finish, stream)
		case "/embeddings":
			parts = []string{`{"object":"list","model":"tiny","data":[{"object":"embedding","index":1,"embedding":[0,1]},{"object":"embedding","index":0,"embedding":[1,0]}],"usage":{"prompt_tokens":7,"total_tokens":7}}`}
		case "/api/embed":
			parts = []string{`{"model":"tiny","embeddings":[[1,0],[0,1]],"prompt_eval_count":7}`}
		default:
			http.NotFound(w, r)
			return
		}
	}
	if stream && path != "/api/chat" {
		w.Header().Set("Content-Type", "text/event-stream")
	}
	if reply.Broken {
		if len(parts) > 1 {
			parts = parts[:len(parts)/2]
		} else {
			w.Header().Set("Content-Length", fmt.Sprint(len(parts[0])))
			parts[0] = parts[0][:len(parts[0])/2]
		}
	}
	for _, p := range parts {
		fmt.Fprint(w, p)
		_ = http.NewResponseController(w).Flush()
	}
	if reply.Broken {
		panic(http.ErrAbortHandler)
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// words are the pieces that a text is streamed in.
func words(s string) []string { return strings.SplitAfter(s, " ") }

func openAI(text, special, finish string, stream bool) []string {
	if special != "" {
		finish = special
	}
	if !stream {
		return []string{fmt.Sprintf(`{"id":"c1","object":"chat.completion","model":"tiny-1","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":%q}],"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}`, quoted(text), finish)}
	}
	var out []string
	for _, w := range words(text) {
		out = append(out, fmt.Sprintf("data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"tiny-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%s},\"finish_reason\":null}]}\n\n", quoted(w)))
	}
	return append(out, fmt.Sprintf("data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"tiny-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":%q}]}\n\n", finish),
		"data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"tiny-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":5,\"total_tokens\":16}}\n\n", "data: [DONE]\n\n")
}

func anthropic(text, stop string, stream bool) []string {
	if !stream {
		return []string{fmt.Sprintf(`{"id":"m1","type":"message","role":"assistant","model":"tiny-1","content":[{"type":"text","text":%s}],"stop_reason":%q,"stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":5}}`, quoted(text), stop)}
	}
	out := []string{"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"tiny-1\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":11,\"output_tokens\":1}}}\n\n",
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"}
	for _, w := range words(text) {
		out = append(out, fmt.Sprintf("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":%s}}\n\n", quoted(w)))
	}
	return append(out, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
		fmt.Sprintf("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":%q,\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\n", stop),
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
}

func ollama(text, finish string, stream bool) []string {
	end := fmt.Sprintf(`"done":true,"done_reason":%q,"prompt_eval_count":11,"eval_count":5}`+"\n", finish)
	head := `{"model":"tiny-1","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":%s},`
	if !stream {
		return []string{fmt.Sprintf(head, quoted(text)) + end}
	}
	var out []string
	for _, w := range words(text) {
		out = append(out, fmt.Sprintf(head, quoted(w))+`"done":false}`+"\n")
	}
	return append(out, fmt.Sprintf(head, `""`)+end)
}
