package logstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/evtui/evtui/store"
)

// Verify checks this evtui's copy by itself, and then holds it against the log, message by
// message. The first difference is a finding; so is each record of the log that is none of evtui's.
func (s *Store) Verify(ctx context.Context, namespace string) (store.VerifyReport, error) {
	one, err := s.known(ctx, namespace)
	if err != nil {
		return store.VerifyReport{}, err
	}
	if one.fault != nil {
		return store.VerifyReport{Findings: []store.Finding{{Where: "log", Detail: one.fault.Reason}}}, nil //nolint:nilerr // a fault is a finding
	}
	report, err := s.Store.Verify(ctx, namespace)
	if err != nil {
		return report, err
	}
	v := &verifying{s: s, id: namespace, report: &report, found: positions{}, imported: map[token]struct{}{}}
	err = v.run(ctx, one.Identity)
	damaged, isDamaged := errors.AsType[*store.DamagedError](err)
	switch {
	case err == nil:
	case len(report.Findings) > 0: // what cannot be read of the copy cannot be compared either
		report.Notes = append(report.Notes, store.Finding{Where: "log", Detail: "the copy could not be held against it, since it is damaged"})
	case isDamaged:
		v.find("copy", damaged.Reason)
	default:
		return report, fmt.Errorf("compare with the log: %w", err)
	}
	return report, nil
}

// verifying walks the log, and looks up here what it holds.
type verifying struct {
	s      *Store
	id     string
	report *store.VerifyReport

	at       int64 // highest global position that an append was found at
	found    positions
	imported map[token]struct{}
	void     int64
	met      int64
	differ   bool
	lost     []store.Finding // what is here, and the log has no more
}

// positions is a set of global positions, which lie close together.
type positions map[int64]uint64

func (p positions) add(n int64)      { p[n>>6] |= 1 << (n & 63) }
func (p positions) has(n int64) bool { return p[n>>6]&(1<<(n&63)) != 0 }

// verifyFindings is how many foreign records are named one by one.
const verifyFindings = 20

func (v *verifying) run(ctx context.Context, identity string) error {
	place, err := v.s.Followed(ctx, v.id)
	if err != nil {
		return err
	}
	head, err := v.s.Head(ctx, v.id)
	if err != nil {
		return err
	}
	end, err := v.s.log.End(ctx, v.id)
	if err != nil {
		return err
	}
	if end < place.Sequence {
		v.lose("log", fmt.Sprintf("it ends at sequence %d, and this evtui followed it to %d", end, place.Sequence))
	}
	if end > 0 {
		if err := v.walk(ctx, identity, min(place.Sequence, end)); err != nil || v.differ {
			return err
		}
	}
	return v.rest(ctx, head)
}

// rest looks for messages here that the log does not hold.
func (v *verifying) rest(ctx context.Context, head int64) error {
	for m, err := range v.s.ReadCategory(ctx, v.id, store.CategoryQuery{GlobalPosition: 1, Limit: store.NoLimit}) {
		if err != nil {
			return err
		}
		if m.GlobalPosition > head {
			return nil
		}
		if !v.found.has(m.GlobalPosition) {
			v.lose(where(m), "it is here, and not in the log")
			return nil
		}
	}
	return nil
}

func where(m store.Message) string {
	return fmt.Sprintf("message %d (%s#%d)", m.GlobalPosition, m.Stream, m.Position)
}

func (v *verifying) find(where, detail string) {
	v.report.Findings = append(v.report.Findings, store.Finding{Where: where, Detail: detail})
}

// lose is find for what the log has no more: a copy built from it would not have it either.
func (v *verifying) lose(where, detail string) {
	v.find(where, detail)
	v.lost = append(v.lost, v.report.Findings[len(v.report.Findings)-1])
}

// walk compares the records up to a sequence. It begins where the log does, which may be
// behind what was truncated.
func (v *verifying) walk(ctx context.Context, identity string, end uint64) error {
	feed, err := v.s.log.Follow(ctx, v.id, identity, 0)
	if err != nil {
		return err
	}
	defer feed.Close()
	buf := make([]Record, followBatch)
	parts := assembler{of: identity}
	var whole []met
	following := uint64(1)
	foreign := 0
	for following <= end && !v.differ {
		n, _, err := feed.Next(ctx, buf)
		if err != nil {
			return err
		}
		whole = whole[:0]
		for i := range buf[:n] {
			r := &buf[i]
			if r.Sequence > end {
				break
			}
			if r.Sequence != following && !truncates(identity, r) {
				v.lose("log", fmt.Sprintf("sequences %d to %d are missing", following, r.Sequence-1))
			}
			whole, following = parts.add(whole, r), r.Sequence+1
		}
		if n > 0 && buf[n-1].Sequence >= end {
			following = end + 1
		}
		for i := range whole {
			if whole[i].foreign != nil {
				if foreign++; foreign <= verifyFindings {
					v.find(fmt.Sprintf("log sequence %d", whole[i].sequence), fmt.Sprintf("below subject %s: %v; it is left out", whole[i].subject, whole[i].foreign))
				}
				continue
			}
			if err := v.compare(ctx, &whole[i]); err != nil {
				return err
			}
		}
	}
	if foreign > verifyFindings {
		v.find("log", fmt.Sprintf("and %d more records that are none of evtui's", foreign-verifyFindings))
	}
	return nil
}

