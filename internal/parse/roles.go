package parse

import (
	"strconv"
	"strings"

	"github.com/rca-engine/rca"
)

// role is what a key says of a record.
type role uint8

const (
	roleNone role = iota
	roleTime
	roleLevel
	roleMessage
	roleComponent
	roleUnit
	roleName
	roleHost
	roleTrace
	roleRequest
	roleLogger
	roleCaller
	roleProcess
	roleStatus
	roleStack
	roleObject
	roleType
	roleEventTime
	roleNoise
)

// roleOf knows the keys.
//
// The names are those of slog, zap, zerolog, pino, bunyan, winston, logback and log4j JSON, structlog, Serilog, ECS, GELF,
// OpenTelemetry, journald, Docker, Fluentd, MongoDB and Google Cloud Logging.
func roleOf(key string) role {
	switch key {
	case "time", "ts", "timestamp", "@timestamp", "t", "datetime", "date", "asctime", "@t", "Timestamp", "eventTime", "timeMillis", "instant.epochSecond",
		"t.$date", "timeUnixNano", "observedTimeUnixNano", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "receiveTimestamp", "created", "logged_at", "event.created", "at", "when", "logtime", "log_time", "event_time":
		return roleTime
	case "level", "severity", "lvl", "loglevel", "levelname", "log.level", "severity_text", "severityText", "SeverityText", "PRIORITY", "priority", "@l", "s", "log_level", "Level", "severityNumber", "level_name", "lv", "lev", "sev":
		return roleLevel
	case "msg", "message", "MESSAGE", "@m", "@mt", "log", "short_message", "textPayload", "Message", "body", "body.stringValue", "text", "jsonPayload.message", "jsonPayload.msg", "RenderedMessage", "MessageTemplate":
		return roleMessage
	case "service", "service.name", "app", "application", "svc", "container_name", "kubernetes.container_name", "kubernetes.container.name", "SYSLOG_IDENTIFIER",
		"program", "resource.labels.container_name", "appname", "app_name", "serviceName", "service_name", "container", "unit", "ServiceName", "application_name", "prog", "programname":
		return roleComponent
	case "_SYSTEMD_UNIT", "UNIT", "_COMM", "CONTAINER_NAME":
		return roleUnit
	case "name":
		return roleName
	case "hostname", "host", "host.name", "_HOSTNAME", "HOSTNAME", "node", "kubernetes.host", "kubernetes.node_name":
		return roleHost
	case "trace_id", "traceId", "traceID", "trace.id", "trace", "TraceId", "traceid", "dd.trace_id", "otelTraceID":
		return roleTrace
	case "request_id", "requestId", "reqId", "requestID", "req_id", "rid", "correlation_id", "correlationId", "x_request_id", "X-Request-ID", "http.request_id", "req.id", "RequestId", "req.headers.x-request-id":
		return roleRequest
	case "logger", "logger_name", "log.logger", "loggerName", "SourceContext", "target", "module", "category", "c", "Category", "channel":
		return roleLogger
	case "caller", "source", "log.origin.file.name":
		return roleCaller
	case "pid", "process", "process.pid", "_PID", "thread", "thread_name", "threadName", "ctx", "process.thread.name":
		return roleProcess
	case "status", "statusCode", "status_code", "http.response.status_code", "res.statusCode", "http.status_code", "response_code", "httpRequest.status", "sc-status":
		return roleStatus
	case "stack", "stack_trace", "stacktrace", "error.stack_trace", "err.stack", "exc_info", "exception", "error.stack", "@x", "thrown.extendedStackTrace", "Exception", "traceback", "errorVerbose", "exc_text", "error.stacktrace":
		return roleStack
	case "involvedObject.name", "regarding.name":
		return roleObject
	case "type":
		return roleType
	case "lastTimestamp", "series.lastObservedTime", "deprecatedLastTimestamp", "metadata.creationTimestamp":
		return roleEventTime
	case "v", "@version", "level_value", "stream", "flags", "_p":
		return roleNoise
	}
	return roleNone
}

// roleMemo remembers the keys of the last line by their order: a logger writes them in the same one each time, and to
// compare with one key costs a fifth of finding it among two hundred.
type roleMemo struct {
	next  int
	known [32]struct {
		n    uint8
		role role
		key  [22]byte
	}
}

func (m *roleMemo) of(key string) role {
	k := &m.known[m.next&31]
	m.next++
	if string(k.key[:k.n]) == key {
		return k.role
	}
	r := roleOf(key)
	if len(key) <= len(k.key) {
		k.n, k.role = uint8(copy(k.key[:], key)), r
	}
	return r
}

