package measure

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
)

// Server is a process that serves HTTP.
type Server struct {
	*Process
	Addr  string // host:port
	Token string // admin token; "": it needs none
}

// URL is where it serves.
func (s *Server) URL() string { return "http://" + s.Addr }

// StartServer starts the program's serve with flags that name dir as its data,
// and waits until it serves.
func StartServer(ctx context.Context, program, dir string, flags ...string) (*Server, error) {
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "error"}, flags...)
	return start(ctx, program, "", args, filepath.Join(dir, "endpoint"), filepath.Join(dir, "token"))
}

// StartPrinting starts a command that prints the URL at which it serves, into
// the file out, and waits until it has.
func StartPrinting(ctx context.Context, program, out string, args ...string) (*Server, error) {
	return start(ctx, program, out, args, out, "")
}

// start starts a server, and waits for the files with its URL and, unless that
// is "", its token.
func start(ctx context.Context, program, out string, args []string, endpoint, token string) (*Server, error) {
	p, err := Start(program, out, args...)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	s := &Server{Process: p}
	var at *url.URL
	line, err := p.AwaitLine(ctx, endpoint)
	if err == nil && token != "" {
		s.Token, err = p.AwaitLine(ctx, token)
	}
	if err == nil {
		at, err = url.Parse(line)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", args[0], err), p.Stop())
	}
	s.Addr = at.Host
	return s, nil
}
