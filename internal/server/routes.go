package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rca-engine/rca/internal/auth"
)

// prefix is where the API begins.
const prefix = "/api/v1"

// route is a row of the table.
type route struct {
	id, method, path string
	role             role
	in               place      // for a role in a workspace
	scope            auth.Scope // that an API key needs; none for what every key may
	audit            string     // action for the audit log; none for what changes nothing
	tag, summary     string
	operation        operation

	errors   []int    // statuses beside those that follow from the rest of the row
	status   int      // of success; default 200, or 204 without an answer
	also     []int    // other statuses of success
	produces []string // media types of an answer that is no JSON document
	consumes string   // media type of a body that huma does not read
	body     int64    // bytes of it; default Limits.Body
	streams  bool     // may take longer than Limits.Answer
	logins   bool     // counted against Limits.Logins too
}

func (rt route) pattern() string { return prefix + rt.path }

// operation registers a handler, whose types differ from row to row.
type operation func(*Server, huma.API, huma.Operation)

// op is a handler from input to output. Its errors become problems.
func op[I, O any](h func(*Server, context.Context, *I) (*O, error)) operation {
	return func(s *Server, api huma.API, o huma.Operation) {
		huma.Register(api, o, func(ctx context.Context, in *I) (*O, error) {
			out, err := h(s, ctx, in)
			if err == nil || requestOf(ctx).partly {
				err = errors.Join(err, s.audited(ctx))
			}
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return out, nil
		})
	}
}

const (
	get, post, put, patch, del, head = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead

	read      = auth.ScopeJobsRead
	work      = auth.ScopeJobsWrite
	upload    = auth.ScopeUploadsWrite
	incidents = auth.ScopeIncidentsWrite
	all       = auth.ScopeAdmin
)

