package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/internal/quick"
	"github.com/evtui/evtui/server/wire"
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
	DataDir  string // where the store's data lies, to tell how much room is left; "": nowhere, or not known

	// LocalToken is a token that is the admin's in requests from this process
	// alone (see package inprocess): who runs the process can read the data anyway,
	// whether the admin token is known, kept, or lost. "": there is none.
	LocalToken string

	// TokenFile is where the admin token is kept; when ns.token changes it, the
	// server writes the new one there. "": nowhere.
	TokenFile string

	// Origins are those, such as https://shop.example, whose pages browsers may
	// let call this server, beside pages that come from the server's own
	// address; "*" stands for all.
	Origins []string

	// UICPU returns how much processor time the UI of this process has used so
	// far, for the figures. It is called once a second; nil: there is no UI, or
	// nobody knows. Neither the system nor Go's runtime tells goroutines' times
	// apart, so a UI in this process can only be told by a CPU profile.
	UICPU func() time.Duration
}

// Server speaks the protocol. Make it with New.
type Server struct {
	cfg     Config
	log     *slog.Logger
	started time.Time
	methods map[string]*method
	calls   sync.Pool // of *call

	// tokens are the namespaces that good tokens name, by the tokens' hashes, so that
	// a call does not decode its token again. They grant nothing: whether the hash
	// is still the namespace's is asked of the store every time.
	tokens memo[[32]byte, string]
	// adminToken is held while the admin token and its file change.
	adminToken sync.Mutex

	captures  captures
	figures   figures
	samples   samples
	subs      subscriptions
	observed  observer
	uis       presence
	positions memo[streamID, recordedAt]
	backlogs  backlogs
	journal   journal
	metrics   metricsPage
	conns     connections
	load      load
	rejected  rejected
	exposed   atomic.Bool // it serves an address beyond this host without TLS
	front     *quick.Server
	labels    *labels
	turns     chan struct{} // of scans, where the store has none

	stopping context.Context // ends when Shutdown begins
	stop     context.CancelFunc
	sampled  chan struct{} // closed by the sampler when it ends
}

// New returns a server on the config's store and starts its sampler, which
// Shutdown ends. It returns an error when the config has no store.
func New(cfg Config) (*Server, error) {
	if cfg.Store == nil {
		return nil, errors.New("server: config has no store")
	}
	cfg.Version = cmp.Or(cfg.Version, "0.0.0")
	if cfg.UICPU == nil {
		cfg.UICPU = func() time.Duration { return 0 }
	}
	cfg.Limits = cfg.Limits.withDefaults()
	s := &Server{cfg: cfg, log: cfg.Logger, started: time.Now().UTC(), methods: methodTable(), sampled: make(chan struct{})}
	s.turns = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.calls.New = func() any { return new(call) }
	s.labels, s.backlogs = newLabels(), backlogs{store: cfg.Store, turn: make(chan struct{}, 1)}
	s.journal.engine, _ = cfg.Store.(store.Engine)
	s.journal.stalled = make(map[string]struct{})
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.front = &quick.Server{Path: "/rpc", BodyBytes: smallBody, HTTP: &http.Server{
		Handler:                      s.Handler(),
		ReadTimeout:                  cfg.Limits.ReadTimeout,
		ReadHeaderTimeout:            cfg.Limits.HeaderTimeout,
		IdleTimeout:                  cfg.Limits.IdleTimeout,
		MaxHeaderBytes:               cfg.Limits.HeaderBytes,
		ConnState:                    s.conns.track,
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		DisableGeneralOptionsHandler: true,
	}}
	sampler := newSampler(s)
	s.samples.push(sampler.first(time.Now()))
	go sampler.run()
	return s, nil
}

// offered returns what the store offers besides store.Store, or
// store.ErrNotOffered.
func offered[T any](s *Server) (T, error) {
	capability, ok := s.cfg.Store.(T)
	if !ok {
		return capability, store.ErrNotOffered
	}
	return capability, nil
}

// Handler returns the whole protocol as one handler. Timeouts and the count of
// connections come only with Serve.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// profilePath is where the profiles are.
const profilePath = "/debug/pprof/"

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	defer s.recovered(w, r)
	defer clearLabels()
	if isUI(r) { // what it takes to find out more is the UI's already
		s.labels.set("", "", "", true)
	}
	if !s.checkOrigin(w, r) {
		return
	}
	switch path := r.URL.Path; {
	case path == "/rpc":
		s.allowMethods("wait", s.serveRPC, w, r, http.MethodPost)
	case path == "/subscribe":
		s.allowMethods("subscribe", s.serveSubscribe, w, r, http.MethodGet)
	case path == "/import":
		s.allowMethods("import", s.serveImport, w, r, http.MethodPost)
	case path == "/metrics":
		s.allowMethods("metrics", s.serveMetrics, w, r, http.MethodGet, http.MethodHead)
	case path == "/health":
		s.allowMethods("health", s.serveHealth, w, r, http.MethodGet, http.MethodHead)
	case path == "/version":
		s.allowMethods("version", s.serveVersion, w, r, http.MethodGet, http.MethodHead)
	case strings.HasPrefix(path, profilePath):
		s.allowMethods("profile", s.serveProfile, w, r, http.MethodGet, http.MethodPost)
	default:
		s.writeFault(w, refuse(http.StatusNotFound, wire.NotFound, "there is nothing at this path"))
	}
}

// handler answers a request, unless it returns why it does not.
type handler func(http.ResponseWriter, *http.Request) error

// allowMethods answers requests with another verb than the given ones by itself, and those
// that handle refuses at a step.
func (s *Server) allowMethods(step string, handle handler, w http.ResponseWriter, r *http.Request, verbs ...string) {
	if !slices.Contains(verbs, r.Method) {
		w.Header().Set("Allow", strings.Join(verbs, ", "))
		s.writeFault(w, refuse(http.StatusMethodNotAllowed, wire.MethodNotAllowed, "this path takes %s", strings.Join(verbs, " or ")))
		return
	}
	if err := handle(w, r); err != nil {
		s.refuseRequest(w, r, step, err)
	}
}

func (s *Server) serveVersion(w http.ResponseWriter, _ *http.Request) error {
	p := reply{w: w, stall: s.cfg.Limits.StallTime}
	p.object("version", s.cfg.Version)
	_ = p.finish() // there is nobody left to tell
	return nil
}

// refuseRequest answers a request outside /rpc by the one table of errors.
func (s *Server) refuseRequest(w http.ResponseWriter, r *http.Request, step string, err error) {
	if !isUI(r) {
		s.figures.failed(codeOf(err))
	}
	p := reply{w: w, stall: s.cfg.Limits.StallTime}
	s.answerFault(r, &p, step, err)
}

// Shutdown stops accepting, ends subscriptions, imports and profiles, waits
// for the calls under way until ctx ends, then cuts what is left and returns
// ctx's error. It may be called twice.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	s.conns.closeFresh()
	err := s.front.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.front.Close())
	}
	s.rejected.all.Wait()
	<-s.sampled
	return err
}
