package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/barehttp"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// startingTime is how long a directory that is held may go without telling
// where its server is: it may be starting, or stopping.
const startingTime = 5 * time.Second

// target says where a command finds its data.
type target struct {
	url       string
	data      string
	token     string
	namespace string
	context   string     // the name of a server in the configuration
	trusted   string     // a file of authorities that vouch for servers
	serves    host.Place // the data directory whose server it is, for its certificate; "": not known
	db        dbURL      // instead of data
	commit    durability // of an engine that the command brings up itself
	programs  bool       // a Go program that is no event store will do
}

// flags adds the flags that name a target.
func (t *target) flags(cmd *cobra.Command) {
	t.dataFlag(cmd)
	cmd.Flags().StringVar(&t.url, "url", "", "URL of a running server, instead of --data")
	t.contextFlag(cmd)
	t.tokenFlags(cmd)
}

func (t *target) dataFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&t.data, "data", "d", "", "data directory (default: evtui's directory under your home directory)")
	_ = cmd.MarkFlagDirname("data")
	cmd.Flags().Var(&t.db, "db-url", "engine and place, instead of --data: "+dbURLForms())
	cmd.Flags().StringVar(&t.db.file, "db-password-file", "", "file with the password for --db-url's server, readable only by its owner")
	_ = cmd.MarkFlagFilename("db-password-file")
}

func (t *target) tokenFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.token, "token", "", "token of a namespace, or the admin token; visible in ps, so prefer --token-file")
	tokenFileFlag(cmd)
	t.trustFlag(cmd)
	cmd.Flags().StringVar(&t.namespace, "ns", "", "namespace to use (default: the token's own)")
}

// withoutNamespace refuses --ns on the command line of a command that does not
// act on one namespace, or on the one that is its argument; why says so. In the
// environment and the configuration it is for the other commands.
func withoutNamespace(cmd *cobra.Command, why string) {
	cmd.Flags().Lookup("ns").Hidden = true
	check := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("ns") {
			return usage(cmd, "%s: leave --ns out", why)
		}
		return check(cmd, args)
	}
}

// named reports whether the target was given, not left to the default.
func (t *target) named() bool { return t.url != "" || t.data != "" || t.db.given() || t.context != "" }

// where returns the place of an engine that this process brings up: as place
// does, and "" for one in memory.
func (t *target) where() (host.Place, error) {
	if t.data == "" && t.db.given() && t.db.dir == "" && t.db.server == nil {
		return "", nil
	}
	return t.dataDir()
}

