package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/barehttp"
	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// startingTime is how long a directory that is held may go without telling
// where its server is: it may be starting, or stopping.
const startingTime = 5 * time.Second

// Target says where a command finds its data.
type Target struct {
	URL        string
	Data       string
	Token      string
	Namespace  string
	Context    string     // the name of a server in the configuration
	Trusted    string     // a file of authorities that vouch for servers
	Serves     host.Place // the data directory whose server it is, for its certificate; "": not known
	DB         DBURL      // instead of data
	Durability Durability // of an engine that the command brings up itself
	Programs   bool       // a Go program that is no event store will do
}

// Flags adds the flags that name a target.
func (t *Target) Flags(cmd *cobra.Command) {
	t.DataFlag(cmd)
	cmd.Flags().StringVar(&t.URL, "url", "", "server's URL, instead of --data")
	t.ContextFlag(cmd)
	t.TokenFlags(cmd)
}

// DataFlag adds --data and --db-url.
func (t *Target) DataFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&t.Data, "data", "d", "", "data directory (default: evtui's directory under your home directory)")
	cmd.Flags().Var(&t.DB, "db-url", "engine and place, instead of --data: "+dbURLForms())
	cmd.Flags().StringVar(&t.DB.file, "db-password-file", "", "file with the password for --db-url's server, readable only by its owner")
}

// TokenFlags adds the flags of token, trust and namespace.
func (t *Target) TokenFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.Token, "token", "", "token of a namespace, or the admin token; visible in ps, so prefer --token-file")
	TokenFileFlag(cmd)
	t.TrustFlag(cmd)
	cmd.Flags().StringVar(&t.Namespace, "ns", "", "namespace to use (default: the token's own)")
}

// WithoutNamespace refuses --ns on the command line of a command that does not
// act on one namespace, or on the one that is its argument; why says so. In the
// environment and the configuration it is for the other commands.
func WithoutNamespace(cmd *cobra.Command, why string) {
	cmd.Flags().Lookup("ns").Hidden = true
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("ns") {
			return command.Usage(cmd, "%s: leave --ns out", why)
		}
		return command.ByUse(cmd, args)
	}
}

// Named reports whether the target was given, not left to the default.
func (t *Target) Named() bool { return t.URL != "" || t.Data != "" || t.DB.Given() || t.Context != "" }

// Where returns the place of an engine that this process brings up: as dataDir
// does, and "" for one in memory.
func (t *Target) Where() (host.Place, error) {
	if t.Data == "" && t.DB.Given() && t.DB.Dir == "" && t.DB.Server == nil {
		return "", nil
	}
	return t.DataDir()
}

