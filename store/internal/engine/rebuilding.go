package engine

import (
	"errors"

	"github.com/evtui/evtui/store"
)

// Rebuild makes the registry of a data directory again, from what can be read
// of it and from what the directories of namespaces say of themselves; with
// Options.ReadOnly it only says what it would do. It deletes nothing. It closes
// the backend. It returns ErrLocked, and a *FormatError when anything there
// is of another format.
func Rebuild(backend Backend, dir string, o Options) (store.RebuildReport, error) {
	s := &Store{backend: backend, files: backend.Files(), dir: dir, options: o.withDefaults()}
	out, err := rebuild(s.files, dir, s.homeOptions(), func(dir string, id identity) (Mark, error) {
		m, err := s.measure(id.entry(""), dir)
		m.Clean, m.Files = false, nil // the next opening may have to finish what a crash left
		return m, err
	})
	report := store.RebuildReport{Changed: out.Changed, Lost: out.Findings, Done: out.Notes, Kept: out.Kept}
	for _, e := range out.Entries {
		report.Namespaces = append(report.Namespaces, e.ID)
	}
	return report, errors.Join(err, backend.Close())
}
