package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

func tokenCases() []testCase {
	return []testCase{
		{"OneAtFirst", oneTokenAtFirst},
		{"Changed", tokensChanged},
		{"Refused", tokensRefused},
		{"AtOnce", tokensAtOnce},
		{"UnknownNamespace", tokensOfNobody},
		{"OutliveReplacement", tokensOutliveReplacement},
		{"InCheckpoint", tokensInCheckpoint},
	}
}

func (e *env) tokenKeeper() store.TokenKeeper {
	e.t.Helper()
	return offered[store.TokenKeeper](e, "keeps one token a namespace")
}

// tokenNamed is the token whose text is a name.
func tokenNamed(name string) store.Token {
	return store.Token{Hash: sha256.Sum256([]byte(name)), CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}
}

// rotated are three tokens: the current one, one that only reads, and an
// earlier one that ends.
func rotated() []store.Token {
	reader, earlier := tokenNamed("reader"), tokenNamed("earlier")
	reader.ReadOnly = true
	earlier.Until = time.Date(2026, 1, 3, 3, 4, 5, 7, time.UTC)
	return []store.Token{tokenNamed("current"), reader, earlier}
}

func (e *env) setTokens(namespace string, tokens []store.Token) {
	e.t.Helper()
	err := e.tokenKeeper().ChangeTokens(e.ctx, namespace, func([]store.Token) ([]store.Token, error) { return tokens, nil })
	if err != nil {
		e.t.Fatalf("change the tokens of %q: %v", namespace, err)
	}
}

func (e *env) wantTokens(namespace string, want []store.Token) {
	e.t.Helper()
	got, err := e.tokenKeeper().Tokens(e.ctx, namespace)
	same := slices.EqualFunc(got, want, func(a, b store.Token) bool {
		return a.Hash == b.Hash && a.ReadOnly == b.ReadOnly && a.CreatedAt.Equal(b.CreatedAt) && a.Until.Equal(b.Until)
	})
	if err != nil || !same {
		e.t.Errorf("tokens of %q: got %v, %v, want %v", namespace, got, err, want)
	}
	if hash, err := e.store.TokenHash(e.ctx, namespace); err != nil || hash != want[0].Hash {
		e.t.Errorf("TokenHash of %q: got %x, %v, want the first of its tokens", namespace, hash, err)
	}
}

func oneTokenAtFirst(e *env) {
	e.tokenKeeper()
	e.namespace("n")
	ns, err := e.store.Namespace(e.ctx, "n")
	if err != nil {
		e.t.Fatal(err)
	}
	e.alsoReopened(func() {
		e.wantTokens("n", []store.Token{{Hash: specOf("n").TokenHash, CreatedAt: ns.CreatedAt}})
	})
}

func tokensChanged(e *env) {
	e.tokenKeeper()
	e.namespace("n")
	e.namespace("other")
	e.append("n", "a-1", events(3, "x")...)
	e.unchanged("n", func() { e.setTokens("n", rotated()) })
	e.alsoReopened(func() {
		e.wantTokens("n", rotated())
		if hash, err := e.store.TokenHash(e.ctx, "other"); err != nil || hash != specOf("other").TokenHash {
			e.t.Errorf("TokenHash of another namespace: got %x, %v", hash, err)
		}
	})
	e.append("n", "a-1", event("y")) // what is known of its content must not have suffered
	e.setTokens("n", rotated()[:1])
	e.alsoReopened(func() {
		e.wantTokens("n", rotated()[:1])
		if n := len(e.everything("n")); n != 4 {
			e.t.Errorf("%d messages, want 4", n)
		}
	})
}

