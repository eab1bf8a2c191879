package profiler

import (
	"context"
	"strings"
	"time"
)

// Fetch takes a profile of another process: of the kind ("cpu", "heap"…), of
// N seconds where that is above 0. The Profile method of the server's
// client is one.
type Fetch func(ctx context.Context, kind string, seconds int) ([]byte, error)

// Remote takes profiles through a Fetch.
type Remote struct {
	name  string
	fetch Fetch
}

// NewRemote returns the target behind fetch; name is what it is called, such
// as its address.
func NewRemote(name string, fetch Fetch) *Remote { return &Remote{name: name, fetch: fetch} }

// Name returns what the target is called.
func (r *Remote) Name() string { return r.name }

// Capture fetches a profile; d is rounded up to whole seconds. A process that
// is being profiled by somebody else gives a *BusyError that says whom, where
// the process reports it.
func (r *Remote) Capture(ctx context.Context, kind Kind, d time.Duration) ([]byte, error) {
	data, err := r.fetch(ctx, string(kind), int((d+time.Second-1)/time.Second))
	if err != nil {
		if ctx.Err() == nil && isBusy(err) {
			return nil, &BusyError{Kind: kind, Err: err}
		}
		return nil, err
	}
	return data, nil
}

// isBusy knows how evtui's server and net/http/pprof say that a profile is
// being taken.
func isBusy(err error) bool {
	said := err.Error()
	return strings.Contains(said, "PROFILE_BUSY") || strings.Contains(said, "already in use")
}
