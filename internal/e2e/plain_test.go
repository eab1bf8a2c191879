package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
)

// mustServePlain serves twelve messages by sections 1 to 8 of the protocol and
// nothing else.
func mustServePlain(t *testing.T) *servertest.Server {
	t.Helper()
	s := servertest.New(t, server.Config{Version: "1.4.0"}, servertest.Behind(func(h http.Handler) http.Handler {
		return peer.Handler(h, peer.Options{})
	}))
	for i := range 12 {
		_, err := s.Store.Append(t.Context(), store.DefaultNamespace, store.Write{
			Stream: fmt.Sprintf("account-%d", i%3), ExpectedVersion: store.AnyVersion,
			Events: []store.Event{{Type: "Deposited", Data: []byte(`{"amount":1}`)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestCommandsOnAnotherServer runs the commands on a server that offers nothing
// of evtui's: what can be done is done, and the rest says why not.
func TestCommandsOnAnotherServer(t *testing.T) {
	s := mustServePlain(t)
	url, token := s.Listen(), s.Token
	home := t.TempDir()
	for _, c := range []struct {
		code  int
		wants string
		args  string
	}{
		{0, "", "append order-1 Placed {} --expected-version -1"},
		{1, "order-1", "append order-1 Placed {} --expected-version -1"}, // a conflict
		{0, "Placed", "messages order-1"},
		{0, "Placed", "tail --from 1 --no-follow"},
		{1, "--from", "tail --no-follow"},
		{0, "account-0", "streams"},
		{0, "account", "categories"},
		{0, "default", "ns list"},
		{0, "shop", "ns create shop"},
		{0, "shop", "ns info shop"},
		{0, "deleted", "ns delete shop --yes"},
		{0, "exported 13", "export " + filepath.Join(home, "all.ndjson")},
		{0, "", "health"},
		{0, "errors    0", "load --duration 200ms --workers 2 --rate 50"},
		{1, "not offered", "record --out " + filepath.Join(home, "a.evt") + " --duration 1s"},
		{1, "does not offer", "stats"},
		{1, "does not offer", "events"},
		{1, "does not offer", "log"},
		{1, "does not offer", "messages order-1 --backward"},
		{1, "does not offer", "groups order --size 2"},
		{0, "no recorded positions", "groups"},
		{0, "", `append order:position-billing Recorded {"position":0}`},
		{0, "billing", "groups order"},
		{0, "recorded positions only: this server does not observe who reads", "groups"},
		{0, "read 5 messages to count", "groups"},
		{0, "", `append order:parked-billing Parked {"stream":"order-1","type":"Placed","position":0,"globalPosition":13,"error":"boom","retry":-1}`},
		{0, "boom", "groups parked"},
		{0, "asked billing to retry 1 message", "groups retry order billing --all --yes"},
	} {
		args := append(strings.Fields(c.args), "--url", url, "--token", token)
		if strings.HasPrefix(c.args, "health") {
			args = args[:3]
		}
		out, said := mustRun(t, home, c.code, args...)
		if !strings.Contains(out+said, c.wants) || strings.Contains(out+said, "panic") {
			t.Errorf("%s says %s%s, want %q", c.args, out, said, c.wants)
		}
	}
	if out, _ := mustRun(t, home, 0, "categories", "--url", url, "--token", token); !strings.Contains(out, "–") {
		t.Errorf("what the server does not say is shown as a figure:\n%s", out)
	}
}
