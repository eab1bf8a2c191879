package engine

import "time"

// batching decides how many writes should share the next sync. Callers that
// were just answered tend to come back with their next op within a fraction of
// a sync; a group taken before they are there makes them wait for a sync of
// their own, so that two half groups alternate at twice the syncs. So the next
// group waits for as many ops as were under way at the last sync's end, but
// never longer than half a sync takes: whoever waits in vain loses no more than
// that, and then nobody waits for a while.
type batching struct {
	expected int           // ops that the next group waits for; 0: none
	took     time.Duration // from taking a group to its being durable, smoothed
	began    time.Time     // when the group that is on its way alone was taken
	doubt    int           // groups that go without waiting, since waiting was in vain
}

const (
	// Waiting for less costs more than it brings: memory, or a disk that does
	// not wait for its medium, or durability by interval.
	minDelay         = 50 * time.Microsecond
	maxBatchingDelay = time.Millisecond

	doubtfulGroups = 16
)

func (b *batching) maxDelay() time.Duration { return min(b.took/2, maxBatchingDelay) }

// synced tells of the last group on its way, which is durable now: answered callers may
// come back, waiting ones are there already.
func (b *batching) synced(now time.Time, answered, waiting int) {
	b.took += (now.Sub(b.began) - b.took) / 8
	b.expected = 0
	if b.doubt > 0 {
		b.doubt--
		return
	}
	if b.maxDelay() >= minDelay {
		b.expected = min(answered+waiting, eagerOps)
	}
}

// missed tells that not all that were expected came.
func (b *batching) missed() { b.expected, b.doubt = 0, doubtfulGroups }
