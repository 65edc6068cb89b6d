package server_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// document is what tests read of the OpenAPI document.
type document struct {
	OpenAPI string
	Paths   map[string]map[string]operation
	Comp    struct{ Schemas map[string]any } `json:"components"`
}

type operation struct {
	ID         string `json:"operationId"`
	Summary    string
	Tags       []string
	Role       string `json:"x-role"`
	Scope      string `json:"x-scope"`
	Security   *[]map[string][]string
	Parameters []struct {
		Name     string
		In       string
		Required bool
		Explode  bool
		Schema   map[string]any
	}
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema map[string]any }
	}
	Responses map[string]struct {
		Content map[string]any
	}
}

func (s *site) document() document {
	s.t.Helper()
	b, err := s.server.Document()
	s.ok(err)
	var d document
	s.ok(json.Unmarshal(b, &d))
	return d
}

// The document is kept, so that a change of the API is seen in review.
func TestDocumentIsFresh(t *testing.T) {
	s := one(t, nil)
	b, err := s.server.Document()
	s.ok(err)
	const golden = "../../docs/openapi.json"
	if *update {
		s.ok(os.WriteFile(golden, b, 0o644))
	}
	kept, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(kept, b) {
		t.Errorf("%s is stale (%v): go test ./internal/server -run Document -update", golden, err)
	}
	served := s.ask("", "GET", "/openapi.json", nil).is(200)
	if !bytes.Equal(served.Body, b) {
		t.Error("the document that is served is another one")
	}
	s.ask("", "GET", "/openapi.json", nil, "If-None-Match", served.Header.Get("ETag")).is(304)
}

func TestEveryOperationIsDescribed(t *testing.T) {
	d := one(t, nil).document()
	if d.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %s", d.OpenAPI)
	}
	ids := map[string]bool{}
	for path, item := range d.Paths {
		for method, o := range item {
			if o.ID == "" || ids[o.ID] || o.Summary == "" || len(o.Tags) == 0 || o.Role == "" || o.Security == nil {
				t.Errorf("%s %s lacks an id of its own, a summary, a tag, a role or its security", method, path)
			}
			ids[o.ID] = true
			if (o.Role == "anybody") != (len(*o.Security) == 0) {
				t.Errorf("%s: role %s, security %v", o.ID, o.Role, *o.Security)
			}
			for _, status := range []string{"422", "429", "500"} {
				if _, ok := o.Responses[status]; !ok {
					t.Errorf("%s does not tell of %s", o.ID, status)
				}
			}
			if !slices.ContainsFunc(keys(o.Responses), func(s string) bool { return strings.HasPrefix(s, "2") }) {
				t.Errorf("%s knows no success", o.ID)
			}
		}
	}
	if len(ids) < 60 {
		t.Errorf("only %d operations", len(ids))
	}
	for name := range d.Comp.Schemas {
		if strings.Contains(name, "ErrorModel") || strings.Contains(name, "ErrorDetail") {
			t.Errorf("schema %s is huma's, not ours", name)
		}
	}
}
