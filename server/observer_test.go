package server

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/store"
)

// TestWhoIsForgotten: one that was heard of once after ten minutes, a consumer that fell
// silent after a day, and nobody who comes back, however seldom.
func TestWhoIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o observer
		of := func(n int) member {
			return member{namespace: "default", category: "order", group: store.Group{Member: n, Size: 9}}
		}
		seen := func(connected map[member][]*subscription) (who []int) {
			for _, s := range o.list("", "", true, connected) {
				who = append(who, s.group.Member)
			}
			return who
		}
		once, seldom, consumer, follower := of(0), of(1), of(2), of(3)
		o.sawRead(once, 1, 0, 0, "")
		o.sawRead(seldom, 1, 0, 0, "")
		o.sawRead(consumer, 1, 0, 0, "")
		o.sawRead(consumer, 1, 0, 0, "")
		o.sawSubscription(follower, 1, "", 1)
		connected := map[member][]*subscription{follower: {new(subscription)}}
		if got := seen(connected); len(got) != 4 {
			t.Errorf("at once: %v", got)
		}
		time.Sleep(onceFor + time.Second)
		if got := seen(connected); len(got) != 2 {
			t.Errorf("after ten minutes: %v, want the consumer and who is connected", got)
		}
		o.sawRead(seldom, 1, 0, 0, "") // it polls each ten minutes and a second
		if got := seen(connected); len(got) != 3 {
			t.Errorf("one that comes back seldom: %v", got)
		}
		o.sawSubscription(follower, 1, "", 0) // its only subscription ends, which was long
		time.Sleep(time.Hour)
		if got := seen(nil); len(got) != 3 {
			t.Errorf("an hour later: %v", got)
		}
		time.Sleep(goneFor)
		if got := seen(nil); len(got) != 0 {
			t.Errorf("a day later: %v", got)
		}
	})
}
