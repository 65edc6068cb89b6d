package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Event is something that happened to a job.
type Event struct {
	Number int64
	Kind   string // as progress or state; the last one is end
	Data   json.RawMessage
}

// maxEvent bounds a line of the stream.
const maxEvent = 1 << 20

// Events follows a job from the event after a number (0 is from the beginning), until it has ended: the last event is of
// kind "end". A broken stream goes on after the last event that came. An error is the last thing that is yielded.
func (c *ClientWithResponses) Events(ctx context.Context, job string, after int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for try := 1; ; try++ {
			before := after
			ended, err := c.stream(ctx, job, &after, yield)
			if ended {
				return
			}
			if after != before {
				try = 1
			}
			var r *Refusal
			switch {
			case ctx.Err() != nil:
				yield(Event{}, ctx.Err())
				return
			case errors.As(err, &r) && r.Final(), try > tries:
				yield(Event{}, err)
				return
			}
			select {
			case <-time.After(min(time.Duration(try*try)*100*time.Millisecond, 10*time.Second)):
			case <-ctx.Done():
			}
		}
	}
}

// stream reads one stream until it breaks, or ended says that there is no more to come.
func (c *ClientWithResponses) stream(ctx context.Context, job string, after *int64, yield func(Event, error) bool) (ended bool, err error) {
	a, err := c.JobEvents(ctx, job, &JobEventsParams{LastEventID: after})
	if err != nil {
		return false, err
	}
	defer a.Body.Close() // it ends with its reader
	in := bufio.NewScanner(a.Body)
	in.Buffer(nil, maxEvent)
	var e Event
	for in.Scan() {
		name, value, _ := strings.Cut(in.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case in.Text() == "" && e.Kind != "":
			if !yield(e, nil) || e.Kind == "end" {
				return true, nil
			}
			*after = max(*after, e.Number)
			e = Event{}
		case name == "id":
			if e.Number, err = strconv.ParseInt(value, 10, 64); err != nil {
				return false, fmt.Errorf("read number of an event: %w", err)
			}
		case name == "event":
			e.Kind = value
		case name == "data":
			e.Data = json.RawMessage(value)
		}
	}
	if err = in.Err(); err == nil {
		err = io.ErrUnexpectedEOF
	}
	return false, fmt.Errorf("follow job %s: %w", job, err)
}

// Wait follows a job until it has ended, whichever way, and returns it as it then is.
func (c *ClientWithResponses) Wait(ctx context.Context, job string) (JobView, error) {
	for _, err := range c.Events(ctx, job, 0) {
		if err != nil {
			return JobView{}, err
		}
	}
	a, err := c.GetJobWithResponse(ctx, job)
	if err != nil {
		return JobView{}, err
	}
	if a.JSON200 == nil {
		return JobView{}, fmt.Errorf("wait for job %s: the answer is no JSON document", job)
	}
	return *a.JSON200, nil
}
