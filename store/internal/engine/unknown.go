package engine

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
)

// lying is what lies below ns/ or checkpoints/ under a name.
type lying struct {
	root, name string
	dir        bool
	who        identity
	fault      error  // why who is not known
	state      string // what is to be done with it; "": nothing
	says       string // the file that says so
}

func (l lying) where() string { return l.root + "/" + l.name }

// examine looks at what lies there. It changes nothing.
func (h *home) examine(root, name string) lying {
	at := h.files.Join(h.dir, root, name)
	l := lying{root: root, name: name, dir: h.files.IsDir(at), says: identityFile}
	if !l.dir {
		return l
	}
	if root == checkpointsDir {
		l.says = partFile
	}
	own := ownName(name)
	l.who, l.fault = readIdentity(h.files, at, l.says)
	if l.who.Dir == own && (root == namespacesDir || l.who.Identity == h.identity()) {
		l.state = l.who.State
	}
	// What holds nothing is the beginning of what was being made, before it
	// could say so, or the end of what was being removed.
	if l.state == "" && own != name && (serialOf(name) > 0 || strings.HasSuffix(own, partEnd)) {
		names, err := h.files.List(at)
		if err == nil && !slices.ContainsFunc(names, func(name string) bool { return name != l.says+asideEnd }) {
			l.state = stateUnfinished
		}
	}
	return l
}

// mayBe reports whether nothing in a directory says that it is another's than
// the identity's.
func (l lying) mayBe(identity string) bool {
	var format *FormatError
	return l.dir && !errors.As(l.fault, &format) && (l.fault != nil || l.who.Identity == identity)
}

// finish ends what a crash left half done: deletions, replacements, and
// directories that were being made. Nothing else is touched.
func (h *home) finish() error {
	if err := h.files.MakeDir(h.files.Join(h.dir, namespacesDir)); err != nil {
		return fmt.Errorf("make directory for namespaces: %w", err)
	}
	for _, e := range h.entries() {
		h.serial = max(h.serial, serialOf(e.Dir))
		if l := h.examine(namespacesDir, e.Dir); l.state == stateDeleted && l.who.Identity == e.Identity {
			h.o.Logger.Info("finishing a deletion", "namespace", e.ID, "directory", e.Dir)
			if err := h.remove(e); err != nil {
				return err
			}
		} else if err := errors.Join(h.counted(e), h.settle(e)); err != nil {
			return err
		}
	}
	return errors.Join(h.sweep(namespacesDir), h.sweep(checkpointsDir))
}

// sweep removes what says that it was being made, or removed, when evtui stopped.
func (h *home) sweep(root string) error {
	named := h.named()
	names, err := h.names(root)
	for _, name := range names {
		if root == namespacesDir {
			h.serial = max(h.serial, serialOf(name))
		}
		if _, ok := named[name]; ok || strings.Contains(name, damagedMark) {
			continue
		}
		l := h.examine(root, name)
		if l.state == "" {
			continue
		}
		h.o.Logger.Info("removing what was being made, or removed, when evtui stopped", "directory", l.where())
		if err := h.discard(l); err != nil {
			h.o.Logger.Warn("remove a directory", "error", err)
		}
	}
	return err
}

// named returns the namespaces by their directories.
func (h *home) named() map[string]entry {
	named := map[string]entry{}
	for _, e := range h.entries() {
		if h.legacy {
			named[e.Place] = e
		} else {
			named[e.Dir] = e
		}
	}
	return named
}

// discard removes a directory that says that it may be: what says so goes last,
// and then the directory, which holds nothing that could be missed, gets a name
// that says so. Without a state it does nothing.
func (h *home) discard(l lying) error {
	if l.state == "" {
		return nil
	}
	root := h.files.Join(h.dir, l.root)
	dir := h.files.Join(root, l.name)
	names, err := h.files.List(dir)
	for _, name := range names {
		if name != l.says {
			err = errors.Join(err, h.files.RemoveAll(h.files.Join(dir, name)))
		}
	}
	if err == nil {
		err = h.files.SyncDir(dir)
	}
	if err == nil && ownName(l.name) == l.name {
		err = h.rename(l.root, l.name, l.name+goneEnd)
		dir += goneEnd
	}
	if err == nil {
		err = errors.Join(h.files.RemoveAll(dir), h.files.SyncDir(root))
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", l.where(), err)
	}
	return nil
}

