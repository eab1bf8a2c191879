package server

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// ErrTokenDiffers is returned by EnsureDefault when the token given, or kept
// in the token file, is not the one that the namespace default was made with.
var ErrTokenDiffers = errors.New("token is not the one that the namespace default was made with")

// ErrTokenUnknown is returned by EnsureDefault when the namespace default is
// there but nobody tells its token.
var ErrTokenUnknown = errors.New("token of the namespace default is neither given nor kept in the token file")

// EnsureDefault makes the namespace default unless it is there, and returns its
// token, the admin token. At the first start that is the given one, or a random
// one when given is "". Later the given one must be the same: ErrTokenDiffers.
//
// The token is kept in tokenFile (mode 0600), so that a later start or a
// second process on the same host finds it; "" keeps it nowhere, and so does a
// store that only reads.
//
// A given token that ns.token has replaced is taken as long as it is valid.
//
// A namespace default that is damaged is no reason for an error: its token is
// known all the same, and the other namespaces are well.
func EnsureDefault(ctx context.Context, st store.Store, given, tokenFile string) (token string, err error) {
	if given != "" {
		if err := checkNames(given, store.DefaultNamespace); err != nil {
			return "", err
		}
	}
	kept, err := readToken(tokenFile)
	if err != nil {
		return "", err
	}
	hash, err := st.TokenHash(ctx, store.DefaultNamespace)
	if errors.Is(err, store.ErrNamespaceNotFound) {
		token = cmp.Or(given, kept, wire.NewToken(store.DefaultNamespace))
		err = createDefault(ctx, st, token, tokenFile)
		if !errors.Is(err, store.ErrNamespaceExists) {
			return token, err
		}
		// Another evtui on a shared store made it at the same time.
		hash, err = st.TokenHash(ctx, store.DefaultNamespace)
	}
	if err != nil {
		return "", fmt.Errorf("look up the namespace default: %w", err)
	}
	if !st.Describe().ReadOnly {
		if kept, err = takeNextToken(tokenFile, kept, hash); err != nil {
			return "", err
		}
	}
	token = cmp.Or(given, kept)
	if token == "" {
		return "", ErrTokenUnknown
	}
	if !sameHash(wire.HashToken(token), hash) {
		return earlierDefault(ctx, st, token, kept, hash)
	}
	if token != kept && !st.Describe().ReadOnly {
		return token, keepToken(tokenFile, token)
	}
	return token, nil
}

// earlierDefault is EnsureDefault for a token that is not the current one: the
// one before it will do while it is valid. The file keeps the current one.
func earlierDefault(ctx context.Context, st store.Store, token, kept string, hash [32]byte) (string, error) {
	keeper, ok := st.(store.TokenKeeper)
	if !ok {
		return "", ErrTokenDiffers
	}
	tokens, err := keeper.Tokens(ctx, store.DefaultNamespace)
	if err != nil {
		return "", fmt.Errorf("look up the namespace default: %w", err)
	}
	given, now := wire.HashToken(token), time.Now()
	for _, t := range tokens {
		switch {
		case t.ReadOnly || !sameHash(t.Hash, given) || !t.ValidAt(now):
		case kept != "" && sameHash(wire.HashToken(kept), hash):
			return kept, nil
		default:
			return token, nil
		}
	}
	return "", ErrTokenDiffers
}

// createDefault writes the token beside its file before it makes the namespace, and
// puts it in its place after: a crash between leaves what takeNextToken decides on, never a
// namespace whose token is lost, and never the token of one that somebody else made.
func createDefault(ctx context.Context, st store.Store, token, tokenFile string) error {
	if tokenFile != "" {
		if err := keepToken(nextTokenFile(tokenFile), token); err != nil {
			return err
		}
	}
	spec := store.NamespaceSpec{ID: store.DefaultNamespace, Description: "the namespace of the admin token", TokenHash: wire.HashToken(token)}
	if _, err := st.CreateNamespace(ctx, spec); err != nil {
		return fmt.Errorf("create the namespace default: %w", err)
	}
	_, err := takeNextToken(tokenFile, token, spec.TokenHash)
	return err
}

// checkNames returns an error unless token parses and names the namespace.
func checkNames(token, namespace string) error {
	named, err := wire.ParseToken(token)
	if err != nil {
		return err
	}
	if named != namespace {
		return &store.InvalidError{Field: "token", Reason: fmt.Sprintf("names the namespace %q, not %q", named, namespace)}
	}
	return nil
}

func readToken(file string) (string, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) { // "" is not there either
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the token file: %w", err)
	}
	token := strings.TrimSpace(string(raw))
	if err := checkNames(token, store.DefaultNamespace); err != nil {
		return "", fmt.Errorf("read the token file %s: %w", file, err)
	}
	return token, nil
}

// keepToken writes the file whole or not at all, readable by its owner only.
func keepToken(file, token string) error {
	if file == "" {
		return nil
	}
	// CreateTemp makes the file with mode 0600.
	temp, err := os.CreateTemp(filepath.Dir(file), ".token-*")
	if err != nil {
		return fmt.Errorf("keep the token: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already when all went well
	_, err = temp.WriteString(token + "\n")
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("keep the token: %w", err)
	}
	return nil
}

func sameHash(a, b [32]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }
