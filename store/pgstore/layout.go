package pgstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// Layouts, by the names that ?layout= takes.
const (
	layoutMessageDB = "message-db"
	layoutEventoDB  = "eventodb"
)

// Schemas that the programs make.
const (
	messageSchema  = "message_store"
	registrySchema = "eventodb_store"
)

// layout is how messages lie, and where.
type layout struct {
	name   string
	schema string // of the messages, or of the registry
}

// quoted is a name in SQL.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// detect finds out which layout is there, unless it is told.
func (g *guest) detect(ctx context.Context, asked layout) (layout, error) {
	messages := layout{layoutMessageDB, messageSchema}
	registry := layout{layoutEventoDB, registrySchema}
	if asked.schema != "" {
		messages.schema, registry.schema = asked.schema, asked.schema
	}
	var hasMessages, hasRegistry bool
	err := g.ask(ctx, `SELECT
		EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'messages'),
		EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2 AND c.relname = 'namespaces')`,
		[]argument{words(messages.schema), words(registry.schema)}, func(r row) { hasMessages, hasRegistry = r.truth(0), r.truth(1) })
	if err != nil {
		return layout{}, err
	}
	hasMessages = hasMessages && asked.name != layoutEventoDB
	hasRegistry = hasRegistry && asked.name != layoutMessageDB
	switch {
	case hasMessages && hasRegistry:
		return layout{}, errors.New("the database holds both a Message DB and an EventoDB: add ?layout=message-db or ?layout=eventodb to the URL")
	case hasMessages:
		return messages, nil
	case hasRegistry:
		return registry, nil
	}
	return layout{}, fmt.Errorf("the database holds no event store that is known: there is no table %s.messages of Message DB and no table %s.namespaces of EventoDB; "+
		"name another database, or say with ?schema= which schema it is in", messages.schema, registry.schema)
}

// space is a namespace.
type space struct {
	store  *Store
	id     string
	schema string // "": a namespace that must be there and has no table
	about  store.Namespace
	token  [32]byte
	asked  time.Time // when somebody wanted it; guarded by the store's mu

	// In SQL:
	table       string
	category    string // of stream_name
	correlation string // the category that metadata correlates to

	settling settling
	polling  polling
	counts   counts
	rows     rowSizes
	growth   growth
	sight    sight
}

func (s *Store) newSpace(id, schema string) *space {
	sp := &space{store: s, id: id, schema: schema, about: store.Namespace{ID: id, Open: true}}
	if schema == "" {
		return sp
	}
	sp.table = quoted(schema) + ".messages"
	if s.layout.name == layoutMessageDB { // as its index on categories is made
		sp.category = quoted(schema) + ".category(stream_name)"
		sp.correlation = quoted(schema) + ".category(metadata->>'correlationStreamName')"
	} else {
		sp.category = "split_part(stream_name, '-', 1)"
		sp.correlation = "split_part(metadata->>'correlationStreamName', '-', 1)"
	}
	return sp
}

// member is the condition that a stream is of a member, $size and $member being
// the numbers of arguments. abs(mod) is mod(abs) without its overflow.
func member(size, member int) string {
	return fmt.Sprintf(` AND CASE WHEN strpos(stream_name, '-') > 0 THEN abs(mod(('x' || left(md5(
		split_part(substr(stream_name, strpos(stream_name, '-') + 1), '+', 1)), 16))::bit(64)::bigint, $%d)) END = $%d`, size, member)
}

// registryTime is how long what the registry says is believed.
const registryTime = time.Second

// spaces returns all namespaces, by id.
func (s *Store) spaces(ctx context.Context) (map[string]*space, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, store.ErrClosed
	}
	if s.layout.name == layoutMessageDB || time.Since(s.read) < registryTime {
		return s.known, nil
	}
	found, err := s.registeredLocked(ctx)
	if err != nil {
		return nil, err
	}
	if found[store.DefaultNamespace] == nil {
		found[store.DefaultNamespace] = s.newSpace(store.DefaultNamespace, "")
	}
	s.known, s.read = found, time.Now()
	return found, nil
}
