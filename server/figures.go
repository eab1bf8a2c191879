package server

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/internal/tally"
)

// figures count what requests do, without locks. The sampler reads them once a
// second. Requests of the terminal UI are left out.
type figures struct {
	appended  atomic.Int64 // messages
	read      atomic.Int64 // messages
	scanned   atomic.Int64 // messages that scans looked at
	announced atomic.Int64
	errors    atomic.Int64 // requests answered with an error
	codes     sync.Map     // the same by code: *atomic.Int64
	messages  tally.Messages
}

// failed counts a request that was answered with an error of the code.
func (f *figures) failed(code string) {
	f.errors.Add(1)
	n, _ := f.codes.LoadOrStore(code, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
}

// clientGone counts replies that nobody waited for.
const clientGone = "CLIENT_GONE"

func codeOf(err error) string {
	if errors.Is(err, errClientGone) || errors.Is(err, context.Canceled) {
		return clientGone
	}
	told, _ := faultOf("", err)
	return told.code
}

// count counts a call; m is nil when it got as far as no method.
func (f *figures) count(m *method, took time.Duration, c *call, err error) {
	if err != nil {
		f.failed(codeOf(err))
	}
	if c.appended > 0 {
		f.appended.Add(c.appended)
	}
	if c.read > 0 {
		f.read.Add(c.read)
	}
	if c.scanned > 0 {
		f.scanned.Add(c.scanned)
	}
	if c.appended > 0 || c.read > 0 {
		f.messages.Count(c.scope.namespace, c.category, c.appended, c.read)
	}
	if m != nil {
		m.calls.Record(took)
	}
}
