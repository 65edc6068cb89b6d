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
	qs := questions(incidents, variants)
	out := make([]Outcome, len(qs))
	var mu sync.Mutex
	err := each(ctx, qs, prepare, func(i int) (err error) {
		out[i], err = qs[i].Ask(ctx, "")
		if told != nil && err == nil {
			mu.Lock()
			told(out[i])
			mu.Unlock()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, ctx.Err()
}

// questions makes what the variants ask of every incident, in the order of variants, then incidents.
func questions(incidents []*Incident, variants []Variant) []*Question {
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
	return qs
}

// each calls f with the number of every question, some at once, and gives the first error in their order.
func each(ctx context.Context, qs []*Question, prepare func(*Question), f func(i int) error) error {
	errs := make([]error, len(qs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				if prepare != nil {
					prepare(qs[i])
				}
				errs[i] = f(i)
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
			return fmt.Errorf("%s (%s): %w", qs[i].Name, qs[i].Variant, err)
		}
	}
	return nil
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
