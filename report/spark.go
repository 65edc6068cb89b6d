package report

import "math"

// sparkBars are the eight heights of a bar of text; the lowest is kept for zero, so that one is never shown as nothing.
var sparkBars = []rune("▁▂▃▄▅▆▇█")

// spark draws counts as a line of bars, at most width of them.
func spark(counts []int64, width int) string {
	heights := resample(counts, width)
	top := peak(heights)
	out := make([]rune, len(heights))
	for i, h := range heights {
		out[i] = sparkBars[0]
		if h > 0 {
			steps := float64(len(sparkBars) - 2)
			out[i] = sparkBars[1+int(math.Round(h/top*steps))]
		}
	}
	return string(out)
}

// resample brings counts to at most n steps of equal width; a step that straddles two is shared between them by its
// overlap, so that no pattern appears which is not in the data.
func resample(counts []int64, n int) []float64 {
	if n <= 0 || len(counts) < n {
		n = len(counts)
	}
	out := make([]float64, n)
	wide := float64(len(counts)) / float64(max(n, 1))
	for i := range out {
		from, to := float64(i)*wide, float64(i+1)*wide
		for j := int(from); j < len(counts) && float64(j) < to; j++ {
			if share := min(to, float64(j+1)) - max(from, float64(j)); share > 1e-9 {
				out[i] += float64(max(counts[j], 0)) * share
			}
		}
	}
	return out
}

func peak(heights []float64) float64 {
	var top float64
	for _, h := range heights {
		top = max(top, h)
	}
	return top
}
