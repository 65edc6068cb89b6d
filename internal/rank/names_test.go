package rank

import "testing"

// The cheap look for words of a start may not leave out a line that the expressions take.
func TestSpeaksOfStart(t *testing.T) {
	for s, want := range map[string]bool{
		"Server is LISTENING on port 8080": true, "accepting connections at :7000": true, "bound to 127.0.0.1:53": true, "service up": true, "Ready to serve": true, "now running, pid 7": true,
		"7up-startup": true, "port=80 available": true, "restarted at 5": false, "group of observers": false, "12 rows": false, "": false, "already 5 there": false,
	} {
		if got := speaksOfStart(s); got != want {
			t.Errorf("speaksOfStart(%q) = %v", s, got)
		}
		if !speaksOfStart(s) && (listens().MatchString(s) || startWords().MatchString(s)) {
			t.Errorf("%q is left out, and an expression takes it", s)
		}
	}
}
