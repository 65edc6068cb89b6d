// Package source turns paths, folders, globs, archives and standard input into named byte streams, within limits.
//
// In go the arguments of a command line: files, folders, globs (also with **), "-" for standard input, "@list" for a
// file that holds one path a line. Out come [Stream] values, one after the other, each with the name under which it
// is cited, the log it is a part of ([Stream].Series and Rotation) and a reader of its decompressed bytes.
//
// How it works, from the outside in:
//
//	resolve.go  arguments → the files they name, each file once, sorted      glob.go  patterns
//	walk.go     opens file after file; each level of it is a layer, which is either text and handed out,
//	            or wrapped in one more layer, or skipped with a reason
//	sniff.go    what a layer holds, told by its first bytes and never by its name    text.go  text or binary
//	unpack.go   gzip, zstd, bzip2, xz: one layer in one layer                tar.go zip.go sevenzip.go  many in one
//	limits.go   the budget all levels share, and the meter every byte of every level passes
//	rotate.go   app.log.2.gz is a part of app.log                            label.go  names safe to print
//
// All of it is streamed. Only zip and 7z need random access: from a file on disk they are read in place, inside a
// stream they are spooled (spool.go). The names in an archive are labels: nothing is ever written under them.
//
// Bad data is no error. A torn archive gives what could be read of it and a [Warning], what cannot be read at all is
// [Skipped] with a reason, and [Walk] returns an error only for what stops the work.
package source
