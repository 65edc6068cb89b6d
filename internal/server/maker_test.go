package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maker makes requests up from the schemas of the document.
type maker struct {
	*rand.Rand
	schemas map[string]any
}

// wish is a request that is made up. Path and query are as they stand in the request line, so they may be wrong too.
type wish struct {
	method, path, query string
	header              http.Header
	body                []byte // nil is none
	spoiled             string // how it was made wrong; "" if it keeps to the document
}

func (w *wish) String() string {
	return fmt.Sprintf("%s %.300s?%.300s (%s) %.300v %.300q", w.method, w.path, w.query, w.spoiled, w.header, w.body)
}

// wish keeps to the document: the required parameters, some others, and a body.
func (m maker) wish(o operation, method, target string) *wish {
	path, query, _ := strings.Cut(target, "?")
	w := &wish{method: strings.ToUpper(method), path: path, header: http.Header{}}
	q, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	for _, p := range o.Parameters {
		if p.In == "path" || !p.Required && m.IntN(4) > 0 || p.Name == "workspace" || p.Name == "cursor" {
			continue // a made up id or cursor is no good one
		}
		var texts []string
		if list, ok := m.value(p.Schema).([]any); ok {
			for _, e := range list {
				texts = append(texts, fmt.Sprint(e))
			}
		} else {
			texts = []string{fmt.Sprint(m.value(p.Schema))}
		}
		if p.In == "query" && p.Explode {
			q[p.Name] = texts
		} else if p.In == "query" {
			q.Set(p.Name, strings.Join(texts, ","))
		} else if p.In == "header" {
			w.header.Set(p.Name, strings.Map(printable, strings.Join(texts, ",")))
		}
	}
	if q.Get("cursor") != "" || q.Get("offset") != "" && q.Get("limit") == "" {
		q.Del("offset")
	}
	w.query = q.Encode()
	if o.RequestBody == nil {
		return w
	}
	kind := keys(o.RequestBody.Content)[0]
	v := m.value(o.RequestBody.Content[kind].Schema)
	switch kind {
	case "application/x-www-form-urlencoded":
		f := url.Values{}
		for k, e := range v.(map[string]any) {
			f.Set(k, fmt.Sprint(e))
		}
		w.body = []byte(f.Encode())
	case "multipart/form-data":
		w.body = []byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"app.log\"\r\n\r\n" + m.text() + "\r\n--b--\r\n")
		kind += "; boundary=b"
	case "application/json":
		w.body = asJSON(v)
	default:
		w.body = []byte(m.text())
	}
	w.header.Set("Content-Type", kind)
	return w
}

func asJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return '-'
	}
	return r
}

// value makes one up that keeps to a schema.
func (m maker) value(schema map[string]any) any {
	if ref, ok := schema["$ref"].(string); ok {
		s, _ := m.schemas[ref[strings.LastIndex(ref, "/")+1:]].(map[string]any)
		return m.value(s)
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
			list = append(list, m.value(items))
		}
		return list
	case "object":
		v := map[string]any{}
		props, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		for _, k := range keys(props) {
			if slices.Contains(required, any(k)) || m.IntN(3) == 0 {
				p, _ := props[k].(map[string]any)
				v[k] = m.value(p)
			}
		}
		if more, ok := schema["additionalProperties"].(map[string]any); ok && len(props) == 0 {
			v["a*"] = m.value(more)
		}
		return v
	case "string":
		if schema["format"] == "date-time" {
			return fmt.Sprintf("2026-0%d-1%dT0%d:00:00Z", 1+m.IntN(9), m.IntN(10), m.IntN(10))
		}
		return m.text()
	}
	return "anything"
}

func (m maker) text() string {
	return []string{"app", "db", good, "a b", "ünï 😀", "\"quoted\"", "line\nbreak", "0", "me", "x' OR 1=1 --", "UTC"}[m.IntN(11)]
}

