package tui

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/tui/page"
)

// sharedStore is a store that follows a log which others write to as well.
type sharedStore struct {
	*pebblestore.Store
	mu     sync.Mutex
	cutOff bool // guarded by mu
}

func (s *sharedStore) cut(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutOff = is
}

func (s *sharedStore) Describe() store.Description {
	d := s.Store.Describe()
	d.Shared, d.Durability = true, "sync not known"
	return d
}

func (s *sharedStore) Notices() []store.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.cutOff {
		return nil
	}
	return []store.Notice{{Namespace: store.DefaultNamespace, State: store.NoticeCutOff, Words: cutOffWords, Age: 14 * time.Second}}
}

const cutOffWords = "cut off from the log, what is read here is 14s old"

func (s *sharedStore) Namespaces(ctx context.Context) ([]store.Namespace, error) {
	list, err := s.Store.Namespaces(ctx)
	for i := range list {
		if list[i].ID == store.DefaultNamespace && len(s.Notices()) > 0 {
			list[i].Notice = cutOffWords
		}
	}
	return list, err
}

func (s *sharedStore) Namespace(ctx context.Context, id string) (store.Namespace, error) {
	ns, err := s.Store.Namespace(ctx, id)
	if len(s.Notices()) > 0 {
		ns.Notice = cutOffWords
	}
	return ns, err
}

func (s *sharedStore) Sections() []store.Section {
	return append([]store.Section{{
		Name: "copies", Title: "The log, as this evtui follows it", At: time.Now(),
		Rows: []store.SectionRow{{Name: "oldest read", Key: true, Values: []store.SectionValue{{Unit: store.UnitSeconds, Number: 14}}}},
	}}, s.Store.Sections()...)
}

// TestNoticesAreShown looks for a namespace that is cut off where people look, until it is not any more: in the header at
// every width, beside how safely the log stores, on the Overview, in the list of namespaces, and first on the Engine page.
func TestNoticesAreShown(t *testing.T) {
	inner, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	st := &sharedStore{Store: inner, cutOff: true}
	s := newStageOn(t, 150, 30, st, nil)
	s.asIs = true
	s.app.env.Live.HasInfo = false // what the stage made up
	s.await("! 1 cut off, 14 s old")
	s.await("sync not known")
	for _, width := range []int{60, 80, 100, 160} {
		s.send(tea.WindowSizeMsg{Width: width, Height: 30})
		s.see("1 cut off", "sync not known")
	}
	s.show(page.Overview)
	s.await("! 1 cut off, 14 s old  since")
	s.show(page.Streams)
	s.press("esc") // out of the namespace
	s.await("! cut off")
	s.press("F") // the list alone has room for the words
	s.await("cut off from the log")
	s.press("F")
	s.show(page.Tail)
	s.await("cut off from the log")
	s.show(page.Engine)
	s.await("oldest read")
	st.cut(false)
	s.await("healthy")
	s.show(page.Streams)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); strings.Contains(s.text(), "cut off"); s.frames(5) {
		if <-tick.C; time.Now().After(deadline) {
			t.Fatalf("it is still shown as cut off:\n%s", s.text())
		}
	}
}
