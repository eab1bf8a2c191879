package store_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
)

func TestWriteCheck(t *testing.T) {
	event := func(typ string, data, metadata int) store.Event {
		return store.Event{Type: typ, Data: make([]byte, data), Metadata: make([]byte, metadata)}
	}
	for _, c := range []struct {
		name  string
		w     store.Write
		field string // "" when it is legal
	}{
		{"one event", store.Write{Stream: "a-1", Events: []store.Event{event("T", 2, 0)}}, ""},
		{"no such stream yet", store.Write{Stream: "a-1", Events: []store.Event{event("T", 2, 0)}, ExpectedVersion: store.NoStream}, ""},
		{"any version", store.Write{Stream: "a", Events: []store.Event{event("T", 2, 0)}, ExpectedVersion: store.AnyVersion}, ""},
		{"the last version", store.Write{Stream: "a", Events: []store.Event{event("T", 2, 0)}, ExpectedVersion: math.MaxInt64}, ""},
		{"at the limits", store.Write{Stream: strings.Repeat("s", 1024), Events: []store.Event{
			event(strings.Repeat("t", 256), 1<<20, 0), event("T", 0, 1<<20), event("T", 1<<19, 1<<19),
		}}, ""},
		{"no stream", store.Write{Events: []store.Event{event("T", 2, 0)}}, "stream"},
		{"no category", store.Write{Stream: "-1", Events: []store.Event{event("T", 2, 0)}}, "stream"},
		{"no events", store.Write{Stream: "a-1"}, "events"},
		{"below any version", store.Write{Stream: "a-1", Events: []store.Event{event("T", 2, 0)}, ExpectedVersion: -3}, "expectedVersion"},
		{"no type", store.Write{Stream: "a-1", Events: []store.Event{event("", 2, 0)}}, "type"},
		{"a bad type, last", store.Write{Stream: "a-1", Events: []store.Event{event("T", 2, 0), event("a\n", 2, 0)}}, "type"},
		{"too much data", store.Write{Stream: "a-1", Events: []store.Event{event("T", 1<<20+1, 0)}}, "data"},
		{"too much together", store.Write{Stream: "a-1", Events: []store.Event{event("T", 2, 0), event("T", 1<<19, 1<<19+1)}}, "data"},
		{"an id twice", store.Write{Stream: "a-1", Events: []store.Event{withID(1), event("T", 2, 0), withID(2), withID(1)}}, "id"},
		{"ids of their own", store.Write{Stream: "a-1", Events: []store.Event{withID(1), event("T", 2, 0), event("T", 2, 0), withID(2)}}, ""},
	} {
		checkField(t, c.name, c.w.Check(), c.field)
	}
	err := store.Write{Stream: "a-1", Events: []store.Event{withID(1), event("T", 2, 0), withID(2), withID(1)}}.Check()
	if err == nil || !strings.Contains(err.Error(), withID(1).ID.String()+" for events 0 and 3") {
		t.Errorf("an id twice: %v", err)
	}
}

func withID(n byte) store.Event {
	return store.Event{ID: store.ID{15: n}, Type: "T", Data: []byte("{}")}
}

// checkField checks that an error blames the field, or that there is none.
func checkField(t *testing.T, name string, err error, field string) {
	t.Helper()
	var invalid *store.InvalidError
	switch {
	case field == "" && err != nil:
		t.Errorf("%s: got %v, want it accepted", name, err)
	case field == "":
	case !errors.As(err, &invalid):
		t.Errorf("%s: got error %v, want an *InvalidError", name, err)
	case invalid.Field != field || !strings.HasPrefix(err.Error(), field+" "):
		t.Errorf("%s: got %q of field %q, want field %q", name, err, invalid.Field, field)
	case strings.HasPrefix(invalid.Reason, field+" "):
		t.Errorf("%s: %q names its field twice", name, err)
	}
}