// Values that are what they should be nowhere, or only just.
var (
	odd = []any{nil, true, -1, 0, 1.5, 1e300, "", "x", []any{}, []any{nil}, map[string]any{}, map[string]any{"$ref": 1}, "9999-12-31T23:59:59Z",
		"0001-01-01T00:00:00Z", "-5000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "%", "\u202e", "\x00", "a\x00b"}
	oddTexts = []string{"-1", "99999999999999999999", "1e9", "0x10", "1.5", "", "%ff", "%00", "%c3%28", "%ed%a0%80", "null", "[]", "true", "..%2f..%2fetc%2fpasswd",
		"2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "(", "a%7B1000%7D%7B1000%7D", "%27%20OR%201=1--", "%", "%zz", ";", "%25_%5C"}
	oddIDs = []string{"%ff", "%00", "x%00y", "..", ".", "%2e%2e%2f", "%2F", "nul", strings.Repeat("a", 64), strings.Repeat("a", 5000), strings.Repeat("0", 32), "%C0%AF", "a%0Ab",
		"00000000-0000-0000-0000-000000000000", "%F0%9F%98%80", "'", "*", "1%3D1", "%5C"}
	oddCursors = []string{"x", "AAAA", "eyJhIjoxfQ", "e30", "bnVsbA", "W10", "%ff", "%00", strings.Repeat("A", 499), strings.Repeat("A", 5000), "W251bGxd", "WyIiLCIiXQ", "WzEsMl0",
		"MjAyNg==", "-1"}
	oddKinds   = []string{"text/plain", "application/xml", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=", "a", "/", ";;", "application/octet-stream", "application/json;\xff"}
	oddBodies  = []string{"", "null", "[]", "{", "}", `"x"`, "0", "true", "{}", "\x00", "\xff\xfe{}", "{}{}", `{"a":1,"a":2}`, strings.Repeat("[", 20000), strings.Repeat(`{"a":`, 20000), `{"title":"` + "\xff\xfe" + `"}`, `{"` + strings.Repeat("k", 70000) + `":1}`, "1e999999"}
	oddHeaders = [][2]string{{"If-None-Match", "\""}, {"If-None-Match", "*"}, {"If-None-Match", "W/\"x\", \xff"}, {"If-Match", "x"}, {"Range", "bytes=5-1"}, {"Range", "bytes=-99999999999999999999"},
		{"Range", "bytes=0-0,1-1,2-2"}, {"Range", "lines=1"}, {"Range", "bytes=99999999-"}, {"Last-Event-ID", "-1"}, {"Last-Event-ID", "x"}, {"Last-Event-ID", "99999999999999999999"},
		{"Idempotency-Key", strings.Repeat("k", 300)}, {"Idempotency-Key", "\xff\xfe"}, {"Accept", "application/xml"}, {"Accept", "\xff"}, {"Accept", ";;q=x"}, {"Accept-Encoding", "gzip;q=x, \xff"},
		{"Authorization", "Bearer"}, {"Authorization", "Bearer a.b.c"}, {"Authorization", "Bearer rca_\xff"}, {"Authorization", "Basic eDp5"}, {"Authorization", "Bearer rca_aaaaaaaa_" + strings.Repeat("a", 43)},
		{"Cookie", "rca_session=\xff"}, {"Cookie", "rca_session=" + strings.Repeat("a", 5000)}, {"Cookie", "rca_session=x"}, {"X-Request-ID", strings.Repeat("r", 500)}, {"X-Request-ID", "a b\xff"},
		{"X-Forwarded-For", "::1, x, 999.1.1.1"}, {"Content-Encoding", "gzip"}, {"Tus-Resumable", "9.9.9"}, {"Upload-Offset", "-1"}, {"Upload-Offset", "x"}, {"Upload-Length", "99999999999999999999"},
		{"Upload-Length", "-1"}, {"Upload-Metadata", "filename \xff"}, {"Upload-Metadata", "filename !!!,,"}, {"Upload-Metadata", "workspace /w=="}, {"Upload-Defer-Length", "1"}, {"Upload-Concat", "partial"},
		{"User-Agent", "\xff\xfe"}, {"X-HTTP-Method-Override", "DELETE"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}}
)

func pick[T any](m maker, all []T) T { return all[m.IntN(len(all))] }

// spoil makes a request wrong in one way.
func (m maker) spoil(w *wish, o operation) {
	ways := []func() string{
		func() string { h := pick(m, oddHeaders); w.header.Set(h[0], h[1]); return "header" },
		func() string { w.query += "&" + m.query("unknown", o); return "unknown parameter" },
		func() string { w.query = strings.TrimPrefix(w.query+"&"+m.query("query", o), "&"); return "parameter" },
		func() string { w.query = "cursor=" + pick(m, oddCursors) + "&" + w.query; return "cursor" },
	}
	if i := strings.LastIndex(w.path, "/"); strings.ContainsAny(w.path[i:], "0123456789") && len(w.path)-i > 20 {
		ways = append(ways, func() string { w.path = w.path[:i+1] + pick(m, oddIDs); return "id" })
	}
	if o.RequestBody != nil {
		ways = append(ways, func() string { w.header.Set("Content-Type", pick(m, oddKinds)); return "content type" },
			func() string { w.header.Del("Content-Type"); return "no content type" },
			func() string { w.body = []byte(pick(m, oddBodies)); return "body" },
			func() string { w.body = nil; return "no body" },
			func() string { w.body = w.body[:m.IntN(len(w.body)+1)]; return "half a body" },
			func() string {
				if len(w.body) > 0 {
					w.body = slices.Clone(w.body)
					w.body[m.IntN(len(w.body))] = byte(m.IntN(256))
				}
				return "a byte"
			})
		var v map[string]any
		if json.Unmarshal(w.body, &v) == nil {
			field := func(how string, change func(v map[string]any, k string)) func() string {
				return func() string {
					inner, k := m.field(v)
					change(inner, k)
					w.body = asJSON(v)
					return how
				}
			}
			for range 3 { // these are the likeliest mistakes
				ways = append(ways, field("odd field", func(v map[string]any, k string) { v[k] = pick(m, odd) }))
			}
			ways = append(ways, field("missing field", func(v map[string]any, k string) { delete(v, k) }),
				field("unknown field", func(v map[string]any, _ string) { v[m.text()] = m.text() }),
				field("huge string", func(v map[string]any, k string) { v[k] = strings.Repeat("long ", 30000) }),
				func() string {
					w.body = bytes.Replace(asJSON(v), []byte(`"`), []byte("\"\xff\xed\xa0\x80"), 1+m.IntN(8))
					return "bad UTF-8"
				},
				func() string {
					inner, k := m.field(v)
					inner[k] = "MARK"
					w.body = bytes.Replace(asJSON(v), []byte(`"MARK"`), []byte([]string{"\"\xff\xfe\"", `"\ud800"`, `"\u0000"`, "1e999", "123456789012345678901234567890", "\"a\x01b\""}[m.IntN(6)]), 1)
					return "bad characters"
				})
		}
	}
	w.spoiled = ways[m.IntN(len(ways))]()
}

// query is a parameter with a value that is mostly wrong for it.
func (m maker) query(name string, o operation) string {
	var known []string
	for _, p := range o.Parameters {
		if p.In == "query" {
			known = append(known, p.Name)
		}
	}
	if len(known) > 0 && name == "query" {
		name = pick(m, known)
	}
	if m.IntN(10) == 0 {
		return name + "=" + strings.Repeat("long+", 1000)
	}
	return name + "=" + pick(m, oddTexts)
}

// field chooses one of an object or of the objects in it.
func (m maker) field(v map[string]any) (map[string]any, string) {
	names := slices.Sorted(maps.Keys(v))
	if len(names) == 0 {
		return v, "x" + strconv.Itoa(m.IntN(10))
	}
	k := pick(m, names)
	if inner, ok := v[k].(map[string]any); ok && m.IntN(2) == 0 {
		return m.field(inner)
	}
	return v, k
}
