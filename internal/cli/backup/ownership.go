package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// ownership is what a backup writes into a file beside what it makes, so that
// the next one knows what it may clean up. Whoever is still at it holds a
// lock on that file.
type ownership struct {
	Says        string `json:"says"` // ownershipSays
	Source      string `json:"source"`
	Destination string `json:"destination"`
	Checkpoint  string `json:"checkpoint,omitempty"` // that the server on the source makes for it
}

const ownershipSays = "evtui backup: unfinished"

// errHeld is returned for a file of ownership that somebody holds.
var errHeld = errors.New("another evtui backup is running")

// claim writes the file, which must be new, and holds it until it is closed.
func (o ownership) claim(name string) (*os.File, error) {
	o.Says = ownershipSays
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err = lockFile(f); err == nil {
		_, err = f.Write(append(text, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("say who makes this: %w", err), f.Close())
	}
	return f, nil
}

// abandoned returns what a file of ownership says that nobody holds any more.
// It returns errHeld when somebody does. blank says that the file is empty: its
// maker came no further.
func abandoned(name string) (o ownership, blank bool, err error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return o, false, err
	}
	defer f.Close()
	if err := lockFile(f); err != nil {
		return o, false, err
	}
	const most = 64 << 10
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil || len(text) == 0 {
		return o, err == nil, err
	}
	if json.Unmarshal(text, &o) != nil || o.Says != ownershipSays {
		return o, false, fmt.Errorf("%s was not made by a backup", name)
	}
	return o, false, nil
}
