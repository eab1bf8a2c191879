package inprocess_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/server/inprocess"
)

// connect returns both ends of an in-process connection.
func connect(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l := inprocess.Listen()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	near, err := l.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	far = <-accepted
	t.Cleanup(func() { _, _, _ = near.Close(), far.Close(), l.Close() })
	return near, far
}

func TestListener(t *testing.T) {
	l := inprocess.Listen()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody accepts, and Dial says %v", err)
	}
	if l.Addr().Network() != inprocess.Address {
		t.Errorf("the network is %q", l.Addr().Network())
	}
	waiting := make(chan error, 1)
	go func() { _, err := l.Accept(); waiting <- err }()
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-waiting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept says %v", err)
	}
	if _, err := l.Dial(context.Background()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial says %v", err)
	}
}

func TestConnCarriesBothWays(t *testing.T) {
	near, far := connect(t)
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // eight times what it buffers
	var wg sync.WaitGroup
	for _, c := range []net.Conn{near, far} {
		wg.Go(func() {
			if n, err := c.Write(sent); n != len(sent) || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
		})
		wg.Go(func() {
			got := make([]byte, len(sent))
			if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("read %v, the same: %v", err, bytes.Equal(got, sent))
			}
		})
	}
	wg.Wait()
}

func TestConnCloses(t *testing.T) {
	near, far := connect(t)
	if _, err := near.Write([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	if err := near.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(far); err != nil || string(got) != "last words" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := far.Write([]byte("x")); err != nil {
		t.Errorf("half closed, the other half says %v", err)
	}
	_ = near.Close()
	if _, err := far.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing to nobody says %v", err)
	}
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("reading what is closed says %v", err)
	}
	if _, err := near.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing what is closed says %v", err)
	}
}

// TestConnDeadlines runs in a bubble's time, so that a deadline passes only once the
// call that it is for waits.
func TestConnDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := connect(t)
		_ = near.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		var timeout net.Error
		if _, err := near.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("got %v, want a timeout", err)
		}
		// A deadline in the past wakes who waits already; net/http relies on it.
		_ = near.SetReadDeadline(time.Time{})
		woken := make(chan error, 1)
		go func() { _, err := near.Read(make([]byte, 1)); woken <- err }()
		_ = near.SetReadDeadline(time.Unix(1, 0))
		if err := <-woken; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		_ = near.SetDeadline(time.Time{})
		if _, err := far.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if n, err := near.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("after the deadline is off: %d, %v", n, err)
		}
		_ = near.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
		n, err := near.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == 1<<20 {
			t.Errorf("writing more than fits: %d, %v", n, err)
		}
	})
}
