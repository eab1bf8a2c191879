package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/durable"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/inprocess"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Config says which engine to bring up and who may reach it.
type Config struct {
	Dir     Place   // "": in memory
	Notes   Notes   // where the server notes Dir, so that others find it by its URL
	Backend Backend // "": what Dir holds, the default one if it holds nothing
	// Elsewhere is the server that keeps the data, without a password, which Dir then
	// is only about: its token, history, profiles, and for some engines a copy. Nil: Dir
	// holds the store, or remembers where it is.
	Elsewhere *url.URL
	Password  string // for Elsewhere
	// ReadOnly is to only look: nothing in Dir is changed or made, but for a copy that
	// follows what is elsewhere, and the server is not published.
	ReadOnly bool
	Listen   string // host:port, or NoNetwork
	Network  Network
	Token    string          // the admin token; "": the one kept, or a random one
	Version  string          // see server.Config
	AnyToken bool            // whatever the admin token is, or whether anybody knows it: for who makes a new one
	TestMode bool            // see server.Config
	MaxOpen  int             // 0: the engine's own limit
	Interval time.Duration   // see store.OpenOptions.Interval
	Memory   int64           // the engine's budget in bytes; 0: its default
	Idle     time.Duration   // see store.OpenOptions.IdleClose; 0: the engine's default
	Logger   *slog.Logger    // nil: logs nowhere
	Log      *server.LogRing // nil: engine.log has no lines
}

// Host is an engine with its server in this process. Make it with Open;
// whoever does so closes it.
type Host struct {
	Dir        Place  // "": in memory
	Token      string // of the namespace default; "": not known
	LocalToken string // the admin's for requests from this process
	Store      store.Store
	Server     *server.Server

	looks   bool                // nothing in Dir is changed
	notes   Notes               // that hold Dir; "": none do
	memory  *inprocess.Listener // for this process
	network net.Listener        // for others; nil without
	shown   *certificate        // on network; nil without TLS
	drain   time.Duration
	failed  chan error     // holds the first error of a Serve
	serving sync.WaitGroup // the Serve calls, awaited by Close
}

