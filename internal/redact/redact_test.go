package redact_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rca-engine/rca/internal/redact"
)

func encode64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func newRedactor(t testing.TB, o redact.Options) *redact.Redactor {
	t.Helper()
	r, err := redact.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The same value has the same pseudonym wherever it stands, numbered in order of first sight; the counts tell both.
func TestPseudonyms(t *testing.T) {
	r := newRedactor(t, redact.Options{})
	f := func(in, want string) {
		t.Helper()
		if got, _ := r.Text(in); got != want {
			t.Errorf("%q became\n%q, want\n%q", in, got, want)
		}
	}
	f("mail to alice@example.com", "mail to <EMAIL_1>")
	f("bob@example.com wrote to alice@example.com", "<EMAIL_2> wrote to <EMAIL_1>")
	f("login user=carol password=hunter2", "login user=<USER_1> password=<PASSWORD_1>")
	f("password for carol@example.com: again hunter2", "password for <EMAIL_3>: again hunter2")
	f(`{"password":"hunter2"}`, `{"password":"<PASSWORD_1>"}`)
	want := []redact.Count{{"EMAIL", 3, 4}, {"PASSWORD", 1, 2}, {"USER", 1, 1}}
	if d := cmp.Diff(want, r.Counts()); d != "" {
		t.Error(d)
	}
	if got := r.Restore("<USER_1> is not <USER_2>, nor <EMAIL_2>"); got != "carol is not <USER_2>, nor bob@example.com" {
		t.Errorf("restored %q", got)
	}
}

// A log may hold what looks like a pseudonym: it is never taken for one of ours.
func TestForeignPseudonyms(t *testing.T) {
	r := newRedactor(t, redact.Options{})
	in := "was <EMAIL_1>, is alice@example.com"
	out, _ := r.Text(in)
	if out != "was <EMAIL_1>, is <EMAIL_2>" {
		t.Errorf("became %q", out)
	}
	if back := r.Restore(out); back != in {
		t.Errorf("restored %q", back)
	}
	r.Text("later <EMAIL_2> came from a redacted log")
	if back := r.Restore("<EMAIL_2>"); back != "<EMAIL_2>" {
		t.Errorf("an ambiguous pseudonym was restored to %q", back)
	}
}

func TestSpans(t *testing.T) {
	in := "à alice@example.com, password=Sésame1"
	_, spans := newRedactor(t, redact.Options{}).Text(in)
	var got []string
	for _, p := range spans {
		got = append(got, string(p.Kind)+" "+in[p.Start:p.End])
	}
	if d := cmp.Diff([]string{"EMAIL alice@example.com", "PASSWORD Sésame1"}, got); d != "" {
		t.Error(d)
	}
}

func TestOptions(t *testing.T) {
	in := "ticket OPS-12 of customer acme from 10.1.2.3 via db.internal and 127.0.0.1"
	f := func(o redact.Options, want string) {
		t.Helper()
		if got, _ := newRedactor(t, o).Text(in); got != want {
			t.Errorf("%+v: %q, want %q", o, got, want)
		}
	}
	f(redact.Options{}, in)
	f(redact.Options{IP: true}, "ticket OPS-12 of customer acme from <IP_1> via db.internal and 127.0.0.1")
	f(redact.Options{Hosts: []string{".internal"}}, "ticket OPS-12 of customer acme from 10.1.2.3 via <HOST_1> and 127.0.0.1")
	f(redact.Options{Patterns: []redact.Pattern{{Name: "TICKET", Expr: `OPS-\d+`}, {Name: "CUSTOMER", Expr: `customer (\w+)`}}}, "ticket <TICKET_1> of customer <CUSTOMER_1> from 10.1.2.3 via db.internal and 127.0.0.1")
	f(redact.Options{Patterns: []redact.Pattern{{Name: "LINE", Expr: `^ticket.*$`}}}, "<LINE_1>")
	// Where a pattern and a rule overlap, all of both goes.
	f(redact.Options{IP: true, Patterns: []redact.Pattern{{Name: "FROM", Expr: `acme from 10\.1`}}}, "ticket OPS-12 of customer <FROM_1> via db.internal and 127.0.0.1")
}

func TestWrongOptions(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if _, err := redact.ParsePattern(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", s, err, want)
		}
	}
	f("OPS-1", "write NAME=REGEXP")
	f("ticket=x", "upper-case letters")
	f("A=(", "pattern A: error parsing regexp")
	f("A=x*", "matches the empty text")
	if _, err := redact.New(redact.Options{Hosts: []string{"."}}); err == nil || !strings.Contains(err.Error(), "host suffix") {
		t.Errorf("an empty suffix: %v", err)
	}
}

