package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server"
)

// networkFlags say who may reach the server over the network, and how much of
// it they may take.
type networkFlags struct {
	host.Network
	body byteSize
}

func (n *networkFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&n.Cert, "tls-cert", "", "serve TLS with this certificate: a PEM file, with those that vouch for it; read again when it changes")
	f.StringVar(&n.Key, "tls-key", "", "the certificate's private key, a PEM file")
	_ = cmd.MarkFlagFilename("tls-cert", "pem", "crt")
	_ = cmd.MarkFlagFilename("tls-key", "pem", "key")
	f.StringArrayVar(&n.Origins, "cors-origin", nil, "let browsers call from pages of this origin, such as https://shop.example; may be repeated; * for all")
	n.Limits = host.DefaultLimits()
	f.IntVar(&n.Limits.Connections, "max-connections", n.Limits.Connections, "how many connections may be open; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.Limits.Requests, "max-requests", n.Limits.Requests, "how many calls may be under way; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.Limits.Subscriptions, "max-subscriptions", n.Limits.Subscriptions, "how many subscriptions may be open; more are answered 503, UNAVAILABLE")
	f.IntVar(&n.Limits.Imports, "max-imports", n.Limits.Imports, "how many imports may be under way; more are answered 503, UNAVAILABLE")
	n.body = byteSize(n.Limits.BodyBytes)
	f.Var(&n.body, "max-body", "how large the body of a call may be; a larger one is answered 413")
	f.DurationVar(&n.Limits.ReadTimeout, "read-timeout", n.Limits.ReadTimeout, "how long a request may take to arrive; an import only between two of its bytes")
	f.DurationVar(&n.Limits.HeaderTimeout, "header-timeout", 0, "how long a request's header may take to arrive (default: as --read-timeout)")
	f.Lookup("header-timeout").DefValue = ""
	f.DurationVar(&n.Limits.IdleTimeout, "idle-timeout", n.Limits.IdleTimeout, "how long a connection may be silent between two requests")
	f.DurationVar(&n.Limits.StallTime, "stall-timeout", n.Limits.StallTime, "how long a client may leave a reply's bytes unread, or an import send none")
	f.DurationVar(&n.Limits.WriteTime, "write-timeout", n.Limits.WriteTime, "how long a write may take, and a batch of an import ten times as long; then it is answered 504, OUTCOME_UNKNOWN")
	n.Drain = host.DefaultDrain
	f.DurationVar(&n.Drain, "drain-timeout", n.Drain, "how long a server that stops waits for the calls under way")
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
	case n.Cert == "" && n.Key != "":
		return usage(cmd, "--tls-key is of a certificate: give that with --tls-cert")
	case n.Key == "" && n.Cert != "":
		return usage(cmd, "--tls-cert needs its private key: give that with --tls-key")
	}
	n.Limits.BodyBytes = int64(n.body)
	return nil
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
