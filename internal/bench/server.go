package bench

import (
	"context"
	"time"
)

// Server is evtui serve in a process of its own, for others that measure. Make
// it with StartServer; whoever does so stops it.
type Server struct{ child *child }

// StartServer starts the program's serve with flags that name dir as its data,
// and waits until it serves. It does not get the EVTUI_ variables of this
// process.
func StartServer(ctx context.Context, program, dir string, flags ...string) (*Server, error) {
	c, err := startServer(ctx, program, dir, flags...)
	if err != nil {
		return nil, err
	}
	return &Server{child: c}, nil
}

// URL is where it serves.
func (s *Server) URL() string { return "http://" + s.child.addr }

// Token is its admin token.
func (s *Server) Token() string { return s.child.token }

// CPU returns the processor time that it has used, user and system. It is an
// error where the system does not tell.
func (s *Server) CPU() (time.Duration, error) { return processCPU(s.child.pid()) }

// PeakMemory returns the most bytes that it has had resident. It is an error
// where the system does not tell.
func (s *Server) PeakMemory() (int64, error) { return peakMemory(s.child.pid()) }

// Stop asks it to end, and ends it when it does not within seconds.
func (s *Server) Stop() error { return s.child.stop() }
