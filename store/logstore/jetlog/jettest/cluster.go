package jettest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options say what a cluster is like. The zero value is three servers that sync always.
type Options struct {
	Servers    int    // 0: 3; with 1 there is no cluster
	Sync       string // sync_interval, such as "2m"; "": "always"
	MaxPayload int    // bytes; 0: 8 MiB
	Extra      string // more lines of every server's configuration
}

// Cluster is a running cluster. Servers are counted from 0. Methods that change something are
// called by one goroutine at a time.
type Cluster struct {
	options Options
	dir     string
	nodes   []*node
	ways    map[[2]int]*proxy // from, to
	account atomic.Int64      // accounts handed out
}

// Start starts a cluster that ends with the test, and waits until it is ready.
func Start(t testing.TB, o Options) *Cluster {
	t.Helper()
	c, err := start(t.TempDir(), o)
	if err != nil {
		t.Fatalf("jettest: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.logs())
		}
		c.stop()
	})
	return c
}

// shared is the cluster that all tests of a package use.
var shared struct {
	once    sync.Once
	dir     string
	cluster *Cluster
	err     error
}

// Shared returns a cluster of three servers that sync always, which all tests of the package use: who stops
// one of its servers brings it back. It ends with Main.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.once.Do(func() {
		dir, err := os.MkdirTemp("", "jettest")
		if err == nil {
			shared.dir = dir
			shared.cluster, err = start(dir, Options{})
		}
		shared.err = err
	})
	if shared.err != nil {
		t.Fatalf("jettest: %v", shared.err)
	}
	return shared.cluster
}

func stopShared() {
	if shared.cluster != nil {
		shared.cluster.stop()
	}
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
}

func start(dir string, o Options) (*Cluster, error) {
	o.Servers, o.MaxPayload, o.Sync = cmp.Or(o.Servers, 3), cmp.Or(o.MaxPayload, 8<<20), cmp.Or(o.Sync, "always")
	for try := 1; ; try++ {
		c := &Cluster{options: o, dir: filepath.Join(dir, fmt.Sprint(try)), ways: map[[2]int]*proxy{}}
		err := c.begin()
		if err == nil {
			return c, nil
		}
		c.stop()
		if try == 3 { // a port was taken meanwhile
			return nil, err
		}
	}
}

