package lag

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// recorded is what a position stream said when it had the version.
type recorded struct {
	version int64
	at      time.Time
	done    *int64 // the last message that was handled; nil: it does not say
	none    bool   // nothing of the stream records a position
}

// recorded reads the position streams, of one category unless that is "". It asks for
// what every server of the protocol has.
func (w *Watch) recorded(ctx context.Context, c *client.Client, category string) (list []wire.GroupMember, more bool, err error) {
	counts, err := c.Categories(ctx)
	if err != nil {
		return nil, false, err
	}
	heads := make(map[string]int64, len(counts))
	for _, of := range counts {
		heads[of.Category] = of.LastPosition
	}
	known := map[string]recorded{}
	defer func() { w.positions = known }()
	for _, kind := range counts {
		of, ok := wire.CategoryBeside(kind.Category, wire.PositionKind)
		if !ok || category != "" && of != category {
			continue
		}
		for s, err := range c.AllStreams(ctx, client.StreamsQuery{Category: kind.Category}) {
			if err != nil {
				return nil, false, err
			}
			if len(known) == maxRecorded {
				return list, true, nil
			}
			at, err := w.position(ctx, c, s)
			if err != nil {
				return nil, false, err
			}
			if known[s.Name] = at; !at.none {
				list = append(list, rowOf(c.Namespace(), of, s.Name, at, heads))
			}
		}
	}
	return list, false, nil
}

// position reads what a stream says, unless nothing was written to it since.
func (w *Watch) position(ctx context.Context, c *client.Client, s client.Stream) (recorded, error) {
	if at, known := w.positions[s.Name]; known && at.version == s.Version {
		return at, nil
	}
	at := recorded{version: s.Version}
	m, err := c.LastMessage(ctx, s.Name, wire.RecordedType)
	if errors.Is(err, client.ErrMessageNotFound) {
		at.none = true
		return at, nil
	}
	at.at, at.done = m.Time, wire.RecordedPosition(m.Data)
	return at, err
}

func rowOf(namespace, category, stream string, at recorded, heads map[string]int64) wire.GroupMember {
	row := wire.GroupMember{Namespace: namespace, Category: category, Via: wire.ViaPosition}
	_, row.Consumer, _ = strings.Cut(stream, "-")
	heard, silent := at.at.UTC(), max(int64(time.Since(at.at)), 0)
	row.LastHeard, row.SilentFor = &heard, &silent
	if at.done != nil {
		next := *at.done + 1
		row.Position, row.Given = &next, at.done
	}
	// A server that tells no heads says 0 for a category that holds messages.
	if head := heads[category]; head > 0 {
		row.Head = &head
	}
	return row
}
