package analyze

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sort"

	"github.com/rca-engine/rca"
	"github.com/rca-engine/rca/internal/source"
)

// Check is the outcome of comparing one quote with the logs; Err is empty when it holds.
type Check struct {
	ID       string
	File     string
	Line     int64
	Err      string
	Redacted bool // it was not compared: the report's quote has pseudonyms in the place of what the log says
}

// Verify reads the paths again and compares every quote of a report by position, length and hash. A redacted quote has no hash,
// and is only told as such.
func Verify(ctx context.Context, rep *rca.Report, paths []string, o Options) ([]Check, error) {
	var quotes []*rca.Evidence
	seen := map[string]bool{}
	for i := range rep.RootCauses {
		for k := range rep.RootCauses[i].Evidence {
			e := &rep.RootCauses[i].Evidence[k]
			at := fmt.Sprintf("%s:%d:%d", e.File, e.Offset, e.Length)
			if !seen[at] {
				seen[at] = true
				quotes = append(quotes, e)
			}
		}
	}
	byFile := map[string][]*rca.Evidence{}
	for _, e := range quotes {
		if !e.Redacted {
			byFile[e.File] = append(byFile[e.File], e)
		}
	}
	result := map[*rca.Evidence]string{}
	_, err := source.Walk(ctx, paths, o.Source, func(s *source.Stream) error {
		list := byFile[s.Name]
		if len(list) == 0 {
			return nil
		}
		sort.Slice(list, func(i, j int) bool { return list[i].Offset < list[j].Offset })
		return verifyStream(s.Reader, list, result)
	})
	if err != nil {
		return nil, err
	}
	out := make([]Check, 0, len(quotes))
	for _, e := range quotes {
		msg, ok := result[e]
		if !ok && !e.Redacted {
			msg = "the file was not found among the logs named"
		}
		out = append(out, Check{e.ID, e.File, e.Line, msg, e.Redacted})
	}
	return out, nil
}

// verifyStream reads on to each quote in turn; quotes may overlap, so that a window of the last bytes is kept.
func verifyStream(r io.Reader, list []*rca.Evidence, result map[*rca.Evidence]string) error {
	var window []byte
	var start int64 // offset of window
	chunk := make([]byte, 256<<10)
	eof := false
	for _, e := range list {
		end := e.Offset + e.Length
		for !eof && start+int64(len(window)) < end {
			n, err := r.Read(chunk)
			window = append(window, chunk[:n]...)
			if err == io.EOF {
				eof = true
			} else if err != nil {
				return err
			}
			if drop := e.Offset - start; drop > 1<<20 && drop <= int64(len(window)) {
				window = window[:copy(window, window[drop:])]
				start += drop
			}
		}
		switch {
		case start+int64(len(window)) < end:
			result[e] = "the file ends before this line"
		case e.Offset < start:
			result[e] = "the position could not be read"
		default:
			sum := sha256.Sum256(window[e.Offset-start : end-start])
			if hex.EncodeToString(sum[:]) != e.SHA256 {
				result[e] = "the bytes at this position are others than those quoted"
			} else {
				result[e] = ""
			}
		}
	}
	return nil
}
