package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// killedStore is what a server that is killed has acknowledged or shown. Each
// message's content follows from the seed, its stream and its position.
type killedStore struct {
	seed     uint64
	streams  map[string]*killedStream // of the default namespace
	imported int64                    // messages of importedNamespace, global positions from 1
	created  bool                     // importedNamespace was
}

// killedStream is written by one writer, one append after the other.
type killedStream struct {
	name   string
	batch  int     // events of each append
	global []int64 // by position: the global position of what is stored
	found  []int64 // of what was read beyond that
}

const (
	importedNamespace = "imported"
	importedBatch     = 1000 // messages that the server stores at once
	importedStreams   = 7
)

func newKilledStore(seed uint64) *killedStore {
	k := &killedStore{seed: seed, streams: map[string]*killedStream{}}
	for name, batch := range map[string]int{"single-a": 1, "single-b": 1, "single-c": 1, "other": 1, "batch-a": 3, "batch-b": 8} {
		k.streams[name] = &killedStream{name: name, batch: batch}
	}
	return k
}

func (k *killedStore) filled() bool { return k.created }

func (k *killedStore) String() string {
	n := 0
	for _, s := range k.streams {
		n += len(s.global)
	}
	return fmt.Sprintf("%d messages of appends and %d of imports are there", n, k.imported)
}

// event is what is stored at a position of a stream.
func (k *killedStore) event(stream string, position int64) client.Event {
	random := rand.New(rand.NewPCG(k.seed^uint64(store.Hash(stream)), uint64(position)))
	fill := strings.Repeat(fmt.Sprintf("%016x", random.Uint64()), random.IntN(32))
	e := client.Event{Type: fmt.Sprintf("T%d", position%3), Data: fmt.Appendf(nil, `{"n":%d,"fill":"%s"}`, position, fill)}
	if random.IntN(3) == 0 {
		e.Metadata = fmt.Appendf(nil, `{"of":"%s"}`, stream)
	}
	return e
}

// writers are what runs against the server until it is gone. They count what
// was answered; gone is closed once there is no server.
func (k *killedStore) writers(answered *atomic.Int64, gone <-chan struct{}) []func(context.Context, *client.Client) error {
	pace := make(chan struct{}, 1)
	pace <- struct{}{}
	all := []func(context.Context, *client.Client) error{
		func(ctx context.Context, c *client.Client) error { return k.runImport(ctx, c, answered, pace, gone) },
	}
	for _, s := range k.streams {
		all = append(all, func(ctx context.Context, c *client.Client) error {
			for n := 1; ; n++ {
				if err := k.append(ctx, c, s); err != nil {
					return err
				}
				answered.Add(1)
				if n%100 == 0 && s.name == "batch-a" {
					select {
					case pace <- struct{}{}:
					default:
					}
				}
			}
		})
	}
	return all
}

// append writes what comes next in a stream, and keeps what was answered.
func (k *killedStore) append(ctx context.Context, c *client.Client, s *killedStream) error {
	next := int64(len(s.global))
	w := client.Write{Stream: s.name, Expect: client.AtVersion(next - 1)}
	for i := range s.batch {
		w.Events = append(w.Events, k.event(s.name, next+int64(i)))
	}
	var (
		a   store.Appended
		err error
	)
	if s.batch == 1 && next%2 == 0 {
		a, err = c.Write(ctx, s.name, w.Events[0], w.Expect)
	} else {
		a, err = c.Append(ctx, w)
	}
	if err != nil {
		return err
	}
	last := next + int64(s.batch) - 1
	if a.LastPosition != last || a.LastGlobalPosition-a.FirstGlobalPosition != last-next {
		return fmt.Errorf("%s: answered was %+v, sent were positions %d to %d", s.name, a, next, last)
	}
	for i := range s.batch {
		s.global = append(s.global, a.FirstGlobalPosition+int64(i))
	}
	return nil
}

// runImport sends what follows the messages that are stored, in batches that
// wait for the others to get on.
func (k *killedStore) runImport(ctx context.Context, c *client.Client, answered *atomic.Int64, pace, gone <-chan struct{}) error {
	if !k.created {
		_, err := c.CreateNamespace(ctx, importedNamespace, client.NamespaceOptions{})
		if err != nil && !errors.Is(err, store.ErrNamespaceExists) {
			return err
		}
		k.created = true
	}
	lines := &importedLines{k: k, next: k.imported + 1, pace: pace, gone: gone}
	_, err := c.In(importedNamespace).Import(ctx, lines, false, func(p client.ImportProgress) {
		k.imported = p.GlobalPosition
		answered.Add(1)
	})
	return err
}

// importedMessage is the message of a global position.
func (k *killedStore) importedMessage(global int64) store.Message {
	stream, position := fmt.Sprintf("imported-%d", global%importedStreams), (global-1)/importedStreams
	e := k.event(stream, position)
	at := time.UnixMilli(1_700_000_000_000 + global).UTC()
	id := store.MakeID(at, [10]byte{9: byte(global)})
	return store.Message{ID: id, Stream: stream, Type: e.Type, Position: position, GlobalPosition: global, Time: at, Data: e.Data, Metadata: e.Metadata}
}

// importedLines is an export without an end.
type importedLines struct {
	k          *killedStore
	next       int64
	line       []byte
	pace, gone <-chan struct{}
}

func (l *importedLines) Read(p []byte) (int, error) {
	if len(l.line) == 0 {
		if l.next%importedBatch == 1 {
			select {
			case <-l.pace:
			case <-l.gone:
				return 0, io.EOF // nobody is there to take it for the end
			}
		}
		m := l.k.importedMessage(l.next)
		line, err := exportedLine(m)
		if err != nil {
			return 0, err
		}
		l.line, l.next = line, l.next+1
	}
	n := copy(p, l.line)
	l.line = l.line[n:]
	return n, nil
}

// exportedLine is a message in the import format.
func exportedLine(m store.Message) ([]byte, error) {
	line, err := json.Marshal(map[string]any{
		"id": m.ID.String(), "stream": m.Stream, "type": m.Type, "pos": m.Position, "gpos": m.GlobalPosition,
		"data": json.RawMessage(m.Data), "meta": json.RawMessage(m.Metadata), "time": m.Time,
	})
	return append(line, '\n'), err
}
