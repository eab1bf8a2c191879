package damage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// probe is what became of a directory.
type probe struct {
	verdict string
	words   []string        // why
	said    map[string]bool // all that the store said of itself
}

// prober looks at one directory.
type prober struct {
	w        *world
	d        Engine
	dir      string
	readOnly bool
	said     map[string]bool            // of the whole store
	about    map[string][]string        // of one namespace
	lost     map[string][]string        // what is not as it was, by namespace; "" is the store
	behind   map[string]bool            // all that is lost lies behind what was known
	unread   map[string]bool            // namespaces that give errors
	refused  map[string]bool            // those that did not open when they might have been written to
	appended map[string][]store.Message // since
	shut     bool                       // the store does not open
	faults   []string                   // what must never be, with its verdict
}

func newProber(w *world, d Engine, dir string) *prober {
	return &prober{
		w: w, d: d, dir: dir, said: map[string]bool{}, about: map[string][]string{}, lost: map[string][]string{}, behind: map[string]bool{},
		unread: map[string]bool{}, refused: map[string]bool{}, appended: map[string][]store.Message{},
	}
}

// probe opens a damaged directory to look, then to go on, then with the damage
// undone.
func (w *world) probe(d Engine, dir string, touched ...string) probe {
	p := newProber(w, d, dir)
	before := filesIn(dir)
	p.look(true)
	for name, sum := range before {
		if now, ok := filesIn(dir)[name]; !ok || now != sum {
			p.faults = append(p.faults, verdictDeleted+" looking changed "+name)
		}
	}
	p.look(false)
	p.nothingWent(before)
	if len(touched) > 0 && (p.shut || len(p.refused) > 0) {
		p.undo(touched)
	}
	return p.judge()
}

// judge makes one verdict of all that was seen.
func (p *prober) judge() probe {
	result := probe{verdict: verdictWhole, said: p.said}
	told, unproved := false, false
	for _, id := range slices.Sorted(maps.Keys(p.lost)) {
		words := fmt.Sprintf("%q: %s", id, strings.Join(p.lost[id], ", "))
		evidence := slices.Clone(p.about[id])
		for s := range p.said {
			if !p.w.notes[s] {
				evidence = append(evidence, s)
			}
		}
		switch {
		case len(evidence) > 0:
			told = true
			words += " (told: " + evidence[0] + ")"
		case p.behind[id]:
			unproved = true
		default:
			result.verdict = verdictSilent
		}
		result.words = append(result.words, words)
	}
	switch {
	case result.verdict == verdictSilent:
	case len(p.faults) > 0:
		result.verdict, _, _ = strings.Cut(p.faults[0], " ")
	case told:
		result.verdict = verdictTold
	case unproved:
		result.verdict = verdictUnproved
	case len(p.about) > 0:
		result.verdict = verdictTold
	}
	result.words = append(result.words, p.faults...)
	return result
}

// look opens the store and reads all that was acknowledged; when it may write,
// it appends as well.
func (p *prober) look(readOnly bool) {
	open := p.d.Open
	p.readOnly = readOnly
	clear(p.unread)
	if readOnly {
		open = p.d.ReadOnly
	}
	st, err := open(p.dir)
	if err != nil {
		p.said["open: "+err.Error()] = true
		p.lost[""] = append(p.lost[""], "does not open")
		p.shut = p.shut || !readOnly
		return
	}
	ctx := context.Background()
	p.listed(ctx, st)
	for _, id := range slices.Sorted(maps.Keys(p.w.spaces)) {
		p.read(ctx, st, id, p.w.spaces[id], nil)
		if readOnly {
			p.verify(ctx, st, id)
		} else if !p.unread[id] {
			p.append(ctx, st, id)
		}
	}
	p.inspect(ctx, st)
	if err := st.Close(); err != nil {
		p.said["close: "+err.Error()] = true
	}
}

// listed holds the list of namespaces against what was acknowledged.
func (p *prober) listed(ctx context.Context, st store.Store) {
	list, err := st.Namespaces(ctx)
	if err != nil {
		p.said["namespaces: "+err.Error()] = true
		return
	}
	there := map[string]bool{}
	for _, ns := range list {
		there[ns.ID] = true
		for _, words := range []string{ns.Fault, ns.Notice} {
			if words != "" {
				p.about[ns.ID] = append(p.about[ns.ID], words)
			}
		}
		want := p.w.spaces[ns.ID]
		if want == nil {
			p.lose(ns.ID, "is there, and was deleted")
			continue
		}
		if ns.Description != want.spec.Description || string(ns.Metadata) != string(want.spec.Metadata) {
			p.lose(ns.ID, fmt.Sprintf("is described as %q %s", ns.Description, ns.Metadata))
		}
		if hash, err := st.TokenHash(ctx, ns.ID); err != nil || hash != want.spec.TokenHash {
			p.lose(ns.ID, fmt.Sprintf("has another token: %v", err))
		}
	}
	for id := range p.w.spaces {
		if !there[id] {
			p.lose(id, "is in no list")
		}
	}
}

