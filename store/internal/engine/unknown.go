package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
)

// inspection is what lies in a data directory beside what the registry names.
type inspection = store.Inspection

// lying is a directory below ns/, or something else there.
type lying struct {
	name       string
	dir        bool
	who        identity
	fault      error // why who is not known
	deleted    bool  // a tombstone names it
	unfinished bool  // it was being made
	bySign     string
}

// examine looks at what lies below ns/ under a name. It changes nothing.
func (h *home) examine(name string) lying {
	path := h.path(name)
	l := lying{name: name, dir: h.files.IsDir(path)}
	if !l.dir {
		return l
	}
	l.who, l.fault = readIdentity(h.files, path)
	own := strings.TrimSuffix(name, asideEnd)
	if s, ok := readSign(h.files, path, unfinishedFile, own); ok && l.fits(s) {
		l.unfinished, l.bySign = true, s.Identity
	}
	if s, ok := readSign(h.files, path, deletedFile, name); ok && l.fits(s) {
		l.deleted, l.bySign = true, s.Identity
	}
	return l
}

// fits reports whether a sign means the content that lies there: what is
// half removed does not say any more who it is.
func (l lying) fits(s sign) bool {
	return IsNotExist(l.fault) || l.fault == nil && l.who.Identity == s.Identity
}

// finish ends what a crash left half done: deletions, replacements, and
// directories that were being made. Nothing else is touched.
func (h *home) finish() error {
	if err := h.files.MakeDir(h.files.Join(h.dir, namespacesDir)); err != nil {
		return fmt.Errorf("make directory for namespaces: %w", err)
	}
	for _, e := range h.entries() {
		if err := h.finishEntry(e); err != nil {
			return err
		}
	}
	named := h.named()
	names, err := h.names(namespacesDir)
	if err != nil {
		return err
	}
	for _, name := range names {
		h.serial = max(h.serial, serialOf(name))
		if _, ok := named[name]; ok || strings.Contains(name, damagedMark) {
			continue
		}
		switch l := h.examine(name); {
		case l.deleted:
			h.o.Logger.Info("finishing a deletion", "directory", name)
			h.clear(name, l.bySign)
		case l.unfinished, h.blank(l):
			h.o.Logger.Info("removing what was being made, or removed, when evtui stopped", "directory", name)
			h.clearUnfinished(name)
		}
	}
	h.look()
	return nil
}

func (h *home) finishEntry(e entry) error {
	h.serial = max(h.serial, serialOf(e.Dir))
	l := h.examine(e.Dir)
	if l.deleted && l.bySign == e.Identity {
		h.o.Logger.Info("finishing a deletion", "namespace", e.ID, "directory", e.Dir)
		return h.remove(e)
	}
	if l.unfinished && l.bySign == e.Identity {
		h.making[e.Dir] = true
		if err := h.made(e); err != nil {
			return err
		}
	}
	if len(e.Leaving) > 0 {
		return h.settleLeaving(e)
	}
	return nil
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

// blank reports whether a directory is the beginning of one that was being
// made, before it could say so, or the end of one that was being removed.
func (h *home) blank(l lying) bool {
	own, aside := strings.CutSuffix(l.name, asideEnd)
	own, gone := strings.CutSuffix(own, goneEnd)
	if _, _, ok := splitDir(own); !ok || aside == gone || !l.dir {
		return false
	}
	names, err := h.files.List(h.path(l.name))
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(names, func(name string) bool {
		return strings.TrimSuffix(name, asideEnd) != unfinishedFile && name != deletedFile
	})
}

// bury marks a directory as deleted, durably, if it is there and the
// identity's.
func (h *home) bury(dir, identity string) error {
	path := h.path(dir)
	if !h.files.IsDir(path) || !h.owns(dir, identity) {
		return nil
	}
	if err := writeSign(h.files, path, deletedFile, dir, identity); err != nil {
		return fmt.Errorf("write its tombstone: %w", err)
	}
	return nil
}

// owns reports whether nothing in a directory says that it is another's.
func (h *home) owns(dir, identity string) bool {
	who, err := readIdentity(h.files, h.path(dir))
	var format *FormatError
	return err != nil && !errors.As(err, &format) || err == nil && who.Identity == identity
}

// clear removes a directory that has a tombstone. What cannot be removed is
// logged: the tombstone goes last, so that the next opening goes on.
func (h *home) clear(dir, identity string) {
	s, ok := readSign(h.files, h.path(dir), deletedFile, dir)
	if !ok || s.Identity != identity {
		return
	}
	if err := h.removeDir(dir, deletedFile); err != nil {
		h.o.Logger.Warn("remove the directory of a deleted namespace", "directory", dir, "error", err)
	}
}

func (h *home) clearUnfinished(dir string) {
	if err := h.removeDir(dir, unfinishedFile); err != nil {
		h.o.Logger.Warn("remove an unfinished directory", "directory", dir, "error", err)
	}
}

// removeDir removes a directory: the file last after all others, durably. Then
// the directory holds nothing that could be missed, and gets a name that says so.
func (h *home) removeDir(dir, last string) error {
	path := h.path(dir)
	names, err := h.files.List(path)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == last {
			continue
		}
		if err := h.files.RemoveAll(h.files.Join(path, name)); err != nil {
			return err
		}
	}
	if err := h.files.SyncDir(path); err != nil {
		return err
	}
	root := h.files.Join(h.dir, namespacesDir)
	if !strings.HasSuffix(dir, goneEnd) && !strings.HasSuffix(dir, asideEnd) {
		if err := h.files.Rename(path, path+goneEnd); err != nil {
			return err
		}
		path += goneEnd
		if err := h.files.SyncDir(root); err != nil {
			return err
		}
	}
	if err := h.files.RemoveAll(path); err != nil {
		return err
	}
	return h.files.SyncDir(root)
}

