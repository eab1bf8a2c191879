package logstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
)

// local is what the projection's namespaces say of themselves: whose copy they are.
type local struct {
	Identity string `json:"log"`
}

func identityOf(ns store.Namespace) string {
	var l local
	_ = json.Unmarshal(ns.Metadata, &l) // what is not ours has none
	return l.Identity
}

// The set of namespaces is compared with the log's this often, and when it may have
// changed; an unknown namespace has it compared at once, but not more often than askAgain.
const (
	lookEvery = 10 * time.Second
	askAgain  = 20 * time.Millisecond
	probeEach = time.Second
)

// watch keeps the namespaces here as they are in the log.
func (s *Store) watch() {
	look, probe := time.NewTicker(lookEvery), time.NewTicker(probeEach)
	defer look.Stop()
	defer probe.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.log.Changed():
		case <-s.woken:
		case <-look.C:
		case <-probe.C:
			s.probe()
			continue
		}
		ctx, cancel := context.WithTimeout(s.ctx, lookEvery)
		err := s.refresh(ctx)
		cancel()
		if err != nil && s.ctx.Err() == nil {
			s.logger.Debug("the log's namespaces are not known just now", "error", err)
		}
	}
}

// nudge wakes who waits for a channel of capacity 1.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// refresh compares the namespaces here with the log's: it begins to follow new ones, and
// ends with those that were deleted on purpose.
func (s *Store) refresh(ctx context.Context) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	return s.refreshLocked(ctx)
}

func (s *Store) refreshLocked(ctx context.Context) error {
	list, err := s.log.Namespaces(ctx)
	if err != nil {
		return err
	}
	copies, err := s.copies(ctx)
	if err != nil {
		return err
	}
	s.looked = time.Now()
	next := map[string]*space{}
	var errs []error
	for _, ns := range list {
		one, err := s.reconcile(ctx, ns, copies)
		if one != nil {
			next[ns.ID] = one
		}
		errs = append(errs, err)
		delete(copies, ns.ID)
	}
	for id, ns := range copies {
		one, err := s.missing(ctx, ns)
		if one != nil {
			next[id] = one
		}
		errs = append(errs, err)
	}
	s.put(next)
	return errors.Join(errs...)
}

// copies are the namespaces of the projection, by id.
func (s *Store) copies(ctx context.Context) (map[string]store.Namespace, error) {
	list, err := s.Store.Namespaces(ctx)
	copies := make(map[string]store.Namespace, len(list))
	for _, ns := range list {
		copies[ns.ID] = ns
	}
	return copies, err
}

// put makes these the namespaces, and ends the followers of those that are gone.
func (s *Store) put(next map[string]*space) {
	s.mu.Lock()
	before := s.spaces
	s.spaces = next
	s.mu.Unlock()
	for id, one := range before {
		if now := next[id]; now == nil || now.follower != one.follower {
			one.end(store.ErrNamespaceNotFound)
		}
	}
}

// reconcile makes the copy of a namespace that the log has, if need be.
func (s *Store) reconcile(ctx context.Context, ns Namespace, copies map[string]store.Namespace) (*space, error) {
	before := s.keep(ns.ID)
	if before != nil && before.Identity == ns.Identity && before.fault == nil && (before.follower != nil || s.reads) {
		return &space{Namespace: ns, follower: before.follower}, nil
	}
	held, there := copies[ns.ID]
	if there && identityOf(held) != ns.Identity {
		one, err := s.missing(ctx, held)
		if one != nil || err != nil {
			return one, err
		}
		there = false
	}
	if s.reads {
		if !there {
			return nil, nil
		}
		return &space{Namespace: ns}, nil
	}
	if !there {
		if err := s.makeCopy(ctx, ns); err != nil {
			return nil, err
		}
	}
	return &space{Namespace: ns, follower: s.follow(ns)}, nil
}

