//go:build race

package server_test

// fewer is how much smaller a load is when the race detector makes everything
// many times slower. What it is to find does not need the rest.
const fewer = 5
