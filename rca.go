// Package rca holds the words of the field as types: what a record, a series, a signal, a hypothesis and a report are.
//
// The core walks one line, from left to right and never back:
//
//	bytes → records → templates → signals → hypotheses → report
//
// Each stage is a package of its own that knows only the words defined here; package analyze hands the data
// from one to the next. The same bytes give the same report, whatever the number of processors and the
// order in which files are named. The package imports nothing of this module and does no I/O.
package rca

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// SchemaVersion is the version of the report's JSON form, published in docs/report.schema.json.
const SchemaVersion = 1

// Severity orders how bad a line says it is; the zero value is unknown.
type Severity uint8

// The severities, from what only a developer reads to what ends a process.
const (
	SeverityUnknown Severity = iota
	SeverityTrace
	SeverityDebug
	SeverityInfo
	SeverityNotice
	SeverityWarn
	SeverityError
	SeverityFatal
)

var severityNames = [...]string{"unknown", "trace", "debug", "info", "notice", "warn", "error", "fatal"}

// String returns the lower-case name that the JSON forms use.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return "unknown"
}

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name that MarshalText wrote.
func (s *Severity) UnmarshalText(b []byte) error {
	for i, n := range severityNames {
		if n == string(b) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q", b)
}

// Time is an instant in nanoseconds since 1970-01-01 UTC, or NoTime. A plain integer keeps the hot path free of
// allocation, orders without method calls and sums exactly.
type Time int64

// NoTime marks a record that carries no time of its own.
const NoTime Time = math.MinInt64

// Std converts to the standard library's type, in UTC; the zero time.Time for NoTime.
func (t Time) Std() time.Time {
	if t == NoTime {
		return time.Time{}
	}
	return time.Unix(0, int64(t)).UTC()
}

// MarshalJSON writes RFC 3339 in UTC, or null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t == NoTime {
		return []byte("null"), nil
	}
	return []byte(`"` + t.Std().Format(time.RFC3339Nano) + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Time) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" {
		*t = NoTime
		return nil
	}
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return err
	}
	*t = Time(v.UnixNano())
	return nil
}

// Position is where a record stands in the decompressed bytes of its source. Lines count from 1; Offset and Length
// are bytes, and Length leaves out the last line's end.
type Position struct {
	Source  string
	Line    int64
	EndLine int64
	Offset  int64
	Length  int64
}

// Field is one key and its value as the line has it.
type Field struct{ Key, Value string }

// Record is one log event with its continuation lines joined.
//
// In the pipeline its strings point into the block that was read and live only until the block's next reuse: whoever
// keeps one clones it.
type Record struct {
	Position
	Time      Time
	Severity  Severity
	Component string // who writes it: service field, unit or tag, container or pod; empty when only the file's name tells
	Host      string
	Logger    string // class, module, subsystem or source location
	Process   string // pid or thread, to join lines that one event was split into
	Message   string // without header; without the lines of a stack trace
	Stack     string // the continuation lines, as they stand
	Trace     string // trace, request or correlation id
	Fields    []Field
	Status    int    // of an HTTP answer, 0 if the line has none
	Format    string // name of the format that was recognised
}

// Field returns the value of a key, or "".
func (r *Record) Field(key string) string {
	for i := range r.Fields {
		if r.Fields[i].Key == key {
			return r.Fields[i].Value
		}
	}
	return ""
}
