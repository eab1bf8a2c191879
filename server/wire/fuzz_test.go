package wire_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/evtui/evtui/server/wire"
)

// FuzzParseToken: what is a token is one in exactly one way, so that no other
// text passes for it.
func FuzzParseToken(f *testing.F) {
	for _, namespace := range []string{"default", "a", "ü", "under_score", "???>>>", strings.Repeat("x", 128)} {
		token := wire.NewToken(namespace)
		f.Add(token)
		f.Add(token[:len(token)-1])
		f.Add(strings.ToUpper(token))
		f.Add(strings.Replace(token, "_", "=_", 2))
	}
	f.Add("ns__" + strings.Repeat("0", 64))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		namespace, err := wire.ParseToken(token)
		if err != nil {
			if namespace != "" {
				t.Errorf("%q is no token and names %q", token, namespace)
			}
			return
		}
		secret := token[max(0, len(token)-64):]
		if namespace == "" || token != "ns_"+base64.RawURLEncoding.EncodeToString([]byte(namespace))+"_"+secret {
			t.Errorf("%q names %q, as another text does", token, namespace)
		}
		if strings.Trim(secret, "0123456789abcdefABCDEF") != "" {
			t.Errorf("%q has the secret %q", token, secret)
		}
	})
}
