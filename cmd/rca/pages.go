package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/rca-engine/rca/internal/heap"
)

// fitHeap makes the heap ready for inputs of that size. Large ones are given huge pages; small ones are not worth a collection, which
// costs 4 of 50 ms and which softMemory asks for anyhow if the logs should need more than they look. (For large ones fewer collections
// buy 3 % of the time and cost a third of the memory.)
func fitHeap(paths []string) {
	if large(paths) {
		heap.Grow()
	} else if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// large tells whether the paths hold so much that huge pages pay: from 8 MB on, packed or not, and what comes through a pipe.
func large(paths []string) bool {
	const enough = 8 << 20
	n := int64(0)
	for _, p := range paths {
		if p == "-" {
			return true
		}
		_ = filepath.WalkDir(p, func(_ string, d fs.DirEntry, err error) error { // what cannot be read is told when it is analysed
			if err == nil && d.Type().IsRegular() {
				if i, err := d.Info(); err == nil {
					n += i.Size()
				}
			}
			if n >= enough {
				return fs.SkipAll
			}
			return nil
		})
	}
	return n >= enough
}
