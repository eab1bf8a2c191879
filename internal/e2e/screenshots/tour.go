package main

import (
	"fmt"
	"os"
	"path/filepath"
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

func (s *session) tour() error {
	if err := s.term.Resize(tourWidth, tourHeight); err != nil {
		return err
	}
	t := &tour{session: s}
	s.readers.brake.Store(int64(falling))
	for _, scene := range []func() error{t.cursor, t.tail, t.lag, t.resize, t.profile} {
		if err := scene(); err != nil {
			return err
		}
	}
	path := filepath.Join(s.out, "tour.svg")
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := t.movie.WriteSVG(file, "evtui: a session on an event store under load"); err != nil {
		file.Close()
		return err
	}
	fmt.Printf("%s, %v\n", path, t.movie.Length())
	return file.Close()
}

// show adds what stands on the screen once it is drawn.
func (t *tour) show(caption string, takes time.Duration) error {
	return t.movie.Add(t.term.Settle(60*time.Millisecond, patience), caption, takes)
}

// press presses a key, waits for what it must bring up, and shows it.
func (t *tour) press(key, caption string, takes time.Duration, patterns ...string) error {
	if err := t.open(key, patterns...); err != nil {
		return err
	}
	return t.show(caption, takes)
}

// film shows a page that moves by itself, as often as frames says, at the pace
// at which it is shown later.
func (t *tour) film(caption string, frames int, pace time.Duration) error {
	shutter := time.NewTicker(pace)
	defer shutter.Stop()
	for range frames {
		if err := t.show(caption, pace); err != nil {
			return err
		}
		<-shutter.C
	}
	return nil
}

func (t *tour) cursor() error {
	if err := t.open("1", `[1-9][\d,]* w/s +[1-9][\d,]* r/s +p99`); err != nil {
		return err
	}
	if err := t.film("an event store at work, and what it does", 3, time.Second); err != nil {
		return err
	}
	const caption = "h: a time cursor over everything"
	for range 9 {
		if err := t.session.press("h", "h"); err != nil {
			return err
		}
		if err := t.press("h", caption, 300*time.Millisecond, `◂ at \d\d:\d\d`); err != nil {
			return err
		}
	}
	if err := t.open("2", `messages from \d\d:\d\d`, `▌ `); err != nil {
		return err
	}
	if err := t.session.press("k"); err != nil {
		return err
	}
	if err := t.show(caption+": the messages as of then", 2*time.Second); err != nil {
		return err
	}
	if err := t.press("5", caption+": the engine as of then", 2*time.Second, `as of \d\d:\d\d`); err != nil {
		return err
	}
	return t.open("0", `open, shared|worst|p99`)
}

func (t *tour) tail() error {
	if err := t.open("3", `following`, `matched [1-9][\d,]{3,}`); err != nil {
		return err
	}
	if err := t.film("Tail accounts for every message: matched = shown + folded, none missed", 5, 600*time.Millisecond); err != nil {
		return err
	}
	if err := t.session.press("\\"); err != nil {
		return err
	}
	if err := t.term.Type("type=OrderPlaced data.total>900"); err != nil {
		return err
	}
	const caption = "\\: filtered where the messages lie, and still accounted for"
	if err := t.show(caption, 1200*time.Millisecond); err != nil {
		return err
	}
	if err := t.open("enter", `following`, `matched [1-9]`); err != nil {
		return err
	}
	return t.film(caption, 4, 700*time.Millisecond)
}

func (t *tour) lag() error {
	if err := t.open("4", `payment +fraud `); err != nil {
		return err
	}
	if err := t.match(`payment +fraud .* ▲`); err != nil {
		return err
	}
	if err := t.film("Groups: who keeps up, live: fraud falls behind", 4, time.Second); err != nil {
		return err
	}
	t.readers.brake.Store(int64(catching))
	if err := t.match(`payment +fraud .* ▼`); err != nil {
		return err
	}
	return t.film("… and once it is faster, when it will have caught up", 4, time.Second)
}

func (t *tour) resize() error {
	if err := t.session.press("/"); err != nil {
		return err
	}
	if err := t.term.Type("invoices\r"); err != nil {
		return err
	}
	if err := t.match(`▌ order +invoices`); err != nil {
		return err
	}
	if err := t.session.press("g"); err != nil {
		return err
	}
	if err := t.press("k", "a group of three, and who has how much", 2*time.Second, `order +3 members`, `hottest streams`); err != nil {
		return err
	}
	const caption = "+: what moves when it is resized, before you resize it"
	if err := t.press("+", caption, 2500*time.Millisecond, `3 → 4 members moves \d+ of \d+ streams`); err != nil {
		return err
	}
	return t.press("]", caption, 2500*time.Millisecond, `order-\d+ +\d +\d +\d+`)
}

func (t *tour) profile() error {
	busy, err := t.load("--duration", "0", "--mix", "1:1")
	if err != nil {
		return err
	}
	defer busy.Kill()
	if err := t.open("6", `Profile`); err != nil {
		return err
	}
	if err := t.open("c", `taking a cpu profile: \d of 5 s`); err != nil {
		return err
	}
	if err := t.show("Profile: five seconds of the running engine", time.Second); err != nil {
		return err
	}
	if err := t.match(`captured a cpu profile`); err != nil {
		return err
	}
	if !t.term.Screen().Has("100% of all") { // the page keeps its tab
		if err := t.open("]", `100% of all`); err != nil {
			return err
		}
	}
	if err := t.show("where the time goes", 2*time.Second); err != nil {
		return err
	}
	const caption = "cut by category: what orders cost"
	if err := t.filter("category=order", caption); err != nil {
		return err
	}
	if err := t.show(caption, 2500*time.Millisecond); err != nil {
		return err
	}
	if err := t.filter("", ""); err != nil {
		return err
	}
	if err := t.open("b", `baseline`); err != nil {
		return err
	}
	busy.Kill()
	batches, err := t.load("--duration", "0", "--mix", "1:1", "--batch", "50")
	if err != nil {
		return err
	}
	defer batches.Kill()
	if err := t.open("c", `taking a cpu profile: \d of 5 s`); err != nil {
		return err
	}
	if err := t.match(`captured a cpu profile`); err != nil {
		return err
	}
	return t.press("d", "the same with batches of 50, as a difference: ▲ grew, ▼ shrank", 4*time.Second, `difference of [+-]`)
}

// filter sets the filter of a page; with a caption it shows it typed.
func (t *tour) filter(text, caption string) error {
	if err := t.session.press("\\", "ctrl+u"); err != nil {
		return err
	}
	if err := t.term.Type(text); err != nil {
		return err
	}
	if text == "" {
		return t.session.press("enter")
	}
	if err := t.match(`filter ` + text); err != nil {
		return err
	}
	if err := t.show(caption, time.Second); err != nil {
		return err
	}
	return t.open("enter", `─ filter `+text)
}
