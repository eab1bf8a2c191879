// Command screenshots writes the pictures of docs/screenshots, and the movie
// among them: a real evtui in a real terminal, walked through its pages while a
// real load runs and consumers read. Run it at the root of the repository with
// go run ./internal/e2e/screenshots; with -tour it makes the movie alone, with
// -story the pictures of docs/story.md.
package main

import (
	"flag"
	"fmt"
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
		if err := story(binary, temp, out); err != nil || shop {
			return err
		}
	}
	s := &session{binary: binary, data: filepath.Join(temp, "evdb"), out: out}
	// Only one CPU profile is taken at a time, and triggers would take some.
	s.term, err = e2e.Start(e2e.Options{
		Binary: binary, Args: []string{"--data", s.data, "--listen", "127.0.0.1:0", "--no-triggers"},
		Env: []string{"HOME=" + temp}, Width: 132, Height: 36,
	})
	if err != nil {
		return err
	}
	defer s.term.Close()
	return s.walk(movie)
}

// session is one evtui on the way through its pages.
type session struct {
	binary, data, out string
	term              *e2e.Terminal
	readers           *readers
}

func (s *session) walk(movie bool) error {
	if err := s.see("1 Overview", "ns default"); err != nil {
		return err
	}
	if err := s.prepare(); err != nil {
		return err
	}
	load, err := s.load("--duration", "0", "--rate", "1500")
	if err != nil {
		return err
	}
	defer load.Kill()
	if s.readers, err = read(s.data); err != nil {
		return err
	}
	defer s.readers.Close()
	steps := []func() error{s.overview, s.streams, s.tail, s.groups, s.engine, s.profile, s.keys, s.leaveKeys, s.tour}
	if movie {
		steps = []func() error{s.tour}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes a past for the charts: loads of several strengths, and
// namespaces with something in them.
func (s *session) prepare() error {
	for _, namespace := range []string{"shop", "staging"} {
		if err := s.command("ns", "create", namespace, "--data", s.data); err != nil {
			return err
		}
		if err := s.command("load", "--data", s.data, "--ns", namespace, "--calls", "2000"); err != nil {
			return err
		}
	}
	for _, part := range [][2]string{{"14s", "900"}, {"9s", "2600"}, {"8s", "400"}, {"14s", "1800"}, {"10s", "3000"}} {
		if err := s.command("load", "--data", s.data, "--duration", part[0], "--rate", part[1]); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) overview() error {
	if err := s.open("+", "last 1m"); err != nil {
		return err
	}
	if err := s.match(`[1-9][\d,]* w/s +[1-9][\d,]* r/s +p99`, `appended [1-9]`); err != nil {
		return err
	}
	return s.picture("overview")
}

func (s *session) streams() error {
	if err := s.open("2", `all streams +[\d,]+`); err != nil {
		return err
	}
	if err := s.open("j", `▌ account `); err != nil {
		return err
	}
	if err := s.open("enter", `▌ account-\d+ `, `\d\d:\d\d:\d\d\.\d{3}`); err != nil {
		return err
	}
	if err := s.picture("streams"); err != nil {
		return err
	}
	if err := s.open("enter", `account › account-\d+`); err != nil {
		return err
	}
	if err := s.open("enter", `account-\d+ › #\d+`, `"accountId"`); err != nil {
		return err
	}
	return s.picture("message")
}

func (s *session) tail() error {
	if err := s.open("3", `following`, `matched [1-9][\d,]{3,}`, `⋯ `); err != nil {
		return err
	}
	return s.picture("tail")
}

func (s *session) groups() error {
	s.readers.brake.Store(int64(falling))
	defer s.readers.brake.Store(int64(catching))
	if err := s.open("4", `payment +fraud .* ▲`); err != nil {
		return err
	}
	return s.picture("groups")
}

func (s *session) engine() error {
	if err := s.open("5", `Engine`, `L\d`); err != nil {
		return err
	}
	return s.picture("engine")
}

func (s *session) profile() error {
	if err := s.open("6", `nothing captured yet`); err != nil {
		return err
	}
	if err := s.open("c", `flat% +sum%`); err != nil {
		return err
	}
	if err := s.open("]", `100% of all`); err != nil {
		return err
	}
	return s.picture("profile")
}

func (s *session) keys() error {
	if err := s.press("?"); err != nil {
		return err
	}
	if err := s.see("palette"); err != nil {
		return err
	}
	return s.picture("keys")
}

// leaveKeys waits until the keys are gone: what follows esc at once would make
// another key of it.
func (s *session) leaveKeys() error {
	if err := s.press("esc"); err != nil {
		return err
	}
	_, err := s.term.Await("the page without its keys", patience, func(screen e2e.Screen) bool { return !screen.Has("─ Keys ─") })
	return err
}

// load starts a load that runs beside.
func (s *session) load(args ...string) (*e2e.Process, error) {
	return e2e.Launch(nil, nil, s.binary, append([]string{"load", "--data", s.data}, args...)...)
}

// command runs a command to its end.
func (s *session) command(args ...string) error {
	p, err := e2e.Launch(nil, nil, s.binary, args...)
	if err != nil {
		return err
	}
	code, err := p.Wait(time.Minute)
	if err == nil && code != 0 {
		err = fmt.Errorf("evtui %s: exit code %d: %s", strings.Join(args, " "), code, p.Stderr())
	}
	return err
}

func (s *session) press(keys ...string) error { return s.term.Press(keys...) }

// open presses a key and waits for what it must bring up.
func (s *session) open(key string, patterns ...string) error {
	if err := s.press(key); err != nil {
		return err
	}
	return s.match(patterns...)
}

func (s *session) see(texts ...string) error {
	_, err := s.term.Await(strings.Join(texts, ", "), patience, func(screen e2e.Screen) bool { return screen.Has(texts...) })
	return err
}

func (s *session) match(patterns ...string) error {
	_, err := s.term.Await(strings.Join(patterns, ", "), patience, func(screen e2e.Screen) bool {
		for _, pattern := range patterns {
			if !regexp.MustCompile(pattern).MatchString(screen.Text()) {
				return false
			}
		}
		return true
	})
	return err
}

// picture writes what stands on the screen now.
func (s *session) picture(name string) error {
	file, err := os.Create(filepath.Join(s.out, name+".svg"))
	if err != nil {
		return err
	}
	if err := s.term.Settle(60*time.Millisecond, patience).WriteSVG(file, "evtui · "+name); err != nil {
		file.Close()
		return err
	}
	fmt.Println(file.Name())
	return file.Close()
}
