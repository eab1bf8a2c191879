package streams

import (
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
)

// rowKey names a row, for finding it again.
func rowKey(row any) string {
	switch r := row.(type) {
	case *namespaceRow:
		return r.ID
	case *everything:
		return "\x00all" // no category can be named so
	case *store.CategoryCount:
		return r.Category
	case *store.Stream:
		return r.Name
	case *kit.Brief:
		return r.ID.String()
	}
	return ""
}

// rowText is what a search looks at, as far as the row has it.
func rowText(row any) string {
	if m, ok := row.(*kit.Brief); ok {
		return m.Text()
	}
	return rowKey(row)
}
