// Package source turns paths, folders, globs, archives and standard input into named byte streams, within limits.
package source
