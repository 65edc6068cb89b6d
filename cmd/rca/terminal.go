package main

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/rca-engine/rca/analyze"
	"github.com/rca-engine/rca/internal/source"
)

func colour() bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(os.Stdout.Fd()))
}

func terminalWidth() int {
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w >= 40 {
		return min(w, 160)
	}
	return 100
}

// showProgress draws bytes, rate and time left on standard error while it is a terminal, and gives what ends it.
func showProgress(o *analyze.Options, args []string) func() {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	var read atomic.Int64
	o.Source.Progress = &read
	total := source.Total(append(append([]string{}, args...), o.Baseline...), o.Source)
	done, gone := make(chan struct{}), make(chan struct{})
	start := time.Now()
	go func() {
		defer close(gone)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				fmt.Fprint(os.Stderr, "\r\x1b[K")
				return
			case <-tick.C:
			}
			n := read.Load()
			secs := time.Since(start).Seconds()
			line := fmt.Sprintf("reading  %s", size(n))
			if total > 0 {
				part := min(1, float64(n)/float64(total))
				bar := int(part * 24)
				line = fmt.Sprintf("reading  %s%s  %3.0f %%  %s of %s", strings.Repeat("█", bar), strings.Repeat("░", 24-bar), part*100, size(n), size(total))
				if n > 0 && n < total {
					line += fmt.Sprintf("  %s/s  %.0f s left", size(int64(float64(n)/secs)), float64(total-n)/(float64(n)/secs))
				} else if n >= total {
					line = "ranking causes"
				}
			}
			fmt.Fprint(os.Stderr, "\r\x1b[K"+line)
		}
	}()
	return func() { close(done); <-gone }
}

func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.0f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.0f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
