package tail

import (
	"cmp"
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// How many messages are read at once, by what they weigh: one may have a
// megabyte. The size of the first ones is not known.
const (
	firstPart = 6
	partBytes = 4 << 20 // read for one answer
	tailBytes = 8 << 20 // of the rows kept; older ones fold
)

// weight is what a message takes, in bytes.
func weight(m *store.Message) int { return len(m.Data) + len(m.Metadata) + 256 }

// parts reads a run of messages in parts, as large as what was read so far lets
// them be.
type parts struct {
	fits  int // of the next part
	count int
	bytes int
}

// took learns from a part, and reports whether there is room for another one.
func (p *parts) took(list []store.Message) bool {
	for i := range list {
		p.bytes += weight(&list[i])
	}
	p.count += len(list)
	if p.count > 0 {
		mean := max(p.bytes/p.count, 1)
		p.fits = max(min(partBytes/mean, 8*p.fits), 1)
	}
	return p.bytes < partBytes
}

// next is how many messages of the number that is missing to read now.
func (p *parts) next(missing int) int {
	p.fits = cmp.Or(p.fits, firstPart)
	room := missing
	if p.count > 0 {
		room = max((partBytes-p.bytes)*p.count/max(p.bytes, 1), 1)
	}
	return min(missing, p.fits, room)
}

// newest reads the newest messages up to a position, oldest first: as many as
// are asked for, or as there is room for.
func (q *tailPull) newest(ctx context.Context, c *client.Client, last int64, take int, newest map[string]int64, r *tailPulled) ([]store.Message, error) {
	var list []store.Message
	p := parts{fits: q.fits}
	for len(list) < take {
		n := p.next(take - len(list))
		part, err := q.what.Since(ctx, c, q.after.last, last, n, newest)
		if err != nil {
			return nil, err
		}
		list = append(part, list...)
		if !p.took(part) || len(part) < n || part[0].GlobalPosition <= q.after.last+1 {
			break
		}
		last = part[0].GlobalPosition - 1
	}
	r.fits = p.fits
	return list, nil
}

// begin reads the messages that a fold begins with; whole is false when there
// are more than were read.
func (q *tailPull) begin(ctx context.Context, c *client.Client, f fold) (list []store.Message, whole bool, err error) {
	var p parts
	for from := f.from; len(list) < tailLoad; {
		n := p.next(tailLoad - len(list))
		part, err := q.what.Read(ctx, c, client.CategoryQuery{GlobalPosition: from, Limit: n})
		if err != nil {
			return nil, false, err
		}
		list = append(list, part...)
		if len(part) < n || part[len(part)-1].GlobalPosition >= f.to {
			return list, true, nil
		}
		if !p.took(part) {
			break
		}
		from = part[len(part)-1].GlobalPosition + 1
	}
	return list, false, nil
}

// room is how many rows at the end, or at the start, there is room for, of at most
// limit.
func (b *tailBuffer) room(limit int, end bool) int {
	bytes := 0
	for n := range min(limit, len(b.rows)) {
		row := n
		if end {
			row = len(b.rows) - 1 - n
		}
		if m := b.rows[row].m; m != nil {
			bytes += weight(m)
		}
		if bytes > tailBytes {
			return max(n+1, 2) // one is the fold's
		}
	}
	return limit
}
