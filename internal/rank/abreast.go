package rank

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// abreast calls do for each of n on all processors. The calls may change nothing that another reads.
func abreast(n int, do func(i int)) {
	procs := runtime.GOMAXPROCS(0)
	run := max(1, min(16, n/(4*procs))) // are taken at a time
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(procs, n) {
		wg.Go(func() {
			for {
				end := int(next.Add(int64(run)))
				if end-run >= n {
					return
				}
				for i := end - run; i < min(end, n); i++ {
					do(i)
				}
			}
		})
	}
	wg.Wait()
}
