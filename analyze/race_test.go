//go:build race

package analyze_test

func init() { raced = true }
