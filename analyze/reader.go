package analyze

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"path"
	"runtime"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/mine"
	"github.com/rca-engine/rca/internal/parse"
	"github.com/rca-engine/rca/internal/source"
)

// blockSize is how much a worker takes at once, in bytes. The report does not depend on it; tests vary it.
var blockSize = 512 << 10

const (
	headSize = 256 << 10
	// maxLine is the length to which one physical line is kept, in bytes; the cut is counted.
	maxLine = 1 << 20
)

// input is one stream while it is read: what the report will say of it, and its layout.
type input struct {
	rca.Input
	index  int32
	layout *parse.Layout
	series string
	hash   *xxhash.Digest
}

// bundle is one block of one stream on its way through the pipeline, with the scratch memory of its stages. It
// goes round: free → filled by the reader → parsed by a worker → added by the committer → free.
type bundle struct {
	buf    []byte
	in     *input
	layout *parse.Layout
	offset int64 // of buf in the stream
	parser parse.Parser
	recs   []rca.Record
	block  mine.Block
	done   chan struct{}
	panics string
}

// pipeline runs blocks through parse and mine on all processors, and hands them to commit in the order of the input.
type pipeline struct {
	ctx     context.Context
	work    chan *bundle
	ordered chan *bundle
	free    chan *bundle
	errc    chan error
	mining  bool
	assign  bool
}

// newPipeline starts the workers and the committer. close waits for them.
func newPipeline(ctx context.Context, mining, assign bool, commit func(*bundle) error) (*pipeline, func() error) {
	procs := runtime.GOMAXPROCS(0)
	n := procs + 3
	p := &pipeline{ctx: ctx, work: make(chan *bundle, n), ordered: make(chan *bundle, n), free: make(chan *bundle, n), errc: make(chan error, 1), mining: mining, assign: assign}
	for range n {
		p.free <- &bundle{done: make(chan struct{}, 1)}
	}
	for range procs {
		go func() {
			for b := range p.work {
				p.stage(b)
				b.done <- struct{}{}
			}
		}()
	}
	committed := make(chan error, 1)
	go func() {
		var err error
		for b := range p.ordered {
			<-b.done
			if err == nil {
				if err = commit(b); err != nil {
					p.errc <- err
				}
			}
			p.free <- b
		}
		committed <- err
	}()
	return p, func() error {
		close(p.work)
		close(p.ordered)
		return <-committed
	}
}

// stage parses and counts one block. A panic in a parser costs its block, and is told with the position.
func (p *pipeline) stage(b *bundle) {
	defer func() {
		if e := recover(); e != nil {
			b.recs = nil
			b.block.Begin()
			b.panics = fmt.Sprint(e)
		}
	}()
	b.panics, b.recs = "", nil
	b.block.Source, b.block.Baseline, b.block.Assign = b.in.index, b.in.Baseline, p.assign
	switch {
	case !p.mining:
		b.recs = b.parser.Parse(b.layout, b.buf)
	case p.assign:
		b.recs = b.parser.Parse(b.layout, b.buf)
		b.block.Begin()
		b.block.Count(b.recs)
	default:
		b.block.Begin()
		b.parser.Each(b.layout, b.buf, b.block.Count)
	}
}

// get takes a free bundle; it fails when the run was cancelled or the committer gave up.
func (p *pipeline) get() (*bundle, error) {
	select {
	case b := <-p.free:
		b.buf = b.buf[:0]
		return b, nil
	case err := <-p.errc:
		return nil, err
	case <-p.ctx.Done():
		return nil, p.ctx.Err()
	}
}

func (p *pipeline) put(b *bundle) {
	p.ordered <- b
	p.work <- b
}

