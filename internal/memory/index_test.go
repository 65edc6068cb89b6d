package memory

import (
	"errors"
	"math/rand"
	"testing"
)

func randomVector(r *rand.Rand) Vector {
	v := make([]float64, Words.Dimensions)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	n := length(v)
	out := Vector{Words, make([]float32, len(v))}
	for i := range v {
		out.Values[i] = float32(v[i] / n)
	}
	return out
}

// The nearest are those that a plain look at all of them finds, in the same order.
func TestNearestIsExact(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	var x Index
	var all []Vector
	for range 500 {
		v := randomVector(r)
		all = append(all, v)
		if err := x.Add(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Add(all[7]); err != nil { // the same once more: the earlier goes first
		t.Fatal(err)
	}
	hits, err := x.Nearest(all[7], 20, nil)
	if err != nil || len(hits) != 20 || hits[0].N != 7 || hits[1].N != 500 {
		t.Fatalf("%v %v", hits, err)
	}
	for i, h := range hits[1:] {
		if h.Cosine > hits[i].Cosine {
			t.Fatalf("not in order: %v", hits)
		}
	}
	last := hits[len(hits)-1]
	nearer := 0
	for i := range all {
		if plain(all[i].Values, all[7].Values) > float64(last.Cosine)+1e-6 {
			nearer++
		}
	}
	if nearer > 19 {
		t.Errorf("%d are nearer than the 20th", nearer)
	}
	odd, err := x.Nearest(all[7], 5, func(i int) bool { return i%2 == 0 })
	if err != nil || len(odd) != 5 || odd[0].N != 500 {
		t.Errorf("filtered: %v %v", odd, err)
	}
}

func plain(a, b []float32) float64 {
	n := 0.0
	for i := range a {
		n += float64(a[i]) * float64(b[i])
	}
	return n
}

// Vectors of another model, another version or another length never meet.
func TestModelsDoNotMix(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	var x Index
	if err := x.Add(randomVector(r)); err != nil {
		t.Fatal(err)
	}
	other := randomVector(r)
	other.Model.Name = "text-embedding-3-small"
	newer := randomVector(r)
	newer.Model.Version++
	short := randomVector(r)
	short.Values = short.Values[:100]
	for _, v := range []Vector{other, newer, short} {
		if err := x.Add(v); !errors.Is(err, ErrModel) {
			t.Errorf("added: %v", err)
		}
		if _, err := x.Nearest(v, 1, nil); !errors.Is(err, ErrModel) {
			t.Errorf("searched: %v", err)
		}
	}
}

func BenchmarkNearest100k(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	var x Index
	for range 100_000 {
		v := Vector{Words, make([]float32, Words.Dimensions)}
		for i := range v.Values {
			v.Values[i] = r.Float32() - .5
		}
		if err := x.Add(v); err != nil {
			b.Fatal(err)
		}
	}
	q := randomVector(r)
	b.SetBytes(int64(len(x.flat)) * 4)
	for b.Loop() {
		if _, err := x.Nearest(q, 64, nil); err != nil {
			b.Fatal(err)
		}
	}
}
