package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// clock is the one clock of the UI: it counts frames and seconds.
type clock struct {
	after  func(time.Duration, func(time.Time) tea.Msg) tea.Cmd // tea.Tick
	sent   func() int64                                         // bytes to the terminal since the last call; nil: they do not count
	pace   int                                                  // index into paces
	frames int
	last   int64     // the second that was counted last
	still  time.Time // since when nothing has moved and no key was pressed

	planned time.Duration // until the next frame
}

// frameMsg is the one clock's tick. A tick of an older pace is dropped.
type frameMsg struct{ pace int }

// paces are the refresh rates that < and > walk through.
func paces() []time.Duration {
	return []time.Duration{
		2 * time.Second, time.Second, 500 * time.Millisecond, 250 * time.Millisecond,
		200 * time.Millisecond, 100 * time.Millisecond,
	}
}

// newClock ticks every frame, or somewhat faster; 0: every 200 ms.
func newClock(frame time.Duration) clock {
	c := clock{after: tea.Tick, pace: 4}
	for i, p := range paces() {
		if frame > 0 && p >= frame {
			c.pace = i
		}
	}
	return c
}

// frame is the time between two frames while something moves.
func (c *clock) frame() time.Duration { return paces()[c.pace] }

// set changes the pace, and reports whether it did.
func (c *clock) set(pace int) bool {
	before := c.pace
	c.pace = min(max(pace, 0), len(paces())-1)
	return c.pace != before
}

// Update counts a frame, and reports whether it is one of the present pace.
func (c *clock) Update(msg frameMsg, moved bool, now time.Time) bool {
	if msg.pace != c.pace {
		return false
	}
	c.frames++
	if moved {
		c.still = now
	}
	return true
}

// second reports whether a new second has begun since it was called last.
func (c *clock) second(now time.Time) bool {
	before := c.last
	c.last = now.Unix()
	return c.last != before
}

// How the clock slows down when nothing has moved for some time.
const (
	restAfter = 5 * time.Second
	restFrame = 500 * time.Millisecond
)

// tick asks for the next frame.
func (c *clock) tick(now time.Time) tea.Cmd {
	pace, frame := c.pace, c.frame()
	if now.Sub(c.still) > restAfter {
		frame = max(frame, restFrame)
	}
	if c.sent != nil {
		frame = stretched(frame, c.sent())
	}
	c.planned = frame
	return c.after(frame, func(time.Time) tea.Msg { return frameMsg{pace} })
}
