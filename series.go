package rca

// Series is everything that is kept of one template as one component wrote it at one severity, on one side (the logs
// or the baseline): how often, when, where, with which values. The whole input is reduced to a bounded
// number of these; no stage after mining sees single records.
type Series struct {
	Template  *Template
	Component string
	Host      string // of the first occurrence
	Logger    string // of the first occurrence
	Severity  Severity
	Baseline  bool
	Access    bool // an access line: one request with its status
	Status    int  // of an access line
	Format    string

	Count   int64
	First   Time // earliest, NoTime when no occurrence has a time
	Last    Time
	Buckets []Bucket // ascending by Start, only those that are not empty
	Samples []Sample // in order of input, the first ones and the last; at least one
	Params  []Param  // distinct values by position, of the kinds that name somebody
	Numbers []Number
	Stacks  []Stack
}

// Template is the constant part of a message; "<*>" stands where values were.
type Template struct {
	ID   string // stable: made of the text
	Text string
}

// Bucket counts the occurrences of one step of time. Start is the bucket's first instant.
type Bucket struct {
	Start Time
	Count int64
	First Place
}

// Place is a position without its texts: Source is an index into the list of inputs.
type Place struct {
	Source int32
	Lines  int32 // physical lines
	Line   int64
	Offset int64
	Length int64
}

// Sample is one occurrence whose text was kept.
type Sample struct {
	Place
	Time    Time
	Message string // up to MaxSample bytes of the message
	Stack   string // up to MaxSample bytes of the continuation lines
	Fields  []Field
	Trace   string
	Hash    uint64 // xxh64 of the raw bytes as read, to compare with when they are read again
	Raw     string // the raw bytes themselves, where the source cannot be read again
	RawCut  bool   // Raw was longer
}

// MaxSample is the length to which the texts of a sample are kept, in bytes.
const MaxSample = 8 << 10

// Param is one variable position of a template.
type Param struct {
	Name   string // the key before "=" or ":", or the word before; may be empty
	Kind   ParamKind
	Values []string // the first distinct ones in input order
	Counts []int64  // of each value; meaningless when Many
	Many   bool     // there were more distinct values than are kept
}

// ParamKind says what a value looks like.
type ParamKind uint8

// The kinds of value that masks tell apart.
const (
	ParamWord ParamKind = iota
	ParamNumber
	ParamHex
	ParamAddress // IPv4 or IPv6, with or without port
	ParamHost
	ParamURL
	ParamPath
	ParamUUID
	ParamTime
	ParamQuoted
)

// Number is one numeric position or field over time. Sums are in thousandths, so that they are exact and do not
// depend on the order of addition.
type Number struct {
	Name   string
	Unit   string
	Points []NumberPoint // ascending by Start
}

// NumberPoint sums the values of one step of time, in thousandths of the written number.
type NumberPoint struct {
	Start Time
	Count int64
	Sum   int64
	Min   int64
	Max   int64
}

// Stack is one distinct stack trace of a series.
type Stack struct {
	Signature uint64 // of the innermost frames
	Count     int64
	First     Time
	Place     Place
	Text      string // the trace as it stands, up to MaxSample bytes
}

// Input is one source as it was read.
type Input struct {
	Name      string   `json:"name"`
	Component string   `json:"component"`
	Format    string   `json:"format"`
	Why       string   `json:"why,omitempty"` // how the format was found
	Baseline  bool     `json:"baseline,omitempty"`
	Bytes     int64    `json:"bytes"`
	Lines     int64    `json:"lines"`
	Records   int64    `json:"records"`
	Parsed    int64    `json:"parsed"`       // records whose header was understood
	NoTime    int64    `json:"without_time"` // records without a time of their own
	CutLines  int64    `json:"cut_lines,omitempty"`
	CutBytes  int64    `json:"cut_bytes,omitempty"`
	Lost      int64    `json:"told_lost,omitempty"` // occurrences that the log itself says it suppressed
	First     Time     `json:"first"`
	Last      Time     `json:"last"`
	Hash      string   `json:"hash"` // xxh64 of the decompressed bytes
	Seekable  bool     `json:"-"`
	Path      string   `json:"-"` // the file on disk behind a seekable source
	Notes     []string `json:"notes,omitempty"`
}

// Within counts the occurrences in a window. A bucket belongs to the window in which it starts.
func (s *Series) Within(w Window) int64 {
	n := int64(0)
	for _, b := range s.Buckets {
		if (w.Start == NoTime || b.Start >= w.Start) && (w.End == NoTime || b.Start <= w.End) {
			n += b.Count
		}
	}
	return n
}

// FirstAfter gives the first occurrence after an instant, to the precision of a bucket; NoTime if there is none.
func (s *Series) FirstAfter(t Time) Time {
	for _, b := range s.Buckets {
		if b.Start > t {
			return b.Start
		}
	}
	return NoTime
}

// Trace is one trace or request of the kept sample: which series it passed through.
type Trace struct {
	ID     uint64       // hash of the id
	Events []TraceEvent // by first time, then in the order of input
}

// TraceEvent is one series within a trace.
type TraceEvent struct {
	Series *Series
	Count  int64
	First  Time
	Place  Place // of the first occurrence
	Last   Place
}

// LostPair is a statement that in normal times nearly always comes with another within a trace, and that stops coming.
type LostPair struct {
	A, B         *Series // B no longer comes where A does
	BaseA, BaseB int64   // traces of the baseline with A, and of these with B
	SeenA, SeenB int64   // the same in the logs
	Q            float64 // probability that chance does this, corrected for the number of pairs tried
	FirstA       Place   // the first A without B in the logs
	FirstTime    Time
	Instead      *Series // the error that such traces show in B's place, if there is one
	InsteadAt    Place
	InsteadTime  Time
	LastB        Place // the last B in the logs, or of the baseline if there is none
	LastBTime    Time
	LastBInLogs  bool
}
