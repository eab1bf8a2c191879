package load

import (
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

const (
	consumeLimit = 100                    // messages of a consumer's page
	consumePause = 100 * time.Millisecond // when it has read all there is
)

// consume is one member of a group that follows the first category, from
// where the log ended at the start.
func (r *run) consume(member int) {
	ledger := r.tally.ledgers[r.Workers+member]
	q := client.CategoryQuery{
		Category:       r.workload.categories[0].category,
		GlobalPosition: r.start + 1,
		Limit:          consumeLimit,
		Group:          store.Group{Member: member, Size: r.Consumers},
	}
	for r.stop.Err() == nil {
		from := time.Now()
		page, err := r.Client.ReadCategory(r.stop, q)
		switch {
		case r.stop.Err() != nil:
			return
		case err == nil:
			ledger.record(opConsume, time.Since(from), len(page))
		default:
			r.comesBack(ledger, err)
		}
		if len(page) > 0 {
			q.GlobalPosition = page[len(page)-1].GlobalPosition + 1
		}
		if len(page) < consumeLimit && pause(r.stop, consumePause) != nil {
			return
		}
	}
}
