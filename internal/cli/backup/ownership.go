package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/text"
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

// clearPart removes what a backup to the same destination left that was killed.
// Anything else of that name is left alone, and in the way.
func (b *backup) clearPart() error {
	entries, err := os.ReadDir(b.part)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", b.part, err)
	}
	if len(entries) == 0 {
		return os.Remove(b.part) // killed before it could say anything
	}
	who, blank, err := abandoned(filepath.Join(b.part, backupMark))
	switch {
	case errors.Is(err, errHeld):
		return fmt.Errorf("%w, which makes %s: %w", errHeld, b.part, command.ErrBusy)
	case err != nil, blank && len(entries) > 1, !blank && who.Destination != b.made.Dir:
		return fmt.Errorf("%s is in the way, and nothing in it says that a backup to %s left it: move it away", b.part, b.made.Dir)
	}
	if err := os.RemoveAll(b.part); err != nil {
		return fmt.Errorf("remove the remains of an interrupted backup: %w", err)
	}
	fmt.Fprintf(b.cmd.ErrOrStderr(), "removed %s, left by an interrupted backup of %s\n", text.Sanitize(b.part), text.Sanitize(who.Source))
	return nil
}

// clearCheckpoints removes the checkpoints that backups of this directory left
// that were killed, whatever their destination was.
func (b *backup) clearCheckpoints() error {
	files, err := filepath.Glob(filepath.Join(string(b.from), checkpointBegin+"*"+unfinishedEnd))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := b.clearCheckpoint(file); err != nil {
			return fmt.Errorf("remove the checkpoint of an interrupted backup: %w", err)
		}
	}
	return nil
}

func (b *backup) clearCheckpoint(file string) error {
	who, blank, err := abandoned(file)
	name := strings.TrimSuffix(filepath.Base(file), unfinishedEnd)
	switch {
	case errors.Is(err, errHeld), errors.Is(err, fs.ErrNotExist):
		return nil // a backup under way, or one that just ended
	case blank:
		return os.Remove(file) // it was killed before it asked for a checkpoint
	case err != nil, who.Checkpoint != name:
		return nil //nolint:nilerr // not provably a backup's: left alone
	}
	dir := filepath.Join(string(b.from), host.CheckpointsDir, name)
	if _, err := os.Lstat(dir + partEnd); err == nil {
		return nil // the server is still at it, or cleans it up at its next start
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	fmt.Fprintf(b.cmd.ErrOrStderr(), "removed checkpoint %s, left by an interrupted backup to %s\n", name, text.Sanitize(who.Destination))
	return os.Remove(file)
}
