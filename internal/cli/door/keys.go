package door

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"
)

// keysIn returns the public keys of a file as sshd reads it. A key with options
// is left out: they narrow what it may do (from="…"), and evtui does not obey
// them. left says which lines were.
func keysIn(file string) (keys []ssh.PublicKey, left []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("read the authorized keys: %w", err)
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		key, _, options, _, err := gossh.ParseAuthorizedKey(line)
		switch {
		case err != nil:
			left = append(left, fmt.Sprintf("line %d is no public key", i+1))
		case len(options) > 0:
			left = append(left, fmt.Sprintf("line %d has options, which evtui does not obey", i+1))
		default:
			keys = append(keys, key)
		}
	}
	return keys, left, nil
}

// lets returns who may come in: whose key is in the file now.
func lets(file string, logger *slog.Logger) ssh.PublicKeyHandler {
	return func(_ ssh.Context, shown ssh.PublicKey) bool {
		keys, _, err := keysIn(file)
		if err != nil {
			logger.Error("ssh: nobody can come in", "error", err)
			return false
		}
		return slices.ContainsFunc(keys, func(key ssh.PublicKey) bool { return ssh.KeysEqual(key, shown) })
	}
}
