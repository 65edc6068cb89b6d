package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/rca-engine/rca/internal/server"
	"github.com/rca-engine/rca/internal/store"
)

// Requests made up from the document that the running server gives out, good ones and bad ones, as nobody, viewer, analyst and
// administrator: no answer is a fault of ours, each is one that the document tells of, by status, media type and schema.
// RCA_CONTRACT_ROUNDS asks more, RCA_CONTRACT_SEED others.
func TestContract(t *testing.T) {
	rounds, seed := number(t, "RCA_CONTRACT_ROUNDS", 1), number(t, "RCA_CONTRACT_SEED", 5)
	base, allow := elsewhere(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, log) })
	withEngine := engine(t)
	each(t, func(o *server.Options) { allow(o); withEngine(o) }, func(t *testing.T, s *site) {
		s.elsewhere = base
		c := s.contract()
		m := maker{Rand: rand.New(rand.NewPCG(5, uint64(seed))), schemas: c.Comp.Schemas}
		done := s.doneJob(t)
		good, bad := map[string]int{}, 0
		for range rounds {
			for _, path := range keys(c.Paths) {
				for _, method := range keys(c.Paths[path]) {
					o := c.Paths[path][method]
					th := s.things()
					if strings.Contains(path, "/jobs/") && method == "get" {
						th.job = done // which has a report, and events that end
					}
					for i := range 6 {
						if method == "delete" && i > 0 { // the one before may have done it
							th = s.things()
						}
						who := []string{"root", "ben", "cem", ""}[m.IntN(4)]
						if i == 0 {
							who = "root"
							if strings.HasPrefix(o.ID, "tus") {
								who = "ben" // whose the upload is
							}
						}
						w := m.wish(o, method, th.path(path))
						s.better(o.ID, w, th)
						if i > 0 {
							m.spoil(w, o)
						}
						g, err := s.send(who, w)
						s.ok(err)
						if g.Status < 300 && w.spoiled == "" {
							good[o.ID]++
						} else if g.Status >= 400 {
							bad++
						}
						if err := c.check(path, method, o, g); err != nil {
							t.Errorf("%s as %q: %v\nit was sent %s", o.ID, who, err, w)
						}
					}
				}
			}
			s.again()
		}
		t.Logf("%d refusals; good requests that succeeded: %v", bad, good)
		for _, path := range keys(c.Paths) {
			for _, o := range c.Paths[path] {
				// What needs more than the document can say has tests of its own.
				if good[o.ID] == 0 && !slices.Contains([]string{"setup", "changePassword", "revokeKey", "retryJob", "deleteWorkspace"}, o.ID) {
					t.Errorf("%s has never succeeded: what is behind it was not met", o.ID)
				}
			}
		}
	})
}

func number(t *testing.T, name string, usual int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		t.Fatalf("%s is %q", name, v)
	}
	return n
}

// doneJob is one in the shared workspace that has a report, records, templates and signals.
func (s *site) doneJob(t *testing.T) string {
	t.Helper()
	defer s.work()()
	var ids []string
	for name, content := range demo(t) {
		var u uploaded
		s.ask("ben", "POST", "/uploads/text?workspace="+s.shared.ID, obj{"name": name, "text": content}).is(201).into(&u)
		ids = append(ids, u.ID)
	}
	var j job
	s.ask("ben", "POST", "/jobs?workspace="+s.shared.ID, obj{"job_type": "rca_analysis", "input_manifest": obj{"uploads": ids}}).is(202).into(&j)
	if x := s.follow("ben", j.ID, 0); x.next("event: end") == "end of stream" {
		t.Fatal("the job does not end")
	}
	return j.ID
}

