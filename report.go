package rca

// Report is what an analysis found, with everything needed to check it. Its JSON form is the public contract.
type Report struct {
	SchemaVersion int             `json:"schema_version"`
	Verdict       Verdict         `json:"verdict"`
	Partial       bool            `json:"partial,omitempty"` // the run was interrupted
	Window        Window          `json:"window"`
	Baseline      BaselineChoice  `json:"baseline"`
	Span          Window          `json:"span"` // the time over which every Spark counts: all logs, baseline included where it precedes them
	Headline      string          `json:"headline"`
	Summary       string          `json:"summary"`
	WhatHappened  []string        `json:"what_happened"`
	RootCauses    []Hypothesis    `json:"root_causes"`
	SeenBefore    *SeenBefore     `json:"seen_before,omitempty"` // only where a memory of incidents was asked
	Rejected      []Rejected      `json:"rejected"`
	Timeline      []TimelineEntry `json:"timeline"`
	Differences   []Difference    `json:"differences"`
	Signals       []Signal        `json:"signals"`
	Unknowns      []string        `json:"unknowns"`
	FetchNext     []string        `json:"fetch_next"`            // logs to get next
	Explanation   *Explanation    `json:"explanation,omitempty"` // by a language model, where one was asked
	Coverage      Coverage        `json:"coverage"`
	Warnings      []Warning       `json:"warnings"`
	Made          Made            `json:"made"`
	Redaction     *Redaction      `json:"redaction,omitempty"` // the texts were redacted; nil if they stand as the logs have them
}

// Verdict is the answer as a whole.
type Verdict string

// The verdicts. Inconclusive and no incident are good answers.
const (
	RootCauseFound Verdict = "root_cause_found"
	Inconclusive   Verdict = "inconclusive"
	NoIncident     Verdict = "no_incident"
)

// Grade says in a word how well a hypothesis is proven.
type Grade string

// The grades. Confirmed asks for first-hand words of the cause and an independent second line.
const (
	Confirmed Grade = "confirmed"
	Likely    Grade = "likely"
	Possible  Grade = "possible"
)

// Window is a span of time, both ends included.
type Window struct {
	Start Time   `json:"start"`
	End   Time   `json:"end"`
	Why   string `json:"why,omitempty"`
}

// BaselineChoice says what was taken as normal, and why.
type BaselineChoice struct {
	Kind   string `json:"kind"` // "given", "quiet part", "rotation", "none"
	Why    string `json:"why"`
	Window Window `json:"window"`
}

// Hypothesis is one possible cause.
type Hypothesis struct {
	Rank       int        `json:"rank"`
	Component  string     `json:"component"`
	Category   Category   `json:"category"`
	Title      string     `json:"title"`
	Summary    string     `json:"summary"`
	Grade      Grade      `json:"grade"`
	Confidence *float64   `json:"confidence"` // the share of answers on such evidence that were right, in the incidents it was calibrated on
	Basis      string     `json:"confidence_basis,omitempty"`
	Score      float64    `json:"score"`
	Parts      []Part     `json:"score_parts"`
	Evidence   []Evidence `json:"evidence"`
	Chain      []Link     `json:"chain"`
	NextSteps  []string   `json:"next_steps"`
	Meaning    string     `json:"meaning,omitempty"` // what the failure means, from the failure knowledge
	Source     string     `json:"source,omitempty"`  // where it is documented
	Role       string     `json:"role,omitempty"`    // "cause", "counterparty", "second cause", "lead"
}

// Part is one factor of a score, as a sentence with the evidence behind it.
type Part struct {
	Name     string   `json:"name"`
	Value    float64  `json:"value"`
	Why      string   `json:"why"`
	Evidence []string `json:"evidence,omitempty"`
}

// Evidence is a cited record: its position, its exact text, and how the text was checked.
type Evidence struct {
	ID        string  `json:"id"`
	Role      string  `json:"role"` // cause, effect, symptom, against
	File      string  `json:"file"`
	Line      int64   `json:"line"`
	Text      string  `json:"text"` // the raw line, decoded to UTF-8, at most MaxEvidence bytes
	TextCut   bool    `json:"text_cut,omitempty"`
	Offset    int64   `json:"offset"`
	Length    int64   `json:"length"`
	SHA256    string  `json:"sha256"`
	Checked   string  `json:"checked"` // "reread" or "kept"
	Timestamp Time    `json:"timestamp"`
	Component string  `json:"component,omitempty"`
	Note      string  `json:"note,omitempty"` // why it is cited
	Count     int64   `json:"count,omitempty"`
	Absent    *Absent `json:"absent,omitempty"`
	Context   []Line  `json:"context,omitempty"`  // neighbouring lines, where the source can be read again
	Redacted  bool    `json:"redacted,omitempty"` // Text or File has pseudonyms: it cannot be compared with the logs, and SHA256 is empty
	Place     Place   `json:"-"`
	Raw       string  `json:"-"`
}

