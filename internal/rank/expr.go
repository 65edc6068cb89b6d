package rank

import (
	"regexp"
	"sync"
)

// expr is an expression that is compiled at its first use. Forty of them cost 15 ms of a start, and most runs ask for a few.
func expr(source string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })
}
