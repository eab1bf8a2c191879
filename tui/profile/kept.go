package profile

import (
	"cmp"
	"context"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// keptProfiles are the profiles in a directory, and their list, newest first.
type keptProfiles struct {
	*kit.List[*profiler.Session]
	dir  string         // "": none are kept
	zone *time.Location // in which times are shown
}

func newKept(s *sheet, dir string) *keptProfiles {
	k := &keptProfiles{dir: dir, zone: time.UTC}
	k.List = kit.NewList(kit.ListOptions[*profiler.Session]{
		Columns: k.columns(s), Same: func(a, b *profiler.Session) bool { return a.ID == b.ID },
	})
	k.SetUnread("reading the saved profiles")
	return k
}

func (k *keptProfiles) columns(sheet *sheet) []kit.Column[*profiler.Session] {
	at := func(s *profiler.Session) string { return s.Time.In(k.zone).Format(time.DateTime) }
	kind := func(t *page.Theme, s *profiler.Session) grid.Cell {
		return grid.Cell{Text: cmp.Or(string(s.Kind), "?"), Pen: t.Accent}
	}
	took := func(s *profiler.Session) string {
		if !s.Kind.Timed() {
			return ""
		}
		return text.Duration(s.Duration)
	}
	size := func(s *profiler.Session) string { return text.Bytes(float64(s.Size)) }
	file := func(_ *page.Theme, s *profiler.Session) grid.Cell {
		return grid.Cell{Text: s.ID, Pen: sheet.matchPen(s.ID)}
	}
	return []kit.Column[*profiler.Session]{
		{Title: "time", Min: 19, Text: at, Order: func(a, b *profiler.Session) int { return a.Time.Compare(b.Time) }},
		{Title: "kind", Min: 9, Cell: kind, Order: kit.By(func(s *profiler.Session) profiler.Kind { return s.Kind })},
		{Title: "of", Min: 8, Right: true, Priority: 2, Text: took, Muted: true, Order: kit.By(func(s *profiler.Session) time.Duration { return s.Duration })},
		{Title: "size", Min: 8, Right: true, Priority: 3, Text: size, Muted: true, Order: kit.By(func(s *profiler.Session) int64 { return s.Size })},
		{Title: "file", Min: 27, Flex: 1, Max: 40, Cell: file, Order: kit.By(func(s *profiler.Session) string { return s.ID })},
		{Title: "note", Min: 16, Flex: 4, Priority: 1, Wide: 160, Text: func(s *profiler.Session) string { return s.Note }, Muted: true},
	}
}

// inSessions is a call that does something with a directory of kept profiles.
func inSessions(dir string, do func(*profiler.Sessions) (any, error)) page.Call {
	return func(context.Context, *client.Client) (any, error) {
		s, err := profiler.OpenSessions(dir, profiler.Limits{})
		if err != nil {
			return nil, err
		}
		return do(s)
	}
}

// savedProfile is what keeping a profile came to.
type savedProfile struct {
	held, base     *loadedProfile // base: nil without one to keep along
	heldID, baseID string
	list           []profiler.Session
}

// save writes what is shown to disk, and with a difference its baseline too, so
// that both can be compared again.
func (k *keptProfiles) save(t *page.Turn, held, base *loadedProfile, asks *profileAsks) {
	switch {
	case held == nil:
		t.Toast(page.LevelInfo, "no profile to save yet: c captures one")
		return
	case k.dir == "":
		t.Toast(page.LevelWarn, "no directory to save profiles in")
		return
	case held.data == nil && (base == nil || base.data == nil):
		t.Toast(page.LevelInfo, "already saved: %s", held.about.ID)
		return
	case asks.saved != 0:
		t.Toast(page.LevelInfo, "still saving")
		return
	}
	work := []loadedProfile{*held}
	if base != nil {
		work = append(work, *base)
	}
	t.AskElsewhere(asks.await(&asks.saved, k.saved), inSessions(k.dir, func(s *profiler.Sessions) (any, error) {
		saved, err := saveProfiles(s, work)
		saved.held, saved.base = held, base
		return saved, err
	}))
	t.Toast(page.LevelInfo, "saving to %s; go tool pprof opens it", k.dir)
}

// saveProfiles keeps a profile, the first, and its baseline, if there is a second.
func saveProfiles(s *profiler.Sessions, work []loadedProfile) (saved savedProfile, err error) {
	if len(work) > 1 {
		if saved.baseID, err = work[1].in(s); err != nil {
			return saved, err
		}
		work[0].about.Base = saved.baseID
	}
	if saved.heldID, err = work[0].in(s); err != nil {
		return saved, err
	}
	saved.list, err = s.List()
	return saved, err
}

func (l *loadedProfile) in(s *profiler.Sessions) (id string, err error) {
	if l.data == nil {
		return l.about.ID, nil
	}
	kept, err := s.Keep(l.data, l.about)
	return kept.ID, err
}

// saved notes under which names profiles are kept now. One that could not
// be kept is there to be kept again.
func (k *keptProfiles) saved(t *page.Turn, msg page.Reply) {
	saved, _ := msg.Value.(savedProfile)
	for held, id := range map[*loadedProfile]string{saved.held: saved.heldID, saved.base: saved.baseID} {
		if held != nil && id != "" {
			held.about.ID, held.data = id, nil
		}
	}
	if msg.Err != nil {
		t.Toast(page.LevelError, "not saved: %v", msg.Err)
		return
	}
	saved.held.about.Base = saved.baseID
	k.SetRows(kit.Pointers(saved.list))
}

// read reads the list.
func (k *keptProfiles) read(t *page.Turn, asks *profileAsks) {
	if k.dir == "" {
		k.SetEmpty("no directory to save profiles in")
		return
	}
	t.AskElsewhere(asks.await(&asks.kept, k.take), inSessions(k.dir, func(s *profiler.Sessions) (any, error) { return s.List() }))
}

func (k *keptProfiles) take(_ *page.Turn, msg page.Reply) {
	k.SetEmpty(replyNote(msg.Err, "no saved profiles yet: x saves the one shown"))
	if msg.Err == nil {
		list, _ := msg.Value.([]profiler.Session)
		k.SetRows(kit.Pointers(list))
	}
}

// openedProfile is a kept profile, opened.
type openedProfile struct {
	held   *loadedProfile
	base   *loadedProfile // what it was kept to be compared with; nil without, or when that is gone
	asBase bool
}

// open reads a kept profile: to look at, or as the baseline of its kind.
func (k *keptProfiles) open(t *page.Turn, asBase bool, asks *profileAsks, took func(*page.Turn, page.Reply)) {
	session, ok := k.Chosen()
	if !ok {
		return
	}
	t.AskElsewhere(asks.await(&asks.opened, took), inSessions(k.dir, func(s *profiler.Sessions) (_ any, err error) {
		opened := openedProfile{asBase: asBase}
		if opened.held, err = loadProfile(s, *session); err != nil {
			return nil, err
		}
		if about, err := s.Find(session.Base); err == nil && !asBase {
			opened.base, _ = loadProfile(s, about)
		}
		return opened, nil
	}))
}

func loadProfile(s *profiler.Sessions, about profiler.Session) (*loadedProfile, error) {
	opened, err := s.Open(about.ID)
	if err != nil {
		return nil, err
	}
	about.Kind = cmp.Or(about.Kind, opened.Kind())
	return &loadedProfile{profile: opened, about: about}, nil
}