// dataDir returns the data directory, absolute, as others are told of it.
func (t *target) dataDir() (host.Place, error) {
	dir := t.data
	switch {
	case t.db.server != nil && dir != "": // which is for what belongs to it
	case t.db.server != nil:
		var err error
		if dir, err = t.db.local(); err != nil {
			return "", err
		}
	case t.db.given() && dir != "":
		return "", &usageError{command: "evtui", reason: "--data and --db-url name different targets: give one of them"}
	case t.db.given() && t.db.dir == "":
		return "", &usageError{command: "evtui", reason: "a store in memory is there only while evtui or evtui serve runs: name a directory, or that server with --url"}
	case t.db.given():
		dir = t.db.dir
	}
	if dir == "" {
		var err error
		if dir, err = host.DefaultDir(); err != nil {
			return "", err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the data directory: %w", err)
	}
	return host.Place(dir), nil
}

// access is what a command does on its target.
type access int

const (
	toRead  access = iota // it changes nothing: a directory that nobody serves is only read
	toWrite               // it may change what is there
	toMake                // and make a store in a directory that holds none
)

// session is a client on a target, and the host that it needed, if any.
type session struct {
	*client.Client
	host  *host.Host
	words *engineWords // what the host's engine says; nil without a host of the command's own
	token string
	dial  []client.Option // how the server is reached
	named string          // the context that it is of; "": none
	// beside is the data directory of a server on this machine that was found by
	// it; "": not known, or the host's.
	beside  host.Place
	program *programSession // a Go program that is no event store; nil: it is one
}

// open connects: to the URL, or to the server on the data directory, or to an
// engine of its own on it.
func (t *target) open(ctx context.Context, cmd *cobra.Command, do access) (*session, error) {
	if err := t.one(cmd); err != nil {
		return nil, err
	}
	if t.context != "" {
		return t.useContext(ctx, cmd)
	}
	if t.url != "" {
		return t.attach(ctx, t.url, t.token)
	}
	dir, err := t.dataDir()
	if err != nil {
		return nil, err
	}
	if do != toMake && t.db.server == nil && !dir.HoldsStore() {
		return nil, fmt.Errorf("there is no event store in %s; name a directory with --data, or a server with --url", dir)
	}
	words := newEngineWords(cmd.ErrOrStderr())
	password, err := t.db.secret()
	if err != nil {
		return nil, err
	}
	h, err := host.Open(ctx, host.Config{
		Dir: dir, Backend: t.db.backend, Elsewhere: t.db.server, Password: password, ReadOnly: do == toRead, Listen: host.NoNetwork, Token: adminToken(t.token), Interval: t.commit.interval, Version: version,
		Logger: slog.New(words),
	})
	if host.Locked(err) {
		return t.attachDir(ctx, dir)
	}
	if err != nil {
		return nil, err
	}
	s, err := t.embed(h)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	s.words = words
	return s, nil
}

// adminToken returns the token if it is one of the namespace default, which a
// host checks; any other goes to the server with the calls.
func adminToken(token string) string {
	if named, err := wire.ParseToken(token); err == nil && named != store.DefaultNamespace {
		return ""
	}
	return token
}

// embed returns a session on a host, which it closes at its end.
func (t *target) embed(h *host.Host, options ...client.Option) (*session, error) {
	s := &session{host: h, token: h.LocalToken, dial: []client.Option{client.WithDialer(h.Dial)}}
	if t.token != "" {
		s.token = t.token
	}
	c, err := s.client("http://evtui.internal", options...)
	if err != nil {
		return nil, err
	}
	s.Client = c.In(t.namespace)
	return s, nil
}

// driver returns a client of the session for a load: over connections that take
// little of the machine, and without retries of its own, which the load counts.
// The caller closes it.
func (s *session) driver() (*client.Client, error) {
	options := []client.Option{client.WithTransport(barehttp.New), client.WithRetries(client.Once())}
	if s.ReadOnly() {
		options = append(options, client.WithReadOnly())
	}
	c, err := s.client(s.URL(), options...)
	if err != nil {
		return nil, fmt.Errorf("connect the load: %w", err)
	}
	return c.In(s.Namespace()), nil
}

func (s *session) client(url string, options ...client.Option) (*client.Client, error) {
	options = append(append([]client.Option{client.WithToken(s.token)}, s.dial...), options...)
	return client.New(url, options...)
}

// attach connects to a running server, and makes sure that it answers.
func (t *target) attach(ctx context.Context, url, token string, options ...client.Option) (*session, error) {
	trust, err := t.trust()
	if err != nil {
		return nil, err
	}
	s := &session{token: token, dial: trust, beside: t.serves}
	c, err := s.client(url, options...)
	if err != nil {
		return nil, &usageError{command: "evtui", reason: err.Error()}
	}
	s.Client = c.In(t.namespace)
	if err := s.Ping(ctx); err != nil {
		s.Client.Close()
		return nil, fmt.Errorf("no event store answers at %s: %w", url, err)
	}
	return s, nil
}

// attachDir attaches to the server that holds the directory. It waits a little for
// one that is just starting.
func (t *target) attachDir(ctx context.Context, dir host.Place, options ...client.Option) (*session, error) {
	deadline := time.NewTimer(startingTime)
	defer deadline.Stop()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	var reason error
	for {
		url, token, err := dir.Endpoint()
		if err != nil {
			return nil, fmt.Errorf("find the evtui that holds %s: %w", dir, err)
		}
		switch {
		case url == host.NoNetwork:
			reason = fmt.Errorf("%w: %s is in use by an evtui that serves no network (a command, or --listen none)", errBusy, dir)
		case url == "":
			reason = fmt.Errorf("%w: %s is in use by a process that does not say where it serves", errBusy, dir)
		default:
			if t.token != "" {
				token = t.token
			}
			if token == "" {
				return nil, fmt.Errorf("the admin token is not kept in %s, where an evtui serves at %s: give it with --token-file", dir.TokenFile(), url)
			}
			to := *t
			to.serves = dir
			s, err := to.attach(ctx, url, token, options...)
			if err == nil || !client.Unreachable(err) {
				return s, err
			}
			reason = err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return nil, reason
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Close ends the session and the host that it brought up.
func (s *session) Close() error {
	s.Client.Close()
	if s.host == nil {
		return nil
	}
	return s.host.Close()
}

// with runs f on a session, and ends it.
func (t *target) with(cmd *cobra.Command, do access, f func(*session) error) (err error) {
	s, err := t.open(cmd.Context(), cmd, do)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err = f(s); s.words != nil {
		err = s.words.explain(err)
	}
	return err
}

// checkCategories refuses a stream's name where that of a category belongs: it
// would find nothing, for ever. instead says what would be right.
func checkCategories(cmd *cobra.Command, instead string, names ...string) error {
	for _, name := range names {
		if category := store.Category(name); category != name {
			return usage(cmd, "%q is no category, which ends before the first dash, as %q does; %s", name, category, instead)
		}
	}
	return nil
}
