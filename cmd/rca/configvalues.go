package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// duration is a span of time as people write it: 90s, 12h, 30d.
type duration time.Duration

func (d duration) std() time.Duration { return time.Duration(d) }

// String writes whole days as such.
func (d duration) String() string {
	const day = duration(24 * time.Hour)
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// UnmarshalYAML reads what String writes.
func (d *duration) UnmarshalYAML(n *yaml.Node) error {
	if days, ok := strings.CutSuffix(n.Value, "d"); ok {
		if k, err := strconv.ParseInt(days, 10, 32); err == nil {
			*d = duration(time.Duration(k) * 24 * time.Hour)
			return nil
		}
	}
	v, err := time.ParseDuration(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is no span of time such as 90s, 12h or 30d", n.Line, n.Value)
	}
	*d = duration(v)
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (d duration) MarshalYAML() (any, error) { return d.String(), nil }

// rate is so many in a span of time: 100/1h.
type rate struct {
	Count int
	Per   time.Duration
}

func (r rate) String() string { return strconv.Itoa(r.Count) + "/" + duration(r.Per).String() }

// UnmarshalYAML reads what String writes.
func (r *rate) UnmarshalYAML(n *yaml.Node) error {
	count, per, ok := strings.Cut(n.Value, "/")
	c, err := strconv.Atoi(count)
	var d duration
	if !ok || err != nil || c < 1 || d.UnmarshalYAML(&yaml.Node{Value: per}) != nil || d <= 0 {
		return fmt.Errorf("line %d: %q is no rate such as 100/1h", n.Line, n.Value)
	}
	*r = rate{c, d.std()}
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (r rate) MarshalYAML() (any, error) { return r.String(), nil }

// byteSize is a number of bytes as people write it: 512MB, 20GB; in powers of 1024.
type byteSize int64

var units = []struct {
	name  string
	bytes byteSize
}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}}

// String writes the largest unit that divides it.
func (s byteSize) String() string {
	for _, u := range units {
		if s >= u.bytes && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// UnmarshalYAML reads what String writes.
func (s *byteSize) UnmarshalYAML(n *yaml.Node) error {
	text, factor := strings.ToUpper(strings.ReplaceAll(n.Value, " ", "")), byteSize(1)
	for _, u := range units {
		if t, ok := strings.CutSuffix(text, u.name); ok {
			text, factor = t, u.bytes
			break
		}
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 0 || v > int64(1<<62)/int64(factor) {
		return fmt.Errorf("line %d: %q is no size such as 512MB or 20GB", n.Line, n.Value)
	}
	*s = byteSize(v) * factor
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (s byteSize) MarshalYAML() (any, error) { return s.String(), nil }
