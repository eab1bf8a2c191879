package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/store"
)

// Config says what a Server serves and how.
type Config struct {
	Store    store.Store  // required; stays the caller's
	Version  string       // semver; "" means 0.0.0
	TestMode bool         // protocol section 3: no token, or an unknown one, is accepted as default
	Logger   *slog.Logger // nil: log nowhere
	Log      *LogRing     // what engine.log serves; nil: it has no lines
	Limits   Limits
}

// Limits bound what one client can take. The zero value of each field stands
// for the value named with it.
type Limits struct {
	BodyBytes   int64         // the most one body of /rpc may hold: 16 MiB
	HeaderBytes int           // the most one request's header may hold: 64 KiB
	ReadTimeout time.Duration // for a request's header and the body of a call: 60 s
	IdleTimeout time.Duration // between two requests of a connection: 120 s
	StallTime   time.Duration // how long a client may refuse a reply's bytes, or an import's client send none: 60 s
	Heartbeat   time.Duration // between two comments of a silent subscription: 15 s
	LineBytes   int           // the most one line of an import may hold: 4 MiB
}

func (l Limits) withDefaults() Limits {
	l.BodyBytes = cmp.Or(l.BodyBytes, 16<<20)
	l.HeaderBytes = cmp.Or(l.HeaderBytes, 64<<10)
	l.ReadTimeout = cmp.Or(l.ReadTimeout, 60*time.Second)
	l.IdleTimeout = cmp.Or(l.IdleTimeout, 120*time.Second)
	l.StallTime = cmp.Or(l.StallTime, 60*time.Second)
	l.Heartbeat = cmp.Or(l.Heartbeat, 15*time.Second)
	l.LineBytes = cmp.Or(l.LineBytes, 4<<20)
	return l
}

// Server speaks the protocol. Make it with New.
type Server struct {
	cfg     Config
	log     *slog.Logger
	started time.Time
	http    *http.Server
	conns   atomic.Int64
}

// New returns a server on the config's store. It returns an error when the
// config has no store.
func New(cfg Config) (*Server, error) {
	if cfg.Store == nil {
		return nil, errors.New("server: config has no store")
	}
	cfg.Version = cmp.Or(cfg.Version, "0.0.0")
	cfg.Limits = cfg.Limits.withDefaults()
	s := &Server{cfg: cfg, log: cfg.Logger, started: time.Now().UTC()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.http = &http.Server{Handler: s.Handler()}
	return s, nil
}

// Handler returns the whole protocol as one handler.
func (s *Server) Handler() http.Handler { return http.NotFoundHandler() }

// Serve accepts connections from l until Shutdown, then returns nil. It may be
// called for several listeners at once, and closes l.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops accepting, ends subscriptions, waits for the calls under way
// until ctx ends, then cuts what is left. It may be called twice.
func (s *Server) Shutdown(ctx context.Context) error {
	return s.http.Shutdown(ctx)
}