// DataDir returns the data directory, absolute, as others get it.
func (t *Target) DataDir() (host.Place, error) {
	dir := t.Data
	switch {
	case t.DB.Server != nil && dir != "": // which is for what belongs to it
	case t.DB.Server != nil:
		var err error
		if dir, err = t.DB.local(); err != nil {
			return "", err
		}
	case t.DB.Given() && dir != "":
		return "", &command.UsageError{Command: "evtui", Reason: "--data and --db-url name different targets: give one of them"}
	case t.DB.Given() && t.DB.Dir == "":
		return "", &command.UsageError{Command: "evtui", Reason: "a store in memory is there only while evtui or evtui serve runs: name a directory, or that server with --url"}
	case t.DB.Given():
		dir = t.DB.Dir
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

// Access is what a command does on its target.
type Access int

// What a command may do.
const (
	ToRead  Access = iota // it changes nothing: a directory that no server has open is only read
	ToWrite               // it may change what is there
	ToMake                // and make a store in a directory that holds none
	ToReset               // it may change what is there, whether the admin token is known or not
)

// Session is a client on a target, and the host that it needed, if any.
type Session struct {
	*client.Client
	Host        *host.Host
	words       *EngineWords // what the host's engine says; nil without a host of the command's own
	token       string
	dial        []client.Option // how the server is reached
	ContextName string          // the context that it is of; "": none
	// beside is the data directory of a server on this machine that was found by
	// it; "": not known, or the host's.
	Beside  host.Place
	Program *Program // a Go program that is no event store; nil: it is one
}

// Open connects: to the URL, or to the server on the data directory, or to an
// engine of its own on it.
func (t *Target) Open(ctx context.Context, cmd *cobra.Command, do Access) (*Session, error) {
	if err := t.CheckOne(cmd); err != nil {
		return nil, err
	}
	if t.Context != "" {
		return t.UseContext(ctx, cmd)
	}
	if t.URL != "" {
		to, url, token := t.found(ctx, t.URL, t.Token)
		return to.Attach(ctx, url, token)
	}
	dir, err := t.DataDir()
	if err != nil {
		return nil, err
	}
	if do != ToMake && t.DB.Server == nil && !dir.HoldsStore() { // a server's store is there without a directory
		return nil, fmt.Errorf("there is no event store in %s; name a directory with --data, or a server with --url", dir)
	}
	return t.bringUp(ctx, cmd, dir, do)
}

// bringUp opens a directory in this process, or attaches to the server that holds it. To
// reset tokens it opens it whatever its admin token is: who may write to its files needs
// none; a server that holds it wants the token.
func (t *Target) bringUp(ctx context.Context, cmd *cobra.Command, dir host.Place, do Access) (*Session, error) {
	if do == ToReset && t.DB.Guest() {
		return nil, t.DB.Elsewhere("change tokens", "evtui's own admin token for it is made again once its file, "+dir.TokenFile()+", is removed and evtui started again")
	}
	words, to := NewEngineWords(cmd.ErrOrStderr()), *t
	if do == ToReset {
		to.Token = ""
	}
	cfg, err := to.Engine(dir)
	if err != nil {
		return nil, err
	}
	cfg.ReadOnly, cfg.AnyToken, cfg.Token, cfg.Listen, cfg.Logger = do == ToRead, do == ToReset, AdminToken(to.Token), host.NoNetwork, slog.New(words)
	h, err := host.Open(ctx, cfg)
	if host.Locked(err) {
		return t.AttachDir(ctx, dir)
	}
	if err != nil {
		return nil, err
	}
	if do != ToReset {
		err = t.catchUp(ctx, cmd.ErrOrStderr(), h)
	}
	var s *Session
	if err == nil {
		s, err = to.Embed(h)
	}
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	s.words = words
	return s, nil
}

// Engine returns how a host, or who opens the store alone, has the target's data in a directory.
func (t *Target) Engine(dir host.Place) (host.Config, error) {
	password, err := t.DB.Secret()
	return host.Config{
		Dir: dir, Backend: t.DB.Backend, Elsewhere: t.DB.Server, Password: password, Interval: t.Durability.Interval, Version: command.Version,
	}, err
}

// AdminToken returns the token if it is one of the namespace default, which a
// host checks; any other goes to the server with the calls.
func AdminToken(token string) string {
	if named, err := wire.ParseToken(token); err == nil && named != store.DefaultNamespace {
		return ""
	}
	return token
}

// Embed returns a session on a host, which it closes at its end.
func (t *Target) Embed(h *host.Host, options ...client.Option) (*Session, error) {
	s := &Session{Host: h, token: cmp.Or(t.Token, h.LocalToken), dial: []client.Option{client.WithDialer(h.Dial)}}
	c, err := s.NewClient("http://evtui.internal", options...)
	if err != nil {
		return nil, err
	}
	s.Client = c.In(t.Namespace)
	return s, nil
}

// Driver returns a client of the session for a load: over connections that take
// little of the machine, and without retries of its own, which the load counts.
// The caller closes it.
func (s *Session) Driver() (*client.Client, error) {
	options := []client.Option{client.WithTransport(barehttp.New), client.WithRetries(client.Once())}
	if s.ReadOnly() {
		options = append(options, client.WithReadOnly())
	}
	c, err := s.NewClient(s.URL(), options...)
	if err != nil {
		return nil, fmt.Errorf("connect the load: %w", err)
	}
	return c.In(s.Namespace()), nil
}

// Reader returns a client of the session that refuses pages of more bytes than a
// command should hold at once; whoever reads asks for fewer messages then. The
// caller closes it.
func (s *Session) Reader(pageBytes int64) (*client.Client, error) {
	c, err := s.NewClient(s.URL(), client.WithLimits(client.Limits{Page: pageBytes}))
	if err != nil {
		return nil, fmt.Errorf("connect to read: %w", err)
	}
	return c.In(s.Namespace()), nil
}

// NewClient returns a client of the session's server by the way of the session;
// the caller closes it.
func (s *Session) NewClient(url string, options ...client.Option) (*client.Client, error) {
	options = append(append([]client.Option{client.WithToken(s.token)}, s.dial...), options...)
	return client.New(url, options...)
}

// WriteToken writes the session's token into a file, which its owner alone can
// read, for a program that shall reach the same server; it writes none where there
// is no token.
func (s *Session) WriteToken(name string) error {
	if s.token == "" {
		return nil
	}
	if err := os.WriteFile(name, []byte(s.token+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the token: %w", err)
	}
	return nil
}

// Attach connects to a running server, and makes sure that it answers.
func (t *Target) Attach(ctx context.Context, url, token string, options ...client.Option) (*Session, error) {
	trust, err := t.trust()
	if err != nil {
		return nil, err
	}
	s := &Session{token: token, dial: trust, Beside: t.Serves}
	c, err := s.NewClient(url, options...)
	if err != nil {
		return nil, &command.UsageError{Command: "evtui", Reason: err.Error()}
	}
	s.Client = c.In(t.Namespace)
	if err := s.Ping(ctx); err != nil {
		s.Client.Close()
		return nil, fmt.Errorf("no event store answers at %s: %w", url, err)
	}
	return s, nil
}

// AttachDir attaches to the server that holds the directory. It waits a little for
// one that is just starting.
func (t *Target) AttachDir(ctx context.Context, dir host.Place, options ...client.Option) (s *Session, err error) {
	err = command.Retry(ctx, 100*time.Millisecond, startingTime, func() (done bool, err error) {
		url, token, err := dir.Endpoint()
		switch {
		case err != nil:
			return true, fmt.Errorf("find the evtui that holds %s: %w", dir, err)
		case url == host.NoNetwork:
			return false, fmt.Errorf("%w: %s is in use by an evtui that serves no network (a command, or --listen none)", command.ErrBusy, dir)
		case url == "":
			return false, fmt.Errorf("%w: %s is in use by a process that does not say where it serves", command.ErrBusy, dir)
		}
		if token = cmp.Or(t.Token, token); token == "" {
			return true, fmt.Errorf("the admin token is not kept in %s, where an evtui serves at %s: give it with --token-file; if it is lost, stop that evtui, and make a new one with evtui ns token default --new", dir.TokenFile(), url)
		}
		to := *t
		to.Serves = dir
		s, err = to.Attach(ctx, url, token, options...)
		return err == nil || !client.Unreachable(err), err
	})
	return s, err
}

// Close ends the session and the host that it brought up.
func (s *Session) Close() error {
	s.Client.Close()
	if s.Host == nil {
		return nil
	}
	return s.Host.Close()
}

// Token returns what the session's calls carry.
func (s *Session) Token() string { return s.token }

// With runs f on a session, and ends it.
func (t *Target) With(cmd *cobra.Command, do Access, f func(*Session) error) (err error) {
	s, err := t.Open(cmd.Context(), cmd, do)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err = f(s); s.words != nil {
		err = s.words.explain(err)
	}
	return err
}

// Run is what cobra calls for a command.
type Run = func(cmd *cobra.Command, args []string) error

// Runs returns what a command does that checks what it was given and then runs on its target.
func (t *Target) Runs(do Access, check Run, run func(*cobra.Command, *Session) error) Run {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return err
		}
		return t.With(cmd, do, func(s *Session) error { return run(cmd, s) })
	}
}

// Follows is Runs for a command that reads, and may print nothing for long: it ends with
// whoever reads its output.
func (t *Target) Follows(check Run, run func(*cobra.Command, *Session) error) Run {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return err
		}
		return command.WhileRead(cmd, func() error {
			return t.With(cmd, ToRead, func(s *Session) error { return run(cmd, s) })
		})
	}
}

