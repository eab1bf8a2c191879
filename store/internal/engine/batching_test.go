package engine

import (
	"testing"
	"testing/synctest"
	"time"
)

// syncOnce has the queue see a group of ops that took a while to be durable.
func syncOnce(t *testing.T, q *queue, ops int, took time.Duration) {
	t.Helper()
	for range ops {
		q.put(&op{})
	}
	for taken := 0; taken < ops; {
		taken += len(q.take(nil))
	}
	time.Sleep(took) // in a bubble
	q.mu.Lock()
	q.syncing = 1 // however many groups it were
	q.mu.Unlock()
	q.synced(ops)
}

// TestGroupsWaitForMore: who was just answered gets half a sync to come back
// and share the next one.
func TestGroupsWaitForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for range 40 { // until the smoothed time is that of a sync
			syncOnce(t, q, 3, time.Millisecond)
		}
		began := time.Now()
		took := make(chan int, 1)
		go func() { took <- len(q.take(nil)) }()
		q.put(&op{})
		synctest.Wait()
		time.Sleep(100 * time.Microsecond)
		q.put(&op{})
		q.put(&op{})
		if n := <-took; n != 3 || time.Since(began) != 100*time.Microsecond {
			t.Errorf("a group of %d after %v, want all three as soon as they are there", n, time.Since(began))
		}
	})
}

// TestNobodyWaitsInVainTwice: where callers do not come back, one group waits
// half a sync, and the next ones do not wait at all.
func TestNobodyWaitsInVainTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for range 40 {
			syncOnce(t, q, 3, time.Millisecond)
		}
		for i, most := range []time.Duration{500 * time.Microsecond, 0, 0, 0} {
			began := time.Now()
			q.put(&op{})
			if n := len(q.take(nil)); n != 1 || time.Since(began) > most {
				t.Errorf("group %d: %d ops after %v, want 1 after at most %v", i, n, time.Since(began), most)
			}
			time.Sleep(time.Millisecond)
			q.synced(1)
		}
	})
}

// TestNoBatchingWithoutSyncs: where a group is durable at once there is nothing
// to share.
func TestNoBatchingWithoutSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for range 10 {
			syncOnce(t, q, 3, 20*time.Microsecond)
		}
		began := time.Now()
		q.put(&op{})
		if n := len(q.take(nil)); n != 1 || time.Since(began) != 0 {
			t.Errorf("%d ops after %v, want 1 at once", n, time.Since(began))
		}
	})
}
