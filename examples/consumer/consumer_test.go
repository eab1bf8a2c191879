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
	"github.com/evtui/evtui/server/client/consumer"
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

// TestFault: a member with a fault parks what it cannot handle and what is behind
// it; one without handles both once they are retried.
func TestFault(t *testing.T) {
	s := servertest.New(t, server.Config{})
	url, token := s.Listen(), s.Token
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, kind := range []string{"Refunded", "Deposited"} {
		if _, err := c.Write(t.Context(), "wallet-1", client.Event{Type: kind}, client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
	}
	start := func(args ...string) (lines *bufio.Scanner, end func()) {
		ctx, stop := context.WithCancel(t.Context())
		out, in := io.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- run(ctx, in, append([]string{url, token, "wallet", "0/1"}, args...)) }()
		return bufio.NewScanner(out), func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	parked, err := c.Subscribe(t.Context(), client.SubscribeQuery{Stream: "wallet:parked-example"})
	if err != nil {
		t.Fatal(err)
	}
	defer parked.Close()
	_, end := start("Refunded")
	for range 2 {
		if _, err := parked.Next(t.Context(), make([]client.Announcement, 1)); err != nil {
			t.Fatal(err)
		}
	}
	end()
	lots, err := new(consumer.Lots).Read(t.Context(), c, "wallet")
	if err != nil || len(lots) != 1 || len(lots[0].Heads()) != 1 {
		t.Fatalf("%+v, %v", lots, err)
	}
	head := lots[0].Heads()[0]
	if head.Error != "cannot handle Refunded" || head.Queued != 1 {
		t.Errorf("parked is %+v", head)
	}
	if _, err := lots[0].Retry(t.Context(), c, head.GlobalPosition); err != nil {
		t.Fatal(err)
	}
	lines, end := start()
	for _, want := range []string{"wallet-1 #0 Refunded {}", "wallet-1 #1 Deposited {}"} {
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("it handles %q, want %q", lines.Text(), want)
		}
	}
	end()
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"u", "t", "c", "0"}, {"u", "t", "c", "2/2"}, {"u", "t", "c", "0/2", "T", "more"}} {
		if err := run(t.Context(), io.Discard, args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
