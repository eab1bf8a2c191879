package main

import (
	"fmt"
	"io"
	"time"

	"github.com/evtui/evtui/internal/e2e"
)

// tour films, in the session that the pictures are of, what no other store
// shows: a time cursor over everything, a tail that accounts for every message,
// lag live, what moves when a group is resized, and profiles that are cut by
// category and compared.
type tour struct {
	*session
	movie e2e.Movie
}

// The window of the movie: small enough to be read where the README shows it.
const tourWidth, tourHeight = 104, 28

// The brakes of the slow consumer, while it falls behind and while it catches up.
const falling, catching = 9 * time.Millisecond, 500 * time.Microsecond

func (s *session) tour() {
	s.do(func() error { return s.term.Resize(tourWidth, tourHeight) })
	t := &tour{session: s}
	s.readers.brake.Store(int64(falling))
	for _, scene := range []func(){t.cursor, t.tail, t.lag, t.resize, t.profile} {
		scene()
	}
	s.save("tour", func(w io.Writer) error {
		fmt.Println("it takes", t.movie.Length())
		return t.movie.WriteSVG(w, "evtui: a session on an event store under load")
	})
}

// show adds what stands on the screen once it is drawn.
func (t *tour) show(caption string, takes time.Duration) {
	t.do(func() error { return t.movie.Add(t.term.Settle(60*time.Millisecond, patience), caption, takes) })
}

// present presses a key, waits for what it must bring up, and shows it.
func (t *tour) present(key, caption string, takes time.Duration, patterns ...string) {
	t.open(key, patterns...)
	t.show(caption, takes)
}

// film shows a page that moves by itself, as often as frames says, at the pace
// at which it is shown later.
func (t *tour) film(caption string, frames int, pace time.Duration) {
	shutter := time.NewTicker(pace)
	defer shutter.Stop()
	for range frames {
		t.show(caption, pace)
		<-shutter.C
	}
}

func (t *tour) cursor() {
	t.open("1", `[1-9][\d,]* w/s +[1-9][\d,]* r/s +p99`)
	t.film("an event store at work, and what it does", 3, time.Second)
	const caption = "h: a time cursor over everything"
	for range 9 {
		t.press("h", "h")
		t.present("h", caption, 300*time.Millisecond, `◂ at \d\d:\d\d`)
	}
	t.open("2", `messages from \d\d:\d\d`, `▌ `)
	t.press("k")
	t.show(caption+": the messages as of then", 2*time.Second)
	t.present("5", caption+": the engine as of then", 2*time.Second, `as of \d\d:\d\d`)
	t.open("0", `open, shared|worst|p99`)
}

func (t *tour) tail() {
	t.open("3", `following`, `matched [1-9][\d,]{3,}`)
	t.film("Tail accounts for every message: matched = shown + folded, none missed", 5, 600*time.Millisecond)
	t.press("\\")
	t.enter("type=OrderPlaced data.total>900")
	const caption = "\\: filtered where the messages lie, and still accounted for"
	t.show(caption, 1200*time.Millisecond)
	t.open("enter", `following`, `matched [1-9]`)
	t.film(caption, 4, 700*time.Millisecond)
}

func (t *tour) lag() {
	t.open("4", `payment +fraud `)
	t.match(`payment +fraud .* ▲`)
	t.film("Groups: who keeps up, live: fraud falls behind", 4, time.Second)
	t.readers.brake.Store(int64(catching))
	t.match(`payment +fraud .* ▼`)
	t.film("… and once it is faster, when it will have caught up", 4, time.Second)
}

func (t *tour) resize() {
	t.press("/")
	t.enter("invoices\r")
	t.match(`▌ order +invoices`)
	t.press("g")
	t.present("k", "a group of three, and who has how much", 2*time.Second, `order +3 members`, `hottest streams`)
	const caption = "+: what moves when it is resized, before you resize it"
	t.present("+", caption, 2500*time.Millisecond, `3 → 4 members moves \d+ of \d+ streams`)
	t.present("]", caption, 2500*time.Millisecond, `order-\d+ +\d +\d +\d+`)
}

func (t *tour) profile() {
	end := t.load("--duration", "0", "--mix", "1:1")
	defer func() { end() }()
	t.open("6", `Profile`)
	t.open("c", `taking a cpu profile: \d of 5 s`)
	t.show("Profile: five seconds of the running engine", time.Second)
	t.match(`captured a cpu profile`)
	if !t.term.Screen().Has("100% of all") { // the page keeps its tab
		t.open("]", `100% of all`)
	}
	t.show("where the time goes", 2*time.Second)
	t.filter("category=order", "cut by category: what orders cost")
	t.filter("", "")
	t.open("b", `baseline`)
	end()
	end = t.load("--duration", "0", "--mix", "1:1", "--batch", "50")
	t.open("c", `taking a cpu profile: \d of 5 s`)
	t.match(`captured a cpu profile`)
	t.present("d", "the same with batches of 50, as a difference: ▲ grew, ▼ shrank", 4*time.Second, `difference of [+-]`)
}

// filter sets the filter of a page; with a caption it shows it typed, and what it
// leaves.
func (t *tour) filter(text, caption string) {
	t.press("\\", "ctrl+u")
	t.enter(text)
	if text == "" {
		t.press("enter")
		return
	}
	t.match(`filter ` + text)
	t.show(caption, time.Second)
	t.open("enter", `─ filter `+text)
	t.show(caption, 2500*time.Millisecond)
}
