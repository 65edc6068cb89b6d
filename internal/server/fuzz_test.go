package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rca-engine/rca/internal/store"
)

// Requests made up from the document, valid ones and such that are not: whatever is sent, no answer is a fault of ours, and
// every status is one that the document tells of.
func TestMadeUpRequests(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		rounds := 25
		if testing.Short() {
			rounds = 5
		}
		r := rand.New(rand.NewPCG(5, 5))
		d := s.document()
		m := maker{Rand: r, schemas: d.Comp.Schemas}
		good := 0
		for range rounds {
			th := s.things()
			for _, path := range keys(d.Paths) {
				for _, method := range keys(d.Paths[path]) {
					o := d.Paths[path][method]
					if slices.Contains([]string{"changePassword", "resetPassword", "updateUser", "setMember", "removeMember", "deleteWorkspace"}, o.ID) && r.IntN(4) > 0 {
						continue // or soon nobody can do anything any more
					}
					if o.ID == "jobEvents" {
						_, _ = s.store.RequestCancel(t.Context(), th.job) // it may have ended
					}
					who := []string{"root", "ada", "ben", "ben"}[r.IntN(4)]
					target, header := m.request(o, th.path(path), strings.HasSuffix(path, "}"))
					var body any
					if o.RequestBody != nil {
						body, header = m.body(o, header)
					}
					g := s.ask(who, strings.ToUpper(method), target, body, header...)
					if _, told := o.Responses[strconv.Itoa(g.Status)]; !told || g.Status >= 500 && g.Status != 507 {
						t.Errorf("%s %s answers %d, which is not among %v: %s\n%.500v", method, target, g.Status, keys(o.Responses), g.Body, body)
					}
					if g.Status < 300 {
						good++
					}
					if kind := g.Header.Get("Content-Type"); g.Status < 300 && strings.HasPrefix(kind, "application/json") && !json.Valid(g.Body) {
						t.Errorf("%s %s answers no JSON: %s", method, target, g.Body)
					}
				}
			}
			s.again()
		}
		t.Logf("%d requests succeeded", good)
		if good < rounds*10 {
			t.Errorf("only %d requests succeeded: the rest of the code was not met", good)
		}
	})
}

// again gives those who ask their roles back, and tokens that are good.
func (s *site) again() {
	s.t.Helper()
	ctx := s.t.Context()
	for name, role := range map[string]store.Role{"ada": store.Admin, "ben": store.Analyst, "root": ""} {
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

// maker makes values up from schemas.
type maker struct {
	*rand.Rand
	schemas map[string]any
}

// request adds parameters to a path, and now and then makes its id another.
func (m maker) request(o operation, path string, endsInID bool) (string, []string) {
	path, query, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	var header []string
	for _, p := range o.Parameters {
		if !p.Required && m.IntN(3) > 0 || q.Has(p.Name) && m.IntN(5) > 0 {
			continue
		}
		v := m.value(p.Schema, m.IntN(8) == 0)
		list, isList := v.([]any)
		text := fmt.Sprint(v)
		if isList {
			text = ""
			for i, e := range list {
				if i > 0 {
					text += ","
				}
				text += fmt.Sprint(e)
			}
		}
		switch p.In {
		case "query":
			q.Set(p.Name, text)
		case "header":
			header = append(header, p.Name, strings.Map(printable, text))
		}
	}
	if m.IntN(20) == 0 {
		q.Set(m.text(), m.text())
	}
	if endsInID && m.IntN(8) == 0 {
		path += url.PathEscape(m.text())
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path, header
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return '-'
	}
	return r
}

// body makes a body that mostly keeps to the schema.
func (m maker) body(o operation, header []string) (any, []string) {
	kind := keys(o.RequestBody.Content)[0]
	schema := o.RequestBody.Content[kind].Schema
	switch {
	case m.IntN(12) == 0:
		return m.text(), append(header, "Content-Type", kind)
	case m.IntN(20) == 0:
		return m.text(), append(header, "Content-Type", "text/"+strings.Map(printable, m.text()))
	case kind == "application/x-www-form-urlencoded":
		q := url.Values{}
		if v, ok := m.value(schema, m.IntN(5) == 0).(map[string]any); ok {
			for k, e := range v {
				q.Set(k, fmt.Sprint(e))
			}
		}
		return q, header
	case kind == "multipart/form-data":
		return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=" + strconv.Quote(m.text()) + "\r\n\r\n" + m.text() + "\r\n--b--\r\n",
			append(header, "Content-Type", "multipart/form-data; boundary=b")
	case kind == "application/json":
		return m.value(schema, m.IntN(4) == 0), header
	}
	return m.text(), append(header, "Content-Type", kind)
}

var odd = []any{nil, true, -1, 1e300, "", "\x00", "x' OR 1=1 --", "é😀\u202e", []any{}, map[string]any{}, strings.Repeat("long ", 3000), "9999-12-31T23:59:59Z",
	"0001-01-01T00:00:00Z", "%", `{"$ref":1}`, []any{nil}}

// value makes one up that keeps to a schema, or now and then does not.
func (m maker) value(schema map[string]any, broken bool) any {
	if broken && m.IntN(3) == 0 {
		return odd[m.IntN(len(odd))]
	}
	if ref, ok := schema["$ref"].(string); ok {
		s, _ := m.schemas[ref[strings.LastIndex(ref, "/")+1:]].(map[string]any)
		return m.value(s, broken)
	}
	if all, ok := schema["enum"].([]any); ok {
		return all[m.IntN(len(all))]
	}
	kind, _ := schema["type"].(string)
	if many, ok := schema["type"].([]any); ok {
		kind, _ = many[0].(string)
	}
	switch kind {
	case "boolean":
		return m.IntN(2) == 0
	case "integer", "number":
		low, _ := schema["minimum"].(float64)
		high, bounded := schema["maximum"].(float64)
		if !bounded {
			high = low + 5
		}
		return int64(low) + m.Int64N(int64(min(high-low, 1000))+1)
	case "array":
		items, _ := schema["items"].(map[string]any)
		list := []any{}
		for range 1 + m.IntN(2) {
			list = append(list, m.value(items, broken))
		}
		return list
	case "object":
		v := map[string]any{}
		props, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, k := range keys(props) {
			if slices.Contains(required, any(k)) || m.IntN(3) == 0 {
				p, _ := props[k].(map[string]any)
				v[k] = m.value(p, broken)
			}
		}
		if broken && m.IntN(4) == 0 {
			v[m.text()] = m.text()
		}
		return v
	case "string":
		if schema["format"] == "date-time" {
			return fmt.Sprintf("2026-0%d-1%dT0%d:00:00Z", 1+m.IntN(9), m.IntN(10), m.IntN(10))
		}
		return m.text()
	}
	return odd[m.IntN(len(odd))]
}

func (m maker) text() string {
	return []string{"app", "db", "seven green bicycles", "%2e%2e/", "a b", "ünï", "\"quoted\"", "line\nbreak", "0", "(", "me", strings.Repeat("x", 300)}[m.IntN(12)]
}
