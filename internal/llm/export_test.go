package llm

import (
	"context"
	"time"
)

// SetWait replaces the pauses between tries.
func SetWait(p Provider, wait func(context.Context, time.Duration) error) { p.(*patient).wait = wait }
