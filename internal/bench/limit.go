package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
)

// LimitCommand is the command under which the program calls ServeLimit.
const LimitCommand = "bench-limit"

// maxLimitAnswer bounds what the limit answers.
const maxLimitAnswer = 16 << 20

// ServeLimit serves, until ctx ends, what a server on net/http cannot undercut:
// a handler that reads the body and answers as many bytes as the query says. It
// prints its URL to w.
func ServeLimit(ctx context.Context, w io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the limit: %w", err)
	}
	answer := make([]byte, maxLimitAnswer)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n, err := strconv.Atoi(r.URL.RawQuery)
		if err != nil || n < 0 || n > len(answer) {
			n = 0
		}
		w.Header().Set("Content-Length", strconv.Itoa(n))
		_, _ = w.Write(answer[:n])
	})}
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	if _, err := fmt.Fprintf(w, "http://%s\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the limit: %w", err)
	}
	return nil
}
