// Package expr holds regular expressions that are compiled at their first use: a pattern in, a function that gives the expression out.
//
// Every start of the program has all packages, and most runs ask few of their expressions. The forty of package rank alone cost 15 ms.
package expr

import (
	"regexp"
	"sync"
)

// Lazy gives an expression that is compiled when it is first asked for. A pattern that does not compile panics then.
func Lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
