package groups

import (
	"context"
	"fmt"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
	"github.com/evtui/evtui/tui/page"
)

// retryPrompt names the question whether to retry.
const retryPrompt = "retry"

// retryPlan is what a yes would retry: messages that are parked behind none, at most
// [consumer.MaxRetry] of them.
type retryPlan struct {
	rows   []parkedRow
	queued int // parked behind them
	beyond int // that were marked, too, and are too many
}

// planRetry plans to retry the marked messages, or the one under the cursor. Of those
// that are parked behind another one, that one is retried.
func (k *parked) planRetry() *retryPlan {
	wanted := map[parkedID]bool{}
	for i := range k.all {
		if row := &k.all[i]; k.marks[row.id()] {
			wanted[row.head()] = true
		}
	}
	if row := k.row(); len(wanted) == 0 && row != nil {
		wanted[row.head()] = true
	}
	plan := new(retryPlan)
	for i := range k.all {
		row := &k.all[i]
		switch {
		case !wanted[row.id()]:
		case len(plan.rows) == consumer.MaxRetry:
			plan.beyond++
		default:
			plan.rows = append(plan.rows, *row)
			plan.queued += row.Queued
		}
	}
	return plan
}

// askRetry shows what would be retried, and asks.
func (k *parked) askRetry(t *page.Turn) {
	plan := k.planRetry()
	switch {
	case t.ReadOnly:
		t.Toast(page.LevelWarn, "read-only: retry is disabled")
		return
	case len(plan.rows) == 0:
		t.Toast(page.LevelWarn, "no parked message is marked or under the cursor")
		return
	case k.tried != 0:
		t.Toast(page.LevelWarn, "a retry is being asked for: wait for it")
		return
	}
	k.plan = plan
	t.Prompt(page.Prompt{ID: retryPrompt, Label: plan.question(), Hint: "y retries; any other key cancels", One: true})
}

func (r *retryPlan) question() string {
	n := int64(len(r.rows))
	question := "retry " + text.Count(n) + " " + text.Plural(n, "message")
	if r.queued > 0 {
		question += ", and " + text.Count(int64(r.queued)) + " behind"
	}
	return question + "?"
}

// retryAnswered takes the answer.
func (k *parked) retryAnswered(t *page.Turn, q *questions, msg page.PromptMsg) {
	plan := k.plan
	k.plan = nil
	if plan == nil {
		return
	}
	if msg.State != page.PromptDone || !strings.EqualFold(msg.Text, "y") {
		t.Toast(page.LevelInfo, "retry cancelled")
		return
	}
	k.tried = q.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return plan.carryOut(ctx, c) })
}

// retriedReply is how many messages were asked for.
type retriedReply struct{ asked int }

// carryOut asks each consumer for its own.
func (r *retryPlan) carryOut(ctx context.Context, c *client.Client) (any, error) {
	asked := 0
	for i := range r.rows {
		row := &r.rows[i]
		lot := consumer.Lot{Category: row.category, Consumer: row.consumer}
		n, err := lot.Retry(ctx, c, row.GlobalPosition)
		if asked += n; err != nil {
			return retriedReply{asked}, err
		}
	}
	return retriedReply{asked}, nil
}

// retried says what came of it.
func (k *parked) retried(t *page.Turn, msg page.Reply) {
	k.tried, k.asked = 0, t.Now.Add(-parkedEvery) // what became of it is seen soon
	r, _ := msg.Value.(retriedReply)
	n := text.Count(int64(r.asked)) + " " + text.Plural(int64(r.asked), "message")
	switch {
	case client.Unreachable(msg.Err):
	case msg.Err != nil && r.asked == 0:
		t.Toast(page.LevelError, "retry: %v", msg.Err)
	case msg.Err != nil:
		t.Toast(page.LevelError, "retry: asked for %s, then: %v", n, msg.Err)
	default:
		k.marks = nil
		t.Toast(page.LevelInfo, "asked to retry %s: each leaves the list once its consumer has handled it", n)
	}
}

// preview lists what a yes would retry.
func (r *retryPlan) preview(t *page.Theme, w, h int) []string {
	lines := []string{t.Title.Paint(text.Fit(" "+r.question(), w))}
	note := " Their consumers get them again, and nobody else. Only CATEGORY:retry-NAME is written to."
	lines = append(lines, t.Muted.Paint(text.Fit(note, w)))
	if r.beyond > 0 {
		note := fmt.Sprintf(" At most %d at once: %s more stay marked.", consumer.MaxRetry, text.Count(int64(r.beyond)))
		lines = append(lines, t.Warn.Paint(text.Fit(note, w)))
	}
	for i := range r.rows {
		if len(lines) == h-1 && i < len(r.rows)-1 {
			lines = append(lines, t.Muted.Paint(text.Fit(" "+t.Sym.Dots+" "+text.Count(int64(len(r.rows)-i))+" more", w)))
			break
		}
		row := &r.rows[i]
		behind := ""
		if row.Queued > 0 {
			behind = " +" + text.Count(int64(row.Queued)) + " behind"
		}
		line := fmt.Sprintf(" %s %s %s #%s%s: %s", row.consumer, t.Sym.Pointer, row.Stream, text.Count(row.Position), behind, row.Error)
		lines = append(lines, t.Text.Paint(text.Fit(text.Sanitize(line), w)))
	}
	return lines
}
