package redact_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/redact"
)

// planter fills every field of a value, and puts a secret of its own into every text.
type planter struct {
	n      int
	closed []string // types of their own that are made of text
}

func (p *planter) secret() string {
	p.n++
	return fmt.Sprintf("planted%d@example.com", p.n)
}

func (p *planter) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() != reflect.TypeFor[string]() {
			if !slices.Contains(p.closed, v.Type().Name()) {
				p.closed = append(p.closed, v.Type().Name())
			}
			return
		}
		v.SetString("see " + p.secret() + " there")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		p.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			p.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		p.fill(key)
		p.fill(value)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Type != reflect.TypeFor[*rca.Series]() {
				p.fill(v.Field(i))
			}
		}
	}
}

// A secret in every text of a report, whatever field is added to it one day: none is left, in JSON or in what JSON leaves out.
func TestReportHasNoTextLeft(t *testing.T) {
	var rep rca.Report
	var p planter
	p.fill(reflect.ValueOf(&rep).Elem())
	if p.n < 100 {
		t.Fatalf("only %d texts were planted", p.n)
	}
	slices.Sort(p.closed)
	if want := []string{"Category", "Grade", "SignalKind", "Verdict"}; !slices.Equal(p.closed, want) {
		t.Errorf("types of text that are left alone: %v, want %v: can a log enter the new one?", p.closed, want)
	}
	before, err := json.Marshal(&rep)
	if err != nil {
		t.Fatal(err)
	}
	out := newRedactor(t, redact.Options{}).Report(&rep)
	if left := fmt.Sprintf("%+v", *out); strings.Contains(left, "planted") {
		i := strings.Index(left, "planted")
		t.Errorf("left: …%s…", left[max(0, i-200):min(len(left), i+40)])
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "planted") {
		t.Error("a planted secret is left in JSON")
	}
	if after, _ := json.Marshal(&rep); string(after) != string(before) {
		t.Error("the report that went in was changed")
	}
}

func TestReport(t *testing.T) {
	rep := &rca.Report{Verdict: rca.RootCauseFound, Headline: "db refuses alice.jones", Summary: "alice.jones was refused 12 times",
		RootCauses: []rca.Hypothesis{{Component: "orders", Grade: rca.Likely, Category: rca.Credential, Evidence: []rca.Evidence{
			{ID: "E1", File: "db.log", Text: "login refused user=alice.jones session=12", SHA256: "aa", Checked: "reread", Context: []rca.Line{{Line: 3, Text: "password=hunter22"}}},
			{ID: "E2", File: "db.log", Text: "no connection", SHA256: "bb"},
			{ID: "E3", File: "/home/alice.jones/x.log", Text: "no connection", SHA256: "cc"},
			{ID: "E4", File: "db.log", Text: "a long line", TextCut: true, SHA256: "dd"},
		}}},
		Timeline: []rca.TimelineEntry{{Text: "login refused user=alice.jo…"}, {Text: "config password=hunter22"}},
		Made:     rca.Made{Inputs: []rca.Input{{Name: "db.log", Component: "orders", Hash: "0011"}}},
		Signals:  []rca.Signal{{Text: "user=orders came back"}, {Text: "orders fell silent"}},
	}
	r := newRedactor(t, redact.Options{})
	out := r.Report(rep)
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(out.Headline, "db refuses <USER_1>")
	f(out.Summary, "<USER_1> was refused 12 times")
	e := out.RootCauses[0].Evidence
	f(e[0].Text, "login refused user=<USER_1> session=12")
	f(e[0].Context[0].Text, "password=<PASSWORD_1>")
	f(e[0].SHA256+e[2].SHA256+e[3].SHA256, "")
	f(e[1].SHA256, "bb")
	f(e[2].File, "/home/<USER_1>/x.log")
	f(out.Signals[1].Text, "orders fell silent") // a component's name
	f(out.Made.Inputs[0].Hash, "")
	if strings.Contains(out.Timeline[0].Text, "alice") {
		t.Errorf("a name cut short is left: %q", out.Timeline[0].Text)
	}
	if !e[0].Redacted || e[1].Redacted || !e[2].Redacted || !e[3].Redacted {
		t.Errorf("marks of the quotes: %v %v %v %v", e[0].Redacted, e[1].Redacted, e[2].Redacted, e[3].Redacted)
	}
	if out.Redaction.Quotes != 3 || len(out.Redaction.Kinds) != 2 || out.Redaction.Kinds[0] != (rca.Redacted{Kind: "PASSWORD", Values: 1, Replaced: 2}) {
		t.Errorf("told: %+v", *out.Redaction)
	}
	if got := r.Restore(out.Headline); got != rep.Headline {
		t.Errorf("restored %q", got)
	}
	again := newRedactor(t, redact.Options{}).Report(rep)
	if !reflect.DeepEqual(out, again) {
		t.Error("a second redaction gives another report")
	}
}