// inspect looks at what lies in the data directory and is no namespace's, and
// reports each once. Findings may be namespaces that the registry lost; notes
// are no fault.
func (h *home) inspect() store.Inspection {
	found := h.survey()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range slices.Concat(found.Findings, found.Notes) {
		if h.noted[f.Where+f.Detail] {
			continue
		}
		h.noted[f.Where+f.Detail] = true
		h.o.Logger.Warn("found in the data directory", "what", f.Where, "detail", f.Detail)
		h.o.Note(store.EngineEvent{Kind: store.EventUnknown, Reason: f.Where + ": " + f.Detail})
	}
	return found
}

// unnamed says of what evtui does not know that nothing is done with it.
const unnamed = "is nothing that evtui knows: it is left alone"

func (h *home) survey() (found store.Inspection) {
	note := func(where, format string, args ...any) {
		found.Notes = append(found.Notes, store.Finding{Where: where, Detail: fmt.Sprintf(format, args...)})
	}
	list := func(dir string) []string {
		names, err := h.names(dir)
		if err != nil {
			found.Findings = append(found.Findings, store.Finding{Where: dir, Detail: err.Error()})
		}
		return names
	}
	if tail := h.reg.held.tail; tail.Bytes > 0 {
		note(tail.File, "the last %d bytes, from offset %d, could not be read and were dropped", tail.Bytes, tail.Offset)
	}
	h.surveyNamespaces(list(namespacesDir), &found)
	for _, name := range list(registryDir) {
		if !h.legacy && !ofRegistry(name) {
			note(registryDir+"/"+name, unnamed)
		}
	}
	for _, name := range list(checkpointsDir) {
		if strings.HasSuffix(name, partEnd) && h.examine(checkpointsDir, name).state == "" {
			note(checkpointsDir+"/"+name, "is an unfinished checkpoint, and does not say that it is this data directory's: it is left alone")
		}
	}
	return found
}

// ofRegistry knows the registry's files, and those of the registry that the
// pebble engine had before, which are of no use, and left.
func ofRegistry(name string) bool {
	return slices.ContainsFunc([]string{registryName + "*", "*.log", "*.sst", "marker.*", "MANIFEST-*", "OPTIONS-*", "LOCK", "CURRENT"},
		func(pattern string) bool {
			ok, err := path.Match(pattern, name)
			return ok && err == nil
		})
}

func (h *home) surveyNamespaces(names []string, found *store.Inspection) {
	// What is being made may be named a moment later, and what is being removed
	// was named a moment before: busy is what is so before or after.
	busy := h.working()
	named, byIdentity, left := h.named(), map[string]entry{}, map[string]bool{}
	for _, e := range named {
		byIdentity[e.Identity] = e
		for _, l := range e.Leaving {
			left[l.Dir] = true
		}
	}
	maps.Copy(busy, h.working())
	for _, name := range names {
		if h.legacy { // what SQLite keeps beside a file
			if place, _, beside := strings.Cut(name, legacyEnd+"-"); beside {
				name = place + legacyEnd
			}
		}
		if _, ok := named[name]; ok || busy[ownName(name)] || strings.Contains(name, damagedMark) {
			continue
		}
		fault, detail := h.describe(name, byIdentity)
		if left[name] {
			fault, detail = false, "was replaced, and could not be removed yet"
		}
		one := store.Finding{Where: namespacesDir + "/" + name, Detail: detail}
		if fault {
			found.Findings = append(found.Findings, one)
		} else if exists(h.files, h.path(name)) { // it may have gone meanwhile
			found.Notes = append(found.Notes, one)
		}
	}
}

func (h *home) working() map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.busy)
}

// describe says in words what lies below ns/ under a name that the registry
// does not have.
func (h *home) describe(name string, byIdentity map[string]entry) (fault bool, detail string) {
	l := h.examine(namespacesDir, name)
	original, copied := byIdentity[l.who.Identity]
	var format *FormatError
	switch {
	case l.state != "":
		return false, "was being made or removed, and could not be removed yet"
	case copied:
		return false, fmt.Sprintf("is a copy of namespace %q: it is left alone", original.ID)
	case l.dir && l.fault == nil:
		return true, fmt.Sprintf("says that it is namespace %q, and the registry does not name it: it is left alone", l.who.ID)
	case errors.As(l.fault, &format):
		return true, l.fault.Error()
	case l.dir && serialOf(name) > 0:
		return true, "looks like a namespace's directory, and the registry does not name it: it is left alone"
	}
	return false, unnamed
}
