package exam

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// Run asks the chosen variants of every incident and gives the outcomes in the order of variants, then incidents. told is
// called with each as it comes, one at a time.
func Run(ctx context.Context, incidents []*Incident, variants []Variant, prepare func(*Question), told func(Outcome)) ([]Outcome, error) {
	var qs []*Question
	for i := range variants {
		for k, x := range incidents {
			var other *Incident
			if len(incidents) > 1 {
				other = incidents[(k+1)%len(incidents)]
			}
			qs = append(qs, variants[i].Questions(x, other)...)
		}
	}
	out := make([]Outcome, len(qs))
	errs := make([]error, len(qs))
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				if prepare != nil {
					prepare(qs[i])
				}
				out[i], errs[i] = qs[i].Ask(ctx, "")
				if told != nil && errs[i] == nil {
					mu.Lock()
					told(out[i])
					mu.Unlock()
				}
			}
		})
	}
	for i := range qs {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("%s (%s): %w", qs[i].Name, qs[i].Variant, err)
		}
	}
	return out, ctx.Err()
}

// Choose gives the variants with these names, all of them for "all".
func Choose(names []string) ([]Variant, error) {
	var out []Variant
	for _, n := range names {
		if n == "all" {
			return Variants, nil
		}
		ok := false
		for _, v := range Variants {
			if v.Name == n {
				out, ok = append(out, v), true
			}
		}
		if !ok {
			return nil, fmt.Errorf("there is no variant %q", n)
		}
	}
	return out, nil
}