func truncates(of string, r *Record) bool {
	e, err := decode(of, r.Subject, r.Body)
	return err == nil && e.kind == recordTruncate
}

// compare holds one record against what is here: its messages where it says that they are, or
// what made it void.
func (v *verifying) compare(ctx context.Context, m *met) error {
	v.met++
	e := m.entry
	switch e.kind {
	case recordTruncate: // what it took is in neither
		v.found, v.at, v.imported = positions{}, 0, map[token]struct{}{}
		return nil
	case recordImport:
		return v.compareImport(ctx, m)
	}
	first := e.write.ExpectedVersion + 1
	i, at := 0, int64(0)
	for got, err := range v.s.ReadStream(ctx, v.id, store.StreamQuery{Stream: e.write.Stream, Position: first, Limit: len(e.write.Events)}) {
		if err != nil {
			return err
		}
		if !e.is(i, got) || got.GlobalPosition <= v.at {
			break
		}
		v.found.add(got.GlobalPosition)
		i, at = i+1, got.GlobalPosition
	}
	if i == len(e.write.Events) {
		v.at = at
		return nil
	}
	void, err := i == 0, error(nil)
	if void {
		void, err = v.isVoid(ctx, e)
	}
	if err == nil && !void {
		v.wrong(m, store.Message{Stream: e.write.Stream, Position: first + int64(i)})
	}
	v.void++
	return err
}

// wrong names the first difference.
func (v *verifying) wrong(m *met, at store.Message) {
	v.differ = true
	v.find(fmt.Sprintf("log sequence %d (%s#%d)", m.sequence, at.Stream, at.Position), "it is in the log, and not here, or not the same")
}

// is reports whether a message is what the entry's i-th event is stored as.
func (e *entry) is(i int, got store.Message) bool {
	v, id := &e.write.Events[i], got.ID
	if e.made != nil && e.made[i] {
		copy(id[:6], v.ID[:6]) // it got the time of its message
	}
	return id == v.ID && got.Position == e.write.ExpectedVersion+1+int64(i) && got.Type == v.Type && same(got.Data, v.Data) && same(got.Metadata, v.Metadata)
}

// same tells data and metadata apart, and none from empty.
func same(a, b []byte) bool { return bytes.Equal(a, b) && (len(a) > 0 || (a == nil) == (b == nil)) }

// compareImport: an import is stored as a whole or not at all.
func (v *verifying) compareImport(ctx context.Context, m *met) error {
	if _, again := v.imported[m.entry.token]; again {
		v.void++
		return nil
	}
	for i := range m.entry.imports {
		want := &m.entry.imports[i]
		is, err := v.hasImported(ctx, want)
		switch {
		case err != nil:
			return err
		case !is: // those before it may be another record's, further on
			v.void++
			return v.importIsVoid(ctx, m)
		}
	}
	v.imported[m.entry.token] = struct{}{}
	for i := range m.entry.imports {
		v.found.add(m.entry.imports[i].GlobalPosition)
		v.at = max(v.at, m.entry.imports[i].GlobalPosition)
	}
	return nil
}

func (v *verifying) hasImported(ctx context.Context, want *store.ImportMessage) (bool, error) {
	if v.found.has(want.GlobalPosition) {
		return false, nil // it is of another record
	}
	for got, err := range v.s.ReadCategory(ctx, v.id, store.CategoryQuery{GlobalPosition: want.GlobalPosition, Limit: 1}) {
		return err == nil && got.GlobalPosition == want.GlobalPosition && got.Stream == want.Stream && got.Position == want.Position && got.Type == want.Type &&
			(got.ID == want.ID || want.ID.IsZero()) && same(got.Data, want.Data) && same(got.Metadata, want.Metadata), err
	}
	return false, nil
}

// importIsVoid finds what an import that is not here could not be stored beside.
func (v *verifying) importIsVoid(ctx context.Context, m *met) error {
	twice := positions{}
	for i := range m.entry.imports {
		one := &m.entry.imports[i]
		if v.found.has(one.GlobalPosition) || twice.has(one.GlobalPosition) {
			return nil
		}
		twice.add(one.GlobalPosition)
		taken, err := v.holds(ctx, one.Stream, one.Position)
		if err == nil && !taken && !one.ID.IsZero() {
			taken, err = v.hasID(ctx, one.ID)
		}
		if err != nil || taken {
			return err
		}
	}
	if repeats(m.entry.imports) {
		return nil
	}
	v.wrong(m, m.entry.imports[0].Message)
	return nil
}