func TestQueryChecks(t *testing.T) {
	group := store.Group{Member: 1, Size: 2}
	bad := store.Group{Member: 2, Size: 2}
	for _, c := range []struct {
		name  string
		query interface{ Check() error }
		field string
	}{
		{"stream", store.StreamQuery{Stream: "a-1", Position: -5, GlobalPosition: -5, Limit: store.NoLimit, Backward: true}, ""},
		{"stream, nothing", store.StreamQuery{Stream: "a", Limit: 0}, ""},
		{"stream without a name", store.StreamQuery{Limit: 1}, "stream"},
		{"stream, limit", store.StreamQuery{Stream: "a", Limit: -2}, "limit"},

		{"category", store.CategoryQuery{Category: "a", Correlation: "b", Group: group, Limit: 7, GlobalPosition: -1}, ""},
		{"all", store.CategoryQuery{Limit: store.NoLimit}, ""},
		{"category with a dash", store.CategoryQuery{Category: "a-1"}, "category"},
		{"category, limit", store.CategoryQuery{Category: "a", Limit: math.MinInt}, "limit"},
		{"category, correlation with a dash", store.CategoryQuery{Correlation: "a-1"}, "correlation"},
		{"category, correlation", store.CategoryQuery{Correlation: "\x00"}, "correlation"},
		{"category, group", store.CategoryQuery{Group: bad}, "consumerGroup"},

		{"streams", store.StreamsQuery{Prefix: "-\xff", Cursor: "\x00", Category: "a", Limit: 1}, ""},
		{"streams, limit", store.StreamsQuery{}, "limit"},
		{"streams, category", store.StreamsQuery{Category: "a-1", Limit: 1}, "category"},

		{"subscribe to all", store.SubscribeQuery{From: store.FromNow, Group: group}, ""},
		{"subscribe to a stream", store.SubscribeQuery{Stream: "a-1", From: 7}, ""},
		{"subscribe to a category", store.SubscribeQuery{Category: "a", Group: group}, ""},
		{"subscribe to both", store.SubscribeQuery{Stream: "a-1", Category: "a"}, "subscription"},
		{"subscribe, stream", store.SubscribeQuery{Stream: "-1"}, "stream"},
		{"subscribe, category", store.SubscribeQuery{Category: "a-1"}, "category"},
		{"subscribe, position", store.SubscribeQuery{From: -2}, "position"},
		{"subscribe, group", store.SubscribeQuery{Group: bad}, "consumerGroup"},
	} {
		checkField(t, c.name, c.query.Check(), c.field)
	}
}

func TestErrors(t *testing.T) {
	taken := &store.ImportError{Index: 3, Err: store.ErrPositionExists}
	if !errors.Is(taken, store.ErrPositionExists) || !strings.Contains(taken.Error(), "message 3") {
		t.Errorf("an ImportError hides its reason: %v", taken)
	}
	cause := errors.New("disk /var/secret is on fire")
	poisoned := &store.PoisonedError{Namespace: "n", Err: cause}
	if !errors.Is(poisoned, cause) || strings.Contains(poisoned.Error(), "secret") {
		t.Errorf("a PoisonedError must wrap its cause and not tell it: %v", poisoned)
	}
	conflict := &store.ConflictError{Stream: "a-1", Expected: 5, Actual: 3}
	for _, part := range []string{`"a-1"`, "5", "3"} {
		if !strings.Contains(conflict.Error(), part) {
			t.Errorf("a ConflictError does not tell %s: %v", part, conflict)
		}
	}
}

func TestClone(t *testing.T) {
	data, metadata := []byte(`{"a":1}`), []byte(`{"b":2}`)
	m := store.Message{Stream: "a-1", Type: "T", Position: 1, GlobalPosition: 2, Data: data, Metadata: metadata}
	c := m.Clone()
	clear(data)
	clear(metadata)
	if string(c.Data) != `{"a":1}` || string(c.Metadata) != `{"b":2}` || c.Stream != "a-1" || c.Position != 1 || c.GlobalPosition != 2 {
		t.Errorf("the clone changed with its original: %+v", c)
	}
	if bare := (store.Message{Data: []byte(`{}`)}).Clone(); bare.Metadata != nil {
		t.Errorf("nil metadata was cloned to %q", bare.Metadata)
	}
	if empty := (store.Message{Metadata: []byte{}}).Clone(); empty.Metadata == nil {
		t.Error("empty metadata was cloned to nil")
	}
}
