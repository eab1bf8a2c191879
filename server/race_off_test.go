//go:build !race

package server_test

// fewer is how much smaller a load is under the race detector.
const fewer = 1