// MaxEvidence is the length to which an evidence's text is kept, in bytes.
const MaxEvidence = 4096

// Absent says that a line stopped coming; the evidence then is its last occurrence.
type Absent struct {
	Expected int64 `json:"expected"`
	Seen     int64 `json:"seen"`
}

// Line is one physical line of context.
type Line struct {
	Line int64  `json:"line"`
	Text string `json:"text"`
}

// Link is one step of the chain from cause to symptom.
type Link struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	What     string   `json:"what"`
	Weakest  bool     `json:"weakest,omitempty"`
	Evidence []string `json:"evidence"`
}

// SeenBefore is what a memory of past incidents knows of ones like this. It stands beside the finding and changes nothing of it.
type SeenBefore struct {
	Compared  int        `json:"compared"`  // how many remembered incidents were looked at
	Threshold float64    `json:"threshold"` // what is less alike is not told
	Times     int        `json:"times"`     // how many are alike; those of the same time are not counted
	First     Time       `json:"first"`     // of these, the start of the earliest
	Last      Time       `json:"last"`      // and of the latest
	Matches   []Recalled `json:"matches"`   // at most five, the one most worth reading first
}

// Recalled is one remembered incident that is like this one.
type Recalled struct {
	ID        string   `json:"id"`
	Headline  string   `json:"headline"`
	Start     Time     `json:"start"`
	SameTime  bool     `json:"same_time,omitempty"` // its time overlaps this one's: other logs of the same incident, perhaps
	Likeness  float64  `json:"likeness"`            // from 0 to 1
	Parts     []Part   `json:"likeness_parts"`
	Hosts     string   `json:"hosts,omitempty"` // how its hosts differ, in words
	State     string   `json:"state"`           // unconfirmed, confirmed, corrected, rejected: what a person made of its cause
	Component string   `json:"component,omitempty"`
	Category  Category `json:"category,omitempty"` // with the component its cause: as a person said, else as it was told
	Fixed     string   `json:"fixed,omitempty"`    // what a person said that fixed it
}

// Rejected is a hypothesis that was looked at and put aside, with the reason.
type Rejected struct {
	Component string   `json:"component"`
	Category  Category `json:"category"`
	Title     string   `json:"title"`
	Why       string   `json:"why"`
	Evidence  []string `json:"evidence,omitempty"`
}

// TimelineEntry is a turning point.
type TimelineEntry struct {
	Time      Time   `json:"time"`
	Component string `json:"component"`
	Kind      string `json:"kind"` // change, cause, first error, effect, symptom, peak, end
	Text      string `json:"text"`
	Evidence  string `json:"evidence,omitempty"`
}

// Difference is a template whose frequency differs from the baseline.
type Difference struct {
	Kind      string   `json:"kind"` // new, gone, more, less
	Component string   `json:"component"`
	Severity  Severity `json:"severity"`
	Template  string   `json:"template"`
	ID        string   `json:"template_id"`
	Before    int64    `json:"before"`
	After     int64    `json:"after"`
	Spark     []int64  `json:"spark,omitempty"` // counts over the whole time, in equal steps
}

// Signal is something worth noticing, with its numbers.
type Signal struct {
	ID        string             `json:"id"`
	Kind      SignalKind         `json:"kind"`
	Component string             `json:"component"`
	Severity  Severity           `json:"severity"`
	Template  string             `json:"template,omitempty"`
	Text      string             `json:"text"`
	At        Time               `json:"at"`
	Numbers   map[string]float64 `json:"numbers,omitempty"`
	Spark     []int64            `json:"spark,omitempty"`
	Series    *Series            `json:"-"`
}

// SignalKind names a detector's finding.
type SignalKind string

