package cli

import (
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// cost says what a scan has read, and for how long.
func cost(c client.ScanCost) string {
	s := text.Bytes(float64(c.Bytes)) + " in " + text.Duration(c.Time)
	if c.Here {
		s += ", filtered by this command: the server does not scan"
	}
	return s
}

// matched says what a filter found, and what that cost.
func matched(kept int64, c client.ScanCost) string {
	return text.Count(kept) + " of " + text.Count(c.Messages) + " messages read match (" + cost(c) + ")"
}

// scan is the query of what lies from the cursor on and passes a filter.
func (r *messageReader) scan(at cursor, backward bool, line string) client.ScanQuery {
	q := client.ScanQuery{Stream: r.stream, Categories: r.categories, Filter: line, Group: r.member, Backward: backward}
	switch {
	case r.stream != "":
		q.From, q.GlobalPosition = at.position, at.global
	default:
		q.From = at.global
	}
	if backward {
		if q.Before = q.From + 1; r.stream == "" && at.global < 1 {
			q.Before = 0
		}
		q.From = 0
	}
	return q
}

// beyond returns the cursor behind a page of a scan.
func (r *messageReader) beyond(p *client.ScanPage, backward bool) cursor {
	at := p.Next
	if backward {
		at--
	}
	if r.stream != "" {
		return cursor{position: at, done: p.Complete}
	}
	return cursor{global: at, position: unbounded(backward), done: p.Complete}
}