func (c *Cluster) begin() error {
	ports, err := freePorts(3 * c.options.Servers)
	if err != nil {
		return err
	}
	for i := range c.options.Servers {
		n := &node{name: fmt.Sprintf("n%d", i), dir: filepath.Join(c.dir, fmt.Sprintf("n%d", i)), client: ports[3*i], route: ports[3*i+1], monitor: ports[3*i+2]}
		if err := os.MkdirAll(n.dir, 0o755); err != nil {
			return err
		}
		c.nodes = append(c.nodes, n)
	}
	for i, n := range c.nodes {
		var routes []string
		for j, other := range c.nodes {
			if j == i {
				continue
			}
			way, err := newProxy(fmt.Sprintf("127.0.0.1:%d", other.route))
			if err != nil {
				return err
			}
			c.ways[[2]int{i, j}] = way
			routes = append(routes, fmt.Sprintf("%q", "nats://"+way.address()))
		}
		if err := n.writeConfig(c.options, routes, "jettest"); err != nil {
			return err
		}
		if err := n.start(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return c.Ready(ctx)
}

func (c *Cluster) stop() {
	for _, n := range c.nodes {
		n.kill()
	}
	for _, way := range c.ways {
		way.close()
	}
}

func (c *Cluster) logs() string {
	var b strings.Builder
	for _, n := range c.nodes {
		fmt.Fprintf(&b, "log of %s ends so:\n%s\n", n.name, n.log())
	}
	return b.String()
}

// URL names all servers, without a user.
func (c *Cluster) URL() *url.URL {
	hosts := make([]string, len(c.nodes))
	for i, n := range c.nodes {
		hosts[i] = fmt.Sprintf("127.0.0.1:%d", n.client)
	}
	u := &url.URL{Scheme: "nats", Host: strings.Join(hosts, ",")}
	if len(c.nodes) < 3 {
		u.RawQuery = "replicas=1"
	}
	return u
}

// ServerURL names one server alone.
func (c *Cluster) ServerURL(i int) *url.URL {
	u := c.URL()
	u.Host = fmt.Sprintf("127.0.0.1:%d", c.nodes[i].client)
	return u
}

// Account returns the user and the password of an account that nobody else got.
func (c *Cluster) Account(t testing.TB) (user, password string) {
	t.Helper()
	i := int(c.account.Add(1)) - 1
	if i >= accounts {
		t.Fatalf("jettest: all %d accounts are taken", accounts)
	}
	return accountName(i), accountName(i)
}

// Monitor returns the URLs of the monitoring ports.
func (c *Cluster) Monitor() []string {
	list := make([]string, len(c.nodes))
	for i, n := range c.nodes {
		list[i] = fmt.Sprintf("http://127.0.0.1:%d", n.monitor)
	}
	return list
}

// Kill ends a server with SIGKILL.
func (c *Cluster) Kill(i int) { c.nodes[i].kill() }

// Restart starts a server that was killed, with the data and the ports that it had. It
// does not wait until the server is ready.
func (c *Cluster) Restart(t testing.TB, i int) {
	t.Helper()
	c.nodes[i].kill()
	if err := c.nodes[i].start(); err != nil {
		t.Fatalf("jettest: %v", err)
	}
}

// CutOff cuts a server off from others, from all when none is named. Clients reach it still.
func (c *Cluster) CutOff(i int, others ...int) { c.setWays(i, others, true) }

// Heal undoes CutOff.
func (c *Cluster) Heal(i int, others ...int) { c.setWays(i, others, false) }

func (c *Cluster) setWays(i int, others []int, cut bool) {
	for j := range c.nodes {
		if j != i && (len(others) == 0 || slices.Contains(others, j)) {
			c.ways[[2]int{i, j}].set(cut)
			c.ways[[2]int{j, i}].set(cut)
		}
	}
}

// Ready waits until every server that runs is well and the cluster has a leader.
func (c *Cluster) Ready(ctx context.Context) error {
	for i, n := range c.nodes {
		for n.process != nil {
			err := c.ready(ctx, i)
			if err == nil {
				break
			}
			select {
			case <-c.anyEnded():
				return fmt.Errorf("a server ended\n%s", c.logs())
			case <-ctx.Done():
				return fmt.Errorf("server %s is not ready: %w\n%s", n.name, err, c.logs())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

// anyEnded returns the channel of a server that ended without being killed, else nil.
func (c *Cluster) anyEnded() <-chan struct{} {
	for _, n := range c.nodes {
		if n.process == nil {
			continue
		}
		select {
		case <-n.ended:
			return n.ended
		default:
		}
	}
	return nil
}

func (c *Cluster) ready(ctx context.Context, i int) error {
	if err := c.ask(ctx, i, "/healthz", &struct{}{}); err != nil {
		return err
	}
	if len(c.nodes) == 1 {
		return nil
	}
	js := server.JSInfo{Meta: &server.MetaClusterInfo{}}
	if err := c.ask(ctx, i, "/jsz", &js); err != nil {
		return err
	}
	if js.Meta.Leader == "" || js.Meta.Size != len(c.nodes) {
		return fmt.Errorf("%q leads %d of %d servers", js.Meta.Leader, js.Meta.Size, len(c.nodes))
	}
	if c.ServerNamed(js.Meta.Leader) != i {
		return nil
	}
	for _, r := range js.Meta.Replicas { // a follower knows the leader only
		if n := c.ServerNamed(r.Name); n >= 0 && c.nodes[n].process != nil && (r.Offline || !r.Current) {
			return fmt.Errorf("the leader does not have server %s yet: %+v", r.Name, *js.Meta)
		}
	}
	return nil
}

// ask reads JSON from a server's monitoring port.
func (c *Cluster) ask(ctx context.Context, i int, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Monitor()[i]+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// Leader returns the server that leads a stream of an account, as the servers that run say; it
// waits for one.
func (c *Cluster) Leader(t testing.TB, account, stream string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		for i := range c.nodes {
			if leader := c.leaderAt(ctx, i, account, stream); leader >= 0 {
				return leader
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("jettest: nobody leads stream %s of %s", stream, account)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// leaderAt returns the leader if it is this server, by its own word; else -1.
func (c *Cluster) leaderAt(ctx context.Context, i int, account, stream string) int {
	if c.nodes[i].process == nil {
		return -1
	}
	var js server.JSInfo
	if err := c.ask(ctx, i, "/jsz?streams=true&leader-only=false&acc="+url.QueryEscape(account), &js); err != nil {
		return -1
	}
	for _, a := range js.AccountDetails {
		for _, s := range a.Streams {
			if a.Name == account && s.Name == stream && (s.Cluster == nil || s.Cluster.Leader == c.nodes[i].name) {
				return i
			}
		}
	}
	return -1
}

// ServerNamed returns the server that has a name.
func (c *Cluster) ServerNamed(name string) int {
	return slices.IndexFunc(c.nodes, func(n *node) bool { return n.name == name })
}
