package source

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stdinArg is the argument, the name and the path of standard input.
const stdinArg = "-"

// file is one thing to open.
type file struct {
	name     string // as cited
	path     string // as opened
	size     int64  // -1 of what has none: standard input, pipes, devices
	mod      time.Time
	link     bool // the name leads over a symbolic link
	series   string
	rotation int64
}

// resolver turns arguments into files, each of them once.
type resolver struct {
	o     Options
	stop  func() error
	res   *Result
	found map[string][]file // by real path: all the names one file was found under
	said  map[Skipped]bool  // what two arguments led to is skipped once
}

func (r *resolver) resolve(args []string) ([]file, error) {
	r.found, r.said = map[string][]file{}, map[Skipped]bool{}
	for _, a := range args {
		if err := r.arg(a); err != nil {
			return nil, err
		}
	}
	files := make([]file, 0, len(r.found))
	for _, same := range r.found {
		// Which name is cited must not depend on the order of args: the direct one, then the shortest.
		best := slices.MinFunc(same, func(a, b file) int {
			return cmp.Or(cmpBool(a.link, b.link), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
		})
		said := map[string]bool{best.name: true}
		for _, f := range same {
			if !said[f.name] {
				said[f.name] = true
				r.skip(f.name, "the same file as "+best.name)
			}
		}
		files = append(files, best)
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.series, b.series), cmp.Compare(b.rotation, a.rotation), cmp.Compare(a.name, b.name))
	})
	return files, nil
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (r *resolver) arg(a string) error {
	if list, ok := strings.CutPrefix(a, "@"); ok && list != "" {
		return r.list(list)
	}
	return r.path(a)
}

// list reads the arguments in a file, one a line; empty lines and those that begin with # are none.
func (r *resolver) list(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("list of files: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := r.path(line); err != nil {
			return fmt.Errorf("in %s: %w", path, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("list of files %s: %w", path, err)
	}
	return nil
}

func (r *resolver) path(a string) error {
	if a == stdinArg {
		r.add("", file{name: a, path: a, size: -1})
		return nil
	}
	info, err := os.Stat(a)
	switch {
	case err == nil:
		r.named(a, info)
		return nil
	case !errors.Is(err, fs.ErrNotExist) && !isPattern(a):
		r.skip(filepath.ToSlash(a), "unreadable: "+cause(err))
		return nil
	case !isPattern(a):
		return err
	}
	matches := glob(a, r.o.Hidden)
	if len(matches) == 0 {
		return fmt.Errorf("%s: no file matches", a)
	}
	for _, m := range matches {
		if info, err := os.Stat(m); err != nil {
			r.skip(filepath.ToSlash(m), "unreadable: "+cause(err))
		} else {
			r.named(m, info)
		}
	}
	return r.stop()
}

// named adds what was named itself: a folder with all below it, a file, a pipe (as process substitution makes them).
func (r *resolver) named(a string, info fs.FileInfo) {
	real := realPath(a)
	name := filepath.ToSlash(a)
	f := file{name: name, path: a, size: -1, mod: info.ModTime(), link: isLink(a)}
	switch mode := info.Mode(); {
	case mode.IsDir():
		r.folder(name, a, real)
		return
	case mode.IsRegular():
		f.size = info.Size()
	case mode&fs.ModeNamedPipe != 0 || mode&fs.ModeCharDevice != 0:
		f.mod = time.Time{}
	default:
		r.skip(name, "not a regular file")
		return
	}
	r.add(real, f)
}

func (r *resolver) folder(name, path, real string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		r.skip(name, "unreadable: "+cause(err))
	}
	for _, e := range entries {
		if r.stop() != nil {
			return // Walk asks again
		}
		below := strings.TrimSuffix(name, "/") + "/" + e.Name()
		f := file{name: below, path: filepath.Join(path, e.Name())}
		key := filepath.Join(real, e.Name())
		switch {
		case !r.o.Hidden && strings.HasPrefix(e.Name(), "."):
			r.skip(below, "hidden")
			continue
		case e.IsDir():
			r.folder(below, f.path, key)
			continue
		case e.Type()&fs.ModeSymlink != 0:
			f.link = true
			key = realPath(f.path)
		}
		info, err := os.Stat(f.path)
		switch {
		case err != nil:
			r.skip(below, "unreadable: "+cause(err))
		case info.IsDir(): // following it could loop, or leave the folder
			r.skip(below, "a link to a folder: name it to read it")
		case !info.Mode().IsRegular():
			r.skip(below, "not a regular file")
		default:
			f.size, f.mod = info.Size(), info.ModTime()
			r.add(key, f)
		}
	}
}

func (r *resolver) add(key string, f file) {
	f.name = printable(f.name)
	f.series, f.rotation = rotated(f.name)
	r.found[key] = append(r.found[key], f)
}

func (r *resolver) skip(name, reason string) {
	s := Skipped{printable(name), reason}
	if !r.said[s] {
		r.said[s] = true
		r.res.Skipped = append(r.res.Skipped, s)
	}
}

// realPath is the same for all names of one file, or as good as can be for what has no path, like a pipe.
func realPath(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		p = abs
	}
	if real, err := filepath.EvalSymlinks(p); err == nil {
		return real
	}
	return p
}

func isLink(p string) bool {
	info, err := os.Lstat(p)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
