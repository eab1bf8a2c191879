package cli

import (
	"cmp"
	"errors"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/server"
)

// defaultListen is where others reach the server unless --listen says otherwise.
const defaultListen = "127.0.0.1:8080"

// engineFlags say how an engine in this process works and who reaches it.
type engineFlags struct {
	listen  string
	maxOpen int
	durable target.Durability
	memory  byteSize
	idle    time.Duration
	networkFlags
}

func (e *engineFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&e.listen, "listen", "l", defaultListen, "address to serve on; port 0 picks a free one, none disables the network")
	cmd.Flags().IntVar(&e.maxOpen, "max-open", 64, "maximum number of open namespaces")
	e.memory = host.DefaultMemory
	cmd.Flags().Var(&e.memory, "memory", "memory budget of the process, such as 256MB: sizes caches and memtables, and limits the Go heap")
	cmd.Flags().Var(moment.Flag(&e.idle, 5*time.Minute), "idle-close", "close namespaces that are idle for this long; 0 for never")
	cmd.Flags().Var(&e.durable, "durability", "when to acknowledge an append: sync, once it is synced to disk; interval or interval=TIME, before that, and a crash or a kill loses up to that much")
	e.networkFlags.flags(cmd)
}

func (e *engineFlags) check(cmd *cobra.Command) error {
	return cmp.Or(
		command.Check(cmd,
			command.When(e.maxOpen < 1, "--max-open must be at least 1"),
			command.When(e.memory < leastMemory, "--memory must be at least %s", new(leastMemory).String()),
			command.When(e.idle < 0, "--idle-close must not be negative")),
		e.networkFlags.check(cmd))
}

// leastMemory is what the engine can still work with.
const leastMemory byteSize = 32 << 20

// idleClose is the flag in the engine's terms, where 0 stands for its default.
func (e *engineFlags) idleClose() time.Duration {
	if e.idle == 0 {
		return -1
	}
	return e.idle
}

// limitMemory has the collector keep to the budget, less what the program's own
// pages take of it, unless GOMEMLIMIT says otherwise: whoever sets that knows what else the process shares its memory with.
func (e *engineFlags) limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(e.memory) / 12 * 11)
	}
}

// networkFlags say who may reach the server over the network, and how much of
// it they may take.
type networkFlags struct {
	host.Network
	body byteSize
}

func (n *networkFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&n.Cert, "tls-cert", "", "serve TLS with this certificate chain, a PEM file; reloaded when it changes")
	f.StringVar(&n.Key, "tls-key", "", "private key of the certificate, a PEM file")
	f.StringArrayVar(&n.Origins, "cors-origin", nil, "allow cross-origin calls from this origin, such as https://shop.example; may be repeated; * for all")
	n.Limits = host.DefaultLimits()
	f.IntVar(&n.Limits.Connections, "max-connections", n.Limits.Connections, "maximum open connections; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.Limits.Requests, "max-requests", n.Limits.Requests, "maximum concurrent calls; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.Limits.Subscriptions, "max-subscriptions", n.Limits.Subscriptions, "maximum open subscriptions; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.Limits.Imports, "max-imports", n.Limits.Imports, "maximum concurrent imports; more are answered 503, UNAVAILABLE")
	n.body = byteSize(n.Limits.BodyBytes)
	f.Var(&n.body, "max-body", "maximum size of a call's body; larger ones are answered 413")
	f.Var(moment.Flag(&n.Limits.ReadTimeout, n.Limits.ReadTimeout), "read-timeout", "how long a request may take to arrive; for an import, how long between two reads")
	f.Var(moment.Flag(&n.Limits.HeaderTimeout, 0), "header-timeout", "how long a request's header may take to arrive (default: same as --read-timeout)")
	f.Lookup("header-timeout").DefValue = ""
	f.Var(moment.Flag(&n.Limits.IdleTimeout, n.Limits.IdleTimeout), "idle-timeout", "how long a connection may be idle between two requests")
	f.Var(moment.Flag(&n.Limits.StallTime, n.Limits.StallTime), "stall-timeout", "how long a client may stop reading a reply or sending an import")
	f.Var(moment.Flag(&n.Limits.WriteTime, n.Limits.WriteTime), "write-timeout", "how long a write may take, an import's batch ten times as long; then it is answered 504, OUTCOME_UNKNOWN")
	n.Drain = host.DefaultDrain
	f.Var(moment.Flag(&n.Drain, n.Drain), "drain-timeout", "how long a stopping server waits for running calls")
}

func (n *networkFlags) check(cmd *cobra.Command) error {
	for _, name := range []string{
		"max-connections", "max-requests", "max-subscriptions", "max-imports", "max-body",
		"read-timeout", "header-timeout", "idle-timeout", "stall-timeout", "write-timeout", "drain-timeout", "cors-origin",
	} {
		if err := n.checkFlag(name); err != nil {
			return command.Usage(cmd, "--%s %v", name, err)
		}
	}
	n.Limits.BodyBytes = int64(n.body)
	return command.Check(cmd,
		command.When(n.Cert == "" && n.Key != "", "--tls-key needs its certificate: give it with --tls-cert"),
		command.When(n.Key == "" && n.Cert != "", "--tls-cert needs its private key: give it with --tls-key"))
}

// checkFlag says what is wrong with the value of one of the flags.
func (n *networkFlags) checkFlag(name string) error {
	value, bounded := map[string]int64{
		"max-connections": int64(n.Limits.Connections), "max-requests": int64(n.Limits.Requests), "max-subscriptions": int64(n.Limits.Subscriptions),
		"max-imports": int64(n.Limits.Imports), "max-body": int64(n.body), "read-timeout": int64(n.Limits.ReadTimeout),
		"idle-timeout": int64(n.Limits.IdleTimeout), "stall-timeout": int64(n.Limits.StallTime), "write-timeout": int64(n.Limits.WriteTime),
		"drain-timeout": int64(n.Drain),
	}[name]
	switch {
	case bounded && value < 1:
		return errors.New("must be more than 0")
	case name == "header-timeout" && n.Limits.HeaderTimeout < 0:
		return errors.New("must not be negative")
	case name != "cors-origin":
		return nil
	}
	for _, origin := range n.Origins {
		if err := server.CheckOrigin(origin); err != nil {
			return err
		}
	}
	return nil
}
