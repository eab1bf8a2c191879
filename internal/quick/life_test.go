package quick_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestShutdownWaitsForCallsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, finish := make(chan struct{}), make(chan struct{})
		s := newStage(func(w http.ResponseWriter, _ *http.Request) {
			close(begun)
			<-finish
			_, _ = io.WriteString(w, "done")
		})
		fresh, half, busy := s.pipes.dial(), s.pipes.dial(), s.pipes.dial()
		go func() { _, _ = io.WriteString(half, "POST /rpc HT") }()
		go func() { _, _ = io.WriteString(busy, post("[]")) }()
		<-begun
		stopped := make(chan error, 1)
		go func() { stopped <- s.Shutdown(t.Context()) }()
		synctest.Wait()
		if _, err := fresh.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("a connection without a call: %v", err)
		}
		select {
		case err := <-stopped:
			t.Fatalf("Shutdown did not wait: %v", err)
		default:
		}
		close(finish)
		r, err := http.ReadResponse(bufio.NewReader(busy), nil)
		if err != nil || !r.Close {
			t.Errorf("the call under way: %v", err)
		}
		_ = half.Close()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		<-s.served
	})
}

func TestCloseEndsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		s := newStage(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); close(ended) })
		c := s.pipes.dial()
		_, _ = io.WriteString(c, post("[]"))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-ended
		<-s.served
	})
}

// TestClientGoes has a client leave during a call that may take long.
func TestClientGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		s := newStage(func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
			<-r.Context().Done()
			close(ended)
		})
		c := s.pipes.dial()
		_, _ = io.WriteString(c, post("[]"))
		<-time.After(5 * time.Minute) // of the bubble's clock: longer than all timeouts
		select {
		case <-ended:
			t.Fatal("the call ended while its client waited")
		default:
		}
		_ = c.Close()
		<-ended
		s.stop(t)
	})
}

// TestCallAfterLongOne checks that looking after the client takes nothing of
// what it sends next.
func TestCallAfterLongOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
			b, _ := io.ReadAll(r.Body)
			<-time.After(time.Second) // of the bubble's clock
			_, _ = w.Write(b)
		})
		c := s.pipes.dial()
		in := bufio.NewReader(c)
		for i := range 5 {
			want := fmt.Sprint(i)
			if _, got := ask(t, c, in, post(want)); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		go func() {
			_, _ = io.WriteString(c, post("first"))
			<-time.After(500 * time.Millisecond) // in the middle of the first call
			_, _ = io.WriteString(c, post("second"))
		}()
		for _, want := range []string{"first", "second"} {
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(r.Body); string(got) != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		_ = c.Close()
		s.stop(t)
	})
}

func TestTimeouts(t *testing.T) {
	for name, c := range map[string]struct {
		send  string // a byte a second
		lasts time.Duration
	}{
		"silent from the start": {"", 10 * time.Second},
		"slow":                  {post(strings.Repeat("x", 100)), 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(echo)
				nc := s.pipes.dial()
				start := time.Now()
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					for i := range c.send {
						if _, err := io.WriteString(nc, c.send[i:i+1]); err != nil {
							return
						}
						<-time.After(time.Second) // of the bubble's clock
					}
				}()
				_, _ = io.Copy(io.Discard, nc)
				if took := time.Since(start); took < c.lasts*9/10 || took > c.lasts+time.Second {
					t.Errorf("the connection was cut after %s, not %s", took, c.lasts)
				}
				_ = nc.Close()
				<-sent
				s.stop(t)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := newStage(echo)
		nc := s.pipes.dial()
		in := bufio.NewReader(nc)
		for range 3 { // none of these waits is too long
			ask(t, nc, in, post("[]"))
			<-time.After(50 * time.Second) // of the bubble's clock
		}
		ask(t, nc, in, post("[]"))
		start := time.Now()
		_, err := in.ReadByte()
		if took := time.Since(start); !errors.Is(err, io.EOF) || took < 58*time.Second || took > time.Minute {
			t.Errorf("an idle connection was cut after %s: %v", took, err)
		}
		s.stop(t)
	})
}