func (s *Store) makeCopy(ctx context.Context, ns Namespace) error {
	metadata, err := json.Marshal(local{Identity: ns.Identity})
	if err != nil {
		return err
	}
	_, err = s.Store.CreateNamespace(ctx, store.NamespaceSpec{ID: ns.ID, Metadata: metadata, TokenHash: ns.Tokens[0].Hash})
	if err != nil {
		return fmt.Errorf("make a copy of %q: %w", ns.ID, err)
	}
	return nil
}

// missing decides what becomes of a copy whose namespace the log does not have. It goes only when
// somebody deleted that: nil means that it is gone. A log that lost it is no reason
// to throw away what may be the last copy.
func (s *Store) missing(ctx context.Context, ns store.Namespace) (*space, error) {
	identity := identityOf(ns)
	deleted := false
	if identity != "" {
		var err error
		if deleted, err = s.log.Deleted(ctx, identity); err != nil {
			return s.keep(ns.ID), err
		}
	}
	if deleted && !s.reads {
		s.keep(ns.ID).end(store.ErrNamespaceNotFound)
		_, err := s.Store.DeleteNamespace(ctx, ns.ID)
		if errors.Is(err, store.ErrNamespaceNotFound) {
			err = nil
		}
		return nil, err
	}
	if deleted {
		return nil, nil
	}
	lost := &store.DamagedError{Namespace: ns.ID, Reason: "the log does not have it, and nobody deleted it; this evtui keeps its copy of it"}
	s.keep(ns.ID).end(lost)
	tokens, _ := s.Store.Tokens(ctx, ns.ID) // without them nobody gets at what is damaged
	return &space{Namespace: Namespace{ID: ns.ID, Identity: identity, CreatedAt: ns.CreatedAt, Tokens: tokens}, fault: lost}, nil
}

// keep is what is known of a namespace already; nil: nothing.
func (s *Store) keep(id string) *space {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.spaces[id]
}

// end ends the follower of a namespace, if there is one.
func (one *space) end(why error) {
	if one != nil && one.follower != nil {
		one.follower.end(why)
	}
}

// CreateNamespace makes an empty namespace in the log.
func (s *Store) CreateNamespace(ctx context.Context, spec store.NamespaceSpec) (store.Namespace, error) {
	if err := store.CheckNamespaceID(spec.ID); err != nil {
		return store.Namespace{}, err
	}
	switch one := s.keep(spec.ID); {
	case s.ctx.Err() != nil:
		return store.Namespace{}, store.ErrClosed
	case s.reads:
		return store.Namespace{}, store.ErrReadOnly
	case one != nil && one.fault != nil:
		return store.Namespace{}, one.fault
	case one != nil:
		return store.Namespace{}, store.ErrNamespaceExists
	}
	now := time.Now().UTC()
	ns := Namespace{
		ID: spec.ID, Identity: newToken().String(), CreatedAt: now, Description: spec.Description, Metadata: spec.Metadata,
		Tokens: []store.Token{{Hash: spec.TokenHash, CreatedAt: now}},
	}
	if err := s.log.Create(ctx, ns); err != nil && !errors.Is(err, store.ErrNamespaceExists) {
		return store.Namespace{}, fmt.Errorf("create namespace: %w", err)
	}
	if err := s.refresh(ctx); err != nil {
		return store.Namespace{}, fmt.Errorf("create namespace: %w", err)
	}
	one, err := s.space(ctx, spec.ID)
	switch {
	case err != nil:
		return store.Namespace{}, err
	case one.Identity != ns.Identity:
		return store.Namespace{}, store.ErrNamespaceExists
	}
	return s.Namespace(ctx, spec.ID)
}

// DeleteNamespace removes a namespace from the log, and with it from every evtui.
func (s *Store) DeleteNamespace(ctx context.Context, id string) (int64, error) {
	if s.reads {
		return 0, store.ErrReadOnly
	}
	one, err := s.space(ctx, id)
	if err != nil {
		return 0, err
	}
	s.refreshing.Lock() // the copy stays until its messages are counted
	defer s.refreshing.Unlock()
	if err := s.log.Delete(ctx, id, one.Identity); err != nil {
		return 0, fmt.Errorf("delete namespace: %w", err)
	}
	one.end(store.ErrNamespaceNotFound) // nothing is acknowledged from here on
	held, err := s.Store.Namespace(ctx, id)
	if err != nil {
		return 0, err
	}
	return held.MessageCount, s.refreshLocked(ctx)
}

