// Package index keeps a job's records on disk: pages, filters and histograms at ten million records.
//
// In: records in input order, each with the name of its template. Out: one file, opened through an io.ReaderAt, so that it may
// lie in a blob; from it pages in input order or by time, histograms, and the records around a position.
//
// The file is a row of blocks of 16,384 records each. A block holds one column for each property: how the numbers grow from
// record to record, cut into byte planes and compressed with zstd, each for itself. So a query reads only the columns
// that it asks about, and only in blocks where it must: the footer tells for each block its first and last time and how
// many records it has of each source, severity, component and template. Many questions are answered from there.
//
// The message's text is not kept: it would make the index as large as the log, and the log is kept already, where any
// position opens in milliseconds. A filter by text asks for the text of the records that all other filters let through
// (Query.Text), and stops after a bounded amount with a cursor to go on.
//
// In time's order, a record that has no time of its own stands at the time of the record before it in its source, as
// the analysis counts it. The records of a source before its first time come first of all.
package index

import (
	"errors"

	"github.com/rca-engine/rca"
)

var (
	// ErrCorrupt is returned for a file that is no index, is torn, or was changed.
	ErrCorrupt = errors.New("index is corrupt")
	// ErrNotFound is returned for a position in a source that the index does not know.
	ErrNotFound = errors.New("position not found")
	// ErrQuery is returned for a query that no index could answer, such as one with another query's cursor.
	ErrQuery = errors.New("bad query")
)

// Other stands for all values that found no room in a dictionary: of sources, components and templates, the first
// 65,536 different ones are told apart, as long as their names take less than 8 MB.
const Other = "(other)"

// Hit is a record as the index knows it.
type Hit struct {
	Ordinal int64 // its number in input order, from 0
	rca.Position
	Time      rca.Time // NoTime if the record itself has none
	Severity  rca.Severity
	Component string
	Template  string
}

const (
	blockRecords = 16384
	maxNames     = 1 << 16
	maxNameBytes = 8 << 20
	maxNameSize  = 4096 // of one name; the rest is cut off
	maxValues    = 1024 // different values whose counts a block tells; of sources it tells all
	severities   = int(rca.SeverityFatal) + 1
)

// The file: header, blocks, footer, trailer.
const (
	magic       = "rcaindex"
	version     = 1
	headerSize  = len(magic) + 4
	trailerSize = 8 + 8 + 4 + len(magic) // footer's size and checksum, version, magic
)

// The properties that a query filters by. They are stored alike.
const (
	dimSource = iota
	dimSeverity
	dimComponent
	dimTemplate
	dims
)

// The columns of a block: a property each, then the numbers.
const (
	colFlags = dims + iota // where the time comes from
	colTime
	colLine   // from the end line of the record before
	colSpan   // end line from line
	colOffset // from the end of the record before
	colLength
	columns
)

// Where the time of a record comes from.
const (
	timeOwn     = iota
	timeCarried // from the record before in its source
	timeNone    // no record of its source had one yet
)

// value is how many records of a block have one value of a property.
type value struct {
	id    uint32
	count uint32
}

// property is what the footer tells of one property of a block.
type property struct {
	wide   bool    // more than maxValues different ones: values is empty, and the column holds ids
	values []value // by id; the column holds indexes into it
}

// column is where a column stands in the file. One of size 0 is all zeros.
type column struct {
	offset int64
	size   uint32
	sum    uint32
}

// block is what the footer tells of a block.
type block struct {
	first   int64 // ordinal of its first record
	records int
	untimed int      // records with timeNone
	low     rca.Time // of the others; NoTime if there are none
	high    rca.Time
	scale   int64 // colTime begins at low and counts in this many nanoseconds
	dims    [dims]property
	cols    [columns]column
}

// earliest is where the block begins in time's order.
func (b *block) earliest() rca.Time {
	if b.untimed > 0 {
		return rca.NoTime
	}
	return b.low
}
