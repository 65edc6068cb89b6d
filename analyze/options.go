package analyze

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"
	"unsafe"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/mine"
	"github.com/rca-engine/rca/internal/parse"
	"github.com/rca-engine/rca/internal/source"
)

// Options steer an analysis. The zero value works.
type Options struct {
	Baseline   []string  // paths of logs from a normal time
	Since      time.Time // the incident's window; zero: found
	Until      time.Time
	FormatHint string         // name of a format to prefer
	Location   *time.Location // of stamps without a zone; default UTC
	Zones      []Zone         // by source, before Location
	Year       int            // of stamps without one; 0: from other sources, else from the file's time
	Components []PathName     // component by path pattern
	Noise      []string       // message texts to leave out of account
	Custom     []*parse.Custom
	Source     source.Options
	Version    string   // told in the report
	Knowledge  []string // rule files of the user's own, as YAML
	// WithoutRules are ids of entries of the failure knowledge to leave out.
	WithoutRules []string
	Configs      []string      // files that ReadConfig read, told in the report
	Notes        []rca.Warning // what the caller has to tell, at the head of the report's warnings
}

// Zone is the time zone of the sources whose name matches a pattern.
type Zone struct {
	Pattern  string
	Location *time.Location
}

// PathName names the component of the sources whose name matches a pattern.
type PathName struct{ Pattern, Component string }

func (o *Options) location(name string) *time.Location {
	for _, z := range o.Zones {
		if matches(z.Pattern, name) {
			return z.Location
		}
	}
	if o.Location != nil {
		return o.Location
	}
	return time.UTC
}

func (o *Options) componentByPath(name string) string {
	for _, c := range o.Components {
		if matches(c.Pattern, name) {
			return c.Component
		}
	}
	return ""
}

// matches compares a pattern with a source's whole name, its end, or its base name.
func matches(pattern, name string) bool {
	if ok, _ := path.Match(pattern, name); ok {
		return true
	}
	if ok, _ := path.Match(pattern, path.Base(name)); ok {
		return true
	}
	return strings.HasSuffix(name, "/"+strings.TrimPrefix(pattern, "**/")) || strings.Contains(name, pattern) && !strings.ContainsAny(pattern, "*?[")
}

func (o *Options) context(b *bundle) mine.Context {
	buf := b.buf
	cx := mine.Context{Baseline: b.in.Baseline, Component: b.in.Component, Line: b.in.Lines, Offset: b.offset, Keep: !b.in.Seekable}
	cx.Raw = func(p rca.Place) string {
		if p.Offset < 0 || p.Offset+p.Length > int64(len(buf)) {
			return ""
		}
		return unsafe.String(unsafe.SliceData(buf[p.Offset:]), p.Length)
	}
	return cx
}

var errEnough = errors.New("enough")

// reference finds the instant by which stamps without a year or a date are read: the first full date in the head of a
// plain file, in the order of the sources. Without one each source's own file time must do (rca.NoTime).
func (o *Options) reference(ctx context.Context, paths []string) rca.Time {
	if o.Year > 0 {
		return rca.Time(time.Date(o.Year, 12, 31, 0, 0, 0, 0, time.UTC).UnixNano())
	}
	for _, p := range paths {
		if p == "-" || strings.HasPrefix(p, "@") {
			return rca.NoTime
		}
	}
	found, seen := rca.NoTime, 0
	_, _ = source.Walk(ctx, paths, o.Source, func(s *source.Stream) error {
		if seen++; seen > 64 || s.Path == "" {
			return errEnough
		}
		buf, _, err := fill(s.Reader, nil, 8<<10)
		if err != nil {
			return err
		}
		if t := parse.FirstDate(buf, o.location(s.Name)); t != rca.NoTime {
			found = t
			return errEnough
		}
		return nil
	})
	return found
}
