//go:build race

package exam_test

// Under the race detector one way of asking is enough: all go the same paths through the code.
func init() {
	for name := range floors {
		if name != "as it is" && name != "no baseline" {
			delete(floors, name)
		}
	}
}
