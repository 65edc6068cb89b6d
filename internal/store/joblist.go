package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// JobFilter chooses jobs; empty fields choose all, but a workspace or a user must be given.
type JobFilter struct {
	Workspace string
	User      string
	States    []JobState
	Types     []JobType
	Text      string // words that the title holds
	Sort      JobSort
}

// JobSort is an order of jobs; a minus in front turns it round.
type JobSort string

// The orders. Jobs that have not finished stand before all that have.
const (
	ByCreated  JobSort = "created"
	ByFinished JobSort = "finished"
	ByPriority JobSort = "priority"
)

var jobSorts = map[JobSort]struct {
	column string
	key    func(Job) int64
}{
	ByCreated:  {"created_at", func(j Job) int64 { return micros(j.Created) }},
	ByFinished: {"finished_at", func(j Job) int64 { return micros(j.Finished) }},
	ByPriority: {"priority", func(j Job) int64 { return j.Priority }},
}

// Jobs lists jobs; without a sort, the newest first.
func (q Queries) Jobs(ctx context.Context, f JobFilter, p Page) (List[Job], error) {
	if f.Sort == "" {
		f.Sort = "-" + ByCreated
	}
	name, desc := strings.CutPrefix(string(f.Sort), "-")
	by, ok := jobSorts[JobSort(name)]
	if !ok {
		return List[Job]{}, fmt.Errorf("list jobs: sort %q: %w", f.Sort, ErrInvalid)
	}
	c, err := f.clauses()
	if err != nil {
		return List[Job]{}, err
	}
	return page(ctx, q.read, "list jobs", jobColumns, "jobs", c, order{by.column, desc}, p, scanJob,
		func(j Job) (int64, string) { return by.key(j), j.ID })
}

func (f JobFilter) clauses() (clauses, error) {
	var c clauses
	if f.Workspace == "" && f.User == "" {
		return c, errors.New("list jobs: neither a workspace nor a user is given")
	}
	if f.Workspace != "" {
		c.and("workspace_id = ?", f.Workspace)
	}
	if f.User != "" {
		c.and("user_id = ?", f.User)
	}
	oneOf(&c, "state", f.States)
	oneOf(&c, "type", f.Types)
	c.contains("folded", f.Text)
	return c, nil
}

// oneOf adds a condition that a column has one of the values, if any are given.
func oneOf[T ~string](c *clauses, column string, choice []T) {
	var values []any
	for _, v := range choice {
		values = append(values, string(v))
	}
	switch len(values) {
	case 0:
	case 1: // an index that goes on with the order's column serves only an equality
		c.and(column+" = ?", values...)
	default:
		c.and(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
	}
}
