package memory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Index finds the nearest of many vectors, exactly: all of them are looked at, in one flat slice, which at 100,000 vectors takes less than
// a request may. The zero value is empty and takes the model of the first vector.
type Index struct {
	model Model
	flat  []float32
}

// ErrModel is wrapped by the error of a vector that another model made, or another version of it.
var ErrModel = errors.New("vectors of different models do not compare")

// Hit is one vector that was found: the how-manieth was added, and the cosine of the angle between it and the one asked for.
type Hit struct {
	N      int
	Cosine float32
}

// Add puts a vector behind the others.
func (x *Index) Add(v Vector) error {
	if len(x.flat) == 0 {
		x.model = v.Model
	}
	if err := x.check(v); err != nil {
		return err
	}
	x.flat = append(x.flat, v.Values...)
	return nil
}

// Len is the number of vectors.
func (x *Index) Len() int {
	if x.model.Dimensions == 0 {
		return 0
	}
	return len(x.flat) / x.model.Dimensions
}

// Nearest gives the n nearest, nearest first, earlier ones before later ones as near. keep may be nil, or says which count.
func (x *Index) Nearest(v Vector, n int, keep func(int) bool) ([]Hit, error) {
	if x.Len() == 0 || n <= 0 {
		return nil, nil
	}
	if err := x.check(v); err != nil {
		return nil, err
	}
	d := x.model.Dimensions
	var best []Hit
	for i := range x.Len() {
		if keep != nil && !keep(i) {
			continue
		}
		h := Hit{i, dot(x.flat[i*d:(i+1)*d:(i+1)*d], v.Values)}
		if len(best) == n && h.Cosine <= best[n-1].Cosine {
			continue
		}
		k, _ := slices.BinarySearchFunc(best, h, func(a, b Hit) int {
			return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.N, b.N))
		})
		if len(best) == n {
			best = best[:n-1]
		}
		best = slices.Insert(best, k, h)
	}
	return best, nil
}

func (x *Index) check(v Vector) error {
	if v.Model != x.model {
		return fmt.Errorf("%w: %s version %d of %d dimensions, and %s version %d of %d: embed one of them again", ErrModel,
			x.model.Name, x.model.Version, x.model.Dimensions, v.Model.Name, v.Model.Version, v.Model.Dimensions)
	}
	if len(v.Values) != v.Model.Dimensions || len(v.Values) == 0 {
		return fmt.Errorf("%w: a vector of %d values says that it has %d", ErrModel, len(v.Values), v.Model.Dimensions)
	}
	return nil
}

// dot multiplies two vectors of one length. Eight sums side by side let the processor work on all of them at once; each product is
// converted, so that none is fused with the addition and every processor gives the same bits.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for len(a) >= 8 && len(b) >= 8 {
		x, y := a[:8:8], b[:8:8]
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		s4 += float32(x[4] * y[4])
		s5 += float32(x[5] * y[5])
		s6 += float32(x[6] * y[6])
		s7 += float32(x[7] * y[7])
		a, b = a[8:], b[8:]
	}
	for i, x := range a {
		s0 += float32(x * b[i])
	}
	return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
}
