package main

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"unsafe"
)

// advised is how much of the heap is asked for as huge pages, in bytes: what an analysis of common logs uses.
const advised = 64 << 20

// adviseHugePages asks the kernel for 2 MB pages where the heap will grow. A fresh page costs a fault, under a hypervisor some
// microseconds, and a run of a second touches ten thousand small ones. The runtime has no call for it, so one block as large as the
// heap will be is allocated, which maps addresses but touches no memory, advised, and given back: what is allocated next lies
// there. Advice that the kernel does not take changes nothing.
func adviseHugePages() {
	const page = 2 << 20
	percent := debug.SetGCPercent(-1) // a collection that begins now would keep the block
	b := make([]byte, advised)
	start := (uintptr(unsafe.Pointer(unsafe.SliceData(b))) + page - 1) &^ (page - 1)
	end := (uintptr(unsafe.Pointer(unsafe.SliceData(b))) + advised) &^ (page - 1)
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, start, end-start, syscall.MADV_HUGEPAGE)
	runtime.KeepAlive(b)
	runtime.GC()
	debug.SetGCPercent(percent)
}
