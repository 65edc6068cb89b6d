package incident

import (
	"fmt"
	"io"

	"github.com/rca-engine/rca/internal/blob"
)

// Spare tells with blob.ErrNoSpace when so many more bytes would take what is to stay free on the disk of the folder: a database
// that lies there could not write any more, and every answer would fail with it. Where the system does not tell what is free, it is nil.
func (d *Desk) Spare(more int64) error {
	free, size, ok := disk(d.o.Folder)
	if keep := min(d.o.KeepFree, size/20); ok && free-more < keep {
		return fmt.Errorf("%d bytes are free, of which %d stay so, and %d are wanted: %w", free, keep, more, blob.ErrNoSpace)
	}
	return nil
}

// spareEvery is after how many bytes it is looked again, in bytes.
const spareEvery = 1 << 20

// Sparing passes bytes on as long as the disk has room for them.
func (d *Desk) Sparing(r io.Reader) io.Reader { return &sparing{r: r, desk: d} }

type sparing struct {
	r    io.Reader
	desk *Desk
	left int // bytes until the next look
}

func (s *sparing) Read(p []byte) (int, error) {
	if s.left <= 0 {
		if err := s.desk.Spare(spareEvery); err != nil {
			return 0, err
		}
		s.left = spareEvery
	}
	n, err := s.r.Read(p)
	s.left -= n
	return n, err
}
