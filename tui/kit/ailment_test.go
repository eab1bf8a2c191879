package kit

import (
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// TestNoticesAreAilments: what readers should know stands among what is wrong, by state, with how old
// the oldest is; what contradicts the log is no warning but a fault.
func TestNoticesAreAilments(t *testing.T) {
	theme := page.NewTheme(true, page.LookMono, false)
	said := func(e *wire.EngineSample) string {
		var words []string
		for _, a := range Ailments(&theme, e, 0, 0) {
			words = append(words, a.Words+a.Remedy+" ["+a.Short+"]")
		}
		return strings.Join(words, "; ")
	}
	for _, c := range []struct {
		notices []wire.Notice
		all     int
		want    string
	}{
		{nil, 0, ""},
		{[]wire.Notice{{Namespace: "a", State: "cut off", Age: int64(14400 * time.Millisecond)}, {Namespace: "b", State: "cut off", Age: int64(3 * time.Second)}}, 2, "! 2 cut off, 14 s old [!2 cut off]"},
		{[]wire.Notice{{Namespace: "a", State: "not following", Age: int64(time.Minute)}, {Namespace: "b", State: "foreign"}}, 2, "✗ 1 not following, 1m 00s old: evtui verify [✗1 not following]; ! 1 foreign: evtui verify [!1 foreign]"},
		{[]wire.Notice{{State: "warning", Words: "one of three servers is not reached"}}, 1, "! 1 warning: one of three servers is not reached [!1 warning]"},
		{[]wire.Notice{{Namespace: "a", State: "behind"}}, 20, "! at least 1 behind [!at least 1 behind]"},
	} {
		if got := said(&wire.EngineSample{Notices: c.notices, Noticed: c.all}); got != c.want {
			t.Errorf("%+v:\n got %q\nwant %q", c.notices, got, c.want)
		}
	}
	if string(store.NoticeApart) != wire.NoticeApart {
		t.Error("the state that is a fault has two names")
	}
}

// TestEventsHaveSigns: each kind of event has a sign of its own or of its like, in both sets of symbols, and
// a weight that there is.
func TestEventsHaveSigns(t *testing.T) {
	plain := SignOf("some kind that there is not")
	for _, kind := range []string{
		store.EventFlush, store.EventCompact, store.EventStall, store.EventStallEnd, store.EventOpened, store.EventClosed, store.EventCreated, store.EventDeleted,
		store.EventTruncated, store.EventPoisoned, store.EventDiskLow, store.EventDamaged, store.EventDropped, store.EventReplaced, store.EventType, store.EventFollows,
		store.EventDrift, store.EventCutOff, store.EventBack, store.EventUnknown, wire.EventProfile,
	} {
		s := SignOf(kind)
		if s.sign == plain.sign || s.ascii == plain.ascii || s.Weight <= 0 || s.Weight >= EventWeights {
			t.Errorf("%s is drawn as %+v", kind, s)
		}
	}
	if SignOf(store.EventCutOff).Weight <= SignOf(store.EventBack).Weight {
		t.Error("that the log is back covers that it was cut off")
	}
}
