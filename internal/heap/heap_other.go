//go:build !linux

// Package heap asks the kernel for the memory of the heap in few large pieces. Here is no call for it.
package heap

// Grow does nothing.
func Grow() {}