// field takes one key and its value from JSON or logfmt: the keys that every logger has fill the record, the
// rest stays reachable as a field. quoted tells text from numbers and words.
func (p *Parser) field(r *rca.Record, key, val string, quoted bool) {
	switch p.roles.of(key) {
	case roleTime:
		if r.Time == rca.NoTime || key == "_SOURCE_REALTIME_TIMESTAMP" {
			if t, ok := p.timeValue(val); ok {
				r.Time = t
				return
			}
		} else if key == "receiveTimestamp" || key == "observedTimeUnixNano" || key == "__REALTIME_TIMESTAMP" {
			return
		}
	case roleLevel:
		if sev := p.levelValue(key, val, quoted); sev != rca.SeverityUnknown {
			r.Severity = sev
			return
		}
	case roleMessage:
		if r.Message == "" {
			r.Message = val
			return
		}
	case roleComponent:
		if r.Component == "" && val != "" && val != "-" && quotedName(val) {
			r.Component = val
			return
		}
	case roleUnit:
		if r.Component == "" {
			r.Component = strings.TrimSuffix(val, ".service")
		}
	case roleName: // bunyan's and pino's program; elsewhere anything
		if r.Component == "" && r.Time != rca.NoTime && r.Severity != rca.SeverityUnknown && quotedName(val) {
			r.Component = val
			return
		}
	case roleHost:
		if r.Host == "" {
			r.Host = val
			return
		}
	case roleTrace:
		if val != "" {
			r.Trace = val
			return
		}
	case roleRequest:
		if r.Trace == "" && val != "" {
			r.Trace = val
			return
		}
	case roleLogger:
		if r.Logger == "" {
			r.Logger = val
			return
		}
	case roleCaller:
		if r.Logger == "" && strings.ContainsAny(val, ".:") {
			r.Logger = val
			return
		}
	case roleProcess:
		if r.Process == "" {
			r.Process = val
			return
		}
	case roleStatus:
		if n, err := strconv.Atoi(val); err == nil && n >= 100 && n < 600 {
			r.Status = n
		}
	case roleStack:
		if strings.IndexByte(val, '\n') > 0 {
			r.Stack = val
			return
		}
	case roleObject:
		if r.Component == "" {
			r.Component = owner(val)
		}
	case roleType: // of a Kubernetes event
		if r.Severity == rca.SeverityUnknown && val == "Warning" {
			r.Severity = rca.SeverityWarn
		} else if r.Severity == rca.SeverityUnknown && val == "Normal" {
			r.Severity = rca.SeverityInfo
		}
	case roleEventTime:
		if t, ok := p.timeValue(val); ok && (r.Time == rca.NoTime || key[0] != 'm') {
			r.Time = t
			return
		}
	case roleNoise:
		return
	}
	p.fields = append(p.fields, rca.Field{Key: key, Value: val})
}

func quotedName(s string) bool { return len(s) <= 120 && strings.IndexByte(s, ' ') < 0 }

// timeValue reads a stamp or an epoch in any of the units that loggers use.
func (p *Parser) timeValue(s string) (rca.Time, bool) {
	if s == "" {
		return 0, false
	}
	if t, n := p.clock.stamp(s, true); n > 0 && n >= len(s)-8 {
		return t, t != rca.NoTime
	}
	if digit(s[0]) { // 1.772438400123e9, as zap prints epochs in some versions
		if f, err := strconv.ParseFloat(s, 64); err == nil && f > 3e8 && f < 5e9 {
			return rca.Time(f * 1e9), true
		}
	}
	return 0, false
}

func (p *Parser) levelValue(key, val string, quoted bool) rca.Severity {
	if val == "" {
		return rca.SeverityUnknown
	}
	if digit(val[0]) || val[0] == '-' {
		n, err := strconv.Atoi(val)
		if err != nil {
			return rca.SeverityUnknown
		}
		switch key {
		case "severityNumber": // OpenTelemetry: 1-4 trace, 5-8 debug, 9-12 info, 13-16 warn, 17-20 error, 21-24 fatal
			if n >= 1 && n <= 24 {
				return [...]rca.Severity{rca.SeverityTrace, rca.SeverityDebug, rca.SeverityInfo, rca.SeverityWarn, rca.SeverityError, rca.SeverityFatal}[(n-1)/4]
			}
			return rca.SeverityUnknown
		case "s":
			return rca.SeverityUnknown
		}
		return severityNumber(n)
	}
	if key == "s" || len(val) == 1 {
		if len(val) > 2 {
			return rca.SeverityUnknown
		}
		return severityLetter(val[0])
	}
	return rca.SeverityWord(strings.TrimPrefix(val, "LogLevel."))
}
