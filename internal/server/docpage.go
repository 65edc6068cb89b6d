package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// docpage is a page that shows the OpenAPI document: Swagger UI, packed as scripts/docs-page.sh leaves it, and the few
// lines that start it.
//
//go:embed docpage
var docpage embed.FS

// docPolicy lets the page run its own files and nothing else. Swagger UI draws icons from data.
const docPolicy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// docFile is a file of the page.
type docFile struct {
	path, name, kind string
	packed           bool
}

var docFiles = []docFile{
	{"/docs", "index.html", "text/html; charset=utf-8", false},
	{"/docs/init.js", "init.js", "text/javascript; charset=utf-8", false},
	{"/docs/swagger-ui-bundle.js", "swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8", true},
	{"/docs/swagger-ui.css", "swagger-ui.css.gz", "text/css; charset=utf-8", true},
	{"/docs/LICENSE", "LICENSE", "text/plain; charset=utf-8", false},
}

// registerDocPage puts the page's files into the mux. They are for anybody, as the document is.
func (s *Server) registerDocPage() error {
	for _, f := range docFiles {
		b, err := docpage.ReadFile("docpage/" + f.name)
		if err != nil {
			return fmt.Errorf("read page of documentation: %w", err)
		}
		sum := sha256.Sum256(b)
		f, etag := f, `"`+hex.EncodeToString(sum[:8])+`"`
		s.mux.HandleFunc("GET "+f.path, func(w http.ResponseWriter, r *http.Request) { s.docFile(w, r, f, b, etag) })
	}
	return nil
}

// docFile writes a file as it lies there, or unpacked for whoever cannot do that.
func (s *Server) docFile(w http.ResponseWriter, r *http.Request, f docFile, b []byte, etag string) {
	h := w.Header()
	h.Set("Content-Security-Policy", docPolicy)
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache") // asked for again each time, sent again only after an update
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := io.Reader(bytes.NewReader(b))
	if f.packed {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(len(b)))
		} else {
			unpacked, err := gzip.NewReader(body)
			if err != nil {
				s.refuse(w, r, s.problem(r.Context(), fmt.Errorf("unpack %s: %w", f.name, err)))
				return
			}
			body = unpacked
		}
	}
	_, _ = io.Copy(w, body) // the client may have gone
}

// takesGzip reads a header Accept-Encoding: gzip, also as "*", and not with a weight of nothing.
func takesGzip(header string) bool {
	for e := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(e), ";")
		if name = strings.TrimSpace(name); name != "*" && !strings.EqualFold(name, "gzip") {
			continue
		}
		q := strings.TrimSpace(strings.ReplaceAll(weight, " ", ""))
		if v, ok := strings.CutPrefix(strings.ToLower(q), "q="); ok {
			n, err := strconv.ParseFloat(v, 64)
			return err == nil && n > 0
		}
		return true
	}
	return false
}
