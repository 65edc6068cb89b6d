package memory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// fileVersion is the version of the file's form, in its first line. A file of a later one is refused, never half understood.
const fileVersion = 1

// maxFile is the size to which a memory file is read, in bytes. MaxIncidents of the usual size take a third of it.
const maxFile = 256 << 20

// header is the first line of a memory file; each other line is an Incident.
type header struct {
	Version int `json:"rca_memory"`
}

// Broken is a line of a memory file that could not be read. It is written back as it stands.
type Broken struct {
	Line int
	Text []byte
	Why  string
}

// ReadFile reads a memory file. One that does not exist is an empty memory.
func ReadFile(path string) (*Memory, error) {
	b, err := readAll(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Memory{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read memory: %w", err)
	}
	return parse(path, b)
}

func readAll(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s has more than %d MB: rca memory export a part of it, or start another one", path, maxFile>>20)
	}
	return b, err
}

func parse(path string, b []byte) (*Memory, error) {
	m := &Memory{}
	if len(b) == 0 {
		return m, nil
	}
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	var h header
	if err := json.Unmarshal(first, &h); err != nil || h.Version == 0 {
		return nil, fmt.Errorf("%s:1: this is no memory file: its first line should be {\"rca_memory\":%d}", path, fileVersion)
	}
	if h.Version > fileVersion {
		return nil, fmt.Errorf("%s:1: the file has version %d, this program reads %d: use a newer rca", path, h.Version, fileVersion)
	}
	seen := map[string]int{}
	for n := 2; len(rest) > 0; n++ {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		x, err := incidentOf(line)
		if err == nil && seen[x.ID] > 0 {
			err = fmt.Errorf("the incident %s stands in line %d already", x.ID, seen[x.ID])
		}
		if err != nil {
			m.Broken = append(m.Broken, Broken{Line: n, Text: bytes.Clone(line), Why: err.Error()})
			continue
		}
		seen[x.ID] = n
		m.Incidents = append(m.Incidents, x)
	}
	return m, nil
}

// incidentOf reads a line. An unknown key is a fault, for it would be lost when the file is written.
func incidentOf(line []byte) (*Incident, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	x := new(Incident)
	if err := d.Decode(x); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the incident's end")
	}
	if x.ID == "" {
		return nil, errors.New("it has no id")
	}
	switch x.State {
	case Unconfirmed, Confirmed, Corrected, Rejected:
	default:
		return nil, fmt.Errorf("unknown state %q", x.State)
	}
	return x, nil
}

// UpdateFile reads a memory file, has f change the memory, and writes it back, unless f gives an error. The file is whole at every
// moment: it is written beside itself and renamed. Two at once wait for each other, by a lock on FILE.lock.
func UpdateFile(path string, f func(*Memory) error) (err error) {
	if real, e := filepath.EvalSymlinks(path); e == nil {
		path = real
	}
	unlock, err := lockedfile.MutexAt(path + ".lock").Lock()
	if err != nil {
		return fmt.Errorf("lock memory: %w", err)
	}
	defer unlock()
	m, err := ReadFile(path)
	if err != nil {
		return err
	}
	if err := f(m); err != nil {
		return err
	}
	return m.WriteFile(path)
}

// WriteFile writes the memory to a file that is complete or as it was before. Only its owner may read it.
func (m *Memory) WriteFile(path string) (err error) {
	t, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write memory: %w", err)
	}
	defer func() {
		if err != nil {
			_ = t.Close()
			_ = os.Remove(t.Name())
			err = fmt.Errorf("write memory %s: %w", path, err)
		}
	}()
	if err := m.Write(t); err != nil {
		return err
	}
	if err := t.Sync(); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	return os.Rename(t.Name(), path)
}

// Write writes the memory, broken lines in their places.
func (m *Memory) Write(w io.Writer) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(header{fileVersion}); err != nil {
		return err
	}
	n, broken := 2, m.Broken
	put := func(all bool) {
		for len(broken) > 0 && (all || broken[0].Line <= n) {
			b.Write(append(bytes.Clone(broken[0].Text), '\n'))
			broken = broken[1:]
			n++
		}
	}
	for _, x := range m.Incidents {
		put(false)
		if err := e.Encode(x); err != nil {
			return fmt.Errorf("incident %s: %w", x.ID, err)
		}
		n++
		if b.Len() > 1<<20 {
			if _, err := w.Write(b.Bytes()); err != nil {
				return err
			}
			b.Reset()
		}
	}
	put(true)
	_, err := w.Write(b.Bytes())
	return err
}
