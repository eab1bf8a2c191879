//go:build unix

package jettest

import (
	"syscall"
	"testing"
)

// Stop stops a server's process, which keeps its connections, until Continue.
func (c *Cluster) Stop(t testing.TB, i int) { c.signal(t, i, syscall.SIGSTOP) }

// Continue has a stopped server go on.
func (c *Cluster) Continue(t testing.TB, i int) { c.signal(t, i, syscall.SIGCONT) }

func (c *Cluster) signal(t testing.TB, i int, s syscall.Signal) {
	t.Helper()
	if err := c.nodes[i].process.Process.Signal(s); err != nil {
		t.Fatalf("jettest: %v to %s: %v", s, c.nodes[i].name, err)
	}
}
