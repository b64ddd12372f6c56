package quirks

const MaxFound = maxFound

// Found counts the results that a book keeps.
func Found(b *Book) int { return len(b.now.Load().found) }

// Matches is the reading of patterns.
func Matches(pattern, s string) bool { return matches(pattern, s) }
