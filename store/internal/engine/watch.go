package engine

import (
	"context"
	"errors"
	"time"

	"github.com/evtui/evtui/store"
)

// ErrTurn is returned by Watch.Step when a scan must give back the snapshot
// that it reads, and go on with another.
var ErrTurn = errors.New("the scan's turn is over")

// A scan holds one snapshot for this many rows, or this long, at most: the
// tables that it pins cannot be deleted meanwhile. It looks at the clock every
// stepsALook rows.
const (
	turnRows   = 1000
	turnTime   = 250 * time.Millisecond
	stepsALook = 64
)

// Watch ends long scans when their caller or their namespace goes away, and
// cuts them into turns.
type Watch struct {
	ctx   context.Context
	gone  <-chan struct{} // closed when the namespace is deleted
	whole bool            // the scan needs one snapshot, however long it takes
	steps int
	began time.Time
}

// NewWatch returns a watch for a scan that keeps one snapshot.
func NewWatch(ctx context.Context) *Watch { return &Watch{ctx: ctx, whole: true} }

// Context ends with the scan's caller.
func (w *Watch) Context() context.Context { return w.ctx }

func (w *Watch) turn() { w.steps, w.began = 0, time.Now() }

// Step is called for each row that is looked at. It returns
// store.ErrNamespaceNotFound or the context's error when the scan is of no use
// any more, and ErrTurn when its turn is over. The first row of a turn always
// passes, so that every turn gets on.
func (w *Watch) Step() error {
	w.steps++
	if w.steps&(stepsALook-1) != 0 {
		return nil
	}
	select {
	case <-w.gone:
		return store.ErrNamespaceNotFound
	default:
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if !w.whole && (w.steps >= turnRows || time.Since(w.began) >= turnTime) {
		return ErrTurn
	}
	return nil
}
