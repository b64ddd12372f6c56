//go:build !race

package e2e

// buildFlags build the server as the tests are built.
var buildFlags []string
