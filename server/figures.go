package server

import (
	"sync/atomic"
	"time"
)

// figures count what requests do, without locks. The sampler reads them once a
// second. Requests of the terminal UI are left out.
type figures struct {
	appended  atomic.Int64 // messages
	read      atomic.Int64 // messages
	announced atomic.Int64
	errors    atomic.Int64 // requests answered with an error
	rates     rates
}

// count counts a call; m is nil when it got as far as no method.
func (f *figures) count(m *method, took time.Duration, c *call, err error) {
	if err != nil {
		f.errors.Add(1)
	}
	if c.appended > 0 {
		f.appended.Add(c.appended)
	}
	if c.read > 0 {
		f.read.Add(c.read)
	}
	if c.appended > 0 || c.read > 0 {
		f.rates.count(c.scope.namespace, c.category, c.appended, c.read)
	}
	if m != nil {
		m.calls.record(took)
	}
}
