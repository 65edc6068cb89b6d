package parse

import (
	"fmt"
	"regexp"

	"github.com/rca-engine/rca"
)

// Custom is a format of the user's own: a regular expression whose named groups are time, level, component, host, logger,
// process, trace, status and message; any other named group becomes a field.
type Custom struct {
	Name    string
	Pattern string

	re *regexp.Regexp
}

// Compile checks the pattern.
func (c *Custom) Compile() error {
	re, err := regexp.Compile(c.Pattern)
	if err != nil {
		return fmt.Errorf("format %s: %w", c.Name, err)
	}
	for _, n := range re.SubexpNames() {
		if n == "message" {
			c.re = re
			return nil
		}
	}
	return fmt.Errorf("format %s: the pattern has no group named message", c.Name)
}

func (c *Custom) format() *format {
	return &format{name: c.Name, head: func(p *Parser, s string, r *rca.Record) bool {
		m := c.re.FindStringSubmatchIndex(s)
		if m == nil {
			return false
		}
		for i, name := range c.re.SubexpNames() {
			if name == "" || m[2*i] < 0 {
				continue
			}
			v := s[m[2*i]:m[2*i+1]]
			switch name {
			case "time":
				r.Time, _ = p.timeValue(v)
			case "level":
				r.Severity = p.levelValue("level", v, true)
			case "component":
				r.Component = v
			case "host":
				r.Host = v
			case "logger":
				r.Logger = v
			case "process":
				r.Process = v
			case "trace":
				r.Trace = v
			case "message":
				r.Message = v
			default:
				p.field(r, name, v, true)
			}
		}
		return true
	}}
}
