package lag

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// Consumer is one consumer as a look found it. Of one that recorded its position,
// Size and Member say of which group, where its identifier tells that.
type Consumer struct {
	wire.GroupMember
	Name    string  // which its identifier says; "" for those that were seen reading
	Trend   float64 // of Messages, a second; see Trended
	Trended bool    // Trend is known
	Kept    bool    // nothing was before it a moment ago: what is now has just come
}

// ID names a consumer of a namespace.
type ID struct {
	Category, Correlation string
	Size, Member          int
	Consumer              string
	Recorded              bool
}

// ID is the same in each look.
func (c *Consumer) ID() ID {
	return ID{c.Category, c.Correlation, c.Size, c.Member, c.Consumer, c.Recorded()}
}

// Recorded reports whether the consumer recorded its position, and was not seen reading.
func (c *Consumer) Recorded() bool { return c.Via == wire.ViaPosition }

// State says how a consumer does.
type State int

// The states, the worst first.
const (
	Silent   State = iota // messages are before it, and it does not come
	Falling               // it falls behind
	Steady                // it gets no nearer
	Behind                // messages are before it; how that changes is not known yet
	Catching              // it catches up
	Unknown               // nobody knows where it is
	KeepsUp               // messages come, and it handles them as they do
	CaughtUp
	Once // it read once, and may be no consumer
)

// String names the state for scripts.
func (s State) String() string {
	return [...]string{"silent", "falling behind", "steady", "behind", "catching up", "unknown", "keeps up", "caught up", "once"}[s]
}

const (
	// silentAfter is when one that was seen reading is taken for dead.
	silentAfter = 10 * time.Second
	// unrecordedAfter is when one is that records its position. Eventide's consumers do
	// so each recordEvery messages, and may be idle in between.
	unrecordedAfter = time.Minute
	recordEvery     = 100
	// steady is the change of a lag, in messages a second, that is none.
	steady = 0.05
)

// State works out how it does.
func (c *Consumer) State() State {
	switch {
	case c.Once:
		return Once
	case c.Messages == nil:
		return Unknown
	case *c.Messages == 0 && !c.AtLeast:
		return CaughtUp
	case c.silent():
		return Silent
	case c.Kept:
		return KeepsUp
	case !c.Trended:
		return Behind
	case c.Trend > steady:
		return Falling
	case c.Trend >= -steady:
		return Steady
	}
	return Catching
}

// silent reports whether one that has messages before it does not come for them.
func (c *Consumer) silent() bool {
	switch {
	case c.Connected > 0 || c.SilentFor == nil:
		return false
	case c.Recorded():
		mayBeIdle := c.Size == 0 && *c.Messages < recordEvery
		return time.Duration(*c.SilentFor) >= unrecordedAfter && !mayBeIdle
	}
	return time.Duration(*c.SilentFor) >= silentAfter
}

// CatchUp is how long it takes, as things go, until nothing is before the consumer. Only
// one that is [Catching] up is promised anything.
func (c *Consumer) CatchUp() (d time.Duration, known bool) {
	if c.State() != Catching || c.AtLeast {
		return 0, false
	}
	seconds := min(float64(*c.Messages)/-c.Trend, 1e9)
	return time.Duration(math.Ceil(seconds)) * time.Second, true
}

// rank is the order of the states in a list: the worst first.
func (c *Consumer) rank() int {
	switch c.State() {
	case Silent:
		return 0
	case Unknown:
		return 2
	case KeepsUp, CaughtUp:
		return 3
	case Once:
		return 4
	}
	return 1
}

// Compare orders consumers, the worst first: those that are silent, then by how many
// messages are before them.
func Compare(a, b *Consumer) int {
	messages := func(c *Consumer) int64 {
		if c.Messages == nil {
			return -1
		}
		return *c.Messages
	}
	return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(messages(b), messages(a)), cmp.Compare(a.Category, b.Category),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Correlation, b.Correlation), cmp.Compare(a.Size, b.Size), cmp.Compare(a.Member, b.Member),
		cmp.Compare(a.Via, b.Via))
}

// How trends are taken.
const (
	trackPoints = 300              // of each consumer: ten minutes of a look every other second
	trackMost   = 256              // consumers followed
	trendSpan   = 30 * time.Second // over which a trend is taken
	trendLeast  = 4 * time.Second
	keptSpan    = 6 * time.Second // within which nothing must have been before one that keeps up
)

// Point is where a consumer stood at a moment.
type Point struct {
	At       time.Time
	Position *int64 // nil: not known
	Messages *int64 // before it; nil: not known, or not exactly
}

// track follows one consumer, oldest point first.
type track struct{ points []Point }

func (t *track) add(p Point) {
	if len(t.points) >= trackPoints {
		t.points = slices.Delete(t.points, 0, 1)
	}
	t.points = append(t.points, p)
}

// trend is how fast the messages before it change, a second, from the first to the last
// of the newest points.
func (t *track) trend() (perSecond float64, known bool) {
	var first, last *Point
	for i := len(t.points) - 1; i >= 0; i-- {
		p := &t.points[i]
		if p.Messages == nil || last != nil && last.At.Sub(p.At) > trendSpan {
			break
		}
		if last == nil {
			last = p
		}
		first = p
	}
	if first == nil || last.At.Sub(first.At) < trendLeast {
		return 0, false
	}
	return float64(*last.Messages-*first.Messages) / last.At.Sub(first.At).Seconds(), true
}

// kept reports whether nothing was before the consumer at one of the newest points.
func (t *track) kept() bool {
	for i := len(t.points) - 1; i >= 0 && t.points[len(t.points)-1].At.Sub(t.points[i].At) <= keptSpan; i-- {
		if n := t.points[i].Messages; n != nil && *n == 0 {
			return true
		}
	}
	return false
}

// at returns the newest point up to a time, unless that is older than most.
func (t *track) at(at time.Time, most time.Duration) (p Point, known bool) {
	for i := len(t.points) - 1; i >= 0; i-- {
		if p = t.points[i]; !p.At.After(at.Add(time.Second)) {
			return p, at.Sub(p.At) < most
		}
	}
	return p, false
}