// Open opens the store, makes the namespace default, listens, and publishes
// others where. It returns an error that Locked knows when another process
// holds the directory.
func Open(ctx context.Context, cfg Config) (*Host, error) {
	h := &Host{
		Dir: cfg.Dir, looks: cfg.ReadOnly, memory: inprocess.Listen(), failed: make(chan error, 1),
		drain: cmp.Or(cfg.Network.Drain, DefaultDrain), LocalToken: wire.NewToken(store.DefaultNamespace),
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if cfg.guest() {
		if err := cfg.ownToken(); err != nil {
			return nil, err
		}
	}
	opened := cfg
	opened.ReadOnly = cfg.ReadOnly && !cfg.copies() // what is not followed is old
	if h.Store, err = OpenStore(ctx, opened); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := h.bringUp(ctx, cfg); err != nil {
		return nil, errors.Join(err, h.Store.Close())
	}
	return h, nil
}

func (h *Host) bringUp(ctx context.Context, cfg Config) error {
	if !h.looks {
		if err := h.settle(ctx, cfg); err != nil {
			return err
		}
	}
	var err error
	h.Server, err = server.New(server.Config{
		Store: h.Store, Version: cfg.Version, TestMode: cfg.TestMode, Logger: cfg.Logger, Log: cfg.Log, DataDir: string(cfg.Dir), TokenFile: h.tokenFile(cfg),
		Limits: cfg.Network.Limits, Origins: cfg.Network.Origins, LocalToken: h.LocalToken,
	})
	if err != nil {
		return err
	}
	if cfg.Listen != NoNetwork {
		if h.network, err = net.Listen("tcp", cfg.Listen); err != nil {
			return fmt.Errorf("%w; give another address with --listen HOST:PORT (port 0 takes a free one), or none", err)
		}
	}
	if err := h.publish(cfg); err != nil {
		if h.network != nil {
			_ = h.network.Close()
		}
		return err
	}
	h.serve(h.memory)
	if h.network != nil {
		h.serve(h.network)
	}
	return nil
}

// tokenFile is where the server keeps the admin token when it changes; "": nowhere.
func (h *Host) tokenFile(cfg Config) string {
	if h.Dir == "" || h.looks || cfg.guest() {
		return ""
	}
	return h.Dir.TokenFile()
}

// ownToken finds or makes the admin token for a store that does not keep one, and
// the directory for it. Who only looks makes neither.
func (cfg *Config) ownToken() error {
	kept, err := readLine(cfg.Dir.TokenFile())
	if err != nil {
		return fmt.Errorf("read the admin token: %w", err)
	}
	if cfg.Token = cmp.Or(cfg.Token, kept); cfg.Token == "" {
		cfg.Token = wire.NewToken(store.DefaultNamespace)
	}
	if cfg.ReadOnly || cfg.Token == kept {
		return nil
	}
	if err := os.MkdirAll(string(cfg.Dir), 0o700); err != nil {
		return fmt.Errorf("make the directory for the admin token: %w", err)
	}
	if err := durable.Write(cfg.Dir.TokenFile(), []byte(cfg.Token+"\n")); err != nil {
		return fmt.Errorf("keep the admin token: %w", err)
	}
	return nil
}

// settle prepares the directory for a server, and finds out its admin token.
// One that is not known is no reason not to serve: the store knows its hash.
func (h *Host) settle(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	tokenFile, given := "", cfg.Token
	if h.Dir != "" {
		tokenFile = h.Dir.TokenFile()
		// A server that was killed left its endpoint; nobody shall follow it.
		if err := h.Dir.unpublish(); err != nil {
			return err
		}
		if given == "" {
			given = h.Dir.inheritedToken(ctx, h.Store)
		}
	}
	if cfg.AnyToken {
		if _, err := h.Store.TokenHash(ctx, store.DefaultNamespace); !errors.Is(err, store.ErrNamespaceNotFound) {
			return err
		}
	}
	var err error
	h.Token, err = server.EnsureDefault(ctx, h.Store, given, tokenFile)
	if errors.Is(err, server.ErrTokenUnknown) {
		cfg.Logger.Warn(tokenUnknown(cfg.copies()), "file", tokenFile)
		return nil
	}
	return explainToken(err, h.Dir, cfg.Token)
}

// settleTime is how long a store may take to tell of the namespace default, or to make it.
const settleTime = 30 * time.Second

// tokenUnknown says what to do where nobody told the admin token, of a store that is shared by
// several evtui or is this one's alone.
func tokenUnknown(shared bool) string {
	if shared {
		return "nobody told the admin token of this cluster: clients that have it are served, but commands on this machine do not find it; " +
			"give it once with --token-file, from the file token in the data directory of the evtui that made it"
	}
	return "nobody told the admin token: clients that have it are served, but commands on this machine do not find it; " +
		"put it into the file, give it once with --token-file, or, while no server has the directory open, make a new one with evtui ns token default --new"
}

// publish says where the server is, and what it shows there.
func (h *Host) publish(cfg Config) error {
	if cfg.Network.Cert != "" && h.network != nil {
		var err error
		if h.shown, err = openCertificate(cfg.Network.Cert, cfg.Network.Key, cfg.Logger, h.keepCertificate(cfg.Logger)); err != nil {
			return err
		}
	}
	if h.Dir == "" || h.looks || cfg.guest() { // what nobody locks, several may look into
		return nil
	}
	if warning := OpenToOthers(h.Dir.TokenFile()); warning != "" {
		cfg.Logger.Warn(warning)
	}
	if err := h.Dir.publish(h.URL()); err != nil || h.network == nil {
		return err
	}
	if err := cfg.Notes.add(h.Dir); err != nil { // it is served all the same
		cfg.Logger.Debug("commands that are given the URL alone will not find the token", "error", err.Error())
		return nil
	}
	h.notes = cfg.Notes
	return nil
}

// keepCertificate returns what leaves each certificate in the data directory,
// for those who come to the server by that.
func (h *Host) keepCertificate(log *slog.Logger) func(chain []byte) {
	if h.Dir == "" {
		return func([]byte) {}
	}
	return func(chain []byte) {
		if err := h.Dir.keepCertificate(chain); err != nil {
			log.Error("who finds the server by its data directory cannot know its certificate", "error", err.Error())
		}
	}
}

func (h *Host) serve(l net.Listener) {
	h.serving.Go(func() {
		serve := h.Server.Serve
		if h.shown != nil && l == h.network {
			serve = func(l net.Listener) error { return h.Server.ServeTLS(l, h.shown.config()) }
		}
		if err := serve(l); err != nil {
			select {
			case h.failed <- fmt.Errorf("serve: %w", err):
			default:
			}
		}
	})
}

// Dial opens a connection to the server from this process.
func (h *Host) Dial(ctx context.Context) (net.Conn, error) { return h.memory.Dial(ctx) }

// Failed has the error with which the server stopped by itself, once it has.
func (h *Host) Failed() <-chan error { return h.failed }

// URL is how others on this machine reach the server, or NoNetwork.
func (h *Host) URL() string {
	if h.network == nil {
		return NoNetwork
	}
	scheme := "http"
	if h.shown != nil {
		scheme = "https"
	}
	return localURL(scheme, h.network.Addr())
}

// Close lets the calls under way end for a while, then closes all.
func (h *Host) Close() error {
	var errs []error
	if h.Dir != "" && !h.looks {
		errs = append(errs, h.notes.remove(h.Dir), h.Dir.unpublish())
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.drain)
	defer cancel()
	if err := h.Server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		errs = append(errs, fmt.Errorf("stop the server: %w", err))
	}
	h.serving.Wait()
	if err := h.Store.Close(); err != nil {
		errs = append(errs, fmt.Errorf("close the store: %w", err))
	}
	return errors.Join(errs...)
}

// explainToken says what to do about a token that is refused: the given one, or
// when that is "" the one that the directory keeps.
func explainToken(err error, dir Place, given string) error {
	switch {
	case errors.Is(err, server.ErrTokenDiffers) && dir != "" && given == "":
		return fmt.Errorf("%w: %s holds another; give the right one with --token-file, which puts it back there, or make a new one with evtui ns token default --new", err, dir.TokenFile())
	case errors.Is(err, server.ErrTokenDiffers) && dir != "":
		return fmt.Errorf("%w; leave --token (or EVTUI_TOKEN) out to use the one kept in %s", err, dir.TokenFile())
	default:
		return err
	}
}
