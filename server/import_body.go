package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// patientBody reads a body that may take for ever as a whole, but not between
// two of its bytes.
type patientBody struct {
	body     io.Reader
	out      *http.ResponseController
	stall    time.Duration
	stopping context.Context
}

func (b *patientBody) Read(p []byte) (int, error) {
	_ = b.out.SetReadDeadline(time.Now().Add(b.stall))
	// Only now: a stop after this look sets the deadline after it was set here.
	if b.stopping.Err() != nil {
		return 0, errStopping
	}
	n, err := b.body.Read(p)
	if errors.Is(err, io.EOF) {
		// The last batch may take longer to store: silence is the client's
		// right from here on.
		_ = b.out.SetReadDeadline(time.Time{})
	}
	return n, err
}
