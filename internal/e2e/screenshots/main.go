// Command screenshots writes the pictures of docs/screenshots, and the movie
// among them: a real evtui in a real terminal, walked through its pages while a
// real load runs and consumers read. Run it at the root of the repository with
// go run ./internal/e2e/screenshots; with -tour it makes the movie alone, with
// -story the pictures of docs/story.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/e2e"
)

// patience is how long a page may take to show what it must.
const patience = 30 * time.Second

func main() {
	out := flag.String("out", filepath.Join("docs", "screenshots"), "where the pictures go")
	movie := flag.Bool("tour", false, "make the movie alone")
	shop := flag.Bool("story", false, "make the pictures of docs/story.md alone")
	flag.Parse()
	if err := run(*out, *movie, *shop); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(out string, movie, shop bool) error {
	temp, err := os.MkdirTemp("", "evtui-screenshots-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	binary, err := e2e.Build(temp)
	if err != nil {
		return err
	}
	if !movie {
		if err := story(&session{binary: binary, temp: temp, data: filepath.Join(temp, "shop"), out: out}); err != nil || shop {
			return err
		}
	}
	s := &session{binary: binary, temp: temp, data: filepath.Join(temp, "evdb"), out: out}
	// Only one CPU profile is taken at a time, and triggers would take some.
	if err := s.start("--no-triggers"); err != nil {
		return err
	}
	defer s.term.Close()
	s.walk(movie)
	return s.err
}

// session is one evtui on the way through its pages.
type session struct {
	binary, temp, data, out string
	term                    *e2e.Terminal
	readers                 *readers
	err                     error // the first; what follows it does nothing
}

// do makes a step, unless one before it failed.
func (s *session) do(step func() error) {
	if s.err == nil {
		s.err = step()
	}
}

// start starts evtui. The caller closes the terminal unless that fails.
func (s *session) start(flags ...string) error {
	s.do(func() (err error) {
		s.term, err = e2e.Start(e2e.Options{
			Binary: s.binary, Args: append([]string{"--data", s.data, "--listen", "127.0.0.1:0"}, flags...),
			Env: []string{"HOME=" + s.temp}, Width: 132, Height: 36, Dir: s.temp,
		})
		return err
	})
	return s.err
}

func (s *session) walk(movie bool) {
	s.see("1 Overview", "ns default")
	s.prepare()
	defer s.load("--duration", "0", "--rate", "1500")()
	s.do(func() (err error) { s.readers, err = read(s.data); return err })
	if s.err != nil {
		return
	}
	defer s.readers.Close()
	if !movie {
		s.pictures()
	}
	s.tour()
}

// prepare makes a past for the charts: loads of several strengths, and
// namespaces with something in them.
func (s *session) prepare() {
	for _, namespace := range []string{"shop", "staging"} {
		s.command("ns", "create", namespace, "--data", s.data)
		s.command("load", "--data", s.data, "--ns", namespace, "--calls", "2000")
	}
	for _, part := range [][2]string{{"14s", "900"}, {"9s", "2600"}, {"8s", "400"}, {"14s", "1800"}, {"10s", "3000"}} {
		s.command("load", "--data", s.data, "--duration", part[0], "--rate", part[1])
	}
}

// pictures walks through the pages.
func (s *session) pictures() {
	s.open("+", "last 1m")
	s.match(`[1-9][\d,]* w/s +[1-9][\d,]* r/s +p99`, `appended [1-9]`)
	s.picture("overview")

	s.open("2", `all streams +[\d,]+`)
	s.open("j", `▌ account `)
	s.open("enter", `▌ account-\d+ `, `\d\d:\d\d:\d\d\.\d{3}`)
	s.picture("streams")
	s.open("enter", `account › account-\d+`)
	s.open("enter", `account-\d+ › #\d+`, `"accountId"`)
	s.picture("message")

	s.open("3", `following`, `matched [1-9][\d,]{3,}`, `⋯ `)
	s.picture("tail")

	s.readers.brake.Store(int64(falling))
	s.open("4", `payment +fraud .* ▲`)
	s.picture("groups")
	s.readers.brake.Store(int64(catching))

	s.open("5", `Engine`, `L\d`)
	s.picture("engine")

	s.open("6", `nothing captured yet`)
	s.open("c", `flat% +sum%`)
	s.open("]", `100% of all`)
	s.picture("profile")

	s.press("?")
	s.see("palette")
	s.picture("keys")
	s.press("esc")
	// What follows esc at once would make another key of it.
	s.await("the page without its keys", func(screen e2e.Screen) bool { return !screen.Has("─ Keys ─") })
}

// load starts a load that runs beside, until end is called.
func (s *session) load(args ...string) (end func()) {
	end = func() {}
	s.do(func() error {
		p, err := e2e.Launch(nil, nil, s.binary, append([]string{"load", "--data", s.data}, args...)...)
		if err == nil {
			end = p.Kill
		}
		return err
	})
	return end
}

func (s *session) command(args ...string) {
	s.do(func() error {
		p, err := e2e.Launch(nil, nil, s.binary, args...)
		if err != nil {
			return err
		}
		code, err := p.Wait(time.Minute)
		if err == nil && code != 0 {
			err = fmt.Errorf("evtui %s: exit code %d: %s", strings.Join(args, " "), code, p.Stderr())
		}
		return err
	})
}

func (s *session) press(keys ...string) { s.do(func() error { return s.term.Press(keys...) }) }

func (s *session) enter(text string) { s.do(func() error { return s.term.Type(text) }) }

// open presses a key and waits for what it must bring up.
func (s *session) open(key string, patterns ...string) {
	s.press(key)
	s.match(patterns...)
}

func (s *session) await(what string, holds func(e2e.Screen) bool) {
	s.do(func() error { _, err := s.term.Await(what, patience, holds); return err })
}

func (s *session) see(texts ...string) {
	s.await(strings.Join(texts, ", "), func(screen e2e.Screen) bool { return screen.Has(texts...) })
}

func (s *session) match(patterns ...string) {
	s.await(strings.Join(patterns, ", "), func(screen e2e.Screen) bool {
		for _, pattern := range patterns {
			if !regexp.MustCompile(pattern).MatchString(screen.Text()) {
				return false
			}
		}
		return true
	})
}

// picture writes what stands on the screen now.
func (s *session) picture(name string) {
	s.save(name, func(w io.Writer) error {
		return s.term.Settle(60*time.Millisecond, patience).WriteSVG(w, "evtui · "+name)
	})
}

func (s *session) save(name string, draw func(io.Writer) error) {
	s.do(func() error {
		file, err := os.Create(filepath.Join(s.out, name+".svg"))
		if err != nil {
			return err
		}
		fmt.Println(file.Name())
		return errors.Join(draw(file), file.Close())
	})
}