// read cuts one stream into blocks and feeds them to the workers.
func (p *pipeline) read(s io.Reader, in *input, o parse.Options) error {
	b, err := p.get()
	if err != nil {
		return err
	}
	r := s
	eof := false
	b.buf, eof, err = fill(r, b.buf, headSize)
	if err != nil {
		return err
	}
	in.hash.Write(b.buf)
	in.Bytes += int64(len(b.buf))
	offset := int64(0)
	switch {
	case bytes.HasPrefix(b.buf, []byte{0xef, 0xbb, 0xbf}):
		b.buf = b.buf[:copy(b.buf, b.buf[3:])]
		offset = 3
	case bytes.HasPrefix(b.buf, []byte{0xff, 0xfe}), bytes.HasPrefix(b.buf, []byte{0xfe, 0xff}):
		order := binary.ByteOrder(binary.LittleEndian)
		if b.buf[0] == 0xfe {
			order = binary.BigEndian
		}
		// From here on positions are those of the text as UTF-8: the report says so, and the raw bytes are kept.
		in.Seekable = false
		in.Notes = append(in.Notes, "UTF-16, read as UTF-8; offsets and hashes of evidence are of the converted text")
		u := &utf16Reader{r: io.MultiReader(bytes.NewReader(bytes.Clone(b.buf[2:])), &tee{s, in}), order: order}
		r = u
		b.buf, eof, err = fill(r, b.buf[:0], headSize)
		if err != nil {
			return err
		}
	}
	if _, ok := r.(*utf16Reader); !ok {
		r = &tee{s, in}
	}
	in.layout = parse.Detect(b.buf, o)
	in.Format, in.Why = in.layout.Format, in.layout.Why
	turns := turns{o: o, at: firstTurn, step: firstTurn}
	want := blockSize
	for {
		if !eof && len(b.buf) < want {
			if b.buf, eof, err = fill(r, b.buf, want); err != nil {
				return err
			}
		}
		want = blockSize
		if turns.next != nil && turns.from == offset {
			in.layout = turns.next
			in.Notes = turns.note(in.Notes)
		}
		for turns.due(offset, len(b.buf)) {
			if want := turns.wants(offset); !eof && len(b.buf) < want {
				if b.buf, eof, err = fill(r, b.buf, want); err != nil {
					return err
				}
			}
			turns.look(b.buf, offset, in.layout)
		}
		n, sure := turns.bound(offset, len(b.buf), eof)
		long := longLine(b.buf)
		if n > 0 && !sure {
			n = in.layout.Cut(b.buf[:n], eof && n == len(b.buf))
		}
		if n <= 0 && long < 0 && !eof {
			want = len(b.buf) + blockSize
			continue
		}
		n = max(n, 0)
		b.in, b.layout, b.offset = in, in.layout, offset
		if long == 0 && b.buf[0] == 0 {
			// A crash left a hole before this line: it is not what makes the line long.
			k := len(b.buf) - len(bytes.TrimLeft(b.buf, "\x00"))
			b.buf = b.buf[:copy(b.buf, b.buf[k:])]
			offset += int64(k)
			continue
		}
		if long == 0 {
			// A line longer than is kept: its head goes on alone, the rest up to the line's end is counted and left out.
			next, err := p.get()
			if err != nil {
				return err
			}
			skipped, rest, ended, err := skipLine(r, b.buf[maxLine:], next.buf, eof)
			if err != nil {
				return err
			}
			next.buf, eof = rest, ended
			b.buf = b.buf[:maxLine]
			in.CutLines++
			in.CutBytes += skipped
			offset += maxLine + skipped
			p.put(b)
			b = next
			if len(b.buf) > 0 && b.buf[0] == '\n' {
				b.buf = b.buf[:copy(b.buf, b.buf[1:])]
				offset++
			}
			if eof && len(b.buf) == 0 {
				p.free <- b
				return nil
			}
			continue
		}
		if long > 0 && long < n {
			n = long // a block ends before such a line, wherever blocks are cut else
		} else if long > 0 && n == 0 {
			n = long
		}
		if n == len(b.buf) && eof {
			if n == 0 {
				p.free <- b
			} else {
				p.put(b)
			}
			return nil
		}
		next, err := p.get()
		if err != nil {
			return err
		}
		next.buf = append(next.buf, b.buf[n:]...)
		b.buf = b.buf[:n]
		offset += int64(n)
		p.put(b)
		b = next
	}
}

// longLine finds where the first line begins that is longer than is kept, -1 if there is none.
func longLine(buf []byte) int {
	for start := 0; len(buf)-start > maxLine; {
		i := bytes.IndexByte(buf[start:], '\n')
		if i < 0 || i > maxLine {
			return start
		}
		start += i + 1
	}
	return -1
}

// roomy is the step by which buffers grow, in bytes: they go round, and how much is asked for differs.
const roomy = 64 << 10

// fill reads until buf holds n bytes or the stream ends.
func fill(r io.Reader, buf []byte, n int) ([]byte, bool, error) {
	if cap(buf) < n {
		buf = append(make([]byte, 0, (n+roomy-1)/roomy*roomy), buf...)
	}
	for len(buf) < n {
		k, err := r.Read(buf[len(buf):n])
		buf = buf[:len(buf)+k]
		if err == io.EOF {
			return buf, true, nil
		}
		if err != nil {
			return buf, false, err
		}
	}
	return buf, false, nil
}

// skipLine drops bytes up to the next line end, which the result begins with.
func skipLine(r io.Reader, have, buf []byte, eof bool) (int64, []byte, bool, error) {
	var skipped int64
	chunk := append(buf[:0], have...)
	for {
		if i := bytes.IndexByte(chunk, '\n'); i >= 0 {
			skipped += int64(i)
			return skipped, chunk[:copy(chunk, chunk[i:])], eof, nil
		}
		skipped += int64(len(chunk))
		if eof {
			return skipped, chunk[:0], true, nil
		}
		var err error
		if chunk, eof, err = fill(r, chunk[:0], blockSize); err != nil {
			return skipped, nil, eof, err
		}
	}
}