// better makes of a request that keeps to the document one that can succeed: it names what is there.
func (s *site) better(id string, w *wish, th things) {
	body := func(change map[string]any) {
		var v map[string]any
		s.ok(json.Unmarshal(w.body, &v))
		for k, c := range change {
			v[k] = c
			if c == nil {
				delete(v, k)
			}
		}
		w.body = asJSON(v)
	}
	tus := func(header ...string) {
		w.header.Set("Tus-Resumable", "1.0.0")
		for _, k := range []string{"Upload-Offset", "Upload-Length", "Upload-Metadata"} {
			w.header.Del(k)
		}
		for i := 0; i < len(header); i += 2 {
			w.header.Set(header[i], header[i+1])
		}
	}
	switch id {
	case "token":
		w.body = []byte(password("cem", good).Encode())
	case "login":
		body(obj{"username": "cem", "password": good})
	case "uploadURL":
		body(obj{"url": s.elsewhere + "/app.log"})
	case "createUser":
		body(obj{"username": "u" + th.upload[len(th.upload)-12:], "password": "nine purple unicycles"})
	case "resetPassword":
		body(obj{"password": "nine purple unicycles"})
	case "setMember":
		body(obj{"username": "dee"})
	case "createKey":
		body(obj{"workspace": nil, "expires_at": nil})
	case "createJob", "rerunJob":
		change := obj{"options": obj{"time_zone": "UTC"}, "window": nil, "idempotency_key": nil, "provider": nil, "model": nil}
		if id == "createJob" {
			change["job_type"], change["input_manifest"] = "log_analysis", obj{"uploads": []string{th.upload}}
		}
		w.header.Del("Idempotency-Key")
		body(change)
	case "updateIncident", "resolveIncident":
		body(obj{"version": 1})
	case "endSession":
		w.path = strings.Replace(w.path, th.user, th.upload, 1)
		s.ok(s.store.CreateSession(s.t.Context(), store.Session{Hash: th.upload, User: s.users["root"].ID, Expires: s.now().Add(time.Hour)}))
	case "removeMember":
		s.ok(s.store.SetMember(s.t.Context(), th.workspace, th.user, store.Viewer))
	case "deleteJob":
		_, err := s.store.RequestCancel(s.t.Context(), th.job)
		s.ok(err)
	case "deleteUpload":
		u, err := s.desk.TakeUpload(s.t.Context(), th.workspace, s.users["ben"].ID, "free.log", -1, strings.NewReader(log))
		s.ok(err)
		w.path = strings.Replace(w.path, th.upload, u.ID, 1)
	case "recordsAround", "recordsContext":
		w.query = "at_source=logs/db.log&at_line=1"
	case "tusCreate":
		w.body = nil
		w.header.Del("Content-Type")
		tus("Upload-Length", "10", "Upload-Metadata", "workspace "+b64(th.workspace))
	case "tusHead", "tusDelete":
		tus()
	case "tusPatch":
		w.body = []byte("0123")
		tus("Upload-Offset", "0")
	}
}

