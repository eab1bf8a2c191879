//go:build !unix

package pgtest

import (
	"os/exec"
	"testing"
)

func giveTo(string) error { return nil }

func command(_ testing.TB, dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	return c
}