// The kinds of signal.
const (
	SignalNew      SignalKind = "new template"
	SignalGone     SignalKind = "vanished template"
	SignalSilence  SignalKind = "silence"
	SignalBurst    SignalKind = "burst"
	SignalRate     SignalKind = "rate change"
	SignalSeverity SignalKind = "severity shift"
	SignalErrors   SignalKind = "error ratio"
	SignalNumber   SignalKind = "numeric shift"
	SignalTrend    SignalKind = "trend"
	SignalLimit    SignalKind = "saturation"
	SignalValue    SignalKind = "new value"
	SignalRestart  SignalKind = "restart"
	SignalChange   SignalKind = "change"
	SignalGap      SignalKind = "gap"
	SignalTraffic  SignalKind = "traffic change"
	SignalLostPair SignalKind = "lost pair"
)

// Explanation is the finding in the words of a language model. Each sentence is borne by the evidence that it cites; what was not is
// left out, with the reason. Nothing else in the report depends on it.
type Explanation struct {
	Model     string     `json:"model"` // provider/model, as the server names it
	Sentences []Sentence `json:"sentences"`
	Dropped   []string   `json:"dropped"` // why each sentence that was left out was
	Shown     int        `json:"shown"`   // evidence and signals that the model was shown
	Omitted   int        `json:"omitted"` // those that did not fit
	Usage     ModelUsage `json:"usage"`
	Note      string     `json:"note,omitempty"` // why there is nothing, or less
}

// Sentence is one that its evidence bears.
type Sentence struct {
	Text     string   `json:"text"`
	Evidence []string `json:"evidence"`
}

// ModelUsage counts tokens as the model's server does.
type ModelUsage struct {
	In  int `json:"input_tokens"`
	Out int `json:"output_tokens"`
}

// Coverage tells what was read and what was not. Records = Parsed + Unparsed; Lines ≥ Records.
type Coverage struct {
	Files           int       `json:"files"`
	Bytes           int64     `json:"bytes"`
	Lines           int64     `json:"lines"`
	Records         int64     `json:"records"`
	Parsed          int64     `json:"parsed"`
	Unparsed        int64     `json:"unparsed"`
	WithoutTime     int64     `json:"without_time"`
	CutLines        int64     `json:"cut_lines"`
	CutBytes        int64     `json:"cut_bytes"`
	ToldLost        int64     `json:"told_lost"`
	Skipped         []Skipped `json:"skipped"`
	Errors          int64     `json:"errors"`           // records of severity error or fatal in the window
	ErrorsExplained int64     `json:"errors_explained"` // of these, in templates that a cause or its chain explains
	Templates       int       `json:"templates"`
	Overflow        int64     `json:"templates_overflow"` // records whose shape was folded into a coarser one to bound memory
}

// Skipped is a file or member that was not read.
type Skipped struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Warning is bad input that did not stop the work.
type Warning struct {
	Source string `json:"source,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Offset int64  `json:"offset,omitempty"`
	Count  int64  `json:"count,omitempty"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

// Made says how the report came to be: enough to make it again.
type Made struct {
	Version string            `json:"version"`
	Options map[string]string `json:"options"`
	Inputs  []Input           `json:"inputs"`
}

// Redaction says that values in the report's texts were replaced by pseudonyms such as <EMAIL_1>: the same value by the same one.
type Redaction struct {
	Quotes int64      `json:"quotes"` // quotes that were changed by it
	Kinds  []Redacted `json:"kinds"`
}

// Redacted counts what was replaced of one kind.
type Redacted struct {
	Kind     string `json:"kind"`
	Values   int64  `json:"values"`   // different ones
	Replaced int64  `json:"replaced"` // places in the report
}

// Category names what kind of fault a cause is, told of the component that is named as the cause.
type Category string

// The categories.
const (
	ResourceExhaustion Category = "resource-exhaustion"
	DiskFull           Category = "disk-full"
	DependencyDown     Category = "dependency-down"
	Crash              Category = "crash"
	DependencySlow     Category = "dependency-slow"
	Configuration      Category = "configuration"
	CodeDefect         Category = "code-defect"
	Credential         Category = "credential"
	Permission         Category = "permission"
	DNS                Category = "dns"
	Network            Category = "network"
	TLS                Category = "tls"
	LockContention     Category = "lock-contention"
	Deadlock           Category = "deadlock"
	SchemaChange       Category = "schema-change"
	BadData            Category = "bad-data"
	TimeSkew           Category = "time-skew"
	RateLimit          Category = "rate-limit"
	Capacity           Category = "capacity"
)

// Categories lists all of them in the order of the contract.
var Categories = []Category{ResourceExhaustion, DiskFull, DependencyDown, Crash, DependencySlow, Configuration, CodeDefect,
	Credential, Permission, DNS, Network, TLS, LockContention, Deadlock, SchemaChange, BadData, TimeSkew, RateLimit, Capacity}