// send sends a request as it is, or tells why net/http itself would not.
func (s *site) send(who string, w *wish) (got, error) {
	var body io.Reader
	if w.body != nil {
		body = bytes.NewReader(w.body)
	}
	target := s.http.URL + w.path
	q, err := http.NewRequestWithContext(s.t.Context(), w.method, s.http.URL, body)
	if err != nil {
		return got{}, err
	}
	q.URL.Opaque = strings.TrimPrefix(target, "http:") // as it stands, whatever it is
	q.URL.RawQuery = w.query
	q.Header = w.header.Clone()
	if who != "" && q.Header.Get("Authorization") == "" {
		q.Header.Set("Authorization", "Bearer "+s.bearer(who))
	}
	client := *s.http.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a, err := client.Do(q)
	if err != nil {
		return got{}, fmt.Errorf("%s: %w", w, err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return got{s.t, a.StatusCode, a.Header, b}, err
}

// contract is the document, with what it says of bodies ready to be held against them.
type contract struct {
	document
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
}

func (s *site) contract() *contract {
	s.t.Helper()
	served := s.ask("", "GET", "/openapi.json", nil).is(200)
	c := &contract{compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	served.into(&c.document)
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(served.Body))
	s.ok(err)
	report, err := os.ReadFile("../../docs/report.schema.json")
	s.ok(err)
	ofReport, err := jsonschema.UnmarshalJSON(bytes.NewReader(report))
	s.ok(err)
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	s.ok(c.compiler.AddResource("https://rca.test/openapi.json", whole))
	s.ok(c.compiler.AddResource("https://rca.test/report.json", ofReport))
	return c
}

// check holds an answer against what the document says of it.
func (c *contract) check(path, method string, o operation, g got) error {
	if g.Status >= 500 && g.Status != http.StatusInsufficientStorage {
		return fmt.Errorf("status %d: %.1000s", g.Status, g.Body)
	}
	if g.Status == http.StatusTemporaryRedirect || g.Status == http.StatusMovedPermanently {
		return nil // the mux itself does so where an id of dots makes another path
	}
	if g.Header.Get("X-Request-ID") == "" {
		return fmt.Errorf("there is no X-Request-ID: %v", g.Header)
	}
	told, ok := o.Responses[strconv.Itoa(g.Status)]
	if !ok {
		return fmt.Errorf("status %d is not among %v: %.1000s", g.Status, keys(o.Responses), g.Body)
	}
	kind := g.Header.Get("Content-Type")
	if kind != "" {
		var err error
		if kind, _, err = mime.ParseMediaType(kind); err != nil {
			return fmt.Errorf("content type %q: %w", g.Header.Get("Content-Type"), err)
		}
	}
	if len(g.Body) == 0 {
		if len(told.Content) > 0 && method != "head" && g.Header.Get("Content-Length") == "" {
			return fmt.Errorf("status %d has no body, and the document tells of %v", g.Status, keys(told.Content))
		}
		return nil
	}
	if _, ok := told.Content[kind]; !ok {
		return fmt.Errorf("status %d comes as %q, which is not among %v: %.300s", g.Status, kind, keys(told.Content), g.Body)
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	at := "https://rca.test/openapi.json#/paths/" + pointer(path) + "/" + method + "/responses/" + strconv.Itoa(g.Status) + "/content/" + pointer(kind) + "/schema"
	if o.ID == "jobReport" && g.Status == http.StatusOK {
		at = "https://rca.test/report.json"
	}
	schema := c.schemas[at]
	if schema == nil {
		var err error
		if schema, err = c.compiler.Compile(at); err != nil {
			return err
		}
		c.schemas[at] = schema
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(g.Body))
	if err != nil {
		return fmt.Errorf("status %d is no JSON: %w: %.300s", g.Status, err, g.Body)
	}
	if err := schema.Validate(v); err != nil {
		return fmt.Errorf("status %d is not what the schema says: %w: %.1000s", g.Status, err, g.Body)
	}
	if g.Status >= 400 {
		var p server.Problem
		if err := json.Unmarshal(g.Body, &p); err != nil || p.Status != g.Status || p.Code == "" || p.RequestID != g.Header.Get("X-Request-ID") {
			return fmt.Errorf("the problem is not whole: %.1000s", g.Body)
		}
	}
	return nil
}

// pointer is a name within a JSON pointer within a URL.
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "%2B").Replace(name)
}

// again gives those who ask their roles back, and tokens that are good.
func (s *site) again() {
	s.t.Helper()
	ctx := s.t.Context()
	for name, role := range map[string]store.Role{"ada": store.Admin, "ben": store.Analyst, "cem": store.Viewer, "root": ""} {
		u := s.users[name]
		s.ok(s.store.SetDisabled(ctx, u.ID, false))
		if role != "" {
			s.ok(s.store.SetMember(ctx, s.shared.ID, u.ID, role))
		}
		u, err := s.store.User(ctx, u.ID)
		s.ok(err)
		tok, err := s.auth.IssueTokens(ctx, u)
		s.ok(err)
		s.tokens[name] = tok.Access
	}
}
