package analyze

import (
	"context"
	"fmt"
	"runtime"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/mine"
	"github.com/rca-engine/rca/internal/parse"
	"github.com/rca-engine/rca/internal/source"
)

// walk reads every stream of the paths through a pipeline; the inputs are appended to ins as they are met.
func (o *Options) walk(ctx context.Context, p *pipeline, paths []string, baseline bool, ins *[]*input, ref rca.Time) (*source.Result, error) {
	so := o.Source
	if so.Ahead = runtime.GOMAXPROCS(0); so.Ahead == 1 {
		so.Ahead = 0
	}
	return source.Walk(ctx, paths, so, func(s *source.Stream) error {
		in := newInput(s, int32(len(*ins)), baseline)
		*ins = append(*ins, in)
		if c := o.componentByPath(s.Name); c != "" {
			in.Component = c
		}
		po := parse.Options{Location: o.location(s.Name), Hint: o.FormatHint, Custom: o.Custom, Reference: ref}
		if ref == rca.NoTime {
			po.Reference = stdTime(s.ModTime)
		}
		err := p.read(s.Reader, in, po)
		if in.layout == nil {
			in.layout = parse.Detect(nil, po)
			in.Format = in.layout.Format
		}
		return err
	})
}

// Records reads the paths and hands each record to visit, in the order of the input. A record's strings live until
// visit returns; its position is that in its source.
func Records(ctx context.Context, paths []string, o Options, visit func(*rca.Record) error) ([]rca.Input, []rca.Warning, error) {
	var ins []*input
	var warnings []rca.Warning
	p, done := newPipeline(ctx, false, false, func(b *bundle) error {
		if b.panics != "" {
			warnings = append(warnings, panicWarning(b))
		}
		for i := range b.recs {
			r := &b.recs[i]
			r.Source = b.in.Name
			r.Line += b.in.Lines + 1
			r.EndLine += b.in.Lines + 1
			r.Offset += b.offset
			if r.Component == "" {
				r.Component = b.in.Component
			}
			if r.Severity == rca.SeverityUnknown {
				r.Severity = rca.InferSeverity(r.Message)
			}
			if err := visit(r); err != nil {
				return err
			}
		}
		b.in.count(b)
		return nil
	})
	ref := o.reference(ctx, paths)
	res, err := o.walk(ctx, p, paths, false, &ins, ref)
	if e := done(); err == nil {
		err = e
	}
	return inputs(ins), append(warnings, sourceWarnings(res)...), err
}

// Assignment is one physical line's template.
type Assignment struct {
	File     string
	Line     int64
	Template *rca.Template
}

// Templates mines the paths. With assign it also gives every physical line's template, as they stand at the end of
// the run.
func Templates(ctx context.Context, paths []string, o Options, assign func(Assignment) error) (*mine.Result, error) {
	type run struct {
		in    *input
		line  int64
		shape int32
		lines int32
	}
	var ins []*input
	var runs []run
	t := mine.NewTable()
	p, done := newPipeline(ctx, true, assign != nil, func(b *bundle) error {
		t.Add(&b.block, o.context(b))
		if assign != nil {
			for i, k := range t.Assigned() {
				r := &b.recs[i]
				runs = append(runs, run{b.in, b.in.Lines + r.Line + 1, k, int32(r.EndLine - r.Line + 1)})
			}
		}
		b.in.count(b)
		return nil
	})
	_, err := o.walk(ctx, p, paths, false, &ins, o.reference(ctx, paths))
	if e := done(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	res := t.Finish()
	if assign == nil {
		return res, nil
	}
	// Blank lines belong to no record; they are given the empty template so that every physical line has its object.
	empty := &rca.Template{ID: "", Text: ""}
	k := 0
	for _, in := range ins {
		for line := int64(1); line <= in.Lines; {
			if k < len(runs) && runs[k].in == in && runs[k].line == line {
				for range runs[k].lines {
					if err := assign(Assignment{in.Name, line, res.Shapes[runs[k].shape]}); err != nil {
						return nil, err
					}
					line++
				}
				k++
				continue
			}
			if err := assign(Assignment{in.Name, line, empty}); err != nil {
				return nil, err
			}
			line++
		}
	}
	return res, nil
}

// count adds one block's numbers to its input.
func (in *input) count(b *bundle) {
	st := &b.parser.Stats
	if b.panics != "" {
		return
	}
	in.Lines += st.Lines
	in.Records += st.Records
	in.Parsed += st.Parsed
	in.NoTime += st.NoTime
	in.Lost += st.ToldLost
	if st.First != rca.NoTime {
		if in.First == rca.NoTime || st.First < in.First {
			in.First = st.First
		}
		in.Last = max(in.Last, st.Last)
	}
}

func inputs(ins []*input) []rca.Input {
	out := make([]rca.Input, len(ins))
	for i, in := range ins {
		in.Hash = fmt.Sprintf("xxh64:%016x", in.hash.Sum64())
		out[i] = in.Input
	}
	return out
}

func panicWarning(b *bundle) rca.Warning {
	return rca.Warning{Source: b.in.Name, Line: b.in.Lines + 1, Offset: b.offset, Count: 1,
		Text:   fmt.Sprintf("a parser stopped at a block of %d bytes (%s): its lines are not in the report", len(b.buf), b.panics),
		Remedy: "please report this with the lines at that position"}
}

func sourceWarnings(res *source.Result) []rca.Warning {
	if res == nil {
		return nil
	}
	var out []rca.Warning
	for _, w := range res.Warnings {
		out = append(out, rca.Warning{Source: w.Name, Offset: w.Offset, Text: w.Text, Remedy: w.Remedy})
	}
	return out
}
