package consumer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// Config says what a Consumer does. Client, Category, Name and Handle must be
// set; the zero value of each other field stands for what is named with it.
type Config struct {
	Client   *client.Client
	Category string
	// Name is the consumer's, the same for all members of a group.
	Name string
	// Group is the member that this is. Zero: alone.
	Group client.Group
	// Handle processes one message. An error has it tried again, and then parked.
	Handle func(context.Context, client.Message) error
	// Attempts is how often a message is given to Handle before it is parked. 5.
	Attempts int
	// Backoff is the wait before the second attempt, and before connecting again;
	// it doubles each time, up to MaxBackoff. 100 ms, and 10 s.
	Backoff, MaxBackoff time.Duration
	// ParkMessageOnly lets later messages of a parked message's stream go on.
	ParkMessageOnly bool
	// Page is how many messages are read at once at most, and handled between two
	// records of the position. 100.
	Page int
	// Logger is told of retries, parked messages and lost connections. None.
	Logger *slog.Logger
}

// Counters say what a Consumer did since it was made.
type Counters struct {
	Handled, Failed, Parked, Retried, Reconnected int64
}

// Consumer is one consumer, or one member of a group. Make it with [New].
type Consumer struct {
	Config
	handled, failed, parked, retried, reconnected atomic.Int64

	// Of the goroutine in Run.
	next     int64 // global position to go on from; 0: not known yet
	recorded int64 // the newest in the position stream
	lot      lot
	size     client.PageSize
}

// New checks the configuration.
func New(c Config) (*Consumer, error) {
	switch {
	case c.Client == nil || c.Handle == nil || c.Name == "":
		return nil, errors.New("consumer: Client, Name and Handle must be set")
	case c.Category == "":
		return nil, errors.New("consumer: Category must be set")
	}
	if err := store.CheckCategory(c.Category); err != nil {
		return nil, fmt.Errorf("consumer: %w", err)
	}
	if err := c.Group.Check(); err != nil {
		return nil, fmt.Errorf("consumer: %w", err)
	}
	c.Attempts = cmp.Or(max(c.Attempts, 0), 5)
	c.Backoff = cmp.Or(max(c.Backoff, 0), 100*time.Millisecond)
	c.MaxBackoff = max(cmp.Or(c.MaxBackoff, 10*time.Second), c.Backoff)
	c.Page = cmp.Or(max(c.Page, 0), 100)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Consumer{Config: c}, nil
}

// Counters returns what was done so far. It may be called at any time.
func (c *Consumer) Counters() Counters {
	return Counters{c.handled.Load(), c.failed.Load(), c.parked.Load(), c.retried.Load(), c.reconnected.Load()}
}

// recordTime is how long a consumer that is stopped may take to record its
// position.
const recordTime = 5 * time.Second

// Run processes messages until ctx ends, which is no error: the message that is
// being handled ends with it, and the position is recorded. A server that cannot
// be reached is waited for; one that refuses the consumer ends it with an error.
// One goroutine calls Run at a time.
func (c *Consumer) Run(ctx context.Context) error {
	wait := c.Backoff
	for {
		before := c.next
		err := c.follow(ctx)
		if ctx.Err() != nil {
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
			defer cancel()
			if err := c.record(last); err != nil {
				c.Logger.Warn("position not recorded: some messages will come again", "consumer", c.Name, "error", err)
			}
			return nil
		}
		if final(err) {
			return fmt.Errorf("consume %q: %w", c.Category, err)
		}
		if c.next > before {
			wait = c.Backoff
		}
		c.reconnected.Add(1)
		c.Logger.Warn("reconnecting", "consumer", c.Name, "in", wait, "error", err)
		pause(ctx, wait)
		wait = min(2*wait, c.MaxBackoff)
	}
}

// final reports whether trying again cannot help.
func final(err error) bool {
	_, invalid := errors.AsType[*client.InvalidError](err)
	return invalid || client.Unauthorized(err) || client.Damaged(err) || errors.Is(err, client.ErrNamespaceNotFound)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// retryEvery is how often the retry stream is looked at while nothing comes.
const retryEvery = time.Second

// follow processes what is there, then what is announced.
func (c *Consumer) follow(ctx context.Context) error {
	if c.next == 0 {
		if err := c.start(ctx); err != nil {
			return err
		}
	}
	sub, err := c.Client.Subscribe(ctx, client.SubscribeQuery{Category: c.Category, From: c.next, Group: c.Group})
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }() // always nil
	news := make([]client.Announcement, c.Page)
	for {
		if err := c.catchUp(ctx); err != nil {
			return err
		}
		if err := c.retryParked(ctx); err != nil {
			return err
		}
		waiting, cancel := context.WithTimeout(ctx, retryEvery)
		_, err := sub.Next(waiting, news)
		cancel()
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
			return err
		}
	}
}

// catchUp processes all there is from the position on.
func (c *Consumer) catchUp(ctx context.Context) error {
	for {
		want := c.size.Next(c.Page)
		page, err := c.Client.ReadCategory(ctx, client.CategoryQuery{
			Category: c.Category, GlobalPosition: c.next, Limit: want, Group: c.Group, MaxBytes: client.PageBytes,
		})
		more, err := c.size.Took(want, page, err)
		if err != nil {
			return err
		}
		for _, m := range page {
			if err := c.process(ctx, m); err != nil {
				return err
			}
			c.next = m.GlobalPosition + 1
		}
		if err := c.record(ctx); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

// process handles a message, or parks it. Its error is not the handler's.
func (c *Consumer) process(ctx context.Context, m client.Message) error {
	if c.lot.holds(m.GlobalPosition) {
		return nil // parked before a crash, and not recorded
	}
	first, blocked := c.lot.first(m.Stream)
	if blocked && m.GlobalPosition < first {
		return nil // handled before that one was parked, and not recorded
	}
	if blocked && !c.ParkMessageOnly {
		return c.park(ctx, m, fmt.Errorf("behind message %d, which is parked", first), true, noRetry)
	}
	if err := c.attempt(ctx, m); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return c.park(ctx, m, err, false, noRetry)
	}
	return nil
}

// attempt gives a message to Handle until it succeeds or failed too often.
func (c *Consumer) attempt(ctx context.Context, m client.Message) error {
	wait := c.Backoff
	for n := 1; ; n++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := c.Handle(ctx, m)
		if err == nil {
			c.handled.Add(1)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.failed.Add(1)
		c.Logger.Warn("message failed", "consumer", c.Name, "stream", m.Stream, "position", m.Position, "attempt", n, "error", err)
		if n >= c.Attempts {
			return err
		}
		pause(ctx, wait)
		wait = min(2*wait, c.MaxBackoff)
	}
}
