package memory

import (
	"math"
	"slices"
	"sort"
	"testing"
)

func line(s string) Vector { return Embed([]Feature{{s, 1}}) }

// Texts that say the same in other forms are nearer than texts that share only the words of every log.
func TestEmbed(t *testing.T) {
	near := func(a, b string) float32 { return dot(line(a).Values, line(b).Values) }
	if x := near("connection refused by ledger", "connection refused by ledger"); math.Abs(float64(x)-1) > 1e-5 {
		t.Errorf("the same text: %f", x)
	}
	same := near("TimeoutException waiting for ShareLock", "timeout waiting for share locks")
	other := near("TimeoutException waiting for ShareLock", "error: connection to server failed")
	if same < .4 || other > .2 {
		t.Errorf("alike %.2f, unlike %.2f", same, other)
	}
	if x := near("error: request to the server failed, pelican", "error: request to the server failed, ostrich"); x > near("pelican ostrich", "pelican ostrich walrus") {
		t.Errorf("common words make texts more alike (%.2f) than rare ones", x)
	}
	if v := line("12 : 34"); slices.ContainsFunc(v.Values, func(x float32) bool { return x != 0 }) {
		t.Error("a text without words has a direction")
	}
}

// A weight moves the whole towards its text; the order of texts of equal sum does not matter to the length.
func TestEmbedWeighs(t *testing.T) {
	heavy := Embed([]Feature{{"pelican", 4}, {"ostrich", 1}})
	if a, b := dot(heavy.Values, line("pelican").Values), dot(heavy.Values, line("ostrich").Values); a <= b {
		t.Errorf("the heavier is not nearer: %.2f, %.2f", a, b)
	}
	n := 0.0
	for _, x := range heavy.Values {
		n += float64(x) * float64(x)
	}
	if math.Abs(n-1) > 1e-5 {
		t.Errorf("length %f", n)
	}
}

func TestRarity(t *testing.T) {
	if !sort.SliceIsSorted(common[:], func(i, j int) bool { return common[i].word < common[j].word }) {
		t.Error("the table is not sorted")
	}
	if e, s, p := rarity("error"), rarity("space"), rarity("pelican"); !(e < s && s < p && p == 1 && e > 0) {
		t.Errorf("error %.2f, space %.2f, pelican %.2f", e, s, p)
	}
}
