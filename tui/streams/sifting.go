package streams

import (
	"context"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// sifting is looking for what a list's filter keeps: what that has cost, and how
// it ends. A page that a filter picks may take long.
type sifting struct {
	cost   client.ScanCost // so far
	stop   func()          // ends the question under way; nil: none is
	halted bool            // the user ended it: nothing more is looked for until r
}

// ask makes a question one that halt ends.
func (s *sifting) ask(call page.Call) page.Call {
	ended, stop := context.WithCancel(context.Background())
	s.stop = stop
	return func(ctx context.Context, c *client.Client) (any, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(ended, cancel)()
		return call(ctx, c)
	}
}

// answered takes that no question is under way any more.
func (s *sifting) answered() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// chip says what it costs, and how to end it; "" where it is done. partial is how
// many pages are not full.
func (s *sifting) chip(partial int) string {
	how := "stopped, r goes on: "
	if !s.halted {
		if s.stop == nil || partial == 0 {
			return ""
		}
		how = "looking, esc stops: "
	}
	return how + text.Count(s.cost.Messages) + " read, " + text.Bytes(float64(s.cost.Bytes)) + ", " + text.Duration(s.cost.Time)
}