func tokensRefused(e *env) {
	keeper := e.tokenKeeper()
	e.namespace("n")
	e.setTokens("n", rotated())
	many := make([]store.Token, store.MaxTokens+1)
	for i := range many {
		many[i] = tokenNamed(fmt.Sprint(i))
	}
	for name, tokens := range map[string][]store.Token{
		"none": nil, "first only reads": rotated()[1:2], "first ends": rotated()[2:], "too many": many,
	} {
		err := keeper.ChangeTokens(e.ctx, "n", func([]store.Token) ([]store.Token, error) { return tokens, nil })
		if _, ok := errors.AsType[*store.InvalidError](err); !ok {
			e.t.Errorf("%s: got %v, want an *InvalidError", name, err)
		}
	}
	mine := errors.New("mine")
	e.is(keeper.ChangeTokens(e.ctx, "n", func(now []store.Token) ([]store.Token, error) {
		now[0] = tokenNamed("scribbled")
		return now, mine
	}), mine, "a change that gives up")
	e.alsoReopened(func() { e.wantTokens("n", rotated()) })
	e.setTokens("n", many[:store.MaxTokens])
	e.wantTokens("n", many[:store.MaxTokens])
}

// tokensAtOnce adds tokens from many sides: none is lost.
func tokensAtOnce(e *env) {
	const writers = 8
	keeper := e.tokenKeeper()
	e.namespace("n")
	var g errgroup.Group
	for i := range writers {
		g.Go(func() error {
			return keeper.ChangeTokens(e.ctx, "n", func(now []store.Token) ([]store.Token, error) {
				return append(now, tokenNamed(fmt.Sprint(i))), nil
			})
		})
		g.Go(func() error {
			_, err := e.store.Append(e.ctx, "n", store.Write{Stream: fmt.Sprintf("a-%d", i), Events: events(5, "x"), ExpectedVersion: store.NoStream})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		e.t.Fatal(err)
	}
	e.alsoReopened(func() {
		got, err := keeperOf(e).Tokens(e.ctx, "n")
		if err != nil || len(got) != 1+writers {
			e.t.Errorf("%d tokens, %v, want %d", len(got), err, 1+writers)
		}
	})
}

// keeperOf is the open store's, which alsoReopened replaces.
func keeperOf(e *env) store.TokenKeeper { return e.store.(store.TokenKeeper) }

func tokensOfNobody(e *env) {
	keeper := e.tokenKeeper()
	_, err := keeper.Tokens(e.ctx, "nobody")
	e.is(err, store.ErrNamespaceNotFound, "Tokens")
	e.is(keeper.ChangeTokens(e.ctx, "nobody", func([]store.Token) ([]store.Token, error) { return rotated(), nil }),
		store.ErrNamespaceNotFound, "ChangeTokens")
	e.namespace("n")
	e.setTokens("n", rotated())
	if _, err := e.store.DeleteNamespace(e.ctx, "n"); err != nil {
		e.t.Fatal(err)
	}
	_, err = keeper.Tokens(e.ctx, "n")
	e.is(err, store.ErrNamespaceNotFound, "Tokens of a deleted namespace")
	e.namespace("n")
	if got, err := keeper.Tokens(e.ctx, "n"); err != nil || len(got) != 1 || got[0].Hash != specOf("n").TokenHash {
		e.t.Errorf("a namespace made again has the tokens %v, %v", got, err)
	}
}

// tokensOutliveReplacement changes tokens while other content is built: they
// are the namespace's, not the content's.
func tokensOutliveReplacement(e *env) {
	e.tokenKeeper()
	importer := offered[store.Importer](e, "does not import")
	e.namespace("n")
	e.append("n", "old-1", event("x"))
	r, err := importer.Replace(e.ctx, "n")
	e.skipUnoffered(err)
	if err != nil {
		e.t.Fatal(err)
	}
	e.setTokens("n", rotated())
	e.fillReplacement(r, sampleImport())
	if err := r.Commit(e.ctx); err != nil {
		e.t.Fatalf("commit: %v", err)
	}
	e.alsoReopened(func() { e.wantTokens("n", rotated()) })
	if err := e.store.(store.Importer).Truncate(e.ctx, "n"); err != nil {
		e.t.Fatal(err)
	}
	e.alsoReopened(func() { e.wantTokens("n", rotated()) })
}

func tokensInCheckpoint(e *env) {
	e.tokenKeeper()
	maker := e.checkpointer()
	e.namespace("n")
	e.setTokens("n", rotated())
	c, err := maker.Checkpoint(e.ctx, "c1")
	if err != nil {
		e.t.Fatal(err)
	}
	e.setTokens("n", rotated()[:1])
	e.checkpointOf(c, func(copied *env) { copied.wantTokens("n", rotated()) })
}
