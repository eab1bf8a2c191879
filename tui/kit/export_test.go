package kit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// TestExportCanBeCancelled cancels half way through: nothing is left over.
func TestExportCanBeCancelled(t *testing.T) {
	var e Export
	emitted := 0
	slow := func(ctx context.Context, _ *client.Client, _ *atomic.Int64, emit func(*store.Message) error) error {
		for i := range 3000 {
			if i == 1500 {
				if !e.Cancel() {
					t.Error("there is nothing to cancel")
				}
				<-ctx.Done()
			}
			if err := emit(&store.Message{Stream: "order-7", Type: "Placed", GlobalPosition: int64(i + 1)}); err != nil {
				return err
			}
			emitted++
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	}
	file := filepath.Join(t.TempDir(), "all.ndjson")
	turn := &page.Turn{Env: page.Env{Namespace: "default"}}
	e.Ask(turn, slow, nil, "all")
	e.Prompted(turn, page.PromptMsg{ID: "export", Text: file, State: page.PromptDone}, 7)
	asks := turn.Wishes().Asks
	if len(asks) != 1 || asks[0].Gen != 7 || !e.Running() {
		t.Fatalf("asked for %v", asks)
	}
	_, err := asks[0].Call(t.Context(), nil)
	if !errors.Is(err, context.Canceled) || emitted >= 3000 {
		t.Fatalf("%v after %d messages", err, emitted)
	}
	if !e.Replied(turn, page.Reply{Gen: 7, Err: err}) || e.Running() {
		t.Error("the export is not over")
	}
	for _, name := range []string{file, file + ".part"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is left over", name)
		}
	}
}