// settleLeaving removes or puts aside what e replaced, and notes that in the
// registry. What cannot be done stays for the next opening.
func (h *home) settleLeaving(e entry) error {
	var left []leaving
	for _, l := range e.Leaving {
		if !h.leave(l) {
			left = append(left, l)
		}
	}
	if len(left) == len(e.Leaving) {
		return nil
	}
	if named, ok := h.reg.find(e.ID); ok && named.Identity == e.Identity {
		named.Leaving = left
		if err := h.reg.add(record{Put: []entry{named}}); err != nil {
			return fmt.Errorf("write registry: %w", err)
		}
	}
	return nil
}

// leave reports whether nothing is left to do about replaced content.
func (h *home) leave(l leaving) bool {
	path := h.path(l.Dir)
	if !h.files.IsDir(path) || !h.owns(l.Dir, l.Identity) {
		return true
	}
	if l.Aside == "" {
		if err := h.bury(l.Dir, l.Identity); err != nil {
			h.o.Logger.Warn("delete replaced content", "directory", l.Dir, "error", err)
			return false
		}
		h.clear(l.Dir, l.Identity)
		return true
	}
	err := h.files.Rename(path, h.path(l.Aside))
	if err == nil {
		err = h.files.SyncDir(h.files.Join(h.dir, namespacesDir))
	}
	if err != nil {
		h.o.Logger.Warn("put damaged content aside", "directory", l.Dir, "error", err)
	}
	return err == nil
}

// look notes and reports what is unknown, each once.
func (h *home) look() {
	found := h.survey()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unknowns = found
	for _, f := range append(append([]store.Finding(nil), found.Findings...), found.Notes...) {
		if h.noted[f.Where+f.Detail] {
			continue
		}
		h.noted[f.Where+f.Detail] = true
		h.o.Logger.Warn("found in the data directory", "what", f.Where, "detail", f.Detail)
		h.o.Note(store.EngineEvent{Kind: store.EventUnknown, Reason: f.Where + ": " + f.Detail})
	}
}

// unknown returns what the last look found, for health.
func (h *home) unknown() store.Inspection {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unknowns
}

// inspect looks at what lies in the data directory and is no namespace's.
// Findings may be namespaces that the registry lost; notes are no fault.
func (h *home) inspect() store.Inspection {
	h.look()
	return h.unknown()
}

func (h *home) survey() (found inspection) {
	if tail := h.reg.held.tail; tail.Bytes > 0 {
		found.Notes = append(found.Notes, store.Finding{
			Where:  tail.File,
			Detail: fmt.Sprintf("the last %d bytes, from offset %d, could not be read and were dropped", tail.Bytes, tail.Offset),
		})
	}
	h.surveyNamespaces(&found)
	if !h.legacy {
		h.surveyRegistry(&found)
	}
	h.surveyCheckpoints(&found)
	return found
}

