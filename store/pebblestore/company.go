package pebblestore

import "time"

// company foretells how many ops had better share the next sync. Callers that
// were just answered tend to come back with their next op within a fraction of
// a sync; a group taken before they are there makes them wait for a sync of
// their own, so that two half groups alternate at twice the syncs. So the next
// group waits for as many ops as were under way at the last sync's end, but
// never longer than half a sync takes: whoever waits in vain loses no more than
// that, and then nobody waits for a while.
type company struct {
	expected int           // ops that the next group waits for; 0: none
	took     time.Duration // from taking a group to its being durable, smoothed
	began    time.Time     // when the group that is on its way alone was taken
	doubt    int           // groups that go without waiting, since waiting was in vain
}

const (
	// Waiting for less costs more than it brings: memory, or a disk that does
	// not wait for its medium, or durability by interval.
	leastPatience = 50 * time.Microsecond
	mostPatience  = time.Millisecond

	doubtfulGroups = 16
)

// patience returns how long the next group may wait.
func (c *company) patience() time.Duration { return min(c.took/2, mostPatience) }

// synced tells that the last group on its way is durable: answered callers may
// come back, waiting ones are there already.
func (c *company) synced(now time.Time, answered, waiting int) {
	c.took += (now.Sub(c.began) - c.took) / 8
	c.expected = 0
	if c.doubt > 0 {
		c.doubt--
		return
	}
	if c.patience() >= leastPatience {
		c.expected = min(answered+waiting, eagerOps)
	}
}

// missed tells that not all that were expected came.
func (c *company) missed() { c.expected, c.doubt = 0, doubtfulGroups }
