package pgstore

import (
	"context"
	"fmt"
)

// growth is up to where what was written is counted. It is the lookout's alone.
type growth struct {
	begun bool
	to    int64
}

// countedMost is how many positions are counted by category at once. What is more
// counts as so many messages of several categories.
const countedMost = 50_000

// grow returns how many messages were written, by category, since it was called last:
// those between the settled head of then and of now. What it could not ask comes with
// the next call.
func (sp *space) grow(ctx context.Context) map[string]int64 {
	head, err := sp.settle(ctx)
	g := &sp.growth
	switch {
	case err != nil:
		return nil
	case !g.begun || head <= g.to: // nothing came, or messages were removed
		g.begun, g.to = true, head
		return nil
	case head-g.to > countedMost:
		grown := map[string]int64{"": head - g.to}
		g.to = head
		return grown
	}
	grown, err := sp.between(ctx, g.to, head)
	if err != nil {
		return nil
	}
	g.to = head
	messages := make(map[string]int64, len(grown))
	for category, t := range grown {
		messages[category] = t.messages
	}
	return messages
}

// between counts what lies above one position, up to another, by category: its cost is
// the messages in between.
func (sp *space) between(ctx context.Context, above, to int64) (map[string]tally, error) {
	found := map[string]tally{}
	err := sp.ask(ctx, fmt.Sprintf(`SELECT %s::text, count(*), count(*) FILTER (WHERE position = 0), max(global_position), max(time) FROM %s WHERE global_position > $1 AND global_position <= $2 GROUP BY 1`, sp.category, sp.table),
		[]argument{number(above), number(to)}, func(r row) { found[r.text(0)] = tally{r.int(1), r.int(2), r.int(3), r.time(4)} })
	return found, err
}
