package state

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/evtui/evtui/store"
)

// MaxBytes is the most that a state may have as JSON. What would become larger
// is a [Fault].
const MaxBytes = 16 << 20

// Initial is the state before the first message.
func Initial() json.RawMessage { return json.RawMessage("null") }

// Definition is a reducer that people wrote.
type Definition struct {
	Name     string // what to call it: its file, or where it stands; "" merges
	Category string // whose streams it is for, where the configuration says so
	Program  string // in jq; "" merges
}

// Merges reports whether it is none: the data of the events is merged.
func (d *Definition) Merges() bool { return d.Program == "" }

// Title says which reducer it is.
func (d *Definition) Title() string {
	if d.Merges() {
		return "data merged"
	}
	return "jq " + d.Name
}

// Folded is what became of messages.
type Folded struct {
	State   json.RawMessage // after Applied of them; not to be changed
	Applied int             // how many, from the first on
	// Held is the first of them at which the condition held, and with which
	// folding ended; -1: none, or there is no condition.
	Held int
}

// Reducer makes states of messages.
type Reducer interface {
	// Fold applies messages to a state, in their order. A message that cannot
	// be applied ends it: then the error is a [*Fault], and what is returned
	// says what the state was before that message. Any other error says that
	// nothing is known. ctx ends it at once.
	Fold(ctx context.Context, from json.RawMessage, list []store.Message) (Folded, error)
	// Close ends what runs for it, and waits for that. Folding after it begins
	// anew.
	Close() error
}

// Fault says which message a reducer did not take, and why.
type Fault struct {
	Position int64  // in the stream
	Type     string // of the message
	Reason   string // in words; it may quote the message
}

// Error implements error.
func (f *Fault) Error() string {
	return fmt.Sprintf("message #%d (%s): %s", f.Position, f.Type, f.Reason)
}

func faultAt(m *store.Message, reason string) *Fault {
	return &Fault{Position: m.Position, Type: m.Type, Reason: reason}
}

// ProgramError says why a program cannot be run at all.
type ProgramError struct {
	What   string // "reducer" or "condition"
	Reason string
}

// Error implements error.
func (e *ProgramError) Error() string { return "the " + e.What + " is no jq: " + e.Reason }
