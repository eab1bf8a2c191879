package server

import (
	"cmp"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/inprocess"
)

// Limits bound what clients can take, one by one and all together. The zero
// value of each field stands for the value named with it.
type Limits struct {
	BodyBytes     int64         // the most one body of /rpc may hold: 16 MiB
	HeaderBytes   int           // the most one request's header may hold: 64 KiB
	HeaderTimeout time.Duration // for a request's header, the first one's from the moment of connecting: as ReadTimeout
	ReadTimeout   time.Duration // for a request's header and the body of a call: 60 s
	IdleTimeout   time.Duration // between two requests of a connection: 120 s
	StallTime     time.Duration // how long a client may refuse a reply's bytes, or an import's client send none: 60 s
	WriteTime     time.Duration // how long a write may take, and a batch of an import ten times as long: 30 s
	Heartbeat     time.Duration // between two comments of a silent subscription: 15 s
	LineBytes     int           // the most one line of an import may hold: 4 MiB

	// Of what goes on at once. What comes beyond is answered UNAVAILABLE and may
	// come again. Requests from this process (see package inprocess) are not held back.
	Connections   int   // 4096; those of this process count, but are never turned away
	Requests      int   // calls, scrapes and profiles: 2048
	Subscriptions int   // 3072, so that some connections are left to others
	Imports       int   // each takes up to 16 MiB: 8
	LargeBodies   int64 // bytes of the bodies of calls above 64 KiB: 128 MiB, at least BodyBytes
}

// DefaultLimits returns what the zero value of each field stands for.
func DefaultLimits() Limits { return Limits{}.withDefaults() }

func (l Limits) withDefaults() Limits {
	l.BodyBytes = cmp.Or(l.BodyBytes, 16<<20)
	l.HeaderBytes = cmp.Or(l.HeaderBytes, 64<<10)
	l.ReadTimeout = cmp.Or(l.ReadTimeout, 60*time.Second)
	l.HeaderTimeout = cmp.Or(l.HeaderTimeout, l.ReadTimeout)
	l.IdleTimeout = cmp.Or(l.IdleTimeout, 120*time.Second)
	l.StallTime = cmp.Or(l.StallTime, 60*time.Second)
	l.WriteTime = cmp.Or(l.WriteTime, 30*time.Second)
	l.Heartbeat = cmp.Or(l.Heartbeat, 15*time.Second)
	l.LineBytes = cmp.Or(l.LineBytes, 4<<20)
	l.Connections = cmp.Or(l.Connections, 4096)
	l.Requests = cmp.Or(l.Requests, 2048)
	l.Subscriptions = cmp.Or(l.Subscriptions, 3072)
	l.Imports = cmp.Or(l.Imports, 8)
	l.LargeBodies = max(cmp.Or(l.LargeBodies, 128<<20), l.BodyBytes)
	return l
}

// load counts what goes on at once, for the limits.
type load struct {
	requests      atomic.Int64
	subscriptions atomic.Int64
	imports       atomic.Int64
	verifies      atomic.Int64
	bodies        atomic.Int64 // bytes
	turnedAway    atomic.Int64 // since the server started
}

// enter counts one more of what a limit bounds. When it returns nil the caller
// takes it off in the end.
func (s *Server) enter(r *http.Request, count *atomic.Int64, limit int, what string) error {
	if n := count.Add(1); n > int64(limit) && !isLocal(r) {
		count.Add(-1)
		s.load.turnedAway.Add(1)
		return unavailable(0, "the server is busy with %d %s, which is its limit; try again", limit, what)
	}
	return nil
}

// isLocal reports whether a request came over an inprocess.Listener, from this process.
func isLocal(r *http.Request) bool { return r.RemoteAddr == inprocess.Address }

// smallBody is up to how many bytes a body counts as part of its request.
const smallBody = 64 << 10

// grow counts n more bytes of the call's body against the limit of all large
// bodies, from the first beyond smallBody on; release gives them back.
func (c *call) grow(n int64) error {
	bodies, limit := &c.s.load.bodies, c.s.cfg.Limits.LargeBodies
	for {
		// Added only when it fits: who is turned away must not, for a moment,
		// turn away others.
		held := bodies.Load()
		if held+n > limit && !isLocal(c.r) {
			c.s.load.turnedAway.Add(1)
			return unavailable(0, "the server is busy with large bodies of %d bytes in all, which is its limit; try again", limit)
		}
		if bodies.CompareAndSwap(held, held+n) {
			c.large += n
			return nil
		}
	}
}
