package quick

import (
	"errors"
	"net"
	"sync"
	"time"
)

// watchAfter is how long a call that may take long runs before its client is
// looked after.
const watchAfter = 20 * time.Millisecond

// watch notices that the client of a long call goes away, and then ends the
// connection's context. Short calls never start it.
type watch struct {
	c     *conn
	timer *time.Timer
	next  [1]byte // a byte that came meanwhile
	ahead bool    // next holds one

	mu      sync.Mutex // guards what follows
	wanted  bool
	reading chan struct{} // closed when the look is over; nil: none is under way
}

// begin has the client looked after, if the call lasts.
func (w *watch) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wanted || len(w.c.buf) > w.c.head.size+w.c.head.length {
		return // it sent more already, so it is there
	}
	w.wanted = true
	if w.timer == nil {
		w.timer = time.AfterFunc(watchAfter, w.look)
	} else {
		w.timer.Reset(watchAfter)
	}
}

func (w *watch) look() {
	w.mu.Lock()
	if !w.wanted || w.reading != nil {
		w.mu.Unlock()
		return
	}
	over := make(chan struct{})
	w.reading = over
	w.mu.Unlock()
	defer close(over)
	_ = w.c.nc.SetReadDeadline(time.Time{})
	w.mu.Lock()
	late := !w.wanted // end has set its deadline, perhaps before this cleared it
	w.mu.Unlock()
	if late {
		return
	}
	n, err := w.c.nc.Read(w.next[:])
	w.ahead = n > 0
	var timeout net.Error
	if n == 0 && err != nil && (!errors.As(err, &timeout) || !timeout.Timeout()) {
		w.c.cancel()
	}
}

// end stops looking after the client, and reports whether it ever began to.
func (w *watch) end() bool {
	w.mu.Lock()
	if !w.wanted {
		w.mu.Unlock()
		return false
	}
	w.wanted = false
	w.timer.Stop()
	over := w.reading
	w.mu.Unlock()
	if over == nil {
		return false
	}
	_ = w.c.nc.SetReadDeadline(time.Unix(1, 0))
	<-over
	w.mu.Lock()
	w.reading = nil
	w.mu.Unlock()
	return true
}