// Namespaces lists the log's namespaces by id, as far as this evtui followed them.
func (s *Store) Namespaces(ctx context.Context) ([]store.Namespace, error) {
	copies, err := s.copies(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]store.Namespace, 0, len(s.spaces))
	for id, one := range s.spaces {
		if held, ok := copies[id]; ok || one.fault != nil {
			list = append(list, one.describe(held))
		}
	}
	slices.SortFunc(list, func(a, b store.Namespace) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// Namespace describes one namespace.
func (s *Store) Namespace(ctx context.Context, id string) (store.Namespace, error) {
	one, err := s.known(ctx, id)
	if err != nil {
		return store.Namespace{}, err
	}
	held, err := s.Store.Namespace(ctx, id)
	if err != nil && one.fault == nil {
		return store.Namespace{}, err
	}
	return one.describe(held), nil
}

// describe says of the copy what the log says of the namespace.
func (one *space) describe(held store.Namespace) store.Namespace {
	held.ID, held.Description, held.Metadata, held.CreatedAt = one.ID, one.Description, one.Metadata, one.CreatedAt
	switch {
	case one.fault != nil:
		held.Fault, held.Damaged = one.fault.Reason, true
	case one.follower != nil && held.Notice == "":
		held.Notice = one.follower.remark().Words
	}
	return held
}

// known returns a namespace, damaged or not, and asks the log for one that is not
// known here: another evtui may just have made it.
func (s *Store) known(ctx context.Context, id string) (*space, error) {
	if s.ctx.Err() != nil {
		return nil, store.ErrClosed
	}
	if one := s.keep(id); one != nil {
		return one, nil
	}
	err := s.lookFor(ctx)
	if one := s.keep(id); one != nil {
		return one, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, store.ErrNamespaceNotFound
}

// lookFor compares the namespaces unless somebody did since it was called. Who asks for many
// that are not there waits a little each time.
func (s *Store) lookFor(ctx context.Context) error {
	asked := time.Now()
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	if s.looked.After(asked) {
		return nil
	}
	if wait := askAgain - time.Since(s.looked); wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		case <-s.ctx.Done():
			return store.ErrClosed
		}
	}
	return s.refreshLocked(ctx)
}

// TokenHash returns the SHA-256 of the namespace's token, as the log told it last.
func (s *Store) TokenHash(ctx context.Context, id string) ([32]byte, error) {
	one, err := s.known(ctx, id)
	if err != nil {
		return [32]byte{}, err
	}
	if one.follower != nil {
		one.follower.used.Store(time.Now().UnixNano())
	}
	if len(one.Tokens) == 0 {
		return [32]byte{}, one.fault
	}
	return one.Tokens[0].Hash, nil
}

// Tokens returns the namespace's tokens, as the log told them last.
func (s *Store) Tokens(ctx context.Context, id string) ([]store.Token, error) {
	one, err := s.known(ctx, id)
	if err != nil {
		return nil, err
	}
	return one.Tokens, nil
}

// ChangeTokens replaces the tokens of a namespace in the log.
func (s *Store) ChangeTokens(ctx context.Context, id string, change func([]store.Token) ([]store.Token, error)) error {
	if s.reads {
		return store.ErrReadOnly
	}
	if _, err := s.known(ctx, id); err != nil {
		return err
	}
	err := s.log.Change(ctx, id, func(ns Namespace) (Namespace, error) {
		tokens, err := change(slices.Clone(ns.Tokens))
		if err == nil {
			err = store.CheckTokens(tokens)
		}
		ns.Tokens = tokens
		return ns, err
	})
	if err != nil {
		return err
	}
	return s.refresh(ctx)
}