func (p *prober) lose(id, what string) {
	p.behind[id] = false
	p.lost[id] = append(p.lost[id], what)
}

// read holds a namespace's messages against what was acknowledged, by global
// position and by stream, with what was appended since.
func (p *prober) read(ctx context.Context, st store.Store, id string, s *space, since []store.Message) {
	want := append(slices.Clone(s.list), since...)
	got, err := collect(st.ReadCategory(ctx, id, store.CategoryQuery{Limit: store.NoLimit}))
	if err == nil {
		err = p.streams(ctx, st, id, got)
	}
	if err != nil {
		p.about[id] = append(p.about[id], err.Error())
		p.lose(id, "cannot be read")
		p.unread[id] = true
		var damaged *store.DamagedError
		if errors.As(err, &damaged) && !p.readOnly {
			p.refused[id] = true
		}
		return
	}
	d := differs(got, want)
	if d == "" {
		return
	}
	_, seen := p.lost[id]
	p.lost[id] = append(p.lost[id], d)
	known := p.w.known[id]
	short := len(got) < len(want) && differs(got, want[:len(got)]) == ""
	last := int64(0)
	if len(got) > 0 {
		last = got[len(got)-1].GlobalPosition
	}
	if !seen {
		p.behind[id] = short && last >= known
	}
}

// streams checks that each stream reads as the whole does.
func (p *prober) streams(ctx context.Context, st store.Store, id string, all []store.Message) error {
	byStream := map[string][]store.Message{}
	for _, m := range all {
		byStream[m.Stream] = append(byStream[m.Stream], m)
	}
	for stream, want := range byStream {
		got, err := collect(st.ReadStream(ctx, id, store.StreamQuery{Stream: stream, Limit: store.NoLimit}))
		if err != nil {
			return err
		}
		if d := differs(got, want); d != "" {
			p.lose(id, "stream "+stream+" reads otherwise: "+d)
		}
		if v, err := st.Version(ctx, id, stream); err != nil {
			return err
		} else if v != want[len(want)-1].Position {
			p.lose(id, fmt.Sprintf("stream %s is said to be at %d", stream, v))
		}
	}
	last := all[max(0, len(all)-1):]
	for _, m := range last {
		byID, err := st.MessageByID(ctx, id, m.ID)
		if errors.Is(err, store.ErrMessageNotFound) {
			p.lose(id, "a message is not found by its id")
		} else if err != nil {
			return err
		} else if byID.GlobalPosition != m.GlobalPosition {
			p.lose(id, "another message is found by an id")
		}
	}
	return nil
}

// collect keeps all that the iterator yields.
func collect(seq iter.Seq2[store.Message, error]) (all []store.Message, err error) {
	for m, err := range seq {
		if err != nil {
			return nil, err
		}
		all = append(all, m.Clone())
	}
	return all, nil
}