// routes is the API.
func (s *Server) routes() []route {
	l := s.opts.Limits
	return []route{
		{id: "token", method: post, path: "/auth/token", role: anybody, audit: "auth.token", tag: "auth", summary: "Get tokens by password or refresh token",
			operation: op((*Server).token), errors: []int{400, 401, 413, 415}, consumes: form, logins: true},
		{id: "revokeToken", method: post, path: "/auth/revoke", role: anybody, tag: "auth", summary: "End a login by its refresh token",
			operation: op((*Server).revokeToken), errors: []int{400, 413, 415}, logins: true},
		{id: "login", method: post, path: "/auth/session", role: anybody, audit: "auth.login", tag: "auth", summary: "Log a browser in",
			operation: op((*Server).login), errors: []int{401}, logins: true},
		{id: "logout", method: del, path: "/auth/session", role: anybody, tag: "auth", summary: "Log a browser out", operation: op((*Server).logout)},
		{id: "setup", method: post, path: "/auth/setup", role: anybody, audit: "auth.setup", tag: "auth", summary: "Make the first administrator by the setup link",
			operation: op((*Server).setup), errors: []int{401, 403, 409}, status: 201, logins: true},
		{id: "me", method: get, path: "/auth/me", role: user, tag: "auth", summary: "Who I am and what I may", operation: op((*Server).me)},
		{id: "changePassword", method: post, path: "/auth/password", role: user, scope: all, audit: "auth.password", tag: "auth",
			summary: "Change my password, which ends all my sessions and tokens", operation: op((*Server).changePassword), logins: true},
		{id: "listSessions", method: get, path: "/auth/sessions", role: user, scope: all, tag: "auth", summary: "List the browsers in which I am logged in",
			operation: op((*Server).listSessions)},
		{id: "endSession", method: del, path: "/auth/sessions/{id}", role: user, scope: all, audit: "auth.end", tag: "auth", summary: "Log one of my browsers out",
			operation: op((*Server).endSession)},

		{id: "listUsers", method: get, path: "/users", role: operator, scope: all, tag: "users", summary: "List users", operation: op((*Server).listUsers)},
		{id: "createUser", method: post, path: "/users", role: operator, scope: all, audit: "user.create", tag: "users", summary: "Add a user",
			operation: op((*Server).createUser), errors: []int{409}, status: 201},
		{id: "getUser", method: get, path: "/users/{id}", role: operator, scope: all, tag: "users", summary: "Show a user", operation: op((*Server).getUser)},
		{id: "updateUser", method: patch, path: "/users/{id}", role: operator, scope: all, audit: "user.update", tag: "users",
			summary: "Bar a user or let one in again, make an administrator or none", operation: op((*Server).updateUser), errors: []int{409}},
		{id: "resetPassword", method: post, path: "/users/{id}/password", role: operator, scope: all, audit: "user.password", tag: "users",
			summary: "Give a user another password", operation: op((*Server).resetPassword)},

		{id: "listKeys", method: get, path: "/keys", role: user, scope: all, tag: "keys", summary: "List my API keys", operation: op((*Server).listKeys)},
		{id: "createKey", method: post, path: "/keys", role: user, scope: all, audit: "key.create", tag: "keys", summary: "Make an API key, whose secret is shown only now",
			operation: op((*Server).createKey), errors: []int{404}, status: 201},
		{id: "revokeKey", method: del, path: "/keys/{id}", role: user, scope: all, audit: "key.revoke", tag: "keys", summary: "Void an API key", operation: op((*Server).revokeKey)},

		{id: "listWorkspaces", method: get, path: "/workspaces", role: user, tag: "workspaces", summary: "List my workspaces", operation: op((*Server).listWorkspaces)},
		{id: "createWorkspace", method: post, path: "/workspaces", role: user, scope: all, audit: "workspace.create", tag: "workspaces", summary: "Make a workspace",
			operation: op((*Server).createWorkspace), status: 201},
		{id: "getWorkspace", method: get, path: "/workspaces/{id}", role: viewer, in: inPath, tag: "workspaces", summary: "Show a workspace", operation: op((*Server).getWorkspace)},
		{id: "renameWorkspace", method: patch, path: "/workspaces/{id}", role: manager, in: inPath, scope: all, audit: "workspace.rename", tag: "workspaces",
			summary: "Give a workspace another name", operation: op((*Server).renameWorkspace)},
		{id: "deleteWorkspace", method: del, path: "/workspaces/{id}", role: manager, in: inPath, scope: all, audit: "workspace.delete", tag: "workspaces",
			summary: "Delete a workspace that is empty", operation: op((*Server).deleteWorkspace), errors: []int{409}},
		{id: "listMembers", method: get, path: "/workspaces/{id}/members", role: viewer, in: inPath, tag: "workspaces", summary: "List who is in a workspace",
			operation: op((*Server).listMembers)},
		{id: "setMember", method: put, path: "/workspaces/{id}/members", role: manager, in: inPath, scope: all, audit: "member.set", tag: "workspaces",
			summary: "Add a member or change the role of one", operation: op((*Server).setMember), errors: []int{409}},
		{id: "removeMember", method: del, path: "/workspaces/{id}/members/{user}", role: manager, in: inPath, scope: all, audit: "member.remove", tag: "workspaces",
			summary: "Take a member out", operation: op((*Server).removeMember), errors: []int{409}},
		{id: "workspaceAudit", method: get, path: "/workspaces/{id}/audit", role: manager, in: inPath, scope: all, tag: "audit", summary: "Who did what in a workspace",
			operation: op((*Server).workspaceAudit)},

		{id: "listUploads", method: get, path: "/uploads", role: viewer, in: inQuery, scope: read, tag: "uploads", summary: "List uploads", operation: op((*Server).listUploads)},
		{id: "uploadFiles", method: post, path: "/uploads", role: analyst, in: inQuery, scope: upload, audit: "upload.create", tag: "uploads",
			summary: "Upload files as a form, as curl -F file=@app.log does", operation: op((*Server).uploadFiles), errors: []int{400, 408, 413, 415, 507}, status: 201,
			consumes: multipart, streams: true},
		{id: "uploadText", method: post, path: "/uploads/text", role: analyst, in: inQuery, scope: upload, audit: "upload.create", tag: "uploads",
			summary: "Upload a pasted text", operation: op((*Server).uploadText), errors: []int{507}, status: 201, body: l.Text + 1<<20},
		{id: "uploadURL", method: post, path: "/uploads/url", role: analyst, in: inQuery, scope: upload, audit: "upload.create", tag: "uploads",
			summary: "Upload what stands at a URL, whose host must be allowed", operation: op((*Server).uploadURL), errors: []int{507}, status: 201, streams: true},
		{id: "uploadLimits", method: get, path: "/uploads/limits", role: user, tag: "uploads", summary: "How much I may upload", operation: op((*Server).uploadLimits)},
		{id: "getUpload", method: get, path: "/uploads/{id}", role: viewer, in: ofUpload, scope: read, tag: "uploads", summary: "Show an upload", operation: op((*Server).getUpload)},
		{id: "deleteUpload", method: del, path: "/uploads/{id}", role: analyst, in: ofUpload, scope: upload, audit: "upload.delete", tag: "uploads",
			summary: "Delete an upload that no job reads", operation: op((*Server).deleteUpload), errors: []int{409}},
		{id: "uploadContent", method: get, path: "/uploads/content/{id}", role: viewer, in: ofUpload, scope: read, tag: "uploads",
			summary: "Download the bytes as they were given", operation: op((*Server).uploadContent), errors: []int{409, 412, 416}, also: []int{206, 304},
			produces: []string{"application/octet-stream"}, streams: true},

		{id: "tusCreate", method: post, path: "/uploads/tus", role: user, scope: upload, tag: "uploads", summary: "Begin a resumable upload (tus 1.0)",
			operation: op((*Server).tusCreate), errors: []int{400, 404, 412, 413, 415, 507}, status: 201, consumes: offsetStream, produces: []string{""}, streams: true},
		{id: "tusHead", method: head, path: "/uploads/tus/{id}", role: viewer, in: ofResumable, scope: upload, tag: "uploads", summary: "How far a resumable upload is",
			operation: op((*Server).tusRequest), errors: []int{400, 409, 412, 413, 423, 507}, produces: []string{""}, streams: true},
		{id: "tusPatch", method: patch, path: "/uploads/tus/{id}", role: analyst, in: ofResumable, scope: upload, tag: "uploads",
			summary: "Send more of a resumable upload", operation: op((*Server).tusRequest), errors: []int{400, 408, 409, 410, 412, 413, 415, 423, 507}, status: 204,
			consumes: offsetStream, produces: []string{""}, streams: true},
		{id: "tusDelete", method: del, path: "/uploads/tus/{id}", role: analyst, in: ofResumable, scope: upload, tag: "uploads", summary: "Give up a resumable upload",
			operation: op((*Server).tusRequest), errors: []int{400, 412, 423}, status: 204, produces: []string{""}},

		{id: "listJobs", method: get, path: "/jobs", role: viewer, in: inQuery, scope: read, tag: "jobs", summary: "List jobs", operation: op((*Server).listJobs)},
		{id: "createJob", method: post, path: "/jobs", role: analyst, in: inQuery, scope: work, audit: "job.create", tag: "jobs", summary: "Start a job",
			operation: op((*Server).createJob), errors: []int{404, 409}, status: 202, also: []int{200}},
		{id: "getJob", method: get, path: "/jobs/{id}", role: viewer, in: ofJob, scope: read, tag: "jobs", summary: "Show a job", operation: op((*Server).getJob)},
		{id: "cancelJob", method: post, path: "/jobs/{id}/cancel", role: analyst, in: ofJob, scope: work, audit: "job.cancel", tag: "jobs", summary: "Cancel a job",
			operation: op((*Server).cancelJob), errors: []int{409}, status: 202},
		{id: "retryJob", method: post, path: "/jobs/{id}/retry", role: analyst, in: ofJob, scope: work, audit: "job.retry", tag: "jobs",
			summary: "Try a job that has failed or was cancelled again", operation: op((*Server).retryJob), errors: []int{409}, status: 202},
		{id: "rerunJob", method: post, path: "/jobs/{id}/rerun", role: analyst, in: ofJob, scope: work, audit: "job.rerun", tag: "jobs",
			summary: "Start a new job on the same files with other options", operation: op((*Server).rerunJob), errors: []int{409}, status: 202, also: []int{200}},
		{id: "deleteJob", method: del, path: "/jobs/{id}", role: analyst, in: ofJob, scope: work, audit: "job.delete", tag: "jobs",
			summary: "Delete a job that has ended, with its report and records", operation: op((*Server).deleteJob), errors: []int{409}},
		{id: "jobEvents", method: get, path: "/jobs/{id}/events", role: viewer, in: ofJob, scope: read, tag: "jobs",
			summary: "Follow a job by server-sent events, resumable by Last-Event-ID", operation: op((*Server).jobEvents), produces: []string{"text/event-stream"}, streams: true},
		{id: "jobAttempts", method: get, path: "/jobs/{id}/attempts", role: viewer, in: ofJob, scope: read, tag: "jobs", summary: "List the attempts of a job",
			operation: op((*Server).jobAttempts)},

		{id: "jobReport", method: get, path: "/jobs/{id}/report", role: viewer, in: ofJob, scope: read, tag: "reports", summary: "The report, as JSON or as a document",
			operation: op((*Server).jobReport), also: []int{304}, produces: []string{"application/json", "text/plain", "text/markdown", "text/html"}},
		{id: "jobResult", method: get, path: "/jobs/{id}/result", role: viewer, in: ofJob, scope: read, tag: "reports", summary: "Analysis, patterns and report in one",
			operation: op((*Server).jobResult)},
		{id: "listReports", method: get, path: "/reports", role: viewer, in: inQuery, scope: read, tag: "reports", summary: "List reports", operation: op((*Server).listReports)},

		{id: "jobRecords", method: get, path: "/jobs/{id}/records", role: viewer, in: ofJob, scope: read, tag: "records", summary: "A page of a job's records, filtered",
			operation: op((*Server).jobRecords), errors: []int{400, 409}},
		{id: "recordsAround", method: get, path: "/jobs/{id}/records/around", role: viewer, in: ofJob, scope: read, tag: "records",
			summary: "The page of the filtered records in whose middle a position lies", operation: op((*Server).recordsAround), errors: []int{400, 409}},
		{id: "recordsHistogram", method: get, path: "/jobs/{id}/records/histogram", role: viewer, in: ofJob, scope: read, tag: "records",
			summary: "How many filtered records there are by time and severity", operation: op((*Server).recordsHistogram), errors: []int{400, 409}},
		{id: "recordsContext", method: get, path: "/jobs/{id}/records/context", role: viewer, in: ofJob, scope: read, tag: "records",
			summary: "What stands before and after a position in its source", operation: op((*Server).recordsContext), errors: []int{400, 409}},
		{id: "jobTemplates", method: get, path: "/jobs/{id}/templates", role: viewer, in: ofJob, scope: read, tag: "findings", summary: "The templates of a job, the most frequent first",
			operation: op((*Server).jobTemplates)},
		{id: "jobSignals", method: get, path: "/jobs/{id}/signals", role: viewer, in: ofJob, scope: read, tag: "findings", summary: "The signals of a job",
			operation: op((*Server).jobSignals)},

		{id: "createIncident", method: post, path: "/jobs/{id}/incidents", role: analyst, in: ofJob, scope: incidents, audit: "incident.create", tag: "incidents",
			summary: "Open an incident on a job", operation: op((*Server).createIncident), errors: []int{409}, status: 201},
		{id: "listIncidents", method: get, path: "/incidents", role: viewer, in: inQuery, scope: read, tag: "incidents", summary: "List and search incidents",
			operation: op((*Server).listIncidents)},
		{id: "getIncident", method: get, path: "/incidents/{id}", role: viewer, in: ofIncident, scope: read, tag: "incidents", summary: "Show an incident",
			operation: op((*Server).getIncident)},
		{id: "updateIncident", method: patch, path: "/incidents/{id}", role: analyst, in: ofIncident, scope: incidents, audit: "incident.update", tag: "incidents",
			summary: "Change an incident, if nobody else did meanwhile", operation: op((*Server).updateIncident), errors: []int{409}},
		{id: "resolveIncident", method: post, path: "/incidents/{id}/resolve", role: analyst, in: ofIncident, scope: incidents, audit: "incident.resolve", tag: "incidents",
			summary: "Say what it was", operation: op((*Server).resolveIncident), errors: []int{409}},
		{id: "deleteIncident", method: del, path: "/incidents/{id}", role: manager, in: ofIncident, scope: incidents, audit: "incident.delete", tag: "incidents",
			summary: "Delete an incident", operation: op((*Server).deleteIncident)},

		{id: "audit", method: get, path: "/audit", role: operator, scope: all, tag: "audit", summary: "Who did what", operation: op((*Server).auditLog)},
		{id: "status", method: get, path: "/system/status", role: operator, scope: all, tag: "system", summary: "How the service is", operation: op((*Server).status)},
	}
}
