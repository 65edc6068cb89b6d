package server

import (
	"net/http"
	"strings"
)

// problemWriter makes problems of the refusals of code that is not ours and writes a line of text: of tusd, as
// "ERR_MISMATCHED_OFFSET: mismatched offset", and of net/http, as "invalid range: failed to overlap".
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

// refuse writes the problem. It must be called at the end, for a refusal without a line.
func (p *problemWriter) refuse(line string) {
	if p.status == 0 {
		return
	}
	line = strings.TrimSpace(line)
	problem := newProblem(p.status, "refused", line)
	if code, detail, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(code, "ERR_") {
		problem.Code, problem.Detail = strings.ToLower(code[len("ERR_"):]), detail
	}
	switch {
	case problem.Code == "read_timeout": // tusd takes the client's silence for a fault of ours
		problem = newProblem(http.StatusRequestTimeout, "timeout", "the bytes stopped coming")
	case problem.Code == "connection_reset":
		problem = newProblem(http.StatusBadRequest, "torn", problem.Detail)
	case problem.Code == "lock_timeout": // an earlier request of the same upload is not over
		problem = newProblem(http.StatusLocked, "locked", problem.Detail)
	case p.status == http.StatusNotImplemented: // an extension of tus that we leave out: it is the request that is wrong here
		problem = newProblem(http.StatusBadRequest, "not_implemented", problem.Detail)
	case p.status == http.StatusRequestedRangeNotSatisfiable:
		problem.Code = "range"
	case line == "" && p.status == http.StatusPreconditionFailed:
		problem.Code, problem.Detail = "precondition", "it is not what If-Match or If-Unmodified-Since say"
	case p.status >= 500: // the line may hold a path of ours; it is in the log
		problem = newProblem(p.status, "internal", "something is wrong on our side")
	}
	p.Header().Del("Content-Length") // of the line
	p.s.refuse(p.ResponseWriter, p.r, problem)
	p.status, p.told = 0, true
}

// Unwrap lets http.ResponseController reach deadlines.
func (p *problemWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }
