package load

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// StoryConfig says which shop's story to tell. Client must be given.
type StoryConfig struct {
	Client *client.Client // with the namespace that is written to, which must be empty
	Orders int            // over a week; 0: 2,000
	Until  time.Time      // when the story ends; zero: now
	Seed   uint64         // the same seed tells the same story, at other times
}

// DefaultOrders is how many orders a story has.
const DefaultOrders = 2000

// Story imports the past of a shop into an empty namespace: customers' accounts
// pay for orders, which are shipped, cancelled and refunded, each message naming
// its cause. Three things are wrong in it, and docs/story.md finds them: some
// orders are shipped though nobody paid, a field changes its kind with a release,
// and an account spends what it does not have. It returns how many messages there
// are, and ErrNotEmpty for a namespace that holds some.
func Story(ctx context.Context, c StoryConfig) (int64, error) {
	c.Orders = cmp.Or(c.Orders, DefaultOrders)
	if c.Client == nil {
		return 0, fmt.Errorf("story: %w", &store.InvalidError{Field: "client", Reason: "must be given"})
	}
	if c.Orders < storyLeast {
		return 0, fmt.Errorf("story: %w", &store.InvalidError{Field: "orders", Reason: fmt.Sprintf("must be at least %d", storyLeast)})
	}
	if c.Until.IsZero() {
		c.Until = time.Now()
	}
	if head, err := c.Client.Head(ctx); err != nil {
		return 0, fmt.Errorf("story: %w", err)
	} else if head > 0 {
		return 0, fmt.Errorf("story in namespace %q, which holds messages: %w", c.Client.Namespace(), ErrNotEmpty)
	}
	lines, n, err := newStory(c).lines()
	if err != nil {
		return 0, fmt.Errorf("story: %w", err)
	}
	if _, err := c.Client.Import(ctx, lines, false, nil); err != nil {
		return 0, fmt.Errorf("story: %w", err)
	}
	return n, nil
}

// storyLeast is the fewest orders that hold all of the faults.
const storyLeast = 100

// What goes wrong, and how often.
const (
	unpaidEvery  = 667 // one in so many is shipped though nobody paid
	releaseAfter = 0.6 // of the story: from then on an app of a new version runs
	textEvery    = 40  // and one in so many of its totals is text
)

// unpaid is an order that is shipped though nobody paid.
func (s *tale) unpaid(i int) bool { return i%unpaidEvery == min(unpaidEvery, s.Orders)/2 }

// slow is the order whose payment hangs for hours.
func (s *tale) slow(i int) bool { return i == s.Orders/3+1 }

// overdrawn is the order for which the first account spends what it has not.
func (s *tale) overdrawn(i int) bool { return i == s.Orders*3/4+1 }

// chapter is one message of a story, in the order in which it is told.
type chapter struct {
	stream, kind string
	at           time.Time
	data         map[string]any
	cause        *chapter
	about        string // the stream that it correlates to; "": none

	position, global int64 // known once all are in order
}

// tale is a story being told.
type tale struct {
	StoryConfig
	random   *rand.Rand
	chapters []*chapter
	opened   []*chapter // accounts
	balance  []int      // of each, in cents
}

func newStory(c StoryConfig) *tale {
	s := &tale{StoryConfig: c, random: rand.New(rand.NewPCG(c.Seed, 0x5707)), balance: make([]int, max(c.Orders/10, 10))}
	const length = 7 * 24 * time.Hour
	begin := c.Until.Add(-length).Truncate(time.Millisecond)
	for i := range s.balance {
		at := begin.Add(time.Duration(i) * time.Second)
		s.opened = append(s.opened, s.tell(nil, at, account(i), "AccountOpened", map[string]any{"owner": s.word("first") + " " + s.word("last"), "currency": "EUR"}))
		s.deposit(i, at.Add(s.between(time.Second, time.Minute)), 20_000+s.random.IntN(30_000))
	}
	// Orders end well before the story does, so that what follows them is in it.
	spread := length * 9 / 10 / time.Duration(c.Orders)
	for i := range c.Orders {
		at := begin.Add(time.Hour + spread*time.Duration(i) + s.between(0, spread))
		s.order(i, at, float64(i)/float64(c.Orders))
	}
	return s
}

func account(i int) string { return fmt.Sprintf("account-%d", 1001+i) }

// tell adds a message that another one caused.
func (s *tale) tell(cause *chapter, at time.Time, stream, kind string, data map[string]any) *chapter {
	c := &chapter{stream: stream, kind: kind, at: at.Truncate(time.Millisecond), data: data, cause: cause}
	if cause != nil {
		if c.about = cause.about; c.about == "" {
			c.about = cause.stream
		}
	}
	s.chapters = append(s.chapters, c)
	return c
}

func (s *tale) between(least, most time.Duration) time.Duration {
	return least + time.Duration(s.random.Int64N(int64(most-least)+1))
}

// soon is a time that is mostly short and sometimes long.
func (s *tale) soon(usual time.Duration) time.Duration {
	return max(time.Duration(s.random.ExpFloat64()*float64(usual)), 2*time.Millisecond)
}

func (s *tale) word(of string) string { return words[of][s.random.IntN(len(words[of]))] }

func euros(cents int) float64 { return float64(cents) / 100 }

func (s *tale) deposit(i int, at time.Time, cents int) *chapter {
	s.balance[i] += cents
	return s.tell(s.opened[i], at, account(i), "Deposited", map[string]any{"amount": euros(cents), "method": s.word("method")})
}

// order tells what becomes of one order. through is how much of the story is over.
func (s *tale) order(i int, at time.Time, through float64) {
	stream := fmt.Sprintf("order-%d", 5001+i)
	buyer := s.random.IntN(len(s.balance))
	price, items := s.items()
	if s.overdrawn(i) {
		buyer, price = 0, s.balance[0]+1_250
		items = []any{map[string]any{"sku": "LMP-900", "price": euros(price), "quantity": 1}}
	}
	data := map[string]any{"customer": account(buyer), "items": items, "total": euros(price), "currency": "EUR", "app": "4.1"}
	if through >= releaseAfter {
		// The new app says what it took off, and sometimes writes the total as text.
		data["app"], data["discount"] = "4.2", 0
		if i%textEvery == 0 {
			data["total"] = fmt.Sprintf("%.2f", euros(price))
		}
	}
	placed := s.tell(nil, at, stream, "OrderPlaced", data)
	placed.about = stream
	if s.unpaid(i) {
		s.ship(placed, i) // the fault: nobody waits for the money
		return
	}
	if s.random.IntN(20) == 0 && s.straight(i) {
		s.tell(placed, placed.at.Add(s.soon(20*time.Minute)), stream, "OrderCancelled", map[string]any{"reason": s.word("reason")})
		return
	}
	paid := s.pay(placed, i, buyer, price)
	if paid == nil {
		return
	}
	delivered := s.ship(paid, i)
	if s.random.IntN(30) == 0 && buyer != 0 { // which would fill the first account again
		s.refund(delivered, i, buyer, price)
	}
}

// straight reports whether an order may end early: what goes wrong does not.
func (s *tale) straight(i int) bool { return !s.slow(i) && !s.overdrawn(i) }

func (s *tale) items() (cents int, items []any) {
	for range 1 + s.random.IntN(3) {
		price, quantity := 490+s.random.IntN(4_000), 1+s.random.IntN(2)
		cents += price * quantity
		items = append(items, map[string]any{"sku": s.word("sku") + fmt.Sprintf("-%d", 100+s.random.IntN(900)), "price": euros(price), "quantity": quantity})
	}
	return cents, items
}

// pay takes the money from the buyer's account, who puts more in where it is not
// enough. It returns the order's payment, or nil when that was declined.
func (s *tale) pay(placed *chapter, i, buyer, price int) *chapter {
	stream := fmt.Sprintf("payment-%d", 5001+i)
	asked := s.tell(placed, placed.at.Add(s.soon(200*time.Millisecond)), stream, "PaymentRequested", map[string]any{"order": placed.stream, "amount": euros(price), "account": account(buyer)})
	if s.random.IntN(40) == 0 && s.straight(i) {
		declined := s.tell(asked, asked.at.Add(s.soon(2*time.Second)), stream, "PaymentDeclined", map[string]any{"code": s.word("decline")})
		s.tell(declined, declined.at.Add(s.soon(time.Second)), placed.stream, "OrderCancelled", map[string]any{"reason": "payment declined"})
		return nil
	}
	wait := s.soon(1500 * time.Millisecond)
	if s.slow(i) {
		wait = 5*time.Hour + 12*time.Minute // the gateway that one order waited for
	}
	captured := s.tell(asked, asked.at.Add(wait), stream, "PaymentCaptured", map[string]any{"amount": euros(price), "gateway": s.word("gateway")})
	if s.balance[buyer] < price && !s.overdrawn(i) {
		s.deposit(buyer, asked.at.Add(time.Millisecond), price-s.balance[buyer]+5_000+s.random.IntN(20_000))
	}
	s.balance[buyer] -= price
	s.tell(captured, captured.at.Add(s.soon(100*time.Millisecond)), account(buyer), "Withdrawn", map[string]any{"amount": euros(price), "order": placed.stream})
	return s.tell(captured, captured.at.Add(s.soon(300*time.Millisecond)), placed.stream, "OrderPaid", map[string]any{"amount": euros(price), "payment": stream})
}

