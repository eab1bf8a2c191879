package tui

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
)

// streamsOf hands out the messages of streams in their global order: of one by
// reading it, of several by going through their categories once.
func streamsOf(names []string) kit.MessagesOf {
	if len(names) == 1 {
		return source{kind: listMessages, stream: names[0], oldest: true}.each
	}
	return func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		keep := make(map[string]bool, len(names))
		var categories []string
		for _, name := range names {
			keep[name] = true
			if category := store.Category(name); !slices.Contains(categories, category) {
				categories = append(categories, category)
			}
		}
		head, err := kit.HeadOf(ctx, c)
		if err != nil {
			return err
		}
		of := kit.Tailed{Categories: categories}.Between(1, head, func(m *store.Message) bool { return keep[m.Stream] })
		return of(ctx, c, looked, emit)
	}
}
