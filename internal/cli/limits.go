package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server"
)

// defaultDrain is how long a server that stops waits for the calls under way:
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
	f.StringVar(&n.cert, "tls-cert", "", "serve TLS with this certificate: a PEM file, with those that vouch for it; read again when it changes")
	f.StringVar(&n.key, "tls-key", "", "the certificate's private key, a PEM file")
	_ = cmd.MarkFlagFilename("tls-cert", "pem", "crt")
	_ = cmd.MarkFlagFilename("tls-key", "pem", "key")
	f.StringArrayVar(&n.origins, "cors-origin", nil, "let browsers call from pages of this origin, such as https://shop.example; may be repeated; * for all")
	n.limits = server.DefaultLimits()
	n.limits.Connections = min(n.limits.Connections, max(descriptors()/2, 16))
	f.IntVar(&n.limits.Connections, "max-connections", n.limits.Connections, "how many connections may be open; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.limits.Requests, "max-requests", n.limits.Requests, "how many calls may be under way; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.limits.Subscriptions, "max-subscriptions", n.limits.Subscriptions, "how many subscriptions may be open; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.limits.Imports, "max-imports", n.limits.Imports, "how many imports may be under way; more are answered 503, UNAVAILABLE")
	n.body = byteSize(n.limits.BodyBytes)
	f.Var(&n.body, "max-body", "how large the body of a call may be; a larger one is answered 413")
	f.DurationVar(&n.limits.ReadTimeout, "read-timeout", n.limits.ReadTimeout, "how long a request may take to arrive; an import only between two of its bytes")
	f.DurationVar(&n.limits.HeaderTimeout, "header-timeout", 0, "how long a request's header may take to arrive (default: as --read-timeout)")
	f.Lookup("header-timeout").DefValue = ""
	f.DurationVar(&n.limits.IdleTimeout, "idle-timeout", n.limits.IdleTimeout, "how long a connection may be silent between two requests")
	f.DurationVar(&n.limits.StallTime, "stall-timeout", n.limits.StallTime, "how long a client may leave a reply's bytes unread, or an import send none")
	f.DurationVar(&n.limits.WriteTime, "write-timeout", n.limits.WriteTime, "how long a write may take, and a batch of an import ten times as long; then it is answered 504, OUTCOME_UNKNOWN")
	n.drain = defaultDrain
	f.DurationVar(&n.drain, "drain-timeout", n.drain, "how long a server that stops waits for the calls under way")
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
		return usage(cmd, "--tls-key is of a certificate: give that with --tls-cert")
	case n.key == "" && n.cert != "":
		return usage(cmd, "--tls-cert needs its private key: give that with --tls-key")
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
