package engine

import (
	"fmt"
	"math"
	"testing"

	"github.com/evtui/evtui/store"
)

// TestEventsAfter asks for the events after each kind of number: of those that are
// remembered, of those that are not any more, and of those that never were.
func TestEventsAfter(t *testing.T) {
	s := openFake(t, newFake(), Options{})
	for _, noted := range []int{3, eventsKept + 5} {
		for i := len(s.EngineEvents(0)); i < noted; i++ {
			s.events.add(store.EngineEvent{Kind: store.EventOpened, Reason: fmt.Sprint(i)})
		}
		last := s.events.seq
		for after, want := range map[uint64]uint64{
			0: min(last, eventsKept), last - 3: 3, last - 1: 1, last: 0, last + 1: 0, math.MaxUint64: 0,
		} {
			list := s.EngineEvents(after)
			if uint64(len(list)) != want || want > 0 && list[want-1].Seq != last || want > 0 && list[0].Seq != last-want+1 {
				t.Errorf("after %d of %d: %d events, want %d, up to the last", after, last, len(list), want)
			}
		}
	}
}
