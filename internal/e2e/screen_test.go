package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// mustOpen starts evtui on a data directory in a terminal.
func mustOpen(t *testing.T, width, height int, args ...string) *Terminal {
	t.Helper()
	home := t.TempDir()
	return mustStart(t, Options{
		Binary: binary, Width: width, Height: height, Args: args,
		Env: []string{"HOME=" + home},
	})
}

func mustPress(t *testing.T, term *Terminal, keys ...string) {
	t.Helper()
	if err := term.Press(keys...); err != nil {
		t.Fatal(err)
	}
}

// mustQuit quits, and says yes if evtui asks: whether it does depends on what
// programs wrote to the server inside in the very last second.
func mustQuit(t *testing.T, term *Terminal) {
	t.Helper()
	mustPress(t, term, "q")
	if _, err := term.Await("the question", patience, func(s Screen) bool { return s.Has("stop it and quit?") }); err == nil {
		mustPress(t, term, "y")
	}
	mustEnd(t, term, 0)
}

// mustMatch waits until a line of the screen matches, and returns its groups.
func mustMatch(t *testing.T, term *Terminal, pattern string) []string {
	t.Helper()
	line := regexp.MustCompile(pattern)
	var found []string
	_, err := term.Await(pattern, patience, func(s Screen) bool {
		for y := range s.Height {
			if found = line.FindStringSubmatch(s.Line(y)); found != nil {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The walk of a user who sees evtui for the first time, while programs write.
func TestWalkUnderLoad(t *testing.T) {
	dir := t.TempDir()
	term := mustOpen(t, 140, 40, "--data", dir, "--listen", "127.0.0.1:0")
	mustSee(t, term, "1 Overview", "ns default", "durable", ":load 10")
	mustLaunch(t, "load", "--data", dir, "--duration", "0", "--workers", "4", "--rate", "1000", "--streams", "200")

	t.Run("overview", func(t *testing.T) {
		mustMatch(t, term, `[1-9][\d,]* w/s +[1-9][\d,]* r/s +p99 [\d.]+ (µs|ms|s)`)
		mustMatch(t, term, `appended [1-9][\d,]*/s`)
		mustMatch(t, term, `[1-9][\d,]* messages +[1-9]\d* streams +5 categories`)
		mustSee(t, term, "busiest categories", "account", "payment", "⣿")
	})
	t.Run("namespaces to a message", func(t *testing.T) {
		mustPress(t, term, "2")
		mustSee(t, term, "namespaces", "category", "all streams", "shipment")
		mustMatch(t, term, `default +[1-9][\d,]*`)
		mustPress(t, term, "j") // the first category
		mustMatch(t, term, `▌ account +40 `)
		mustPress(t, term, "enter")
		stream := mustMatch(t, term, `▌ (account-\d+) `)[1]
		mustSee(t, term, "default › account")
		mustPress(t, term, "enter")
		mustSee(t, term, "account › "+stream)
		mustMatch(t, term, `▌ +\d+ [A-Z]\w+ +\d\d:\d\d:\d\d\.\d{3}`)
		mustPress(t, term, "enter")
		id := mustMatch(t, term, `│ id +([0-9a-f-]{36}) `)[1]
		mustMatch(t, term, stream+` › #\d+`)
		mustMatch(t, term, `"accountId": "acc-\d+"`)
		mustSee(t, term, "metadata")
		mustPress(t, term, "J")
		mustMatch(t, term, `\{"accountId":"acc-\d+",`)
		// More has been written to the stream; what is being read stays.
		mustMatch(t, term, `[1-9]\d* new, r`)
		mustSee(t, term, id)
		// One at a time: escapes in a row are another key to a terminal.
		mustPress(t, term, "esc")
		mustMatch(t, term, `account › `+stream+`  messages  state  causes `)
		mustPress(t, term, "esc")
		mustMatch(t, term, `default › account  streams  types  flow `)
		mustPress(t, term, "esc")
		mustMatch(t, term, `▌ account +40 `)
	})
	t.Run("tail", func(t *testing.T) {
		mustPress(t, term, "3")
		mustSee(t, term, "all categories", "following", "behind")
		first := number(t, mustMatch(t, term, `matched ([1-9][\d,]*) · shown`)[1])
		if _, err := term.Await("more matches", patience, func(s Screen) bool {
			found := regexp.MustCompile(`matched ([\d,]+) · shown`).FindStringSubmatch(s.Text())
			return found != nil && number(t, found[1]) > first
		}); err != nil {
			t.Error(err)
		}
		mustPress(t, term, "space")
		mustSee(t, term, "paused")
		mustPress(t, term, "space")
		mustSee(t, term, "following")
	})
	t.Run("groups", func(t *testing.T) { walkGroups(t, term) })
	t.Run("log", func(t *testing.T) {
		mustPress(t, term, "7")
		mustSee(t, term, "serving")
	})
	t.Run("help", func(t *testing.T) {
		mustPress(t, term, "?")
		mustMatch(t, term, `╭─ Keys ─`)
		mustSee(t, term, "show lines matching: text", "Everywhere")
		mustPress(t, term, "esc")
		mustMatch(t, term, `╭─ Log ─`)
	})
	t.Run("sizes", func(t *testing.T) { walkSizes(t, term) })
	mustQuit(t, term)
	if err := term.Restored(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "endpoint")); err == nil {
		t.Error("the endpoint file is still there")
	}
}

// walkGroups changes the group's size both ways: every stream stays owned by
// exactly one member.
func walkGroups(t *testing.T, term *Terminal) {
	mustPress(t, term, "4")
	mustSee(t, term, "Groups")
	// Nobody reads as a group: once that is known, the page shows the members by itself.
	mustMatch(t, term, `▌ ?account +40 `)
	mustMatch(t, term, `account +4 members +40 streams +[1-9][\d,]* messages`)
	mustMatch(t, term, `skew \d\.\d+`)
	mustPress(t, term, "+")
	mustMatch(t, term, `account +5 members`)
	sum := 0
	screen, err := term.Await("five members", patience, func(s Screen) bool { return len(memberStreams(s)) == 5 })
	if err != nil {
		t.Fatal(err)
	}
	for _, streams := range memberStreams(screen) {
		sum += streams
	}
	if sum != 40 {
		t.Errorf("the members own %d streams of 40:\n%s", sum, screen.Text())
	}
	mustPress(t, term, "_", "_")
	mustMatch(t, term, `account +3 members`)
}

// memberStreams reads how many streams each member owns, by its line.
func memberStreams(s Screen) []int {
	member := regexp.MustCompile(`│ +\d+ +[█▉▊▋▌▍▎▏·]+.* [\d,]+ +\d+\.\d% +(\d+) `)
	var streams []int
	for _, found := range member.FindAllStringSubmatch(s.Text(), -1) {
		n, _ := strconv.Atoi(found[1]) // only digits
		streams = append(streams, n)
	}
	return streams
}

// walkSizes draws every page at other sizes: the box must reach from edge to
// edge, and where there is no room for a page its name must be shown.
func walkSizes(t *testing.T, term *Terminal) {
	titles := []string{"Overview", "default", "all categories", "Groups", "Engine", "Profile", "Log"}
	names := []string{"Overview", "Streams", "Tail", "Groups", "Engine", "Profile", "Log"}
	for _, size := range [][2]int{{80, 24}, {40, 12}, {100, 30}, {200, 50}, {60, 15}, {140, 40}} {
		w, h := size[0], size[1]
		if err := term.Resize(w, h); err != nil {
			t.Fatal(err)
		}
		for i := range titles {
			mustPress(t, term, fmt.Sprint(i+1))
			what := fmt.Sprintf("page %s at %d×%d", names[i], w, h)
			if _, err := term.Await(what, patience, func(s Screen) bool {
				if w < 60 {
					return s.Has("evtui", "default", names[i]+" needs 60×15 cells")
				}
				top, bottom := []rune(s.Line(2)), []rune(s.Line(h-2))
				return len(top) == w && top[w-1] == '╮' && strings.Contains(string(top), titles[i]) &&
					len(bottom) == w && bottom[w-1] == '╯' && s.Line(h-1) != ""
			}); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestLoadFromInside(t *testing.T) {
	term := mustOpen(t, 120, 30, "--data", t.TempDir(), "--listen", "none")
	mustSee(t, term, "no network", "1 Overview")
	mustPress(t, term, ":")
	if err := term.Type("load 2\r"); err != nil {
		t.Fatal(err)
	}
	mustMatch(t, term, `[1-9][\d,]* w/s .*load 2`)
	// A load that runs makes q ask; anything but y goes on, the key that opened
	// the question too.
	for _, no := range []string{"n", "q"} {
		mustPress(t, term, "q")
		mustSee(t, term, "a load is running")
		mustPress(t, term, no)
		mustSee(t, term, "? keys")
	}
	mustPress(t, term, ":")
	if err := term.Type("load stop\r"); err != nil {
		t.Fatal(err)
	}
	mustMatch(t, term, `default +0 w/s`)
	mustQuit(t, term)
}

func TestSecondAttachesToTheFirst(t *testing.T) {
	dir := t.TempDir()
	first := mustOpen(t, 120, 30, "--data", dir, "--listen", "127.0.0.1:0")
	mustSee(t, first, "1 Overview")
	url, token, err := awaitServer(dir)
	if err != nil {
		t.Fatal(err)
	}
	// The same port by default is no trouble: the second serves nothing.
	second := mustOpen(t, 120, 30, "--data", dir)
	mustSee(t, second, strings.TrimPrefix(url, "http://"), "1 Overview")
	third := mustOpen(t, 120, 30, "attach", url, "--token", token, "--read-only")
	mustSee(t, third, strings.TrimPrefix(url, "http://"), "1 Overview")
	var at struct{ Position int64 }
	if err := (rpc{url, token}).call(&at, "stream.write", "order-7", map[string]any{"type": "Placed", "data": map[string]any{}}); err != nil {
		t.Fatal(err)
	}
	for _, term := range []*Terminal{second, third} {
		mustPress(t, term, "3")
		mustSee(t, term, "order-7", "Placed")
		mustPress(t, term, "q")
		mustEnd(t, term, 0)
	}
	mustPress(t, first, "3")
	mustSee(t, first, "order-7")
	mustQuit(t, first)
}

func TestServerGoneAndBack(t *testing.T) {
	dir := t.TempDir()
	server, c := mustServe(t, dir)
	address := strings.TrimPrefix(c.url, "http://")
	term := mustOpen(t, 120, 30, "attach", c.url, "--token", c.token)
	mustSee(t, term, address, "1 Overview")
	server.Kill()
	mustSee(t, term, "reconnecting")
	back := mustLaunch(t, "serve", "--data", dir, "--listen", address)
	if err := back.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	if _, err := term.Await("the server's return", patience, func(s Screen) bool { return !s.Has("reconnecting") }); err != nil {
		t.Fatal(err)
	}
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
}

func TestSignalsEndTheScreenCleanly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("sends Unix signals")
	}
	for name, end := range map[string]func(*Terminal) error{
		"SIGTERM":       func(term *Terminal) error { return term.Signal(syscall.SIGTERM) },
		"SIGHUP":        func(term *Terminal) error { return term.Signal(syscall.SIGHUP) },
		"terminal gone": (*Terminal).Hangup,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			term := mustOpen(t, 80, 24, "--data", dir, "--listen", "127.0.0.1:0")
			mustSee(t, term, "ns default")
			if err := end(term); err != nil {
				t.Fatal(err)
			}
			mustEnd(t, term, 0)
			if name != "terminal gone" {
				if err := term.Restored(); err != nil {
					t.Error(err)
				}
			}
			verify := mustLaunch(t, "verify", "--data", dir)
			mustExit(t, verify, 0)
			if _, err := os.Stat(filepath.Join(dir, "endpoint")); err == nil {
				t.Error("the endpoint file is still there")
			}
		})
	}
}

func TestTakenPortNamesTheWayOut(t *testing.T) {
	_, c := mustServe(t, t.TempDir())
	term := mustOpen(t, 100, 10, "--data", t.TempDir(), "--listen", strings.TrimPrefix(c.url, "http://"))
	mustEnd(t, term, 1)
	if screen := term.Screen(); !screen.Has("--listen") {
		t.Errorf("the screen does not name --listen:\n%s", screen.Text())
	}
}
