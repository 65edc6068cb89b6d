package analyze

import (
	"github.com/rca-engine/rca/internal/mine"
	"github.com/rca-engine/rca/internal/rank"
)

// lostPairs finds statements that stop following another within traces.
func lostPairs(m *mine.Result) []rank.LostPair { return nil }
