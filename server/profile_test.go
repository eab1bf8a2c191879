package server

import (
	"testing"

	"github.com/evtui/evtui/server/wire"
)

func TestWithoutToken(t *testing.T) {
	token := wire.NewToken("ns_ns_x")
	for arg, want := range map[string]string{
		token: "ns_…", "--token=" + token: "--token=ns_…", "x:ns_:" + token: "x:ns_:ns_…", "evtui": "evtui", "": "", "ns_": "ns_", "--data=/ns_x/ns_": "--data=/ns_x/ns_",
		token + "x": token + "x", // no token, and so no secret
	} {
		if got := withoutToken(arg); got != want {
			t.Errorf("%q became %q, want %q", arg, got, want)
		}
	}
}