func (h *home) surveyNamespaces(found *inspection) {
	names, err := h.names(namespacesDir)
	if err != nil {
		found.Findings = append(found.Findings, store.Finding{Where: namespacesDir, Detail: err.Error()})
		return
	}
	// What was being made may be named a moment later, and what is being removed
	// was named a moment before.
	busy := h.busy()
	named, byIdentity, left := h.named(), map[string]entry{}, map[string]bool{}
	for _, e := range named {
		byIdentity[e.Identity] = e
		for _, l := range e.Leaving {
			left[l.Dir] = true
		}
	}
	maps.Copy(busy, h.busy())
	for _, name := range names {
		if h.legacy { // what SQLite keeps beside a file
			if place, _, beside := strings.Cut(name, legacyEnd+"-"); beside {
				name = place + legacyEnd
			}
		}
		own := strings.TrimSuffix(strings.TrimSuffix(name, asideEnd), goneEnd)
		if _, ok := named[name]; ok || busy[own] || strings.Contains(name, damagedMark) {
			continue
		}
		fault, detail := h.describe(name, byIdentity)
		if detail == "" {
			continue
		}
		if left[name] {
			fault, detail = false, "was replaced, and could not be removed yet"
		}
		one := store.Finding{Where: namespacesDir + "/" + name, Detail: detail}
		if fault {
			found.Findings = append(found.Findings, one)
		} else {
			found.Notes = append(found.Notes, one)
		}
	}
}

// busy returns the directories that are being made or removed.
func (h *home) busy() map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	busy := maps.Clone(h.making)
	maps.Copy(busy, h.removing)
	return busy
}

// describe says in words what lies below ns/ under a name that the registry
// does not have; "" when it went meanwhile.
func (h *home) describe(name string, byIdentity map[string]entry) (fault bool, detail string) {
	l := h.examine(name)
	original, copied := byIdentity[l.who.Identity]
	var format *FormatError
	switch {
	case !exists(h.files, h.path(name)):
		return false, ""
	case l.deleted:
		return false, "was deleted, and could not be removed yet"
	case l.unfinished, h.blank(l):
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
	return false, "is nothing that evtui knows: it is left alone"
}

func (h *home) surveyRegistry(found *inspection) {
	names, err := h.names(registryDir)
	if err != nil {
		found.Findings = append(found.Findings, store.Finding{Where: registryDir, Detail: err.Error()})
		return
	}
	for _, name := range names {
		known := name == registryName || name == registryName+asideEnd || strings.HasPrefix(name, registryName+damagedMark) ||
			name == pendingName || name == pendingName+asideEnd || legacyFile(name)
		if !known {
			found.Notes = append(found.Notes, store.Finding{
				Where: registryDir + "/" + name, Detail: "is nothing that evtui knows: it is left alone",
			})
		}
	}
}

// legacyFile knows the files of the registry that the pebble engine had before,
// and of the wall before them. They are of no use, and left.
func legacyFile(name string) bool {
	for _, begin := range []string{"marker.", "MANIFEST-", "OPTIONS-"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return name == "LOCK" || name == "CURRENT" || strings.HasSuffix(name, ".log") || strings.HasSuffix(name, ".sst")
}

func (h *home) surveyCheckpoints(found *inspection) {
	names, err := h.names(checkpointsDir)
	if err != nil {
		found.Findings = append(found.Findings, store.Finding{Where: checkpointsDir, Detail: err.Error()})
		return
	}
	for _, name := range names {
		if strings.HasSuffix(name, partEnd) && !h.ownsPart(name) {
			found.Notes = append(found.Notes, store.Finding{
				Where: checkpointsDir + "/" + name, Detail: "is an unfinished checkpoint, and does not say that it is this data directory's: it is left alone",
			})
		}
	}
}

// beginPart makes checkpoints/NAME.part, which says that it is unfinished and
// this data directory's. name ends in .part.
func (h *home) beginPart(name string) error {
	path := h.files.Join(h.dir, checkpointsDir, name)
	if err := h.files.MakeDir(path); err != nil {
		return err
	}
	return writeSign(h.files, path, unfinishedFile, name, h.identity())
}

// ownsPart reports whether checkpoints/NAME.part is one that beginPart made in
// this data directory: it may be removed.
func (h *home) ownsPart(name string) bool {
	s, ok := readSign(h.files, h.files.Join(h.dir, checkpointsDir, name), unfinishedFile, name)
	return ok && s.Identity == h.identity()
}
