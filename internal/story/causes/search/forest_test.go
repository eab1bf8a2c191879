package search_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// noon is when forests begin.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// convention writes the metadata by which a message names its cause.
type convention func(m map[string]any, cause *store.Message)

// conventions are all that the naive reader of the tests knows.
func conventions() []convention {
	return []convention{
		func(m map[string]any, c *store.Message) {
			m["causationMessageStreamName"], m["causationMessagePosition"], m["causationMessageGlobalPosition"] = c.Stream, c.Position, c.GlobalPosition
		},
		func(m map[string]any, c *store.Message) { m["causationMessageGlobalPosition"] = c.GlobalPosition },
		func(m map[string]any, c *store.Message) { m["$causationId"] = c.ID.String() },
		func(m map[string]any, c *store.Message) { m["causation_id"] = strings.ToUpper(c.ID.String()) },
		func(m map[string]any, c *store.Message) { m["causationId"] = c.ID.String() },
		func(m map[string]any, c *store.Message) {
			m["mine"] = map[string]any{"because": fmt.Sprintf("%s#%d", c.Stream, c.Position)}
		},
	}
}

// forest is n messages, many of which name one before them, written with a random
// source of the seed. Some names hide behind escapes, some name nothing that is
// there, some what comes later.
func forest(r *rand.Rand, n int) []store.ImportMessage {
	streams := []string{"order-1", "order-2", "account-7", "größe-ä", `evil-"\`, "payment-3", "a:b-x y"}
	types := []string{"Placed", "Paid", "Sent", "Re\u202ed", "Übung"}
	positions := map[string]int64{}
	at := noon
	all := make([]store.ImportMessage, n)
	for i := range all {
		stream := streams[r.IntN(len(streams))]
		at = at.Add(time.Duration(r.IntN(900)-50) * time.Millisecond)
		all[i].Message = store.Message{
			ID: store.MakeID(noon, [10]byte{9: byte(i), 8: byte(i >> 8), 7: byte(i >> 16), 6: 0xab}), Stream: stream, Type: types[r.IntN(len(types))],
			Position: positions[stream], GlobalPosition: int64(i + 1), Time: at, Data: []byte(`{"filler":"` + strings.Repeat("x", r.IntN(60)) + `"}`),
		}
		positions[stream]++
	}
	for i := range all {
		all[i].Metadata = metadata(r, all, i)
	}
	return all
}

func metadata(r *rand.Rand, all []store.ImportMessage, i int) []byte {
	meta := map[string]any{}
	ways := conventions()
	switch cause := r.IntN(100); {
	case cause < 70 && i > 0: // one not long before
		ways[r.IntN(len(ways))](meta, &all[i-1-r.IntN(min(i, 12))].Message)
	case cause < 76 && i > 0: // two that may be different
		ways[0](meta, &all[r.IntN(i)].Message)
		ways[2](meta, &all[r.IntN(i)].Message)
	case cause < 80:
		ways[2](meta, &store.Message{ID: store.MakeID(noon, [10]byte{9: byte(i), 8: byte(i >> 8), 5: 0xcd})}) // nobody
	case cause < 84:
		ways[r.IntN(len(ways))](meta, &all[r.IntN(len(all))].Message) // itself, or later
	case cause < 88:
		return nil
	case cause < 90:
		return []byte(`["$causationId"]`)
	}
	raw, err := json.Marshal(meta)
	if err != nil {
		panic(err)
	}
	if r.IntN(6) == 0 { // the same, spelled otherwise
		raw = []byte(strings.NewReplacer(`"$causationId"`, `"\u0024causationId"`, `-`, `\u002d`, `order`, `\u006frder`).Replace(string(raw)))
	}
	return raw
}

// naive is what a person would write who has all messages at hand.
type naive struct {
	all   []store.Message
	noIDs bool // the server looks up no ids: only what lies before an effect is looked through
}

// causes are the messages that m names, in the order in which the names count.
func (n naive) causes(m *store.Message) (out []int) { return append(n.placed(m), n.byID(m)...) }

// metadata reads a message's metadata; nil where that is no object.
func (naive) metadata(m *store.Message) (meta map[string]any) {
	d := json.NewDecoder(strings.NewReader(string(m.Metadata)))
	d.UseNumber()
	if d.Decode(&meta) != nil {
		return nil
	}
	return meta
}

func (n naive) find(is func(*store.Message) bool) []int {
	if i := slices.IndexFunc(n.all, func(c store.Message) bool { return is(&c) }); i >= 0 {
		return []int{i}
	}
	return nil
}

// placed are the causes that are named by a position.
func (n naive) placed(m *store.Message) (out []int) {
	meta := n.metadata(m)
	find := func(is func(*store.Message) bool) { out = append(out, n.find(is)...) }
	if mine, ok := meta["mine"].(map[string]any); ok {
		find(func(c *store.Message) bool { return fmt.Sprintf("%s#%d", c.Stream, c.Position) == mine["because"] })
	}
	global := fmt.Sprint(meta["causationMessageGlobalPosition"])
	if stream, ok := meta["causationMessageStreamName"]; ok {
		find(func(c *store.Message) bool {
			return c.Stream == stream && fmt.Sprint(c.Position) == fmt.Sprint(meta["causationMessagePosition"])
		})
	} else {
		find(func(c *store.Message) bool { return fmt.Sprint(c.GlobalPosition) == global })
	}
	return out
}

// byID are the causes that are named by their id.
func (n naive) byID(m *store.Message) (out []int) {
	meta := n.metadata(m)
	for _, name := range []string{"$causationId", "causation_id", "causationId"} {
		if id, ok := meta[name].(string); ok {
			out = append(out, n.find(func(c *store.Message) bool { return strings.EqualFold(c.ID.String(), id) })...)
		}
	}
	return out
}

// above are the causes of a message back to the first, the nearest first.
func (n naive) above(i int) (out []int) {
	met := map[int]bool{i: true}
	for {
		c := n.placed(&n.all[i])
		for _, id := range n.byID(&n.all[i]) {
			if !n.noIDs || id < i {
				c = append(c, id)
			}
		}
		if len(c) == 0 || met[c[0]] {
			return out
		}
		i = c[0]
		met[i] = true
		out = append(out, i)
	}
}

// below is the cause of each message that follows from i, itself left out, and
// what stands above it in a cycle.
func (n naive) below(i int) map[int]int { return n.belowWith(i, n.above(i)) }

// belowWith is below, with what stood above when that was looked for.
func (n naive) belowWith(i int, above []int) map[int]int {
	cause, in := map[int]int{}, map[int]bool{i: true}
	for j := i + 1; j < len(n.all); j++ {
		if slices.Contains(above, j) {
			continue
		}
		for _, c := range n.causes(&n.all[j]) {
			if in[c] && c < j {
				in[j], cause[j] = true, c
				break
			}
		}
	}
	return cause
}
