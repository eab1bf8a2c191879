package server

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// How long the token before may stay valid beside a new one, in seconds.
const (
	keepTokens    = 24 * 60 * 60 // when it is not said
	maxKeepTokens = 366 * 24 * 60 * 60
)

// tokenRequest is what ns.token is asked for.
type tokenRequest struct {
	namespace string
	fresh     bool   // make a new one
	readOnly  bool   // of the kind that only reads
	given     string // the new one; "": a random one
	revoke    string // the ID of one to take back; "": none
	keep      int64  // seconds that the ones before of the same kind stay valid
}

// namespaceToken: ["ns.token", id, {new, readOnly, token, keep, revoke}]: the
// tokens of a namespace, after the change that is asked for.
func (c *call) namespaceToken() error {
	r, err := c.tokenRequest()
	if err != nil {
		return err
	}
	keeper, err := offered[store.TokenKeeper](c.s)
	if err != nil {
		return err
	}
	answer := wire.Tokens{Namespace: r.namespace}
	if r.fresh || r.revoke != "" {
		if err := c.scope.mayWrite(c.step); err != nil {
			return err
		}
		if answer.Token, err = c.changeTokens(keeper, r); err != nil {
			return err
		}
	}
	tokens, err := keeper.Tokens(c.ctx, r.namespace)
	if err != nil {
		return err
	}
	for _, t := range validTokens(tokens, time.Now()) {
		answer.Tokens = append(answer.Tokens, tokenRow(t))
	}
	return c.reply.value(answer)
}

func (c *call) tokenRequest() (r tokenRequest, err error) {
	r.namespace, r.keep = c.name, keepTokens
	err = c.options(
		option{name: "new", to: &r.fresh},
		option{name: "readOnly", to: &r.readOnly},
		option{name: "token", to: &r.given},
		option{name: "keep", to: &r.keep, high: maxKeepTokens},
		option{name: "revoke", to: &r.revoke},
	)
	if err == nil {
		err = store.CheckNamespaceID(r.namespace)
	}
	switch {
	case err != nil:
		return r, err
	case r.fresh && r.revoke != "":
		return r, invalid("revoke", "does not go with new: a new token ends those before it by keep")
	case !r.fresh && (r.given != "" || r.readOnly):
		return r, invalid("new", "must be true where a token or its kind is given")
	case r.given != "":
		if err := checkNames(r.given, r.namespace); err != nil {
			return r, invalid("token", "must be one of this namespace: %s", err)
		}
	}
	return r, nil
}

// changeTokens does what is asked for and returns the new token, if one was.
// The admin token's file follows: commands on the server's machine read it.
func (c *call) changeTokens(keeper store.TokenKeeper, r tokenRequest) (fresh string, err error) {
	change := func(now []store.Token) ([]store.Token, error) { return revokeToken(now, r.revoke) }
	kept := func() {}
	if r.fresh {
		fresh = cmp.Or(r.given, wire.NewToken(r.namespace))
		change = func(now []store.Token) ([]store.Token, error) {
			return addToken(now, r, wire.HashToken(fresh), time.Now())
		}
	}
	if r.fresh && !r.readOnly && r.namespace == store.DefaultNamespace {
		c.s.adminToken.Lock()
		defer c.s.adminToken.Unlock()
		if kept, err = c.s.prepareAdminToken(fresh); err != nil {
			return "", err
		}
	}
	err = keeper.ChangeTokens(c.ctx, r.namespace, change)
	if err == nil {
		kept()
	}
	return fresh, err
}

// prepareAdminToken writes the next admin token beside the one that is kept,
// so that a crash loses neither, and returns what puts it in its place.
func (s *Server) prepareAdminToken(token string) (keep func(), err error) {
	file := s.cfg.TokenFile
	if file == "" {
		return func() {}, nil
	}
	if err := keepToken(nextTokenFile(file), token); err != nil {
		return nil, err
	}
	return func() {
		if err := os.Rename(nextTokenFile(file), file); err != nil { // the next start does it
			s.log.Error("the new admin token is not in its file yet", "error", err.Error())
		}
	}, nil
}

// addToken makes a token the current one of its kind. Those of the kind that
// were there before end after r.keep, or when they were to end anyway.
func addToken(now []store.Token, r tokenRequest, hash [32]byte, at time.Time) ([]store.Token, error) {
	now = validTokens(now, at)
	if slices.ContainsFunc(now, func(t store.Token) bool { return t.Hash == hash }) {
		return nil, invalid("token", "is one of the namespace's already")
	}
	end := at.Add(time.Duration(r.keep) * time.Second)
	for i := range now {
		if now[i].ReadOnly == r.readOnly && (now[i].Until.IsZero() || now[i].Until.After(end)) {
			now[i].Until = end
		}
	}
	fresh := store.Token{Hash: hash, ReadOnly: r.readOnly, CreatedAt: at}
	if !r.readOnly {
		return validTokens(append([]store.Token{fresh}, now...), at), nil
	}
	return validTokens(append(now, fresh), at), nil
}

// revokeToken takes one token back, at once.
func revokeToken(now []store.Token, id string) ([]store.Token, error) {
	for i, t := range now {
		switch {
		case tokenID(t) != id:
		case i == 0:
			return nil, invalid("revoke", "must not name the namespace's current token: make a new one with keep 0")
		default:
			return slices.Delete(now, i, i+1), nil
		}
	}
	return nil, invalid("revoke", "must be the id of one of the namespace's tokens, as ns.token lists them")
}

// validTokens are those that are still taken, in a slice of their own. The
// current one always is.
func validTokens(tokens []store.Token, now time.Time) []store.Token {
	return slices.DeleteFunc(slices.Clone(tokens), func(t store.Token) bool { return !t.ValidAt(now) })
}

// tokenIDBytes is how many bytes of its hash name a token.
const tokenIDBytes = 6

// tokenID names a token without telling anything of it.
func tokenID(t store.Token) string { return hex.EncodeToString(t.Hash[:tokenIDBytes]) }

func tokenRow(t store.Token) wire.TokenRow {
	row := wire.TokenRow{ID: tokenID(t), ReadOnly: t.ReadOnly, CreatedAt: t.CreatedAt.UTC()}
	if !t.Until.IsZero() {
		row.ValidUntil = new(t.Until.UTC())
	}
	return row
}

// nextTokenFile is where the next admin token is while the store does not know
// it for sure.
func nextTokenFile(file string) string { return file + ".next" }

// takeNextToken ends a change of the admin token that a crash cut off: if the
// store knows the next one, that is put in its place, else it is removed. It
// returns the token that the file keeps.
func takeNextToken(file, kept string, hash [32]byte) (string, error) {
	if file == "" {
		return kept, nil
	}
	next, err := readToken(nextTokenFile(file))
	if err != nil || next == "" {
		return kept, err
	}
	if !sameHash(wire.HashToken(next), hash) {
		err = os.Remove(nextTokenFile(file))
		next = kept
	} else {
		err = os.Rename(nextTokenFile(file), file)
	}
	if err != nil {
		return "", fmt.Errorf("keep the token: %w", err)
	}
	return next, nil
}
