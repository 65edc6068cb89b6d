package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/rca-engine/rca/internal/heap"
)

// fewerCollections is the growth of the heap that asks for a collection, in percent. What an analysis keeps is small and softMemory bounds
// it; a collection costs a small file 4 of 50 ms, and at the usual 100 they cost mixed logs 4 % of their time.
const fewerCollections = 300

// fitHeap makes the heap ready for inputs of that size.
func fitHeap(paths []string) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(fewerCollections)
	}
	if large(paths) {
		heap.Grow()
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
