package wire_test

import (
	"encoding/hex"
	"regexp"
	"testing"

	"github.com/evtui/evtui/server/wire"
)

// TestTokenForm pins the form that other programs read (protocol section 3).
func TestTokenForm(t *testing.T) {
	form := regexp.MustCompile(`^ns_ZGVmYXVsdA_[0-9a-f]{64}$`)
	if token := wire.NewToken("default"); !form.MatchString(token) {
		t.Errorf("a token of default is %q, want %s", token, form)
	}
	const secret = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
	for token, want := range map[string]string{
		"ns_ZGVmYXVsdA_" + secret: "default",
		"ns__w_" + secret:         "\xff",      // base64url's own underscore
		"ns_Pz8_Pj4-_" + secret:   "??\x3f>>>", // and its dash
		"ns_w7w_" + secret:        "ü",
	} {
		if got, err := wire.ParseToken(token); err != nil || got != want {
			t.Errorf("%q names %q (%v), want %q", token, got, err, want)
		}
	}
}

func TestHashToken(t *testing.T) {
	// SHA-256 of "abc", from FIPS 180-2, appendix B.1.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := wire.HashToken("abc"); hex.EncodeToString(got[:]) != want {
		t.Errorf("HashToken(abc) = %x, want %s", got, want)
	}
}
