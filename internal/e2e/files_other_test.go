//go:build !unix

package e2e

func maxFiles() int { return 1 << 16 }