// tee counts and hashes what is read.
type tee struct {
	r  io.Reader
	in *input
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.in.hash.Write(p[:n])
	t.in.Bytes += int64(n)
	return n, err
}

// utf16Reader turns UTF-16 into UTF-8.
type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	raw   []byte
	out   []byte
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		chunk := make([]byte, 32<<10)
		n, err := u.r.Read(chunk)
		u.raw = append(u.raw, chunk[:n]...)
		i := 0
		for ; i+1 < len(u.raw); i += 2 {
			c := rune(u.order.Uint16(u.raw[i:]))
			if utf16.IsSurrogate(c) {
				if i+3 >= len(u.raw) && err == nil {
					break
				}
				if i+3 < len(u.raw) {
					if d := utf16.DecodeRune(c, rune(u.order.Uint16(u.raw[i+2:]))); d != utf8.RuneError {
						c = d
						i += 2
					}
				}
			}
			u.out = utf8.AppendRune(u.out, c)
		}
		u.raw = u.raw[:copy(u.raw, u.raw[min(i, len(u.raw)):])]
		if err != nil && len(u.out) == 0 {
			return 0, err
		}
	}
	n := copy(p, u.out)
	u.out = u.out[:copy(u.out, u.out[n:])]
	return n, nil
}

// ComponentOf names the component of a source whose lines name none: the file's base name without what says only that
// it is a log, the container for the log of a pod, the unit for a journal.
func componentOf(name string) string {
	if c := bundleComponent(name); c != "" {
		return c
	}
	inner := name
	if i := strings.LastIndex(inner, "!/"); i >= 0 {
		inner = inner[i+2:]
	}
	inner = strings.ReplaceAll(inner, `\`, "/")
	base := path.Base(inner)
	if base == "-" || base == "." || base == "/" {
		return "stdin"
	}
	for range 4 {
		ext := path.Ext(base)
		switch strings.ToLower(ext) {
		case ".gz", ".zst", ".xz", ".bz2", ".log", ".txt", ".json", ".jsonl", ".ndjson", ".out", ".err", ".zip", ".7z", ".tgz":
			if len(base) > len(ext) {
				base = base[:len(base)-len(ext)]
				continue
			}
		}
		if len(ext) > 1 && len(base) > len(ext) && strings.Trim(ext[1:], "0123456789-_T") == "" {
			base = base[:len(base)-len(ext)]
			continue
		}
		break
	}
	if i := strings.LastIndexAny(base, "-_."); i > 1 && len(base)-i >= 9 && strings.Trim(base[i:], "0123456789-_.") == "" { // app-20260101
		base = base[:i]
	}
	dir := path.Dir(inner)
	if strings.Trim(base, "0123456789") == "" && dir != "." { // …/namespace_pod_uid/container/0.log
		return componentOf(dir)
	}
	switch base { // the file says only what kind of log it is; the folder says whose
	case "current", "previous", "stdout", "stderr", "output", "console", "log", "logs", "messages-log":
		if parent := path.Base(dir); dir != "." && parent != "logs" && parent != "/" && parent != "log" && parent != ".." {
			return componentOf(dir)
		}
	}
	for _, suffix := range []string{"access", "error", "stdout", "stderr", "access_log", "error_log", "out", "err"} {
		for _, sep := range []string{"-", "_", "."} {
			if t := strings.TrimSuffix(base, sep+suffix); t != base && t != "" {
				return podOwner(t)
			}
		}
	}
	return podOwner(base)
}

// podOwner takes the hashes off a pod's name that its ReplicaSet gave it: api-7f9c4d8b6d-x2x9z is api.
func podOwner(s string) string {
	parts := strings.Split(s, "-")
	n := len(parts)
	if n >= 3 && len(parts[n-1]) == 5 && len(parts[n-2]) >= 8 && len(parts[n-2]) <= 10 && random(parts[n-1]) && random(parts[n-2]) {
		return strings.Join(parts[:n-2], "-")
	}
	return s
}

// random tells the letters and figures that Kubernetes draws names from: no vowels, and at least one figure in the long ones.
func random(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b >= '0' && b <= '9':
			digits++
		case b >= 'a' && b <= 'z' && b != 'i' && b != 'o' && b != 'u':
		default:
			return false
		}
	}
	return digits > 0 || len(s) == 5 && !strings.ContainsAny(s, "ae")
}

func newInput(s *source.Stream, index int32, baseline bool) *input {
	return &input{Input: rca.Input{Name: s.Name, Component: componentOf(s.Name), Baseline: baseline, Seekable: s.Path != "", Path: s.Path, First: rca.NoTime, Last: rca.NoTime},
		index: index, series: s.Series, hash: xxhash.New()}
}

func stdTime(t time.Time) rca.Time {
	if t.IsZero() {
		return rca.NoTime
	}
	return rca.Time(t.UnixNano())
}
