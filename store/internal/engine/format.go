package engine

import (
	"time"

	"github.com/evtui/evtui/store/internal/filesys"
)

// Format is what an engine does to data directories of the format before this
// one, which had no identity files, and a registry in the engine's own database.
type Format struct {
	// Legacy reads the registry of the format before; found is false when there
	// is none. It changes nothing.
	Legacy func(files filesys.Files, dir string) (entries []LegacyEntry, found bool, err error)
	// Move brings a namespace's files from where the format before had them to
	// the directory to, which is there. It is told ID, Place and counts, and may
	// be called again after a crash. Nil: LegacyEntry.Place is the directory, and stays.
	Move func(files filesys.Files, dir string, e LegacyEntry, to string) error
	// Wall keeps versions before from opening the directory, durably. It may be
	// called again.
	Wall func(files filesys.Files, dir string) error
}

// LegacyEntry is what the registry of the format before says of a namespace.
type LegacyEntry struct {
	ID           string
	Place        string // below ns/: its directory, or its file
	Aside        string // below ns/: what a repair replaced and had not renamed yet; "": nothing
	Description  string
	Metadata     []byte
	CreatedAt    time.Time
	TokenHash    [32]byte
	Clean        bool // the namespace was closed, and the counts hold
	Messages     int64
	Streams      int64
	LastActivity time.Time
}
