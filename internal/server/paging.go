package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rca-engine/rca/internal/store"
)

// Paged are the query parameters of a list.
type Paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"Of the items on the page."`
	Offset int    `query:"offset" minimum:"0" maximum:"100000" doc:"Items to leave out. A cursor costs less."`
	Cursor string `query:"cursor" maxLength:"500" doc:"The next of the page before. Not together with offset."`
	Total  bool   `query:"total" default:"true" doc:"Count the whole list."`
}

func (p Paged) page() store.Page {
	return store.Page{Limit: p.Limit, Offset: p.Offset, Cursor: p.Cursor, Total: p.Total}
}

// Where names the workspace. Its value is used before the operation, by the row's place; here it is declared.
type Where struct {
	Workspace string `query:"workspace" maxLength:"64" doc:"Id of the workspace; default my own, or where an id is given the one that has it."`
}

// listing is a page of a list.
type listing[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; none on the last."`
	Total int64  `json:"total" doc:"Of the whole list, when it was counted."`
	More  bool   `json:"more" doc:"There are more than total, where the counting stops."`
}

type listOutput[T any] struct{ Body listing[T] }

func viewList[R, T any](l store.List[R], view func(R) T) *listOutput[T] {
	out := &listOutput[T]{listing[T]{Items: make([]T, 0, len(l.Items)), Next: l.Next, Total: l.Total, More: l.More}}
	for _, r := range l.Items {
		out.Body.Items = append(out.Body.Items, view(r))
	}
	return out
}

// viewAll is viewList for what is not Paged.
func viewAll[R, T any](rows []R, view func(R) T) *listOutput[T] {
	return viewList(store.List[R]{Items: rows, Total: int64(len(rows))}, view)
}

// when is a time in an answer: none, where it never was.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// object is a JSON document as it is stored.
func object(s string) json.RawMessage {
	if s == "" || !json.Valid([]byte(s)) {
		return json.RawMessage("{}")
	}
	return json.RawMessage(s)
}

func indented(b []byte) ([]byte, error) {
	var out bytes.Buffer
	err := json.Indent(&out, b, "", "  ")
	out.WriteByte('\n')
	return out.Bytes(), err
}

// matches tells whether a header If-None-Match or If-Match names a tag.
func matches(header, etag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// Raw is the input of an operation that reads or writes HTTP itself. It has no body, so huma reads none.
type Raw struct{ context huma.Context }

// Resolve keeps huma's context.
func (in *Raw) Resolve(c huma.Context) []error {
	in.context = c
	return nil
}

func requestIn(c huma.Context) *http.Request {
	r, _ := humago.Unwrap(c)
	return r
}
