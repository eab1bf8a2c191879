package server

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// TestPresenceCountsUIs tells UIs apart by their names, and forgets those that
// left.
func TestPresenceCountsUIs(t *testing.T) {
	var p presence
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	saw := func(actor, remote string) {
		r := &http.Request{Header: http.Header{}, RemoteAddr: remote}
		if actor != "" {
			r.Header.Set(wire.ActorHeader, actor)
		}
		p.saw(r, now)
	}
	for _, one := range []struct {
		actor, remote string
		want          int
	}{
		{"", "10.0.0.1:4000", 0},
		{"servers", "10.0.0.1:4000", 0}, // looks from elsewhere
		{"record", "10.0.0.1:4000", 0},
		{"ui one", "10.0.0.1:4000", 1},
		{"ui one", "10.0.0.1:4001", 1}, // another connection
		{"ui two", "10.0.0.1:4002", 2},
		{"ui", "10.0.0.9:5000", 3}, // of an older evtui, which has no name
		{"ui", "10.0.0.9:5001", 3},
		{"ui", "pipe", 4},
		{"uix", "10.0.0.1:4000", 4},
	} {
		if saw(one.actor, one.remote); p.count(now) != one.want {
			t.Errorf("after %q from %s there are %d, want %d", one.actor, one.remote, p.count(now), one.want)
		}
	}
	now = now.Add(uiGoneAfter)
	saw("ui two", "10.0.0.1:4002")
	if n := p.count(now.Add(time.Second)); n != 1 {
		t.Errorf("%d are attached after the others left", n)
	}
	for i := range 10 * maxUIs {
		saw(fmt.Sprintf("ui %d", i), "10.0.0.1:4000")
	}
	if n := p.count(now); n != maxUIs {
		t.Errorf("%d names are remembered, want %d", n, maxUIs)
	}
}
