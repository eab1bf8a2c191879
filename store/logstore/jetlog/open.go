package jetlog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

const (
	minPayload   = 2 << 20  // bytes; what evtui wants to be able to append at once
	maxRecord    = 8 << 20  // bytes; NATS advises against more
	overhead     = 512      // bytes of headers beside a record's id
	minServer    = "2.12.0" // the first with atomic batches
	connectTime  = 5 * time.Second
	pingInterval = 5 * time.Second // a connection that answers none of three is lost
)

// Log is a cluster's JetStream.
type Log struct {
	options  Options
	place    place
	replicas int
	api      string // "$JS.API."
	logger   *slog.Logger
	conn     *nats.Conn
	replies  *replies
	counts   counts

	done    context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup
	closed  sync.Once

	changed chan struct{}
	http    *http.Client
	lookout lookout

	mu         sync.Mutex // guards what follows
	durability string
	found      []string // what inspect found
	warnings   []string // what was found besides
	feeds      map[*feed]bool
	shut       bool // nothing more is started
}

var _ logstore.Log = (*Log)(nil)

// Open connects to a cluster and checks that it offers what a log needs. The errors say
// what would have to be otherwise. It waits for a server as long as ctx lasts.
func Open(ctx context.Context, u *url.URL, o Options) (*Log, error) {
	p, err := parse(u)
	if err != nil {
		return nil, fmt.Errorf("the URL %w", err)
	}
	l := &Log{options: o, place: p, replicas: cmp.Or(p.replicas, defaultReplicas), api: "$JS.API.", logger: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), changed: make(chan struct{}, 1), feeds: map[*feed]bool{}, replies: newReplies(nats.NewInbox()), durability: syncUnknown, http: &http.Client{Transport: &http.Transport{}}}
	if p.domain != "" {
		l.api = "$JS." + p.domain + ".API."
	}
	l.done, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := l.connect(ctx); err != nil {
		l.stop()
		return nil, err
	}
	if err := l.check(ctx); err != nil {
		_ = l.Close()
		return nil, err
	}
	l.inspect(ctx)
	l.start(l.watch)
	if len(o.Monitor) > 0 {
		l.start(l.inspections)
	}
	return l, nil
}

// start runs something that ends when the log is closed, unless it is already.
func (l *Log) start(run func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return false
	}
	l.running.Go(run)
	return true
}

