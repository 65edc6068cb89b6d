// Package report renders a *rca.Report as text, Markdown, HTML or JSON.
//
// What comes in is the finished report, what goes out is bytes; nothing is computed anew, and the same report gives
// the same bytes. The reader is a tired engineer at three in the morning, so every form tells the same story in the
// same order: the headline with its grade; what happened, what caused it, what to do; whether it was seen before; the chain; the
// timeline; what differs from the baseline; the evidence for and against; what was rejected; what is unknown; what was
// read and what was not; how the report was made.
//
// Log text is hostile. Text, Markdown and HTML work on a copy of the report in which everything that could steer a
// terminal or turn text around has been made visible (escape.go); Markdown and HTML then escape for their own
// grammar. JSON keeps the text exact.
//
// Each form has its file (text.go, markdown.go, html.go, json.go). The words they share are in words.go, the choices
// of what to show first in view.go.
package report

import (
	"fmt"
	"io"

	"github.com/rca-engine/rca"
)

// Format names a form of the report.
type Format string

// The formats.
const (
	Text     Format = "text"     // for a terminal: one screen, or everything with Options.Verbose
	Markdown Format = "markdown" // GitHub flavoured, for an issue or a chat
	HTML     Format = "html"     // one file without scripts and without network
	JSON     Format = "json"     // the contract, see docs/report.schema.json
)

// Formats lists all of them.
var Formats = []Format{Text, Markdown, HTML, JSON}

// Options says how a report is rendered. The zero value is text, 100 columns, one screen, without colour.
type Options struct {
	Format  Format // default Text
	Width   int    // columns of the text form; default 100, at least 40
	Color   bool   // the text form uses the terminal's colours; default off
	Verbose bool   // the text form shows all sections; the other forms always do
}

const (
	defaultWidth = 100
	leastWidth   = 40
)

// Write renders r into w.
func Write(w io.Writer, r *rca.Report, o Options) error {
	render, err := renderer(o)
	if err != nil {
		return err
	}
	b, err := render(r)
	if err != nil {
		return fmt.Errorf("render report as %s: %w", o.Format, err)
	}
	_, err = w.Write(b)
	return err
}

// renderer validates the options and picks the form.
func renderer(o Options) (func(*rca.Report) ([]byte, error), error) {
	switch o.Format {
	case "", Text:
		switch {
		case o.Width <= 0:
			o.Width = defaultWidth
		case o.Width < leastWidth:
			o.Width = leastWidth
		}
		return func(r *rca.Report) ([]byte, error) { return writeText(newView(r), o), nil }, nil
	case Markdown:
		return func(r *rca.Report) ([]byte, error) { return writeMarkdown(newView(r)), nil }, nil
	case HTML:
		return func(r *rca.Report) ([]byte, error) { return writeHTML(newView(r)) }, nil
	case JSON:
		return writeJSON, nil
	}
	return nil, fmt.Errorf("unknown report format %q, want one of %q", o.Format, Formats)
}
