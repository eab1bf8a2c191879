package tui

import (
	"testing"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// TestQuittingAsksWhoElseIsThere goes through what would end with the server
// inside.
func TestQuittingAsksWhoElseIsThere(t *testing.T) {
	for _, test := range []struct {
		sample  wire.Sample
		dataDir string
		want    string
	}{
		{wire.Sample{UIs: 1}, "/d", ""},
		{wire.Sample{UIs: 2}, "/d", "another UI is attached to this embedded server; stop it and quit?"},
		{wire.Sample{UIs: 4, Appends: 7}, "/d", "3 other UIs are attached to this embedded server; stop it and quit?"},
		{wire.Sample{UIs: 1, Subscribers: 1}, "/d", "a program is subscribed to this embedded server; stop it and quit?"},
		{wire.Sample{UIs: 2, Subscribers: 3, Appends: 9}, "", ""}, // not ours to stop
	} {
		live := page.Live{Sample: test.sample}
		if got := endsWith(&live, test.dataDir, test.dataDir); got != test.want {
			t.Errorf("%+v on %q asks %q, want %q", test.sample, test.dataDir, got, test.want)
		}
	}
}

// TestCtrlCSaysWhatEnds: twice quits all the same, and says beforehand what ends.
func TestCtrlCSaysWhatEnds(t *testing.T) {
	s := newStage(t, 140, 40, nil)
	s.frames(3)
	s.app.cfg.DataDir, s.app.home = "/d", "/d"
	s.app.env.Live.Sample = wire.Sample{UIs: 2}
	s.press("ctrl+c")
	s.see("another UI is attached to this embedded server; press ctrl-c again to quit all the same")
	s.press("ctrl+c")
	if !s.quit {
		t.Error("does not quit")
	}
}
