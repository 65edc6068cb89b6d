package analyze

// SetBlockSize changes how much a worker takes at once, and gives what restores it.
func SetBlockSize(n int) func() {
	old := blockSize
	blockSize = n
	return func() { blockSize = old }
}
