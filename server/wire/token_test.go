package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/wire"
)

func TestTokensNameTheirNamespace(t *testing.T) {
	for _, namespace := range []string{"default", "a", "ab", "abc", "ü日本😀", "under_score", strings.Repeat("x", 128), "???>>>"} {
		token := wire.NewToken(namespace)
		if got, err := wire.ParseToken(token); err != nil || got != namespace {
			t.Errorf("%q: the token %q names %q (%v)", namespace, token, got, err)
		}
		if token == wire.NewToken(namespace) {
			t.Errorf("%q got the same token twice", namespace)
		}
	}
}

func TestWhatIsNoToken(t *testing.T) {
	good := wire.NewToken("default")
	for _, text := range []string{
		"", "x", "ns_", good[1:], good[:len(good)-1], good + "0", "NS_" + good[3:], "ns__" + good[len(good)-64:], "ns_" + good[len(good)-64:],
		strings.Replace(good, "_", "-", 1), good[:len(good)-1] + "x", good[:len(good)-1] + "\n", " " + good, "ns_Zg==_" + good[len(good)-64:], "ns_Zh_" + good[len(good)-64:],
	} {
		if name, err := wire.ParseToken(text); !errors.Is(err, wire.ErrToken) {
			t.Errorf("%q names %q (%v)", text, name, err)
		}
	}
}
