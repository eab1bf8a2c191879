package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server"
)

// defaultDrain is how long a stopping server waits for running calls:
// with what closing the store takes, it is gone within the ten seconds that
// service managers give at least.
const defaultDrain = 8 * time.Second

// networkFlags say who may reach the server over the network, and how much of
// it they may take.
type networkFlags struct {
	cert, key string
	origins   []string
	limits    server.Limits
	body      byteSize
	drain     time.Duration
}

func (n *networkFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&n.cert, "tls-cert", "", "serve TLS with this certificate chain, a PEM file; reloaded when it changes")
	f.StringVar(&n.key, "tls-key", "", "private key of the certificate, a PEM file")
	_ = cmd.MarkFlagFilename("tls-cert", "pem", "crt")
	_ = cmd.MarkFlagFilename("tls-key", "pem", "key")
	f.StringArrayVar(&n.origins, "cors-origin", nil, "allow cross-origin calls from this origin, such as https://shop.example; may be repeated; * for all")
	n.limits = server.DefaultLimits()
	n.limits.Connections = min(n.limits.Connections, max(descriptors()/2, 16))
	f.IntVar(&n.limits.Connections, "max-connections", n.limits.Connections, "maximum open connections; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.limits.Requests, "max-requests", n.limits.Requests, "maximum concurrent calls; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.limits.Subscriptions, "max-subscriptions", n.limits.Subscriptions, "maximum open subscriptions; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.limits.Imports, "max-imports", n.limits.Imports, "maximum concurrent imports; more are answered 503, UNAVAILABLE")
	n.body = byteSize(n.limits.BodyBytes)
	f.Var(&n.body, "max-body", "maximum size of a call's body; larger ones are answered 413")
	f.DurationVar(&n.limits.ReadTimeout, "read-timeout", n.limits.ReadTimeout, "how long a request may take to arrive; for an import, how long between two reads")
	f.DurationVar(&n.limits.HeaderTimeout, "header-timeout", 0, "how long a request's header may take to arrive (default: same as --read-timeout)")
	f.Lookup("header-timeout").DefValue = ""
	f.DurationVar(&n.limits.IdleTimeout, "idle-timeout", n.limits.IdleTimeout, "how long a connection may be idle between two requests")
	f.DurationVar(&n.limits.StallTime, "stall-timeout", n.limits.StallTime, "how long a client may stop reading a reply or sending an import")
	f.DurationVar(&n.limits.WriteTime, "write-timeout", n.limits.WriteTime, "how long a write may take, an import's batch ten times as long; then it is answered 504, OUTCOME_UNKNOWN")
	n.drain = defaultDrain
	f.DurationVar(&n.drain, "drain-timeout", n.drain, "how long a stopping server waits for running calls")
}

func (n *networkFlags) check(cmd *cobra.Command) error {
	for _, name := range []string{
		"max-connections", "max-requests", "max-subscriptions", "max-imports", "max-body",
		"read-timeout", "header-timeout", "idle-timeout", "stall-timeout", "write-timeout", "drain-timeout", "cors-origin",
	} {
		if err := n.checkFlag(name); err != nil {
			return usage(cmd, "--%s %v", name, err)
		}
	}
	switch {
	case n.cert == "" && n.key != "":
		return usage(cmd, "--tls-key needs its certificate: give it with --tls-cert")
	case n.key == "" && n.cert != "":
		return usage(cmd, "--tls-cert needs its private key: give it with --tls-key")
	}
	n.limits.BodyBytes = int64(n.body)
	return nil
}

// checkFlag says what is wrong with the value of one of the flags.
func (n *networkFlags) checkFlag(name string) error {
	value, bounded := map[string]int64{
		"max-connections": int64(n.limits.Connections), "max-requests": int64(n.limits.Requests), "max-subscriptions": int64(n.limits.Subscriptions),
		"max-imports": int64(n.limits.Imports), "max-body": int64(n.body), "read-timeout": int64(n.limits.ReadTimeout),
		"idle-timeout": int64(n.limits.IdleTimeout), "stall-timeout": int64(n.limits.StallTime), "write-timeout": int64(n.limits.WriteTime),
		"drain-timeout": int64(n.drain),
	}[name]
	switch {
	case bounded && value < 1:
		return errors.New("must be more than 0")
	case name == "header-timeout" && n.limits.HeaderTimeout < 0:
		return errors.New("must not be negative")
	case name != "cors-origin":
		return nil
	}
	for _, origin := range n.origins {
		if err := server.CheckOrigin(origin); err != nil {
			return err
		}
	}
	return nil
}
