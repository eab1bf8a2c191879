package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// Verify checks that messages, indexes and counts agree. A namespace that
// cannot be opened is looked into as far as it can be read.
func (s *Store) Verify(ctx context.Context, namespace string) (store.VerifyReport, error) {
	h, err := s.handleOf(namespace)
	if err != nil {
		return store.VerifyReport{}, err
	}
	ns, err := h.acquire()
	if errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrNamespaceNotFound) {
		return store.VerifyReport{}, err
	}
	if err != nil {
		return h.verifyClosed(ctx, err)
	}
	defer h.release()
	report, err := ns.db.Verify(&Watch{ctx: ctx, gone: h.gone, whole: true})
	if err == nil {
		err = ns.verifyTally(ctx, &report)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.dropped {
		report.Notes = append(report.Notes, store.Finding{Where: d.File, Detail: d.words()})
	}
	return report, err
}

// maxFindings is how many findings a report lists; one line says that there
// are more.
const maxFindings = 100

// AddFinding adds a finding to a report, as far as it lists them.
func AddFinding(r *store.VerifyReport, f store.Finding) {
	switch n := len(r.Findings); {
	case n < maxFindings:
		r.Findings = append(r.Findings, f)
	case n == maxFindings:
		r.Findings = append(r.Findings, store.Finding{Where: "…", Detail: "more findings are not listed"})
	}
}

// verifyClosed looks into a namespace that cannot be opened for use.
func (h *handle) verifyClosed(ctx context.Context, reason error) (store.VerifyReport, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current != nil || h.deleted {
		return store.VerifyReport{}, reason // it changed its mind
	}
	unusable := store.Finding{Where: "namespace", Detail: "cannot be opened: " + reason.Error()}
	if damaged, ok := errors.AsType[*store.DamagedError](reason); ok {
		unusable.Detail = "damaged: " + damaged.Reason
	}
	var report store.VerifyReport
	if h.store.home.owned(h.entry) != nil { // another's content shows nothing
		report.Findings = append(report.Findings, unusable)
		return report, nil
	}
	if d, err := h.salvageLocked(ctx); err == nil {
		report, err = d.Verify(&Watch{ctx: ctx, gone: h.gone, whole: true})
		err = errors.Join(err, d.Close())
		if err != nil && ctx.Err() != nil {
			return report, context.Cause(ctx)
		}
	}
	report.Findings = append(report.Findings, unusable)
	return report, nil
}

// salvageLocked opens the namespace's directory to read what can be read.
func (h *handle) salvageLocked(ctx context.Context) (Salvage, error) {
	s := h.store
	return s.backend.Salvage(ctx, Opening{
		ID: h.id, Dir: s.home.dirOf(h.entry), ReadOnly: true, Mark: h.entry.Mark, Failed: func(string, error) {}, Note: s.events.add,
	})
}

// Inspect looks at what belongs to no one namespace.
func (s *Store) Inspect(context.Context) (store.Inspection, error) {
	if _, err := s.all(); err != nil {
		return store.Inspection{}, err
	}
	return s.home.inspect(), nil
}

// Repair builds a namespace's database again from its messages, which are the
// truth: indexes and counts follow from them. The damaged database is kept
// beside it, and the change from one to the other is a single write to the registry. It needs
// the namespace for itself, and the room for a second copy.
func (s *Store) Repair(ctx context.Context, namespace string, o store.RepairOptions) (store.RepairReport, error) {
	h, err := s.handleOf(namespace)
	if err != nil {
		return store.RepairReport{}, err
	}
	if s.options.ReadOnly && !o.DryRun {
		return store.RepairReport{}, store.ErrReadOnly
	}
	h.mu.Lock()
	err = h.drainLocked("repaired")
	defer h.mu.Unlock()
	defer h.liftBarLocked()
	if h.deleted {
		return store.RepairReport{}, s.absence()
	}
	if err != nil {
		s.logger.Warn("close namespace to repair it", "namespace", namespace, "error", err)
	}
	return h.repairLocked(ctx, o)
}

