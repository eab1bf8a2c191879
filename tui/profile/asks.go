package profile

import "github.com/evtui/evtui/tui/page"

// profileAsks are the questions under way: their generations, 0 for none, and what
// takes the answers.
type profileAsks struct {
	gen                                                       uint64
	capture, look, calls, source, kept, saved, opened, offers uint64
	took                                                      map[uint64]func(*page.Turn, page.Reply)
}

// await returns the generation of a new question, which one of its kind that is
// still under way gives way to.
func (a *profileAsks) await(kind *uint64, took func(*page.Turn, page.Reply)) uint64 {
	a.gen++
	gen := a.gen
	*kind = gen
	if a.took == nil {
		a.took = map[uint64]func(*page.Turn, page.Reply){}
	}
	a.took[gen] = func(t *page.Turn, msg page.Reply) {
		if *kind == gen {
			*kind = 0
			took(t, msg)
		}
	}
	return gen
}

// restart gives all of them up.
func (a *profileAsks) restart() { *a = profileAsks{gen: a.gen} }

func (a *profileAsks) replied(t *page.Turn, msg page.Reply) {
	if took := a.took[msg.Gen]; took != nil {
		delete(a.took, msg.Gen)
		took(t, msg)
	}
}

func replyNote(err error, otherwise string) string {
	if err != nil {
		return err.Error()
	}
	return otherwise
}
