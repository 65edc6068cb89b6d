package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/rca-engine/rca/analyze"
)

// endInput prepares a run for Ctrl-C: a read of standard input that waits for more then ends, for nothing else would wake
// it. When standard input is all there is, what came until then is a log with an end like any other, so the run goes on to
// its report; otherwise the context ends it, and the pipeline drops what it has not yet counted. The func tells whether
// standard input was ended so.
func endInput(ctx context.Context, o *analyze.Options, paths []string) (context.Context, func() bool) {
	context.AfterFunc(ctx, func() {
		fmt.Fprintln(os.Stderr, "rca: interrupted: the report tells of what was read until now; once more ends at once")
	})
	in := &endable{r: os.Stdin, ctx: ctx}
	o.Source.Stdin = in
	if len(paths) != 1 || paths[0] != "-" {
		return ctx, in.ended.Load
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		if !in.begun.Load() {
			cancel() // the baseline is still being read
		}
	})
	return run, in.ended.Load
}

// endable is a reader that ends when its context does, even while a read waits. That read is left behind with its own
// buffer, and goes with the process.
type endable struct {
	r     io.Reader
	ctx   context.Context
	begun atomic.Bool
	ended atomic.Bool
	buf   []byte
	got   chan result
}

type result struct {
	n   int
	err error
}

// Read hands out what one read of r gave, or io.EOF once the context is done.
func (e *endable) Read(p []byte) (int, error) {
	e.begun.Store(true)
	if e.ended.Load() {
		return 0, io.EOF
	}
	if e.got == nil {
		e.got = make(chan result, 1)
		e.buf = make([]byte, 64<<10)
	}
	buf := e.buf[:min(len(p), len(e.buf))]
	go func() {
		n, err := e.r.Read(buf)
		e.got <- result{n, err}
	}()
	select {
	case r := <-e.got:
		return copy(p, buf[:r.n]), r.err
	case <-e.ctx.Done():
		e.ended.Store(true)
		return 0, io.EOF
	}
}
