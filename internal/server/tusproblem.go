package server

import (
	"net/http"
	"strings"
)

// problemWriter makes problems of tusd's refusals, which are lines of text as "ERR_MISMATCHED_OFFSET: mismatched offset".
type problemWriter struct {
	http.ResponseWriter
	s      *Server
	r      *http.Request
	status int  // of a refusal whose line has not come
	told   bool // the problem is written, all else is left out
}

// WriteHeader holds the status of a refusal back.
func (p *problemWriter) WriteHeader(status int) {
	if status < 400 || p.Header().Get("Content-Type") == "application/problem+json" {
		p.ResponseWriter.WriteHeader(status)
		return
	}
	p.status = status
}

func (p *problemWriter) Write(b []byte) (int, error) {
	if p.status != 0 {
		p.refuse(string(b))
	}
	if p.told {
		return len(b), nil
	}
	return p.ResponseWriter.Write(b)
}

// refuse writes the problem. It must be called at the end for a refusal without a line, as there is for a HEAD.
func (p *problemWriter) refuse(line string) {
	if p.status == 0 {
		return
	}
	code, detail, _ := strings.Cut(strings.TrimSpace(line), ": ")
	code = strings.ToLower(strings.TrimPrefix(code, "ERR_"))
	if code == "" {
		code = "refused"
	}
	problem := newProblem(p.status, code, detail)
	if p.status >= 500 { // its line may hold a path of ours; it is in the log
		problem = newProblem(p.status, "internal", "something is wrong on our side")
	}
	p.Header().Del("Content-Length") // of the line
	p.s.refuse(p.ResponseWriter, p.r, problem)
	p.status, p.told = 0, true
}

// Unwrap lets http.ResponseController reach deadlines.
func (p *problemWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }
