package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/llm/llmtest"
)

// What a model is shown is redacted whatever the reader may see; what it says of a pseudonym is put back for who may see the value.
func TestExplainIsRedacted(t *testing.T) {
	dir := t.TempDir()
	logs := filepath.Join(dir, "api.log")
	text := "2026-11-24T01:50:00Z INFO api started\n" + strings.Repeat("2026-11-24T01:57:05Z ERROR api could not save the order of anna.smith@wren-mail.com: write /var/lib/api: no space left on device\n", 3)
	if err := os.WriteFile(logs, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	model := llmtest.New(t, llmtest.Reply{Text: `{"sentences":[{"text":"The api could not save the order of <EMAIL_1>: \"no space left on device\".","evidence":["E1"]},{"text":"The api lost 9 orders.","evidence":["E1"]}]}`})
	t.Setenv("OLLAMA_HOST", model.URL)
	for _, redacted := range []bool{false, true} {
		out := filepath.Join(dir, "report.json")
		args := []string{"analyze", "--explain", "--model", "ollama/tiny", "--format", "json", "-o", out, logs}
		want := "the order of anna.smith@wren-mail.com"
		if redacted {
			args, want = append(args, "--redact"), "the order of <EMAIL_1>"
		}
		if got := run(t.Context(), args); got != exitOK {
			t.Fatalf("exit status %d", got)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		var r rca.Report
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		if e := r.Explanation; e == nil || len(e.Sentences) != 1 || len(e.Dropped) != 1 || !strings.Contains(e.Sentences[0].Text, want) {
			t.Errorf("redacted %v: %+v", redacted, e)
		}
	}
	for _, q := range model.Seen() {
		if strings.Contains(string(q.Body), "anna.smith") || !strings.Contains(string(q.Body), "EMAIL_1") {
			t.Errorf("the model was shown %s", q.Body)
		}
	}
	if len(model.Seen()) != 2 {
		t.Errorf("%d requests", len(model.Seen()))
	}
}

// Without a provider named, no command opens a connection: every one of an analysis would meet a proxy that is not there.
func TestNoModelNoNetwork(t *testing.T) {
	model := llmtest.New(t, llmtest.Reply{Text: "yes"})
	t.Setenv("OLLAMA_HOST", model.URL)
	t.Setenv("RCA_MODEL", "ollama/tiny")
	out := filepath.Join(t.TempDir(), "report.json")
	incident := filepath.Join("..", "..", "testdata", "incidents", "sessions-disk-full")
	for _, args := range [][]string{{"analyze", "--format", "json", "-o", out, filepath.Join(incident, "logs")}, {"models", "list"}, {"analyze", "--preview", filepath.Join(incident, "logs")}} {
		if got := run(t.Context(), args); got != exitOK {
			t.Errorf("%v: exit status %d", args, got)
		}
	}
	if n := len(model.Seen()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