func (s *tale) ship(cause *chapter, i int) *chapter {
	stream := fmt.Sprintf("shipment-%d", 5001+i)
	order := cause.about
	asked := s.tell(cause, cause.at.Add(s.soon(500*time.Millisecond)), stream, "ShipmentRequested", map[string]any{"order": order})
	sent := s.tell(asked, asked.at.Add(s.between(20*time.Minute, 6*time.Hour)), stream, "ShipmentDispatched", map[string]any{"carrier": s.word("carrier"), "to": s.word("city")})
	s.tell(sent, sent.at.Add(s.soon(300*time.Millisecond)), order, "OrderShipped", map[string]any{"shipment": stream})
	there := s.tell(sent, sent.at.Add(s.between(3*time.Hour, 12*time.Hour)), stream, "ShipmentDelivered", map[string]any{"place": s.word("place")})
	return s.tell(there, there.at.Add(s.soon(300*time.Millisecond)), order, "OrderDelivered", map[string]any{"shipment": stream})
}

func (s *tale) refund(delivered *chapter, i, buyer, price int) {
	back := s.tell(delivered, delivered.at.Add(2*time.Hour+s.soon(time.Hour)), delivered.stream, "OrderReturned", map[string]any{"reason": s.word("reason")})
	refunded := s.tell(back, back.at.Add(s.soon(time.Second)), fmt.Sprintf("payment-%d", 5001+i), "PaymentRefunded", map[string]any{"amount": euros(price)})
	// It comes too late for the orders that are told next: they do without.
	s.tell(refunded, refunded.at.Add(s.soon(100*time.Millisecond)), account(buyer), "Deposited", map[string]any{"amount": euros(price), "method": "refund"})
}

// storyLine is a line of the import format.
type storyLine struct {
	ID       string         `json:"id"`
	Stream   string         `json:"stream"`
	Type     string         `json:"type"`
	Position int64          `json:"pos"`
	Global   int64          `json:"gpos"`
	Data     map[string]any `json:"data"`
	Meta     map[string]any `json:"meta"`
	Time     time.Time      `json:"time"`
}

// lines puts the chapters in order of time, and writes those that have happened
// by the end of the story.
func (s *tale) lines() (*bytes.Buffer, int64, error) {
	slices.SortStableFunc(s.chapters, func(a, b *chapter) int { return a.at.Compare(b.at) })
	ends, _ := slices.BinarySearchFunc(s.chapters, s.Until, func(c *chapter, end time.Time) int { return c.at.Compare(end) })
	positions := map[string]int64{}
	out := &bytes.Buffer{}
	write := json.NewEncoder(out)
	write.SetEscapeHTML(false)
	for i, c := range s.chapters[:ends] {
		c.position, c.global = positions[c.stream], int64(i+1)
		positions[c.stream]++
		var id [10]byte
		for b := range id {
			id[b] = byte(s.random.Uint32())
		}
		line := storyLine{ID: store.MakeID(c.at, id).String(), Stream: c.stream, Type: c.kind, Position: c.position, Global: c.global, Data: c.data, Meta: c.metadata(), Time: c.at.UTC()}
		if err := write.Encode(line); err != nil {
			return nil, 0, fmt.Errorf("write %s: %w", c.kind, err)
		}
	}
	return out, int64(ends), nil
}

// metadata names the cause and the order, by Eventide's convention.
func (c *chapter) metadata() map[string]any {
	m := map[string]any{}
	if c.about != "" {
		m["correlationStreamName"] = c.about
	}
	if c.cause != nil {
		m["causationMessageStreamName"] = c.cause.stream
		m["causationMessagePosition"] = c.cause.position
		m["causationMessageGlobalPosition"] = c.cause.global
	}
	if len(m) == 0 {
		return nil
	}
	return m
}
