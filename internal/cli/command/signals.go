package command

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
)

// Signalled is the cause of a context that a signal ended.
type Signalled struct{ Signal os.Signal }

func (s *Signalled) Error() string { return "stopped by signal " + s.Signal.String() }

// atOnce is what to do before a second signal ends the process, such as to give
// the terminal back; nil for nothing.
type atOnce = atomic.Pointer[func()]

type atOnceKey struct{}

// WithSignals returns a context that the first of the ending signals cancels,
// with a *signalled as its cause. The second ends the process.
func WithSignals(parent context.Context) (ctx context.Context, release func()) {
	last := &atOnce{}
	ctx, cancel := context.WithCancelCause(context.WithValue(parent, atOnceKey{}, last))
	arrived := make(chan os.Signal, 2)
	done := make(chan struct{})
	signal.Notify(arrived, endingSignals()...)
	go func() {
		select {
		case got := <-arrived:
			cancel(&Signalled{got})
		case <-done:
			return
		}
		select {
		case <-arrived:
			if do := last.Load(); do != nil {
				(*do)()
			}
			os.Exit(ExitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(arrived)
		close(done)
		cancel(nil)
	}
}

// BeforeExit has f called before a second signal ends the process, until the
// returned function is called.
func BeforeExit(ctx context.Context, f func()) (forget func()) {
	last, ok := ctx.Value(atOnceKey{}).(*atOnce)
	if !ok {
		return func() {}
	}
	last.Store(&f)
	return func() { last.Store(nil) }
}
