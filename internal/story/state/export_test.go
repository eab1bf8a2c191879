package state

import (
	"context"
	"encoding/json"

	"github.com/evtui/evtui/store"
)

// Kept says how many states are kept, and how many bytes they have.
func (h *History) Kept() (states, bytes int) { return len(h.marks), h.bytes }

// Merge merges data into a state.
func Merge(from json.RawMessage, data []byte) (json.RawMessage, error) {
	folded, err := Merging{}.Fold(context.Background(), from, []store.Message{{Data: data}})
	return folded.State, err
}
