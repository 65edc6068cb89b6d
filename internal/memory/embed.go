package memory

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// Model names what made a vector. Vectors of two models have nothing to say to each other.
type Model struct {
	Name       string `json:"name"`
	Version    int    `json:"version"`
	Dimensions int    `json:"dimensions"`
}

// Words is the built-in model. Its version changes when a text would get another vector.
var Words = Model{Name: "rca-words", Version: 1, Dimensions: 384}

// Vector is an embedding of length 1, or of length 0 where there was nothing to embed.
type Vector struct {
	Model  Model
	Values []float32
}

// The shortest and longest pieces of a word that count beside the word, its ends marked, as in fastText (Bojanowski, Grave, Joulin,
// Mikolov: Enriching Word Vectors with Subword Information, TACL 2017; there 3 to 6).
const (
	shortestPiece = 3
	longestPiece  = 5
)

// Embed gives the vector of texts with the built-in model: every word, and in all as much as that the pieces of it, are hashed into one of
// the dimensions with one of two signs (Weinberger, Dasgupta, Langford, Smola, Attenberg: Feature Hashing for Large Scale Multitask
// Learning, ICML 2009, where the signs keep collisions from adding up), weighted by the word's rarity. Each text is brought to length 1
// before it is added with its own weight, so that a long line does not outweigh a telling one. Pieces let "timeout" and "timeouts", or
// two spellings of one exception, be near each other. Nothing is learned: the same texts give the same vector everywhere.
func Embed(texts ...[]Feature) Vector {
	sum := make([]float64, Words.Dimensions)
	line := make([]float64, Words.Dimensions)
	for _, list := range texts {
		for _, f := range list {
			clear(line)
			eachWord(f.Text, func(w string) { addWord(line, w) })
			if n := length(line); n > 0 {
				for i, x := range line {
					sum[i] += float64(x * (f.Weight / n)) // converted, so that no processor fuses it with the addition
				}
			}
		}
	}
	v := Vector{Model: Words, Values: make([]float32, Words.Dimensions)}
	if n := length(sum); n > 0 {
		for i, x := range sum {
			v.Values[i] = float32(x / n)
		}
	}
	return v
}

// Vector is the fingerprint's embedding: of its lines and signals.
func (f *Fingerprint) Vector() Vector { return Embed(f.Lines, f.Signals) }

func addWord(to []float64, word string) {
	w := rarity(word)
	addHashed(to, word, w)
	marked := "<" + word + ">"
	pieces := 0
	eachPiece(marked, func(string) { pieces++ })
	if pieces > 0 {
		each := w / math.Sqrt(float64(pieces)) // so that the pieces have together the length of the word
		eachPiece(marked, func(p string) { addHashed(to, p, each) })
	}
}

func addHashed(to []float64, s string, w float64) {
	h := xxhash.Sum64String(s)
	if h>>63 == 1 {
		w = -w
	}
	to[h%uint64(len(to))] += w
}

// eachPiece calls f with every run of some letters of a marked word, but not with the whole of it.
func eachPiece(marked string, f func(string)) {
	var starts []int
	for i := range marked {
		starts = append(starts, i)
	}
	starts = append(starts, len(marked))
	letters := len(starts) - 1
	for n := shortestPiece; n <= min(longestPiece, letters-1); n++ {
		for i := 0; i+n <= letters; i++ {
			f(marked[starts[i]:starts[i+n]])
		}
	}
}

// eachWord calls f with the words of a text in lower case: runs of two letters or more, cut where a small letter meets a capital.
func eachWord(s string, f func(string)) {
	start, last := -1, rune(0)
	end := func(i int) {
		if start >= 0 && utf8.RuneCountInString(s[start:i]) > 1 {
			f(strings.ToLower(s[start:i]))
		}
		start = -1
	}
	for i, r := range s {
		switch {
		case !unicode.IsLetter(r):
			end(i)
		case start < 0:
			start = i
		case unicode.IsUpper(r) && unicode.IsLower(last):
			end(i)
			start = i
		}
		last = r
	}
	end(len(s))
}

func length(v []float64) float64 {
	n := 0.0
	for _, x := range v {
		n += float64(x * x)
	}
	return math.Sqrt(n)
}
