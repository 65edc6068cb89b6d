package source

// SetAheadLeast changes from what size on files are read ahead, and gives what restores it.
func SetAheadLeast(n int64) func() {
	old := aheadLeast
	aheadLeast = n
	return func() { aheadLeast = old }
}
