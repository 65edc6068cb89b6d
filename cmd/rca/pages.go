package main

import (
	"io/fs"
	"path/filepath"
)

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
