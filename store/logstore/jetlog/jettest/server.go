package jettest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// serveEnv names the configuration file of the server that this process is.
const serveEnv = "EVTUI_JETTEST_SERVE"

// Main runs a package's tests, or one server of a cluster when this process was started
// as one. It does not return.
func Main(m *testing.M) {
	Serve()
	code := m.Run()
	stopShared()
	os.Exit(code)
}

// Serve is one server of a cluster, and does not return, when this process was started as one:
// for a TestMain that does more than Main, which calls it first. Clusters then end with
// their tests: Shared needs Main.
func Serve() {
	if file := os.Getenv(serveEnv); file != "" {
		serve(file)
	}
}

// serve is a server until it is told to end, or whoever started it is gone.
func serve(file string) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	options, err := server.ProcessConfigFile(file)
	if err == nil {
		options.NoSigs = true
		var s *server.Server
		if s, err = server.NewServer(options); err == nil {
			s.ConfigureLogger()
			s.Start()
			s.WaitForShutdown()
		}
	}
	fmt.Fprintln(os.Stderr, "jettest server:", err)
	os.Exit(1)
}

// node is one server of a cluster.
type node struct {
	name                   string
	dir                    string
	client, route, monitor int // ports
	process                *exec.Cmd
	input                  io.WriteCloser
	ended                  chan struct{} // closed when the process has ended
	said                   bytes.Buffer  // what it wrote; to be read after ended
}

// start starts the server with the configuration that stands in its directory.
func (n *node) start() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	n.said.Reset()
	n.process = exec.Command(program)
	n.process.Env = append(os.Environ(), serveEnv+"="+n.config())
	n.process.Stdout, n.process.Stderr = &n.said, &n.said
	n.process.SysProcAttr = dieWithParent()
	if n.input, err = n.process.StdinPipe(); err != nil {
		return err
	}
	if err := n.process.Start(); err != nil {
		return fmt.Errorf("start server %s: %w", n.name, err)
	}
	n.ended = make(chan struct{})
	go func(p *exec.Cmd, ended chan struct{}) {
		defer close(ended)
		_ = p.Wait()
	}(n.process, n.ended)
	return nil
}

// kill ends the process with SIGKILL and waits for its end.
func (n *node) kill() {
	if n.process == nil {
		return
	}
	_ = n.process.Process.Kill()
	<-n.ended
	_ = n.input.Close()
	n.process = nil
}

func (n *node) config() string { return filepath.Join(n.dir, "server.conf") }

// log is the end of what the server wrote into its log.
func (n *node) log() string {
	text, err := os.ReadFile(filepath.Join(n.dir, "server.log"))
	if err != nil {
		return err.Error()
	}
	end := string(text[max(0, len(text)-4000):])
	select {
	case <-n.ended:
		end += "it ended, and wrote:\n" + n.said.String()
	default:
	}
	return end
}

// writeConfig writes the server's configuration. Routes are where it reaches the others.
func (n *node) writeConfig(o Options, routes []string, clusterName string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "server_name: %s\nlisten: \"127.0.0.1:%d\"\nhttp: \"127.0.0.1:%d\"\n", n.name, n.client, n.monitor)
	fmt.Fprintf(&b, "max_payload: %d\nlog_file: %q\nlogtime_utc: true\n", o.MaxPayload, filepath.Join(n.dir, "server.log"))
	fmt.Fprintf(&b, "jetstream { store_dir: %q, sync_interval: %q, max_mem: 256MB, max_file: 64GB }\n", filepath.Join(n.dir, "data"), o.Sync)
	if len(routes) > 0 {
		// Others would hear where this server is and go past the proxies: nothing
		// listens where it says that it is.
		fmt.Fprintf(&b, "cluster { name: %s, listen: \"127.0.0.1:%d\", advertise: \"127.0.0.1:1\", no_advertise: true, routes: [%s] }\n",
			clusterName, n.route, strings.Join(routes, ", "))
	}
	b.WriteString("accounts {\n  SYS { users: [{user: sys, password: sys}] }\n")
	for i := range accounts {
		name := accountName(i)
		fmt.Fprintf(&b, "  %s { jetstream: enabled, users: [{user: %s, password: %s}] }\n", name, name, name)
	}
	b.WriteString("  PLAIN { users: [{user: plain, password: plain}] }\n}\nsystem_account: SYS\n" + o.Extra)
	return os.WriteFile(n.config(), []byte(b.String()), 0o600)
}

// accounts is how many there are for tests.
const accounts = 400

func accountName(i int) string { return "a" + strconv.Itoa(i) }

// Ports below those that systems give to outgoing connections: while a server is
// down, one of these could get its port, even one that looks for it there.
const (
	firstPort = 10_000
	lastPort  = 30_000
)

// freePorts returns ports that nobody listens on.
func freePorts(n int) ([]int, error) {
	var ports []int
	for tries := 0; len(ports) < n; tries++ {
		port := firstPort + rand.N(lastPort-firstPort)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			if tries > 1000 {
				return nil, fmt.Errorf("find a port: %w", err)
			}
			continue
		}
		defer l.Close() // all are held until all are found
		ports = append(ports, port)
	}
	return ports, nil
}