// repeats reports whether an import takes one id, or one place in a stream, twice.
func repeats(list []store.ImportMessage) bool {
	type place struct {
		stream   string
		position int64
	}
	places, ids := map[place]bool{}, map[store.ID]bool{}
	for i := range list {
		p := place{list[i].Stream, list[i].Position}
		if places[p] || ids[list[i].ID] {
			return true
		}
		places[p], ids[list[i].ID] = true, !list[i].ID.IsZero()
	}
	return false
}

// isVoid finds what made an append void: its position is taken or not the next one, or
// an id is taken.
func (v *verifying) isVoid(ctx context.Context, e *entry) (bool, error) {
	first := e.write.ExpectedVersion + 1
	taken, err := v.holds(ctx, e.write.Stream, first)
	if err != nil || taken {
		return taken, err
	}
	if first > 0 {
		before, err := v.holds(ctx, e.write.Stream, first-1)
		if err != nil || !before {
			return !before, err
		}
	}
	for i := range e.write.Events {
		if e.made != nil && e.made[i] {
			continue
		}
		if taken, err := v.hasID(ctx, e.write.Events[i].ID); err != nil || taken {
			return taken, err
		}
	}
	return false, nil
}

// holds reports whether what was compared so far has a message at a position of a stream.
func (v *verifying) holds(ctx context.Context, stream string, position int64) (bool, error) {
	for m, err := range v.s.ReadStream(ctx, v.id, store.StreamQuery{Stream: stream, Position: position, Limit: 1}) {
		return err == nil && m.Position == position && v.found.has(m.GlobalPosition), err
	}
	return false, nil
}

// hasID reports whether what was compared so far has a message of that id.
func (v *verifying) hasID(ctx context.Context, id store.ID) (bool, error) {
	m, err := v.s.MessageByID(ctx, v.id, id)
	if errors.Is(err, store.ErrMessageNotFound) {
		return false, nil
	}
	return err == nil && v.found.has(m.GlobalPosition), err
}

// Repair throws this evtui's copy of a namespace away and builds it again from the log. Where
// the log does not have all that is here, it does so only if the options accept the loss.
func (s *Store) Repair(ctx context.Context, namespace string, o store.RepairOptions) (store.RepairReport, error) {
	report := store.RepairReport{Messages: -1, Missing: -1}
	one, err := s.known(ctx, namespace)
	if err != nil {
		return report, err
	}
	if one.fault != nil {
		return report, &store.NotOfferedError{Instead: one.fault.Reason}
	}
	end, err := s.log.End(ctx, namespace)
	if err != nil {
		return report, err
	}
	report.Lost = s.lostWith(ctx, one)
	switch {
	case len(report.Lost) > 0 && !o.AcceptLoss:
		return report, store.ErrMessagesDamaged
	case o.DryRun:
		return report, nil
	case s.reads:
		return report, store.ErrReadOnly
	}
	if err := s.rebuild(ctx, one); err != nil {
		return report, fmt.Errorf("build %q again from the log: %w", namespace, err)
	}
	f, err := s.followed(ctx, namespace)
	if err != nil {
		return report, err
	}
	if err := f.await(ctx, end); err != nil {
		return report, err
	}
	ns, err := s.Store.Namespace(ctx, namespace)
	report.Messages, report.Streams = ns.MessageCount, ns.StreamCount
	return report, err
}

// lostWith returns what would be lost with the copy of a namespace, since the log does not have
// it. What of the copy cannot be read is lost already.
func (s *Store) lostWith(ctx context.Context, one *space) []store.Finding {
	v := &verifying{s: s, id: one.ID, report: &store.VerifyReport{}, found: positions{}, imported: map[token]struct{}{}}
	if err := v.run(ctx, one.Identity); err != nil {
		s.logger.Debug("the copy cannot be held against the log", "namespace", one.ID, "error", err)
	}
	return v.lost
}

// rebuild makes the copy of a namespace anew. The log has all that it held.
func (s *Store) rebuild(ctx context.Context, one *space) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	if now := s.keep(one.ID); now == nil || now.Identity != one.Identity {
		return store.ErrNamespaceNotFound
	}
	s.keep(one.ID).end(&store.UnavailableError{Namespace: one.ID, Reason: "this evtui builds its copy of the log again"})
	if _, err := s.Store.DeleteNamespace(ctx, one.ID); err != nil {
		return err
	}
	s.mu.Lock()
	s.spaces = maps.Clone(s.spaces) // others may be walking over what it was
	delete(s.spaces, one.ID)
	s.mu.Unlock()
	return s.refreshLocked(ctx)
}

// Accept is not offered: the log decides what is right.
func (s *Store) Accept(context.Context, string) error {
	return &store.NotOfferedError{Instead: "what this evtui has follows the cluster's log; evtui verify --repair builds it again from there"}
}