// Reads is Runs for a command that reads messages. Its client refuses pages of more bytes
// than that; whoever reads asks for fewer messages then.
func (t *Target) Reads(pageBytes int64, check Run, run func(*cobra.Command, *client.Client) error) Run {
	return t.Runs(ToRead, check, func(cmd *cobra.Command, s *Session) error {
		c, err := s.Reader(pageBytes)
		if err != nil {
			return err
		}
		defer c.Close()
		return run(cmd, c)
	})
}

// CheckCategories refuses a stream's name where that of a category belongs: it
// would find nothing, for ever. instead says what would be right.
func CheckCategories(cmd *cobra.Command, instead string, names ...string) error {
	for _, name := range names {
		if category := store.Category(name); category != name {
			return command.Usage(cmd, "%q is no category, which ends before the first dash, as %q does; %s", name, category, instead)
		}
	}
	return nil
}

// MissingCategory returns an error when the client's namespace has no such category.
func MissingCategory(ctx context.Context, c *client.Client, category string) error {
	list, err := c.ReadCategory(ctx, client.CategoryQuery{Category: category, Limit: 1})
	if err != nil || len(list) > 0 {
		return err
	}
	return fmt.Errorf("namespace %s has no category %q", c.Namespace(), category)
}

// FreshFlag adds the flag of commands that read what others may just have written.
func FreshFlag(cmd *cobra.Command, fresh *bool) {
	cmd.Flags().BoolVar(fresh, "fresh", false, "on a cluster, first wait for all that was acknowledged anywhere, on other evtui servers too")
}

// Freshen waits until what the client reads of its namespace shows all that was acknowledged
// anywhere before the call. One question does for all that is read after it.
func Freshen(ctx context.Context, c *client.Client) error {
	if _, err := c.Fresh().Version(ctx, "evtui"); err != nil { // any stream, there or not
		return fmt.Errorf("wait for what was acknowledged elsewhere: %w", err)
	}
	return nil
}
