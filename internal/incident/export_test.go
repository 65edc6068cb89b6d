package incident

// LimitMemory is what a child does first.
var LimitMemory = limitMemory
