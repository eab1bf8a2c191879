package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// hostConfig says which engine to bring up and who may reach it.
type hostConfig struct {
	Dir      place           // "": in memory
	Backend  backend         // "": what Dir holds, the default one if it holds nothing
	ReadOnly bool            // only look: nothing in Dir is changed or made, and nobody is told of the server
	Listen   string          // host:port, or noNetwork
	Network  networkFlags    // zero: the server's own limits, and no TLS
	Token    string          // the admin token; "": the one kept, or a random one
	TestMode bool            // see server.Config
	MaxOpen  int             // 0: the engine's own limit
	Durable  durability      // zero: sync
	Memory   byteSize        // the engine's budget; 0: its default
	Idle     time.Duration   // see store.OpenOptions.IdleClose; 0: the engine's default
	Logger   *slog.Logger    // nil: logs nowhere
	Log      *server.LogRing // nil: engine.log has no lines
}

// host is an engine with its server in this process. Make it with openHost;
// whoever does so closes it.
type host struct {
	dir     place
	looks   bool // nothing in dir is changed
	store   store.Store
	server  *server.Server
	memory  *server.MemListener // for this process
	network net.Listener        // for others; nil without
	shown   *certificate        // on network; nil without TLS
	drain   time.Duration
	token   string         // of the namespace default; "": nobody told
	local   string         // the admin's for requests from this process
	failed  chan error     // holds the first error of a Serve
	serving sync.WaitGroup // the Serve calls, awaited by close
}

// openHost opens the store, makes the namespace default, listens, and tells
// others where. It returns an error that isLocked knows when another process
// holds the directory.
func openHost(ctx context.Context, cfg hostConfig) (*host, error) {
	h := &host{
		dir: cfg.Dir, looks: cfg.ReadOnly, memory: server.NewMemListener(), failed: make(chan error, 1),
		drain: cmp.Or(cfg.Network.drain, defaultDrain), local: wire.NewToken(store.DefaultNamespace),
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if h.store, err = openStore(ctx, cfg); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := h.bringUp(ctx, cfg); err != nil {
		return nil, errors.Join(err, h.store.Close())
	}
	return h, nil
}

func (h *host) bringUp(ctx context.Context, cfg hostConfig) error {
	if !h.looks {
		if err := h.settle(ctx, cfg); err != nil {
			return err
		}
	}
	var err error
	h.server, err = server.New(server.Config{
		Store: h.store, Version: version, TestMode: cfg.TestMode, Logger: cfg.Logger, Log: cfg.Log, DataDir: string(cfg.Dir),
		Limits: cfg.Network.limits, Origins: cfg.Network.origins, LocalToken: h.local,
	})
	if err != nil {
		return err
	}
	if cfg.Listen != noNetwork {
		if h.network, err = net.Listen("tcp", cfg.Listen); err != nil {
			return fmt.Errorf("%w; give another address with --listen HOST:PORT (port 0 takes a free one), or none", err)
		}
	}
	if err := h.announce(cfg); err != nil {
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

// settle prepares the directory for a server, and finds out its admin token.
// One that nobody tells is no reason not to serve: the store knows its hash.
func (h *host) settle(ctx context.Context, cfg hostConfig) error {
	tokenFile, given := "", cfg.Token
	if h.dir != "" {
		tokenFile = h.dir.tokenFile()
		// A server that was killed left its endpoint; nobody shall follow it.
		if err := h.dir.retract(); err != nil {
			return err
		}
		if given == "" {
			given = h.dir.inheritedToken(ctx, h.store)
		}
	}
	var err error
	h.token, err = server.EnsureDefault(ctx, h.store, given, tokenFile)
	if errors.Is(err, server.ErrTokenUnknown) {
		cfg.Logger.Warn("nobody told the admin token: clients that have it are served, but commands on this machine do not find it; "+
			"put it into the file, or give it once with --token-file", "file", tokenFile)
		return nil
	}
	return explainToken(err, h.dir, cfg.Token)
}

// announce tells others where the server is, and what it shows there.
func (h *host) announce(cfg hostConfig) error {
	if cfg.Network.cert != "" && h.network != nil {
		var err error
		if h.shown, err = openCertificate(cfg.Network.cert, cfg.Network.key, cfg.Logger, h.keepCertificate(cfg.Logger)); err != nil {
			return err
		}
	}
	if h.dir == "" || h.looks {
		return nil
	}
	if warning := openToOthers(h.dir.tokenFile()); warning != "" {
		cfg.Logger.Warn(warning)
	}
	return h.dir.announce(h.url())
}

// keepCertificate returns what leaves each certificate in the data directory,
// for those who come to the server by that.
func (h *host) keepCertificate(log *slog.Logger) func(chain []byte) {
	if h.dir == "" {
		return func([]byte) {}
	}
	return func(chain []byte) {
		if err := h.dir.keepCertificate(chain); err != nil {
			log.Error("who finds the server by its data directory cannot know its certificate", "error", err.Error())
		}
	}
}

func (h *host) serve(l net.Listener) {
	h.serving.Go(func() {
		serve := h.server.Serve
		if h.shown != nil && l == h.network {
			serve = func(l net.Listener) error { return h.server.ServeTLS(l, h.shown.config()) }
		}
		if err := serve(l); err != nil {
			select {
			case h.failed <- fmt.Errorf("serve: %w", err):
			default:
			}
		}
	})
}

// url is how others on this machine reach the server, or noNetwork.
func (h *host) url() string {
	if h.network == nil {
		return noNetwork
	}
	scheme := "http"
	if h.shown != nil {
		scheme = "https"
	}
	return localURL(scheme, h.network.Addr())
}

// close lets the calls under way end for a while, then closes all.
func (h *host) close() error {
	var errs []error
	if h.dir != "" && !h.looks {
		errs = append(errs, h.dir.retract())
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.drain)
	defer cancel()
	if err := h.server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		errs = append(errs, fmt.Errorf("stop the server: %w", err))
	}
	h.serving.Wait()
	if err := h.store.Close(); err != nil {
		errs = append(errs, fmt.Errorf("close the store: %w", err))
	}
	return errors.Join(errs...)
}

// explainToken says what to do about a token that is refused: the given one, or
// when that is "" the one that the directory keeps.
func explainToken(err error, dir place, given string) error {
	switch {
	case errors.Is(err, server.ErrTokenDiffers) && dir != "" && given == "":
		return fmt.Errorf("%w: %s holds another; give the right one with --token-file, which puts it back there", err, dir.tokenFile())
	case errors.Is(err, server.ErrTokenDiffers) && dir != "":
		return fmt.Errorf("%w; leave --token (or EVTUI_TOKEN) out to use the one kept in %s", err, dir.tokenFile())
	default:
		return err
	}
}
