package wire

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// ErrToken is returned by ParseToken for what is not a token.
var ErrToken = errors.New("token must be ns_<base64url(namespace)>_<64 hexadecimal characters>")

// NewToken makes a random token that names the namespace (protocol section 3).
func NewToken(namespace string) string {
	var secret [32]byte
	// crypto/rand.Read never fails (it would end the process) since Go 1.24.
	_, _ = rand.Read(secret[:])
	return "ns_" + base64.RawURLEncoding.EncodeToString([]byte(namespace)) + "_" + hex.EncodeToString(secret[:])
}

// ParseToken returns the namespace that a token names, or ErrToken. The
// secret is the last 64 characters, since base64url may hold underscores.
func ParseToken(token string) (namespace string, err error) {
	const secret = 64
	rest, ok := strings.CutPrefix(token, "ns_")
	if !ok || len(rest) < secret+2 || rest[len(rest)-secret-1] != '_' {
		return "", ErrToken
	}
	for _, c := range rest[len(rest)-secret:] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return "", ErrToken
		}
	}
	encoded := rest[:len(rest)-secret-1]
	name, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") || len(name) == 0 { // base64 passes over line breaks
		return "", ErrToken
	}
	return string(name), nil
}

// HashToken returns what the store keeps of a token: its SHA-256.
func HashToken(token string) [32]byte { return sha256.Sum256([]byte(token)) }
