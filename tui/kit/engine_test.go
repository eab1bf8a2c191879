package kit

import (
	"fmt"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestFeedIsBounded remembers more events than are ever kept: the feed may hold
// 4 MB.
func TestFeedIsBounded(t *testing.T) {
	used := pagetest.Held(func() any {
		feed := &EngineFeed{}
		for n := range 20 {
			events := make([]store.EngineEvent, feedPage)
			for i := range events {
				n := n*feedPage + i
				events[i] = store.EngineEvent{Seq: uint64(n + 1), Kind: store.EventFlush, Time: pagetest.Start, Reason: fmt.Sprint("reason ", n)}
			}
			feed.Add(events)
		}
		if len(feed.Events) != FeedMost {
			t.Errorf("%d events are kept, want %d", len(feed.Events), FeedMost)
		}
		return feed
	})
	if used > 4<<20 {
		t.Errorf("the feed holds %.1f MB", float64(used)/1e6)
	}
}
