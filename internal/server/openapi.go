package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rca-engine/rca"
)

// Media types of bodies that huma does not read.
const (
	form         = "application/x-www-form-urlencoded"
	multipart    = "multipart/form-data"
	offsetStream = "application/offset+octet-stream"
)

// register puts the table's routes into the mux and the document.
func (s *Server) register() {
	cfg := huma.DefaultConfig("RCA Engine", "1")
	cfg.Info.Description = "Finds the root cause in logs. Errors are problems (RFC 9457) with a stable code. Lists are paged by cursor, or by limit and offset. " +
		"Ids of things in workspaces that you are not in are answered as if they did not exist."
	cfg.OpenAPI.OpenAPI = "3.1.0"
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // they would add $schema to every body
	cfg.NoFormatFallback = false
	cfg.RejectUnknownQueryParameters = true
	cfg.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", Description: "An access token of /auth/token, or an API key."},
		"session": {Type: "apiKey", In: "cookie", Name: s.cookieName(), Description: "Set by POST /auth/session."},
		"password": {Type: "oauth2", Flows: &huma.OAuthFlows{Password: &huma.OAuthFlow{TokenURL: prefix + "/auth/token", RefreshURL: prefix + "/auth/token",
			Scopes: map[string]string{}}}},
	}
	s.api = humago.New(s.mux, cfg)
	s.api.OpenAPI().Components.Schemas.RegisterTypeAlias(reflect.TypeFor[rca.Time](), reflect.TypeFor[time.Time]()) // as which it is written
	problem := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, rt := range s.routes() {
		rt.operation(s, s.api, rt.describe(s, problem))
		o := s.operationOf(rt)
		for _, status := range rt.also {
			if also := o.Responses[strconv.Itoa(status)]; status != http.StatusNotModified {
				also.Content = o.Responses[strconv.Itoa(o.DefaultStatus)].Content
				if status == http.StatusPartialContent { // of several ranges
					also.Content = maps.Clone(also.Content)
					also.Content["multipart/byteranges"] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
				}
			}
		}
		if rt.consumes != "" { // declared before, it would make huma read the whole body into memory
			o.RequestBody = bodies[rt.consumes]
		}
	}
	document, err := s.Document()
	if err != nil {
		panic(err) // the document is of our own making
	}
	sum := sha256.Sum256(document)
	etag := `"` + hex.EncodeToString(sum[:8]) + `"`
	s.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		w.Header().Set("Content-Type", "application/json")
		if matches(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(document)
	})
}

// Document is the OpenAPI document, as it is kept in docs/openapi.json.
func (s *Server) Document() ([]byte, error) {
	b, err := s.api.OpenAPI().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write OpenAPI document: %w", err)
	}
	return indented(b)
}

// describe makes of a row what huma and the document need.
func (rt route) describe(s *Server, problem *huma.Schema) huma.Operation {
	o := huma.Operation{OperationID: rt.id, Method: rt.method, Path: rt.pattern(), Summary: rt.summary, Tags: []string{rt.tag}, DefaultStatus: rt.status,
		MaxBodyBytes: rt.body, Middlewares: huma.Middlewares{s.admit(rt)}, Responses: map[string]*huma.Response{}, BodyReadTimeout: s.opts.Limits.Answer}
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = s.opts.Limits.Body
	}
	needs := "Anybody may."
	o.Security = []map[string][]string{}
	if rt.role != anybody {
		o.Security = []map[string][]string{{"bearer": {}}, {"session": {}}, {"password": {}}}
		needs = map[role]string{user: "Needs a login.", operator: "Needs an administrator of the service.", viewer: "Needs the role viewer in the workspace.",
			analyst: "Needs the role analyst in the workspace.", manager: "Needs the role admin in the workspace."}[rt.role]
		if rt.scope != "" {
			needs += " An API key needs the scope " + string(rt.scope) + "."
		}
	}
	o.Description = needs
	o.Extensions = map[string]any{"x-role": string(rt.role), "x-scope": string(rt.scope)}
	for _, status := range rt.statuses() {
		o.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}
	}
	success := rt.status
	if success == 0 {
		success = http.StatusOK
	}
	if len(rt.produces) > 0 {
		content := map[string]*huma.MediaType{}
		for _, t := range rt.produces {
			switch t {
			case "":
			case "application/json":
				content[t] = &huma.MediaType{Schema: &huma.Schema{Type: "object", Description: "As docs/report.schema.json says."}}
			default:
				content[t] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
			}
		}
		o.Responses[strconv.Itoa(success)] = &huma.Response{Description: http.StatusText(success), Content: content}
	}
	for _, status := range rt.also {
		o.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status)}
	}
	return o
}

// statuses are those of all problems that a route can answer with.
func (rt route) statuses() []int {
	all := append([]int{429, 500, 503}, rt.errors...)
	all = append(all, 422)
	if rt.role != anybody {
		all = append(all, 401, 403)
		if rt.role != user && rt.role != operator || strings.Contains(rt.path, "{") {
			all = append(all, 404)
		}
	}
	if rt.method != get && rt.method != head {
		all = append(all, 403) // a page of another origin
		if rt.method != del && rt.consumes == "" {
			all = append(all, 400, 408, 413, 415)
		}
	}
	if rt.method == get && strings.Contains(rt.id, "list") || strings.HasSuffix(strings.ToLower(rt.id), "audit") {
		all = append(all, 400) // a cursor of another list
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// operationOf finds a route's operation in the document.
func (s *Server) operationOf(rt route) *huma.Operation {
	item := s.api.OpenAPI().Paths[rt.pattern()]
	return map[string]*huma.Operation{get: item.Get, post: item.Post, put: item.Put, patch: item.Patch, del: item.Delete, head: item.Head}[rt.method]
}

// bodies are the schemas of bodies that huma does not read.
var bodies = map[string]*huma.RequestBody{
	form: {Required: true, Content: map[string]*huma.MediaType{form: {Schema: &huma.Schema{Type: "object", Required: []string{"grant_type"},
		Properties: map[string]*huma.Schema{"grant_type": {Type: "string", Enum: []any{"password", "refresh_token"}}, "username": {Type: "string"},
			"password": {Type: "string", Format: "password"}, "refresh_token": {Type: "string"}}}}}},
	multipart: {Required: true, Content: map[string]*huma.MediaType{multipart: {Schema: &huma.Schema{Type: "object",
		Properties: map[string]*huma.Schema{"file": {Type: "array", Items: &huma.Schema{Type: "string", Format: "binary"}}}}}}},
	offsetStream: {Content: map[string]*huma.MediaType{offsetStream: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}},
}
