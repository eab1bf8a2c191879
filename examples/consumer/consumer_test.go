package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
)

// TestGroupOfTwo: both members together print each stream once, in order, and
// the server sees where they are.
func TestGroupOfTwo(t *testing.T) {
	s := servertest.New(t, server.Config{})
	url, token := s.Listen(), s.Token
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const streams, each = 6, 10
	for n := range streams * each {
		if _, err := c.Write(t.Context(), fmt.Sprintf("order-%d", n%streams), client.Event{Type: "Placed"}, client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan error, 2)
	for member := range 2 {
		go func() { ended <- run(ctx, in, []string{url, token, "order", fmt.Sprintf("%d/2", member)}) }()
	}
	lines := bufio.NewScanner(out)
	next := map[string]int{}
	for range streams * each {
		if !lines.Scan() {
			t.Fatal(lines.Err())
		}
		stream, rest, _ := strings.Cut(lines.Text(), " ")
		if want := fmt.Sprintf("#%d Placed {}", next[stream]); rest != want {
			t.Errorf("%s: %s, want %s", stream, rest, want)
		}
		next[stream]++
	}
	stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"example-0-of-2", "example-1-of-2"} {
		if _, err := c.LastMessage(t.Context(), "order:position-"+name, "Recorded"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"u", "t", "c", "0"}, {"u", "t", "c", "2/2"}} {
		if err := run(t.Context(), io.Discard, args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
