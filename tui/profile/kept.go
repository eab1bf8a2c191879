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

// savedProfile is what keeping a profile came to.
type savedProfile struct {
	held, base     *loadedProfile // base: nil without one to keep along
	heldID, baseID string
	list           []profiler.Session
}

// keep writes what is shown to disk, and with a difference its baseline too, so
// that both can be compared again.
func (p *profilePage) keep(t *page.Turn) {
	held, base := p.subject.held(), p.shown.compared()
	switch {
	case held == nil:
		t.Toast(page.LevelInfo, "no profile to save yet: c captures one")
		return
	case p.dir == "":
		t.Toast(page.LevelWarn, "no directory to save profiles in")
		return
	case held.data == nil && (base == nil || base.data == nil):
		t.Toast(page.LevelInfo, "already saved: %s", held.about.ID)
		return
	case p.asks.saved != 0:
		t.Toast(page.LevelInfo, "still saving")
		return
	}
	work := []saving{{held.data, held.about}}
	if base != nil {
		work = append(work, saving{base.data, base.about})
	}
	dir := p.dir
	t.AskElsewhere(p.asks.await(&p.asks.saved, p.savedReply), func(context.Context, *client.Client) (any, error) {
		saved, err := saveProfiles(dir, work)
		saved.held, saved.base = held, base
		return saved, err
	})
	t.Toast(page.LevelInfo, "saving to %s; go tool pprof opens it", dir)
}

// saving is a profile to keep, as values.
type saving struct {
	data  *profiler.Recording // nil: it is kept already, as about.ID
	about profiler.Session
}

// saveProfiles keeps a profile, the first, and its baseline, if there is a second.
func saveProfiles(dir string, work []saving) (saved savedProfile, err error) {
	s, err := profiler.OpenSessions(dir, profiler.Limits{})
	if err != nil {
		return saved, err
	}
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

func (w saving) in(s *profiler.Sessions) (string, error) {
	if w.data == nil {
		return w.about.ID, nil
	}
	kept, err := s.Keep(w.data, w.about)
	return kept.ID, err
}

// savedReply notes under which names profiles are kept now. One that could not
// be kept is there to be kept again.
func (p *profilePage) savedReply(t *page.Turn, msg page.Reply) {
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
	p.showKept(saved.list)
}

func (p *profilePage) list(t *page.Turn) {
	if p.dir == "" {
		p.kept.SetEmpty("no directory to save profiles in")
		return
	}
	dir := p.dir
	t.AskElsewhere(p.asks.await(&p.asks.kept, p.keptReply), func(context.Context, *client.Client) (any, error) {
		s, err := profiler.OpenSessions(dir, profiler.Limits{})
		if err != nil {
			return nil, err
		}
		return s.List()
	})
}

func (p *profilePage) keptReply(_ *page.Turn, msg page.Reply) {
	p.kept.SetEmpty(replyNote(msg.Err, "no saved profiles yet: x saves the one shown"))
	if msg.Err == nil {
		list, _ := msg.Value.([]profiler.Session)
		p.showKept(list)
	}
}

func (p *profilePage) showKept(list []profiler.Session) {
	p.kept.SetRows(kit.Pointers(list))
}

// openedProfile is a kept profile, opened.
type openedProfile struct {
	held   *loadedProfile
	base   *loadedProfile // what it was kept to be compared with; nil without, or when that is gone
	asBase bool
}

// open reads a kept profile: to look at, or as the baseline of its kind.
func (p *profilePage) open(t *page.Turn, asBase bool) {
	session, ok := p.kept.Chosen()
	if !ok {
		return
	}
	dir := p.dir
	t.AskElsewhere(p.asks.await(&p.asks.opened, p.openedReply), func(context.Context, *client.Client) (any, error) {
		s, err := profiler.OpenSessions(dir, profiler.Limits{})
		if err != nil {
			return nil, err
		}
		opened := openedProfile{asBase: asBase}
		if opened.held, err = loadProfile(s, *session); err != nil {
			return nil, err
		}
		if about, err := s.Find(session.Base); err == nil && !asBase {
			opened.base, _ = loadProfile(s, about)
		}
		return opened, nil
	})
}

func loadProfile(s *profiler.Sessions, about profiler.Session) (*loadedProfile, error) {
	opened, err := s.Open(about.ID)
	if err != nil {
		return nil, err
	}
	about.Kind = cmp.Or(about.Kind, opened.Kind())
	return &loadedProfile{profile: opened, about: about}, nil
}

func (p *profilePage) openedReply(t *page.Turn, msg page.Reply) {
	if msg.Err != nil {
		t.Toast(page.LevelError, "%v", msg.Err)
		return
	}
	opened := msg.Value.(openedProfile)
	kind := opened.held.about.Kind
	if opened.asBase {
		p.subject.bases[kind] = opened.held
		t.Toast(page.LevelInfo, "%s is the baseline for %s profiles; d shows the difference", opened.held.about.ID, kindName(kind))
	} else {
		p.subject.loaded[kind] = opened.held
		p.tab = profileTop
		p.subject.bringBase(t, kind, opened.base)
	}
	p.subject.choose(kind)
	p.look(t)
}

func (p drawing) keptColumns() []kit.Column[*profiler.Session] {
	at := func(s *profiler.Session) string { return s.Time.In(p.zone).Format(time.DateTime) }
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
		return grid.Cell{Text: s.ID, Pen: p.matchPen(s.ID)}
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
