package tui

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// plainStage is the UI on a server that offers sections 1 to 8 of the protocol
// and, if asked for, profiles. refused counts what it asked for in vain.
func plainStage(t *testing.T, o peer.Options) (s *stage, refused func() map[string]int) {
	t.Helper()
	s = &stage{TB: t, store: storetest.NewModel(), now: pagetest.Noon}
	var (
		mu      sync.Mutex
		counted = map[string]int{}
	)
	o.Refused = func(what string) {
		mu.Lock()
		defer mu.Unlock()
		counted[what]++
	}
	srv := servertest.New(t, server.Config{Store: s.store, Version: "1.4.0"},
		servertest.Behind(func(h http.Handler) http.Handler { return peer.Handler(h, o) }))
	if err := s.store.(store.Importer).Import(t.Context(), store.DefaultNamespace, pagetest.Shop()); err != nil {
		t.Fatal(err)
	}
	c, err := client.New("http://peer.internal", client.WithToken(srv.Token), client.WithActor("ui"), client.WithDialer(srv.Dial))
	if err != nil {
		t.Fatal(err)
	}
	s.app = newApp(t.Context(), Config{Connection: Connection{Client: c, Admin: true, ProfileDir: t.TempDir(), Load: &fakeLoad{}}})
	s.byHand(s.app)
	s.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	s.run(s.app.Init())
	return s, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(counted)
	}
}

// TestPlainServerShowsWhatItHas walks through the pages that need nothing of
// evtui's.
func TestPlainServerShowsWhatItHas(t *testing.T) {
	s, _ := plainStage(t, peer.Options{})
	s.frames(6)
	s.see("metrics are not offered by this server", "account")
	s.press("2")
	s.frames(6)
	s.see("order", "33", "all streams")
	s.press("j", "enter")
	s.frames(4)
	s.see("account-1+retry")
	s.press("enter")
	s.frames(4)
	s.see("OrderPlaced", "9007199254740993", `"name": "Ann \u001b[31mé"`, "position 21   global 116")
	s.press("3")
	s.frames(6)
	s.see("following", "matched 120")
	s.write("order-7", 30)
	s.frames(4)
	s.see("matched 150", "Written")
	s.press("4")
	s.frames(8)
	s.see("counted here: not offered by this server", "account-2", "skew 3.00", "25.0%")
	s.press("+")
	s.frames(4)
	s.see("5 members")
}

// TestPlainServerWorks walks to and fro between a stream, the whole namespace,
// and a tail that is written to faster than eyes read.
func TestPlainServerWorks(t *testing.T) {
	s, _ := plainStage(t, peer.Options{})
	s.press("2")
	s.open()
	s.see("account › account-1 ", "1–22 of 22")
	s.press("enter")
	s.see(`"amount"`)
	s.press("esc", "esc", "m")
	s.frames(2)
	s.see("o shows the oldest first")
	s.press("o")
	s.frames(3)
	s.see("1–34 of")
	s.press("3")
	s.frames(2)
	s.see("matched 120 · shown 120 · folded 0", "following")
	s.write("order-7", 3000)
	s.frames(1)
	s.see(`{"n":3000}`)
	said := regexp.MustCompile(`matched ([\d,]+) · shown ([\d,]+) · folded ([\d,]+)`).FindStringSubmatch(s.text())
	if said == nil {
		t.Fatalf("the tail does not account for what came:\n%s", s.text())
	}
	var n [3]int64
	for i, words := range said[1:] {
		n[i], _ = kit.ParsePosition(words)
	}
	if n[0] != 3120 || n[1]+n[2] != n[0] {
		t.Errorf("of 3,120 messages %s", said[0])
	}
	s.press("c", "payment", "enter")
	s.frames(1)
	s.see("matched 11 · shown 11")
}

// TestPlainServerGroupsAreTheServers compares the shares that are worked out
// here with those that the server gives out.
func TestPlainServerGroupsAreTheServers(t *testing.T) {
	s, _ := plainStage(t, peer.Options{})
	const size = 4
	s.press("4")
	s.frames(8)
	s.see("account   4 members")
	for member := range size {
		list, err := s.app.reach.client.ReadCategory(t.Context(), client.CategoryQuery{
			Category: "account", Group: store.Group{Member: member, Size: size}, Limit: 1000,
		})
		if err != nil {
			t.Fatal(err)
		}
		row := regexp.MustCompile(fmt.Sprintf(`│ +%d [█▏▎▍▌▋▊▉·]+ +%d +`, member, len(list)))
		if !row.MatchString(s.text()) {
			t.Errorf("member %d has %d messages by the server; the page says\n%s", member, len(list), s.text())
		}
	}
}

// TestPlainServerSaysWhatItLacks looks at the pages that need evtui's
// additions, with and without profiles.
func TestPlainServerSaysWhatItLacks(t *testing.T) {
	s, _ := plainStage(t, peer.Options{})
	for name, want := range map[page.Name]string{
		page.Overview: "metrics are not offered by this server",
		page.Engine:   "Levels and caches are not offered by this server",
		page.Log:      "the log is not offered by this server",
	} {
		s.press(digitOf(name))
		s.frames(6)
		s.see(want)
		if n := strings.Count(s.text(), want); name == page.Overview && n < 2 {
			t.Errorf("%q stands in the header alone:\n%s", want, s.text())
		}
	}
	s.press("5")
	for range 5 {
		s.press("]")
		s.frames(4)
		if n := strings.Count(s.text(), "not offered by this server"); n < 2 {
			t.Errorf("the tab does not say that it is not offered:\n%s", s.text())
		}
		s.miss("no open namespaces", "every namespace is open")
	}
	s.press("6", "tt", "c") // objects in use: taken at once
	s.frames(3)
	s.see("profiles are not offered by this server")
	pagetest.HoldHeap(t)
	with, _ := plainStage(t, peer.Options{Profiles: true})
	with.press("6", "tt", "c")
	with.frames(3)
	with.miss("profiles are not offered")
	with.see("total ", "flat▼")
}

// TestPlainServerIsNotAskedInVain lets a minute of frames pass on every page
// and checks that what is not offered is not asked for again and again.
func TestPlainServerIsNotAskedInVain(t *testing.T) {
	s, refused := plainStage(t, peer.Options{})
	for range 2 {
		for _, page := range pages() {
			s.press(digitOf(page))
			s.frames(150)
		}
	}
	for what, n := range refused() {
		if n > 6 { // once by the shell, and once by each page that is come back to
			t.Errorf("%s was asked for %d times", what, n)
		}
	}
	s.press("7")
	s.see("the log is not offered by this server")
	s.miss("ERROR")
}
