package quirks

const MaxFound = maxFound

// Found counts the results that a book keeps.
func Found(b *Book) int { return len(b.now.Load().found) }

// Compare is the order of versions.
func Compare(a, b string) int { return compareVersions(a, b) }

// Matches is the reading of patterns.
func Matches(pattern, s string) bool { return matches(pattern, s) }
