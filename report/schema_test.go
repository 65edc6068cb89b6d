package report_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/report"
)

// schema is the part of JSON Schema (draft 2020-12) that docs/report.schema.json uses. An unknown keyword fails to
// read, so that none is written there which this test does not check.
type schema struct {
	Schema      string             `json:"$schema"`
	ID          string             `json:"$id"`
	Title       string             `json:"title"`
	Description string             `json:"description"`
	Ref         string             `json:"$ref"`
	Defs        map[string]*schema `json:"$defs"`
	Type        any                `json:"type"`
	Format      string             `json:"format"`
	Const       any                `json:"const"`
	Enum        []any              `json:"enum"`
	Minimum     *float64           `json:"minimum"`
	Maximum     *float64           `json:"maximum"`
	Items       *schema            `json:"items"`
	Required    []string           `json:"required"`
	Properties  map[string]*schema `json:"properties"`
	Additional  *schema            `json:"additionalProperties"`
}

func loadSchema(t *testing.T) *schema {
	t.Helper()
	f, err := os.Open("../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	s := new(schema)
	if err := d.Decode(s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *schema) resolve(root *schema) *schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		return root.Defs[name]
	}
	return s
}

// validate returns what is wrong with v. Unlike the schema itself it takes a property that is not described as wrong.
func (s *schema) validate(root *schema, v any, at string) (wrong []string) {
	s = s.resolve(root)
	if s == nil {
		return []string{at + ": dangling $ref"}
	}
	bad := func(format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	if s.Type != nil && !s.allows(v) {
		bad("%T is not of type %v", v, s.Type)
	}
	if s.Const != nil && s.Const != v {
		bad("%v is not %v", v, s.Const)
	}
	if s.Enum != nil && !slices.Contains(s.Enum, v) {
		bad("%v is not one of %v", v, s.Enum)
	}
	switch v := v.(type) {
	case float64:
		if s.Minimum != nil && v < *s.Minimum || s.Maximum != nil && v > *s.Maximum {
			bad("%v is out of range", v)
		}
	case string:
		if s.Format == "date-time" {
			if _, err := time.Parse(time.RFC3339, v); err != nil {
				bad("%v", err)
			}
		}
	case []any:
		for i, x := range v {
			wrong = append(wrong, s.Items.validate(root, x, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		for _, k := range s.Required {
			if _, ok := v[k]; !ok {
				bad("%s is missing", k)
			}
		}
		for k, x := range v {
			switch p := s.Properties[k]; {
			case p != nil:
				wrong = append(wrong, p.validate(root, x, at+"."+k)...)
			case s.Additional != nil:
				wrong = append(wrong, s.Additional.validate(root, x, at+"."+k)...)
			default:
				bad("%s is not described", k)
			}
		}
	}
	return wrong
}

func (s *schema) allows(v any) bool {
	types, ok := s.Type.([]any)
	if !ok {
		types = []any{s.Type}
	}
	for _, want := range types {
		x, number := v.(float64)
		switch want {
		case "null":
			ok = v == nil
		case "string":
			_, ok = v.(string)
		case "boolean":
			_, ok = v.(bool)
		case "number":
			ok = number
		case "integer":
			ok = number && x == float64(int64(x))
		case "array":
			_, ok = v.([]any)
		case "object":
			_, ok = v.(map[string]any)
		}
		if ok {
			return true
		}
	}
	return false
}

func TestReportsFollowSchema(t *testing.T) {
	root := loadSchema(t)
	all := reports()
	all["empty"] = &rca.Report{SchemaVersion: rca.SchemaVersion, Verdict: rca.NoIncident}
	full := cascade()
	c := 0.93
	full.RootCauses[0].Confidence, full.RootCauses[0].Evidence[0].TextCut = &c, true
	full.Made.Inputs[0].Notes, full.Made.Inputs[0].Why, full.Made.Inputs[0].Baseline = []string{"a note"}, "by its header", true
	full.RootCauses[0].Evidence[0].Redacted = true
	full.Redaction = &rca.Redaction{Quotes: 1, Kinds: []rca.Redacted{{Kind: "EMAIL", Values: 1, Replaced: 2}}}
	all["full"] = full
	for name, r := range all {
		var v any
		if err := json.Unmarshal(render(t, r, report.Options{Format: report.JSON}), &v); err != nil {
			t.Fatal(err)
		}
		for _, w := range root.validate(root, v, name) {
			t.Error(w)
		}
	}
}

// TestSchemaFollowsTypes walks the Go types and the schema together: every field is described, every description has its
// field, and what is always written is required.
func TestSchemaFollowsTypes(t *testing.T) {
	root := loadSchema(t)
	var walk func(typ reflect.Type, s *schema, at string)
	walk = func(typ reflect.Type, s *schema, at string) {
		s = s.resolve(root)
		switch typ.Kind() {
		case reflect.Pointer:
			walk(typ.Elem(), s, at)
		case reflect.Slice:
			if s.Items == nil {
				t.Errorf("%s: a list in Go, not in the schema", at)
				return
			}
			walk(typ.Elem(), s.Items, at+"[]")
		case reflect.Struct:
			seen := map[string]bool{}
			for i := range typ.NumField() {
				name, opts, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				if name == "-" {
					continue
				}
				seen[name] = true
				p := s.Properties[name]
				if p == nil {
					t.Errorf("%s.%s is not in the schema", at, name)
					continue
				}
				if always := opts != "omitempty"; always != slices.Contains(s.Required, name) {
					t.Errorf("%s.%s: always written: %v, required: %v", at, name, always, !always)
				}
				walk(typ.Field(i).Type, p, at+"."+name)
			}
			for name := range s.Properties {
				if !seen[name] {
					t.Errorf("%s.%s is in the schema only", at, name)
				}
			}
		}
	}
	walk(reflect.TypeFor[rca.Report](), root, "report")

	var categories []any
	for _, c := range rca.Categories {
		categories = append(categories, string(c))
	}
	if got := root.Defs["category"].Enum; !slices.Equal(got, categories) {
		t.Errorf("categories: %v, want %v", got, categories)
	}
}
