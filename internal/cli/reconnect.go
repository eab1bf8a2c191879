package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// errEnded is what a subscription ends with that the server closed.
var errEnded = fmt.Errorf("%w: the server ended the subscription", command.ErrBusy)

// connectionLost reports whether a command that follows should come again: the
// server is gone, or going, and may be back.
func connectionLost(err error) bool {
	return client.Unreachable(err) || client.Unavailable(err) || errors.Is(err, errEnded)
}

// How long a command waits before it connects again.
const (
	firstReconnect = 200 * time.Millisecond
	maxReconnect   = 5 * time.Second
)

// reconnect opens the subscription again, as soon as the server lets it, and
// says on standard error that it has to. What was written meanwhile lies behind
// the cursor.
func (tl *tail) reconnect(ctx context.Context, lost error) (*client.Subscription, error) {
	since := time.Now()
	next := ""
	if tl.begun {
		next = fmt.Sprintf(", to continue at position %d", tl.at())
	}
	fmt.Fprintf(tl.words, "connection lost: %s; reconnecting%s\n", output.InertLines(lost.Error()), next)
	for wait := firstReconnect; ; wait = min(2*wait, maxReconnect) {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(wait + rand.N(wait/4)): // not all who were lost at once come at once
		}
		news, err := tl.resubscribe(ctx)
		if connectionLost(err) {
			continue
		}
		if err == nil {
			fmt.Fprintf(tl.words, "reconnected after %s\n", text.Duration(time.Since(since)))
		}
		return news, err
	}
}

// resubscribe opens the subscription, and makes sure that the log is the one
// that was read: one that ends before the cursor has lost what was printed.
func (tl *tail) resubscribe(ctx context.Context) (*client.Subscription, error) {
	news, err := tl.reader.client.Subscribe(ctx, tl.announcements())
	if err != nil || !tl.reached {
		return news, err
	}
	end, err := tl.end(ctx)
	if err != nil {
		_ = news.Close() // only read from
		return nil, err
	}
	if end < tl.at() {
		fmt.Fprintf(tl.words, "the log ends before position %d, which was read: messages were lost or replaced; continuing at %d\n", tl.at()-1, end)
		tl.cursor.position, tl.cursor.global = min(tl.cursor.position, end), min(tl.cursor.global, end)
	}
	return news, nil
}

// at is the next position to read, as --from takes it.
func (tl *tail) at() int64 {
	if tl.reader.stream != "" {
		return tl.cursor.position
	}
	return tl.cursor.global
}

// end is the position behind the last message, as --from takes it; where the
// server does not say it, the cursor's own.
func (tl *tail) end(ctx context.Context) (int64, error) {
	var (
		last int64
		err  error
	)
	if tl.reader.stream != "" {
		last, err = tl.reader.client.Version(ctx, tl.reader.stream)
	} else {
		last, err = tl.reader.client.Head(ctx)
	}
	if client.NotOffered(err) {
		return tl.at(), nil
	}
	return last + 1, err
}
