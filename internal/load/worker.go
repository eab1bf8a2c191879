package load

import (
	"errors"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

const (
	recentStreams = 16  // streams that a worker remembers to read from
	readLimit     = 100 // messages of a read
	// A call that failed is followed by a pause that doubles up to the longest,
	// so that a broken server is not hammered.
	firstPause   = 10 * time.Millisecond
	longestPause = time.Second
)

// worker makes calls, one after the other.
type worker struct {
	run    *run
	ledger *ledger
	source *Source
	left   int64 // calls to make; negative: no end
	made   int64
	reads  int64
	pause  time.Duration // before the next call, after failures

	recent [recentStreams]string
	wrote  int // how many streams recent has had
	events []client.Event
}

func newWorker(r *run, number int) *worker {
	w := &worker{
		run:    r,
		ledger: r.tally.ledgers[number],
		source: r.workload.source(r.Seed, uint64(number)),
		left:   -1,
		made:   int64(number), // so that workers do not all read at once
		events: make([]client.Event, r.Batch),
	}
	if r.Calls > 0 {
		w.left = r.Calls / int64(r.Workers)
		if int64(number) < r.Calls%int64(r.Workers) {
			w.left++
		}
	}
	return w
}

// loop makes calls until the run stops.
func (w *worker) loop() {
	for w.left != 0 {
		from, missed, err := w.run.pace.wait(w.run.stop)
		if missed > 0 {
			w.ledger.book(func(c *counts) { c.missed += missed })
		}
		if err != nil {
			return
		}
		w.left--
		if !w.settle(w.call(from)) {
			return
		}
	}
}

// call makes the next call of the mix and books it. lost is how many messages
// an error leaves in doubt.
func (w *worker) call(from time.Time) (lost int, err error) {
	w.made++
	// Spread evenly: of every Writes+Reads calls in a row, Reads read.
	mix := int64(w.run.Writes + w.run.Reads)
	if w.made*int64(w.run.Reads)%mix < int64(w.run.Reads) {
		return 0, w.read(from)
	}
	return w.run.Batch, w.write(from)
}

// write appends one event, or a batch.
func (w *worker) write(from time.Time) error {
	r := w.run
	stream := w.source.Next(w.events)
	if r.Rate == 0 {
		from = time.Now() // making the payload is not the server's time
	}
	var appended store.Appended
	var err error
	o := opWrite
	if r.Batch == 1 {
		appended, err = r.Client.Write(r.callCtx, stream, w.events[0], client.AnyVersion())
	} else {
		o = opAppend
		appended, err = r.Client.Append(r.callCtx, client.Write{Stream: stream, Events: w.events})
	}
	if err != nil {
		return err
	}
	w.ledger.record(o, time.Since(from), r.Batch)
	r.head.raise(appended.LastGlobalPosition)
	w.source.Stored(stream, appended.LastPosition, appended.LastGlobalPosition)
	w.recent[w.wrote%recentStreams] = stream
	w.wrote++
	return nil
}

// read makes the next kind of read.
func (w *worker) read(from time.Time) error {
	kind := opStreamGet + op(w.reads%4)
	w.reads++
	stream := w.someStream()
	ctx, c := w.run.callCtx, w.run.Client
	if w.run.Rate == 0 {
		from = time.Now()
	}
	var err error
	switch kind {
	case opStreamGet:
		_, err = c.ReadStream(ctx, client.StreamQuery{Stream: stream, Limit: readLimit})
	case opCategoryGet:
		near := max(w.run.head.n.Load()-readLimit, 1)
		_, err = c.ReadCategory(ctx, client.CategoryQuery{Category: store.Category(stream), GlobalPosition: near, Limit: readLimit})
	case opVersion:
		_, err = c.Version(ctx, stream)
	case opLast:
		_, err = c.LastMessage(ctx, stream, "")
		if errors.Is(err, store.ErrMessageNotFound) {
			err = nil // as good an answer as any
		}
	}
	if err == nil {
		w.ledger.record(kind, time.Since(from), 0)
	}
	return err
}

// someStream returns one that the worker wrote lately, or, when it has not
// written, one that a worker may have.
func (w *worker) someStream() string {
	if known := min(w.wrote, recentStreams); known > 0 {
		return w.recent[w.source.random.IntN(known)]
	}
	return w.source.Stream()
}

// settle deals with how a call ended and reports whether to go on.
func (w *worker) settle(lost int, err error) bool {
	if err == nil {
		w.pause = 0
		return true
	}
	w.countUnknown(err, lost)
	if w.run.callCtx.Err() != nil {
		return false
	}
	if !w.run.comesBack(w.ledger, err) && fatal(err) {
		w.run.giveUp(err)
		return false
	}
	w.pause = min(max(2*w.pause, firstPause), longestPause)
	return pause(w.run.stop, w.pause) == nil
}

// comesBack books a call that failed, and reports whether the load waits for the
// server to come back.
func (r *run) comesBack(l *ledger, err error) bool {
	if r.Retry && (client.Unreachable(err) || client.Unavailable(err) || client.OutcomeUnknown(err)) {
		l.book(func(c *counts) { c.retries++ })
		return true
	}
	l.book(func(c *counts) { c.errors++ })
	r.tally.fail(err)
	return false
}

// countUnknown counts messages of which the server did not say whether they are
// stored. An answer says that they are not, unless it says that it is not known.
func (w *worker) countUnknown(err error, lost int) {
	if _, answered := errors.AsType[*client.Error](err); !answered || client.OutcomeUnknown(err) {
		w.ledger.book(func(c *counts) { c.unknown += int64(lost) })
	}
}

// fatal reports whether the calls after this one would fail like it.
func fatal(err error) bool {
	return client.Unreachable(err) || client.Unauthorized(err) || client.NotOffered(err) ||
		errors.Is(err, store.ErrNamespaceNotFound)
}
