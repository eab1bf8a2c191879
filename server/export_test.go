package server

import (
	"time"

	"github.com/evtui/evtui/server/wire"
)

// Sampling returns a function that takes a sample of s, as its sampler does.
func Sampling(s *Server) func() wire.Sample {
	p := newSampler(s)
	return func() wire.Sample { return p.take(time.Now()) }
}

// Methods returns the names of the methods that s answers, and whether each
// needs the admin token.
func Methods(s *Server) map[string]bool {
	all := make(map[string]bool, len(s.methods))
	for name, m := range s.methods {
		all[name] = m.admin
	}
	return all
}

// Deadlines returns a function that begins and ends the deadline of a write, as
// one call after another does.
func Deadlines() func(time.Duration) {
	var d *deadline
	return func(after time.Duration) { d = d.begin(after).end() }
}
