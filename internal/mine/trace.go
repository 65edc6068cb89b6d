package mine

import "github.com/rca-engine/rca"

// traceEvent is one record of a trace or request.
type traceEvent struct {
	trace    uint64
	cell     int32
	time     rca.Time
	place    rca.Place
	severity rca.Severity
}

// maxTraces is how many traces a side keeps: those of the smallest hash, so that the choice depends neither on
// the order of files nor on the number of cores (a trace put out once never returns, for the bound only falls).
const maxTraces = 4096

const maxTraceEvents = 256

// traceTable keeps the statements of a sample of traces.
type traceTable struct {
	traces map[uint64]*keptTrace
	heap   []uint64 // max-heap of the kept ids
}

type keptTrace struct{ events []keptEvent }

type keptEvent struct {
	cell  *total
	count int64
	first rca.Time
	place rca.Place
	last  rca.Place
}

func (t *Table) addTraces(b *Block, cx Context) {
	side := 0
	if cx.Baseline {
		side = 1
	}
	tt := &t.traces[side]
	if tt.traces == nil {
		tt.traces = map[uint64]*keptTrace{}
	}
	for _, e := range b.traces {
		if len(tt.heap) >= maxTraces && e.trace > tt.heap[0] {
			continue
		}
		k := tt.traces[e.trace]
		if k == nil {
			if len(tt.heap) >= maxTraces {
				delete(tt.traces, tt.heap[0])
				tt.pop()
			}
			k = &keptTrace{}
			tt.traces[e.trace] = k
			tt.push(e.trace)
		}
		place := e.place
		place.Line += cx.Line + 1
		place.Offset += cx.Offset
		c := t.remapCell[e.cell]
		if e.time == rca.NoTime {
			e.time = t.now
		}
		found := false
		for i := range k.events {
			if k.events[i].cell == c {
				k.events[i].count++
				k.events[i].last = place
				found = true
				break
			}
		}
		if !found && len(k.events) < maxTraceEvents {
			k.events = append(k.events, keptEvent{c, 1, e.time, place, place})
		}
	}
	if len(tt.heap) >= maxTraces {
		t.hints.bounds[side].Store(^tt.heap[0])
	}
}

func (tt *traceTable) push(v uint64) {
	tt.heap = append(tt.heap, v)
	for i := len(tt.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if tt.heap[up] >= tt.heap[i] {
			break
		}
		tt.heap[up], tt.heap[i] = tt.heap[i], tt.heap[up]
		i = up
	}
}

func (tt *traceTable) pop() {
	n := len(tt.heap) - 1
	tt.heap[0] = tt.heap[n]
	tt.heap = tt.heap[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			return
		}
		if c+1 < n && tt.heap[c+1] > tt.heap[c] {
			c++
		}
		if tt.heap[i] >= tt.heap[c] {
			return
		}
		tt.heap[i], tt.heap[c] = tt.heap[c], tt.heap[i]
		i = c
	}
}