func (h *handle) repairLocked(ctx context.Context, o store.RepairOptions) (store.RepairReport, error) {
	if format, ok := errors.AsType[*FormatError](h.store.home.identify(h.entry)); ok {
		return store.RepairReport{}, format // it is no damage
	}
	if err := h.store.home.owned(h.entry); err != nil {
		return store.RepairReport{}, fmt.Errorf("%w: nothing is taken from it; put back the directory that is the namespace's own", err)
	}
	d, err := h.salvageLocked(ctx)
	if err != nil {
		return store.RepairReport{}, fmt.Errorf("open the damaged database: %w", err)
	}
	report, err := survey(ctx, d, h.entry.Mark)
	if err == nil && len(report.Lost) > 0 && !o.AcceptLoss {
		err = store.ErrMessagesDamaged
	}
	if err != nil || o.DryRun {
		return report, errors.Join(err, d.Close())
	}
	fresh, err := h.rebuildLocked(ctx, d)
	if err = errors.Join(err, d.Close()); err != nil {
		return report, err
	}
	if report.Kept, err = fresh.takeOverLocked(true); err != nil {
		return report, errors.Join(err, fresh.discardLocked())
	}
	h.listeners.wakeAll()
	return report, nil
}

// survey counts what can be read and notes what cannot, or is less than what was
// known to be there.
func survey(ctx context.Context, d Salvage, known Mark) (store.RepairReport, error) {
	var report store.RepairReport
	streams := map[string]struct{}{}
	err := d.Messages(ctx, func(m store.ImportMessage, _ bool) error {
		report.Messages++
		if _, seen := streams[m.Stream]; !seen {
			streams[string([]byte(m.Stream))] = struct{}{}
		}
		return nil
	}, func(f store.Finding) { report.Lost = append(report.Lost, f) })
	report.Streams = int64(len(streams))
	if report.Missing = d.Count(); report.Missing >= 0 {
		report.Missing = max(report.Missing-report.Messages, 0)
	}
	if report.Messages < known.Messages {
		report.Missing = max(report.Missing, known.Messages-report.Messages)
	}
	if report.Missing > 0 && len(report.Lost) == 0 {
		report.Lost = append(report.Lost, store.Finding{
			Where: "messages", Family: "messages", Detail: fmt.Sprintf("%d are missing, by what counts, indexes and the registry say", report.Missing),
		})
	}
	return report, err
}

// rebuildLocked stores the messages in a fresh database, as an import does, and
// checks it.
func (h *handle) rebuildLocked(ctx context.Context, from Salvage) (*replacement, error) {
	fresh, err := h.besideLocked()
	if err != nil {
		return nil, fmt.Errorf("make a fresh database: %w", err)
	}
	batch := importing{ns: fresh.ns, next: from.Next()} // positions that were given are not given again
	err = from.Messages(ctx, func(m store.ImportMessage, given bool) error { return batch.add(ctx, m, given) }, func(store.Finding) {})
	if err == nil {
		err = batch.flush(ctx)
	}
	if err == nil {
		err = fresh.checked(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("build the database again: %w", err), fresh.discardLocked())
	}
	return fresh, nil
}

// Accept takes a namespace as it is: what was known of it counts no more.
func (s *Store) Accept(_ context.Context, namespace string) error {
	h, err := s.handleOf(namespace)
	if err != nil {
		return err
	}
	if s.options.ReadOnly {
		return store.ErrReadOnly
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	err = h.drainLocked("accepted as it is")
	defer h.liftBarLocked()
	if err != nil {
		return fmt.Errorf("accept namespace %q: %w", namespace, err)
	}
	e, err := s.home.adopted(h.entry)
	if err != nil {
		return fmt.Errorf("accept namespace %q: %w", namespace, err)
	}
	before := h.entry
	e.Mark, e.Accept = Mark{}, true
	h.entry, h.damage = e, nil
	if err := h.openLocked(); err != nil {
		h.entry = before
		return fmt.Errorf("accept namespace %q: %w", namespace, err)
	}
	defer h.listeners.wakeAll()
	return h.store.home.sound()
}

// adopted is the entry with the identity that its directory has. The directory
// must be the same namespace's, and no other entry's. One from before there
// were identities gets one.
func (h *home) adopted(e entry) (entry, error) {
	dir := h.path(e.Dir)
	who, err := readIdentity(h.files, dir, identityFile)
	if filesys.IsNotExist(err) && h.files.IsDir(dir) {
		e.Identity = newIdentity()
		return e, writeIdentity(h.files, dir, identityFile, identityOf(e, ""))
	}
	if err != nil {
		return e, err
	}
	if who.ID != e.ID {
		return e, fmt.Errorf("its directory holds the namespace %q", who.ID)
	}
	for _, other := range h.entries() {
		if other.Identity == who.Identity && other.ID != e.ID {
			return e, fmt.Errorf("its directory has the identity of the namespace %q", other.ID)
		}
	}
	e.Identity = who.Identity
	return e, nil
}
