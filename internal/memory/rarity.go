package memory

import (
	"cmp"
	"math"
	"slices"
)

// sampled is how many lines common was counted in: those that the failure library gives as examples of its entries
// (internal/know/data), which are lines of public systems in trouble.
const sampled = 1707

// common are the words that stand in one of 70 such lines or more, with the number of lines they stand in, by alphabet. They are the
// words in which any two incidents are alike; names that the examples only make up are left out.
var common = [...]struct {
	word  string
	lines float64
}{
	{"access", 28}, {"address", 31}, {"after", 31}, {"already", 25}, {"an", 36}, {"and", 38}, {"apache", 35}, {"api", 39},
	{"are", 37}, {"at", 47}, {"available", 37}, {"be", 48}, {"by", 61}, {"can", 28}, {"cannot", 49}, {"certificate", 41},
	{"check", 26}, {"client", 76}, {"code", 88}, {"connect", 64}, {"connection", 133}, {"connections", 26}, {"could", 44},
	{"data", 40}, {"database", 44}, {"db", 47}, {"denied", 41}, {"detected", 25}, {"device", 25}, {"does", 36}, {"due", 25},
	{"err", 28}, {"error", 382}, {"errors", 37}, {"exceeded", 62}, {"exception", 35}, {"exceptions", 28}, {"exist", 25},
	{"exited", 26}, {"expired", 31}, {"failed", 228}, {"failure", 26}, {"fatal", 44}, {"file", 62}, {"for", 203}, {"found", 58},
	{"from", 97}, {"get", 43}, {"has", 73}, {"host", 37}, {"http", 69}, {"id", 35}, {"in", 160}, {"invalid", 48}, {"is", 177},
	{"java", 49}, {"kafka", 25}, {"key", 31}, {"limit", 51}, {"log", 36}, {"many", 31}, {"max", 33}, {"memory", 53}, {"message", 36},
	{"ms", 35}, {"name", 36}, {"no", 110}, {"node", 34}, {"not", 215}, {"of", 140}, {"on", 105}, {"open", 33}, {"operation", 27},
	{"or", 66}, {"org", 66}, {"out", 62}, {"pool", 29}, {"process", 38}, {"reached", 33}, {"read", 29}, {"received", 26},
	{"refused", 50}, {"request", 52}, {"resource", 25}, {"seconds", 28}, {"server", 128}, {"service", 50}, {"signal", 27},
	{"space", 33}, {"status", 38}, {"system", 32}, {"tcp", 42}, {"the", 160}, {"this", 30}, {"timed", 29}, {"timeout", 57},
	{"to", 301}, {"too", 53}, {"type", 28}, {"unable", 45}, {"unknown", 28}, {"user", 46}, {"version", 27}, {"waiting", 26},
	{"warning", 27}, {"was", 40}, {"while", 39}, {"with", 77}, {"worker", 26}, {"write", 37},
}

// rarity is from 0, a word of every line, to 1, one that is seen once or never: the usual logarithm of the inverse document frequency, as
// a share of its largest value. It is the same on every machine and in every year, so that vectors made today and later compare.
func rarity(word string) float64 {
	i, ok := slices.BinarySearchFunc(common[:], word, func(c struct {
		word  string
		lines float64
	}, w string) int {
		return cmp.Compare(c.word, w)
	})
	if !ok {
		return 1
	}
	return math.Log(sampled/common[i].lines) / math.Log(sampled)
}