// What is torn or masked: the end of a key is missing, a value is a placeholder, a line is out of the middle of a key.
func TestTornKeys(t *testing.T) {
	g := gen{seeded()}
	body := g.of(base62, 64)
	f := func(in, want string) {
		t.Helper()
		if got, _ := newRedactor(t, redact.Options{}).Text(in); got != want {
			t.Errorf("%q became\n%q, want\n%q", in, got, want)
		}
	}
	f("-----BEGIN PRIVATE KEY-----\n"+body+"\n"+body+"\nthen other text", "<PRIVATE_KEY_1>\nthen other text")
	f("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n"+body+"\n12:01 INFO other", "<PRIVATE_KEY_1>\n12:01 INFO other")
	f("key: -----BEGIN EC PRIVATE KEY-----", "key: <PRIVATE_KEY_1>")
	f("before\n"+body+"\nafter", "before\n<PRIVATE_KEY_1>\nafter")
	f("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----")
}

// Runs that make a rule look far at every step are gone through in linear time: such a test takes minutes otherwise.
func TestHostileRuns(t *testing.T) {
	r := newRedactor(t, redact.Options{IP: true, Hosts: []string{"internal"}})
	for _, s := range []string{"user:", "a.", "$6$", "8Q~", "xoxe-", "eyJ-", "cookie:a a=", "password=,", "-----BEGIN PRIVATE KEY-----", "://", "@", "[11/", "user:\"", "--token-", "1:", "4-", "<", "/home/", "a:b@tcp("} {
		r.Text(strings.Repeat(s, 1<<18/len(s)))
	}
}

// FuzzText wants of any input: no panic, spans in order, a restored text that is the input, and the same result twice.
func FuzzText(f *testing.F) {
	for _, s := range sentences {
		f.Add(s)
	}
	f.Add("-----BEGIN PRIVATE KEY-----\n\n\n: ")
	f.Add(`user "`)
	f.Add("password=\\\"")
	f.Add("<EMAIL_1> alice@example.com")
	o := redact.Options{IP: true, Hosts: []string{"internal"}, Patterns: []redact.Pattern{{Name: "X", Expr: `a+b`}}}
	f.Fuzz(func(t *testing.T, in string) {
		r := newRedactor(t, o)
		out, spans := r.Text(in)
		at := 0
		for _, p := range spans {
			if p.Start < at || p.End <= p.Start || p.End > len(in) {
				t.Fatalf("spans %v of %q", spans, in)
			}
			at = p.End
		}
		if back := r.Restore(out); back != in && !strings.Contains(in, "_") {
			t.Fatalf("%q became %q, restored %q", in, out, back)
		}
		if again, _ := newRedactor(t, o).Text(in); again != out {
			t.Fatalf("%q became %q, then %q", in, out, again)
		}
		var b strings.Builder
		if err := newRedactor(t, o).Copy(&b, strings.NewReader(in)); err != nil {
			t.Fatal(err)
		}
		if b.String() != out {
			t.Fatalf("%q became %q as a text, %q as a stream", in, out, b.String())
		}
	})
}
