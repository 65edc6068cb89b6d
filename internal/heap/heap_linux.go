// Package heap asks the kernel for the memory of the heap in few large pieces, for a page that is touched alone costs a fault, under
// a hypervisor ten microseconds. Importing it asks for the pages of a small run, Grow for those of a large one. The runtime has
// no call for either. What the kernel does not grant changes nothing.
package heap

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"unsafe"
)

const (
	// chunk is what the runtime maps at a time, at an address that is a multiple of it, in bytes.
	chunk = 4 << 20
	// hugePage is the size of a huge page on amd64 and of common kernels on arm64, in bytes.
	hugePage = 2 << 20
	// grown is how much of the heap Grow asks for, in bytes: what an analysis of common logs uses.
	grown = 64 << 20

	populateWrite = 23 // MADV_POPULATE_WRITE of Linux 5.14
)

var first *[64]byte

// A package that imports so little is made ready before nearly all others, whose tables then lie in these pages: a start and the
// analysis of a small file touch some 900 of them, 12 ms one by one and 2 ms at once.
func init() {
	first = new([64]byte) // lies in the heap's first chunk
	start := uintptr(unsafe.Pointer(first)) &^ (chunk - 1)
	advise(start, chunk, syscall.MADV_HUGEPAGE)
	advise(start, chunk, populateWrite)
}

// Grow asks for huge pages where the heap will grow: a run of a second touches ten thousand small ones. One block as large as the
// heap will be is allocated, which maps addresses but touches no memory, advised, and given back: what is allocated next lies there.
func Grow() {
	percent := debug.SetGCPercent(-1) // a collection that begins now would keep the block
	b := make([]byte, grown)
	start := (uintptr(unsafe.Pointer(unsafe.SliceData(b))) + hugePage - 1) &^ (hugePage - 1)
	end := (uintptr(unsafe.Pointer(unsafe.SliceData(b))) + grown) &^ (hugePage - 1)
	advise(start, end-start, syscall.MADV_HUGEPAGE)
	runtime.KeepAlive(b)
	runtime.GC()
	debug.SetGCPercent(percent)
}

func advise(start, length uintptr, advice int) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, start, length, uintptr(advice))
}