// differs says where messages are first not what they should be, but for their
// times, which the engine gave; "" when they are.
func differs(got, want []store.Message) string {
	for i := range min(len(got), len(want)) {
		a, b := got[i], want[i]
		a.Time, b.Time = time.Time{}, time.Time{}
		if !reflect.DeepEqual(a, b) {
			return fmt.Sprintf("message %d of %d is %s, want %s", i+1, len(want), brief(a), brief(b))
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d messages, want %d", len(got), len(want))
	}
	return ""
}

func brief(m store.Message) string {
	return fmt.Sprintf("#%d %q@%d %q %s %.80q %.40q", m.GlobalPosition, m.Stream, m.Position, m.Type, m.ID, m.Data, m.Metadata)
}

func (p *prober) verify(ctx context.Context, st store.Store, id string) {
	v, ok := st.(store.Verifier)
	if !ok {
		return
	}
	report, err := v.Verify(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotOffered) {
		p.about[id] = append(p.about[id], "verify: "+err.Error())
	}
	for _, f := range append(report.Findings, report.Notes...) {
		p.about[id] = append(p.about[id], fmt.Sprintf("verify: %s: %s", f.Where, f.Detail))
	}
}

// inspect takes what the store says of itself.
func (p *prober) inspect(ctx context.Context, st store.Store) {
	if v, ok := st.(store.Verifier); ok {
		found, err := v.Inspect(ctx)
		if err != nil {
			p.said["inspect: "+err.Error()] = true
		}
		for _, f := range append(found.Findings, found.Notes...) {
			p.said["inspect: "+f.Where+": "+f.Detail] = true
		}
	}
	engine, ok := st.(store.Engine)
	if !ok {
		return
	}
	for _, ev := range engine.EngineEvents(0) {
		switch {
		case ev.Kind != store.EventDropped && ev.Kind != store.EventDamaged && ev.Kind != store.EventPoisoned:
		case ev.Namespace == "":
			p.said["event "+ev.Kind+": "+ev.Reason] = true
		default:
			p.about[ev.Namespace] = append(p.about[ev.Namespace], "event "+ev.Kind+": "+ev.Reason)
		}
	}
}

// append appends to a namespace that can be read, and reads it again.
func (p *prober) append(ctx context.Context, st store.Store, id string) {
	before, err := collect(st.ReadCategory(ctx, id, store.CategoryQuery{Limit: store.NoLimit}))
	if err != nil {
		return
	}
	list := make([]store.Event, 2)
	for i := range list {
		list[i] = store.Event{ID: store.NewID(time.Now()), Type: "Noted", Data: fmt.Appendf(nil, `{"since":%d}`, i)}
	}
	a, err := st.Append(ctx, id, store.Write{Stream: "since-1", Events: list, ExpectedVersion: store.AnyVersion})
	if err != nil {
		p.about[id] = append(p.about[id], "append: "+err.Error())
		p.lose(id, "cannot be written")
		return
	}
	for i, ev := range list {
		p.appended[id] = append(p.appended[id], store.Message{
			ID: ev.ID, Stream: "since-1", Type: ev.Type, Position: a.FirstPosition + int64(i), GlobalPosition: a.FirstGlobalPosition + int64(i), Data: ev.Data,
		})
	}
	after, err := collect(st.ReadCategory(ctx, id, store.CategoryQuery{Limit: store.NoLimit}))
	if err != nil {
		p.about[id] = append(p.about[id], err.Error())
		p.lose(id, "cannot be read after an append")
	} else if d := differs(after, append(before, p.appended[id]...)); d != "" {
		p.lose(id, "after an append: "+d)
	}
}

// filesIn lists the files of a directory, with sums of what they hold.
func filesIn(dir string) map[string]string {
	list := map[string]string{}
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, failed := os.ReadFile(name)
			list[strings.TrimPrefix(name, dir+string(filepath.Separator))] = fmt.Sprintf("%x %v", sha256.Sum256(data), failed)
		}
		return nil
	})
	return list
}

// nothingWent checks that the directories of namespaces are still there, and
// all of their files when the store did not open.
func (p *prober) nothingWent(before map[string]string) {
	after := filesIn(p.dir)
	there := map[string]bool{}
	for name := range after {
		there[spaceOf(name)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		space := spaceOf(name)
		if space == "" {
			continue
		}
		_, kept := after[name]
		if !there[space] || !kept && p.shut {
			p.faults = append(p.faults, verdictDeleted+" "+name+" is gone")
		}
	}
}

// spaceOf is the directory of a namespace that a file lies in, "" for others.
func spaceOf(name string) string {
	parts := strings.Split(filepath.ToSlash(name), "/")
	if len(parts) < 3 || parts[0] != "ns" {
		return ""
	}
	return parts[1]
}

// undo takes the damage back in the directory that was opened: what refused to
// open must be whole then.
func (p *prober) undo(touched []string) {
	inRegistry := slices.ContainsFunc(touched, func(name string) bool {
		return !strings.HasPrefix(filepath.ToSlash(name)+"/", "ns/")
	})
	if inRegistry && !p.shut {
		return // the store went on with what the registry said, and wrote to it
	}
	for _, name := range touched {
		if err := errors.Join(os.RemoveAll(filepath.Join(p.dir, name)), copyTree(filepath.Join(p.w.dir, name), filepath.Join(p.dir, name))); err != nil {
			p.faults = append(p.faults, "undo: "+err.Error())
			return
		}
	}
	again := newProber(p.w, p.d, p.dir)
	st, err := p.d.Open(p.dir)
	if err != nil {
		p.faults = append(p.faults, verdictDeleted+" with the damage undone it does not open: "+err.Error())
		return
	}
	for id, s := range p.w.spaces {
		if p.refused[id] || p.shut {
			again.read(context.Background(), st, id, s, p.appended[id])
		}
	}
	_ = st.Close()
	for id, what := range again.lost {
		p.faults = append(p.faults, fmt.Sprintf("%s with the damage undone %q is not what it was: %s (%s)", verdictDeleted, id, strings.Join(what, ", "), strings.Join(again.about[id], ", ")))
	}
}
