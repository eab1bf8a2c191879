package host

import (
	"time"

	"github.com/evtui/evtui/server"
)

// DefaultDrain is how long a server that stops waits for the calls under way:
// with what closing the store takes, it is gone within the ten seconds that
// service managers give at least.
const DefaultDrain = 8 * time.Second

// Network says who may reach a server over the network, and how much of it
// they may take. The zero value has the server's own limits, and no TLS.
type Network struct {
	Cert, Key string   // PEM files, read again when they change; "": no TLS
	Origins   []string // see server.Config
	Limits    server.Limits
	Drain     time.Duration // how long close waits for the calls under way; 0: DefaultDrain
}

// DefaultLimits returns the server's own limits, with no more connections than
// the process may open files for.
func DefaultLimits() server.Limits {
	limits := server.DefaultLimits()
	limits.Connections = min(limits.Connections, max(descriptors()/2, 16))
	return limits
}
