package servertest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/inprocess"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// patience is how long calls under way may hold up the end of a server.
const patience = 20 * time.Second

// Server is a server that runs until its test ends, or Stop.
type Server struct {
	*server.Server
	Store store.Store
	Token string // the admin token

	t       testing.TB
	before  func(http.Handler) http.Handler // nil: nothing
	web     *http.Server                    // what before stands in; nil without
	memory  *inprocess.Listener
	serving errgroup.Group
	stopped sync.Once
}

// Option is a choice beside the server's own Config.
type Option func(*Server)

// Token is for stores that have a namespace default: its token. New then makes
// no namespace.
func Token(token string) Option { return func(s *Server) { s.Token = token } }

// Behind puts a handler before the server's, which net/http then serves.
func Behind(handler func(http.Handler) http.Handler) Option {
	return func(s *Server) { s.before = handler }
}

// New starts a server. Without a Store it gets storetest.NewModel's; a Store
// that is given stays the caller's to close, after the server's end.
func New(t testing.TB, cfg server.Config, options ...Option) *Server {
	t.Helper()
	if cfg.Store == nil {
		model := storetest.NewModel()
		t.Cleanup(func() { _ = model.Close() })
		cfg.Store = model
	}
	s := &Server{Store: cfg.Store, t: t, memory: inprocess.Listen()}
	for _, option := range options {
		option(s)
	}
	var err error
	if s.Token == "" {
		if s.Token, err = server.EnsureDefault(t.Context(), cfg.Store, "", ""); err != nil {
			t.Fatal(err)
		}
	}
	if s.Server, err = server.New(cfg); err != nil {
		t.Fatal(err)
	}
	if s.before != nil {
		s.web = &http.Server{Handler: s.before(s.Handler())}
	}
	s.serveOn(s.memory)
	t.Cleanup(s.Stop)
	return s
}

// Dial connects to the server inside the process.
func (s *Server) Dial(ctx context.Context) (net.Conn, error) { return s.memory.Dial(ctx) }

// Listen has the server listen on a free TCP port of this host, and returns its
// URL.
func (s *Server) Listen() string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.serveOn(l)
	return "http://" + l.Addr().String()
}

func (s *Server) serveOn(l net.Listener) {
	s.serving.Go(func() error {
		if s.web == nil {
			return s.Serve(l)
		}
		if err := s.web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
}

// Stop ends the server; the test fails when that takes too long or serving has
// failed. It may be called twice, and is called at the test's end.
func (s *Server) Stop() {
	s.stopped.Do(func() {
		s.t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if s.web != nil {
			_ = s.web.Close()
		}
		if err := s.Shutdown(ctx); err != nil {
			s.t.Errorf("shut down: %v", err)
		}
		if err := s.serving.Wait(); err != nil {
			s.t.Errorf("serve: %v", err)
		}
	})
}
