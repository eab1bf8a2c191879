package pebblestore

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// registryDir is where versions before kept a Pebble database of namespaces,
// and now the shared layer keeps its registry.
const registryDir = "registry"

// wallName is a marker of a Pebble format that there will never be: Pebble
// looks at it before anything else, and versions before open the registry
// before they delete what it does not name.
const wallName = "marker.format-version.000999.099"

// wall keeps versions before from opening the data directory.
func (b *backend) wall(_ filesys.Files, dir string) error {
	files, place := b.options.FS, filepath.Join(dir, registryDir)
	wall, err := files.Create(files.PathJoin(place, wallName), category)
	if err != nil {
		return err
	}
	return errors.Join(wall.Sync(), wall.Close(), syncDir(files, place))
}

// oldEntry is what the registry of versions before kept of a namespace: as JSON,
// whose names of fields differ from these in their first letter only.
type oldEntry struct {
	engine.LegacyEntry
	Dir   string // Place
	Dirty bool   // not Clean
}

// legacy reads the registry of versions before. What is damaged there is an
// error, never fewer entries.
func (b *backend) legacy(_ filesys.Files, dir string) ([]engine.LegacyEntry, bool, error) {
	place := filepath.Join(dir, registryDir)
	names, err := files{b.options.FS}.List(place)
	if filesys.IsNotExist(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("list registry: %w", err)
	}
	if !slices.ContainsFunc(names, pebbleFile.MatchString) {
		return nil, false, nil
	}
	if slices.Contains(names, wallName) {
		return nil, true, &store.DamagedError{Reason: "missing: registry/namespaces.log"}
	}
	entries, err := b.readLegacy(dir, place)
	if damage, ok := errors.AsType[*engine.DamageError](err); ok {
		return nil, true, &store.DamagedError{Reason: damage.Reason, Err: damage}
	}
	return entries, true, err
}

// pebbleFile matches the names of files that Pebble makes.
var pebbleFile = regexp.MustCompile(`^(marker\..*|MANIFEST-\d+|OPTIONS-\d+|\d+\.(log|sst|blob))$`)

func (b *backend) readLegacy(dir, place string) ([]engine.LegacyEntry, error) {
	found, err := b.survey(place, false)
	if err != nil {
		return nil, err
	}
	doubt := found.unborn
	var entries []engine.LegacyEntry
	if !found.unborn {
		if err := errors.Join(found.checkLogs(), found.checkTail(false)); err != nil {
			return nil, err
		}
		if entries, err = b.legacyEntries(place); err != nil {
			return nil, err
		}
		last := len(found.logs) - 1
		doubt = len(found.dropped) > 0 || last < 0 || found.logs[last] < found.unflushed || !found.ends[logName(found.logs[last])].trailer
	}
	if !doubt {
		return entries, nil
	}
	// What cannot be read, or is not there, may be what a crash kept from being
	// written, or entries that are lost: those have left directories.
	strays, err := b.strays(dir, entries)
	if err == nil && len(strays) > 0 {
		err = engine.Damaged(nil, "its end is missing, and it does not name %s", strings.Join(strays, ", "))
	}
	return entries, err
}

// legacyPlace matches the names that versions before gave to directories of
// namespaces.
var legacyPlace = regexp.MustCompile(`^[a-z0-9_A-F-]*\.\d+$`)

// strays are directories of namespaces that no entry names.
func (b *backend) strays(dir string, entries []engine.LegacyEntry) ([]string, error) {
	names, err := files{b.options.FS}.List(filepath.Join(dir, "ns"))
	if filesys.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return !legacyPlace.MatchString(name) || slices.ContainsFunc(entries, func(e engine.LegacyEntry) bool {
			return e.Place == name || e.Aside == name
		})
	}), nil
}

// legacyEntries reads all entries of a registry that was checked.
func (b *backend) legacyEntries(place string) ([]engine.LegacyEntry, error) {
	d, err := b.look("", place, b.reading())
	if err != nil {
		return nil, err
	}
	var entries []engine.LegacyEntry
	failed, err := scanRange(d.db, nil, nil, func(key, value []byte) error {
		var e oldEntry
		if err := json.Unmarshal(value, &e); err != nil {
			return engine.Damaged(err, "the entry %q cannot be read", key)
		}
		if e.ID != string(key) || e.Dir == "" || filepath.Base(e.Dir) != e.Dir {
			return engine.Damaged(nil, "the entry %q is none of a namespace", key)
		}
		e.Place, e.Clean = e.Dir, !e.Dirty
		entries = append(entries, e.LegacyEntry)
		return nil
	})
	if failed != nil {
		failed = damageOf(place, failed)
	}
	return entries, errors.Join(failed, err, d.Close())
}
