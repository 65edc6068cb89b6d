package incident

// StandBack is what a child does second.
var StandBack = standBack