// connect connects to one of the servers, trying until ctx ends when none can be reached.
func (l *Log) connect(ctx context.Context) error {
	options, err := l.connectOptions()
	if err != nil {
		return err
	}
	for {
		conn, err := nats.Connect(strings.Join(l.place.servers, ","), options...)
		if err == nil {
			l.conn = conn
			break
		}
		if !errors.Is(err, nats.ErrNoServers) && !errors.Is(err, nats.ErrTimeout) {
			return fmt.Errorf("connect to %s: %w", l.Place(), err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("connect to %s: %w", l.Place(), err)
		case <-time.After(retryTime):
		}
	}
	sub, err := l.conn.Subscribe(l.replies.prefix+"*", l.replies.receive)
	if err == nil {
		err = sub.SetPendingLimits(-1, -1)
	}
	if err != nil {
		l.conn.Close()
		return fmt.Errorf("subscribe to answers: %w", err)
	}
	return nil
}

func (l *Log) connectOptions() ([]nats.Option, error) {
	o := l.options
	config, err := o.tls()
	if err != nil {
		return nil, err
	}
	options := []nats.Option{
		nats.Name("evtui"), nats.Timeout(connectTime), nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(2),
		nats.MaxReconnects(-1), nats.ReconnectBufSize(-1), nats.CustomReconnectDelay(reconnectDelay), nats.IgnoreAuthErrorAbort(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			l.replies.fail(errLost)
			if l.done.Err() == nil { // else it was closed
				l.logger.Warn("connection to the log lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) {
			l.counts[reconnects].Add(1)
			l.reconnected()
			l.logger.Info("connected to the log again", "server", c.ConnectedServerName())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			l.logger.Warn("connection to the log", "error", err)
		}),
	}
	if config != nil {
		options = append(options, nats.Secure(config))
	} else if l.place.secure {
		options = append(options, nats.Secure())
	}
	user := cmp.Or(o.User, l.place.user)
	switch {
	case o.Credentials != "":
		options = append(options, nats.UserCredentials(o.Credentials))
	case o.Seed != "":
		key, err := nats.NkeyOptionFromSeed(o.Seed)
		if err != nil {
			return nil, fmt.Errorf("read the NKey's seed in %s: %w", o.Seed, err)
		}
		options = append(options, key)
	case o.Token != "":
		options = append(options, nats.Token(o.Token))
	case user != "":
		options = append(options, nats.UserInfo(user, o.Password))
	}
	return options, nil
}

// reconnectDelay is how long to wait when no server could be reached: not long, and not
// everybody at once.
func reconnectDelay(attempts int) time.Duration {
	most := min(2*time.Second, time.Duration(attempts+1)*100*time.Millisecond)
	return most/2 + rand.N(most/2)
}

// check returns an error for what a log cannot do without.
func (l *Log) check(ctx context.Context) error {
	server := l.conn.ConnectedServerName()
	if v := l.conn.ConnectedServerVersion(); !atLeast(v, minServer) {
		return fmt.Errorf("server %s is nats-server %s: evtui needs %s, for batches that are stored whole", server, v, minServer)
	}
	if n := l.conn.MaxPayload(); n < minPayload {
		return fmt.Errorf("server %s takes messages of %d bytes: set max_payload to %d or more in the configuration of every server (8MB is what NATS advises at most), and reload them", server, n, minPayload)
	}
	if l.replicas > 1 && l.conn.ConnectedClusterName() == "" {
		return fmt.Errorf("server %s stands alone, and %d replicas are asked for: connect to a cluster of %[2]d, or say ?replicas=1 and do without", server, l.replicas)
	}
	err := l.read(ctx, "", "INFO", nil, nil)
	switch {
	case isCode(err, codeNotForAccount):
		return fmt.Errorf("JetStream is not enabled for this account of server %s: say jetstream: enabled in the account", server)
	case isCode(err, codeNotEnabled), errors.Is(err, errNoResponders):
		return fmt.Errorf("JetStream is not enabled on server %s: it needs a block jetstream { store_dir: … }", server)
	case err != nil:
		return fmt.Errorf("ask for JetStream: %w", err)
	}
	return nil
}

// atLeast compares versions like 2.12.0 and 2.15.3-dev.
func atLeast(version, least string) bool {
	numbers := func(s string) (n [3]int) {
		_, _ = fmt.Sscanf(strings.TrimPrefix(s, "v"), "%d.%d.%d", &n[0], &n[1], &n[2])
		return n
	}
	v, m := numbers(version), numbers(least)
	return slices.Compare(v[:], m[:]) >= 0
}

// Place names the cluster: "nats://a:4222,b:4222".
func (l *Log) Place() string {
	hosts := make([]string, len(l.place.servers))
	scheme := Scheme
	for i, s := range l.place.servers {
		scheme, hosts[i], _ = strings.Cut(s, "://")
	}
	return scheme + "://" + strings.Join(hosts, ",")
}

// MaxRecord is what the server takes at once, without what the headers need.
func (l *Log) MaxRecord() int { return int(min(l.conn.MaxPayload(), maxRecord)) - overhead }

// Close ends the connection and all feeds. Calls under way end with an error.
func (l *Log) Close() error {
	l.closed.Do(func() {
		l.mu.Lock()
		l.shut = true
		l.mu.Unlock()
		l.stop()
		l.replies.fail(errClosed)
		l.conn.Close()
		l.replies.fail(errClosed)
	})
	l.running.Wait()
	l.http.CloseIdleConnections()
	return nil
}

// explain is an error as logstore.Log wants it: that the log is closed, or has no such namespace.
func (l *Log) explain(err error) error {
	switch {
	case isCode(err, codeNoStream):
		return store.ErrNamespaceNotFound
	case err != nil && l.done.Err() != nil:
		return store.ErrClosed
	}
	return err
}
