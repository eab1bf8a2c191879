package logstore_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

// sumOf returns a value of the section "copies".
func sumOf(t *testing.T, st *logstore.Store, name string) store.SectionValue {
	t.Helper()
	for _, section := range st.Sections() {
		for _, row := range section.Rows {
			if section.Name == "copies" && row.Name == name {
				return row.Values[0]
			}
		}
	}
	t.Fatalf("the section has no %q", name)
	return store.SectionValue{}
}

// TestNotices: what is not as it should be is listed, the worst first, and goes when it does.
func TestNotices(t *testing.T) {
	l := newMemoryLog()
	st := started(t, l)
	for _, id := range []string{"a", "b"} {
		made(t, st, id)
		if _, err := st.Append(t.Context(), id, one("a-1", store.NoStream, store.ID{})); err != nil {
			t.Fatal(err)
		}
	}
	if n := st.Notices(); len(n) != 0 {
		t.Fatalf("all is well, and there are notices: %+v", n)
	}
	if v := sumOf(t, st, "cut off"); v.Number != 0 || v.Verdict != store.VerdictNone {
		t.Errorf("cut off while all is well: %+v", v)
	}
	l.foreign("b", logstore.Subject("zzz"), []byte(`{"type":"Foreign"}`))
	eventually(t, func() error {
		n := st.Notices()
		if len(n) != 1 || n[0].Namespace != "b" || n[0].State != store.NoticeForeign || n[0].Words == "" || n[0].Age != 0 {
			return fmt.Errorf("after a foreign message: %+v", n)
		}
		return nil
	})
	if v := sumOf(t, st, "foreign"); v.Number != 1 || v.Verdict != store.VerdictWarn {
		t.Errorf("foreign: %+v", v)
	}
	l.cutOff(true)
	eventually(t, func() error {
		n := st.Notices()
		if len(n) != 2 || n[0].Namespace != "a" || n[1].Namespace != "b" || n[0].State != store.NoticeCutOff || n[1].State != store.NoticeCutOff || n[0].Age <= 0 {
			return fmt.Errorf("cut off: %+v", n)
		}
		return nil
	})
	if v := sumOf(t, st, "cut off"); v.Number != 2 || v.Verdict != store.VerdictWarn {
		t.Errorf("cut off: %+v", v)
	}
	if v := sumOf(t, st, "oldest read"); v.Number <= 0 || v.Verdict != store.VerdictWarn {
		t.Errorf("oldest read: %+v", v)
	}
	l.cutOff(false)
	eventually(t, func() error {
		if n := st.Notices(); len(n) != 1 || n[0].State != store.NoticeForeign {
			return fmt.Errorf("after it healed: %+v", n)
		}
		return nil
	})
}

// TestNoticeStatesAreRanked: each state has a rank of its own.
func TestNoticeStatesAreRanked(t *testing.T) {
	seen := map[int]store.NoticeState{}
	for _, s := range []store.NoticeState{store.NoticeApart, store.NoticeCutOff, store.NoticeBuilding, store.NoticeBehind, store.NoticeForeign, store.NoticeWarning} {
		if other, twice := seen[s.Rank()]; twice || s.Rank() < 0 {
			t.Errorf("%q has the rank %d, as %q", s, s.Rank(), other)
		}
		seen[s.Rank()] = s
	}
	if store.NoticeCutOff.Rank() > store.NoticeForeign.Rank() {
		t.Error("a foreign message is not worse than a log that is not reached")
	}
}

// TestDashboardDrawsTheCopies: the rows that the dashboard and the alerts name are there.
func TestDashboardDrawsTheCopies(t *testing.T) {
	st := started(t, newMemoryLog())
	named := regexp.MustCompile(`section=\\?"copies\\?",row=\\?"([a-z ]+)\\?"`)
	for _, page := range []string{"grafana-dashboard.json", "operating.md"} {
		text, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		found := named.FindAllStringSubmatch(string(text), -1)
		if len(found) < 3 {
			t.Errorf("%s names only %d rows", page, len(found))
		}
		for _, m := range found {
			sumOf(t, st, m[1])
		}
	}
}

// TestNoQuorumIsAnEvent: a log that is reached and has no majority is an event once, as one that is not reached is; so is
// that it has one again, whether a look tells that or what comes.
func TestNoQuorumIsAnEvent(t *testing.T) {
	l := newMemoryLog()
	st := started(t, l)
	made(t, st, "n")
	leads := func(err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.leads = err
	}
	events := func(kind string) (n int) {
		for _, e := range st.EngineEvents(0) {
			if e.Kind == kind {
				n++
			}
		}
		return n
	}
	for round := 1; round <= 2; round++ {
		leads(&store.UnavailableError{Namespace: "n", Reason: "there is no leader"})
		logstore.Probe(t.Context(), st, "n")
		logstore.Probe(t.Context(), st, "n")
		if n := st.Notices(); len(n) != 1 || n[0].State != store.NoticeCutOff || events(store.EventCutOff) != round || events(store.EventBack) != round-1 {
			t.Fatalf("round %d: %+v, %d times cut off, %d times back", round, n, events(store.EventCutOff), events(store.EventBack))
		}
		leads(nil)
		if round == 1 {
			logstore.Probe(t.Context(), st, "n")
		} else if _, err := st.Append(t.Context(), "n", one("a-1", store.NoStream, store.ID{})); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() error {
			if n := st.Notices(); len(n) != 0 || events(store.EventBack) != round {
				return fmt.Errorf("round %d: %+v, %d times back", round, n, events(store.EventBack))
			}
			return nil
		})
	}
}
