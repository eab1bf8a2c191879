//go:build !unix

package jettest

import "testing"

// Stop skips the test: processes cannot be stopped here.
func (c *Cluster) Stop(t testing.TB, _ int) { t.Skip("there is no signal that stops a process here") }

// Continue undoes Stop.
func (c *Cluster) Continue(testing.TB, int) {}
