package store

import (
	"errors"
	"fmt"
)

// What a caller can branch on; all else is a broken database.
var (
	ErrNotFound  = errors.New("not found")
	ErrConflict  = errors.New("already exists")
	ErrStale     = errors.New("changed meanwhile") // another attempt runs, the state is past this change, a newer version is stored
	ErrReference = errors.New("refers to what is not there, or is still referred to")
	ErrInvalid   = errors.New("value out of bounds")
	ErrBusy      = errors.New("as many running jobs as the user may have")
	ErrCursor    = errors.New("cursor is not of this list")
	ErrFull      = errors.New("the disk of the database is full")
	ErrAway      = errors.New("the database cannot be reached") // or has just gone, or stops; asking again helps
)

// errAgain marks a transaction that PostgreSQL ended to resolve a deadlock: InTx begins it anew.
var errAgain = errors.New("transaction was ended by a deadlock")

// wrap says what was being done, and makes errors.Is find our own error whichever driver spoke.
func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	if ours := fault(err); ours != nil {
		if ours == ErrNotFound {
			return fmt.Errorf("%s: %w", doing, ours)
		}
		return fmt.Errorf("%s: %w: %w", doing, ours, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// staleIfMissing is for a conditional change of a row that is there, which found that its condition no longer holds.
func staleIfMissing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrStale
	}
	return err
}
