package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

func TestCheckpointAndReopen(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	h.write("a-1", 3)
	for _, body := range []string{`["engine.checkpoint"]`, `["engine.reopen","tenant"]`} {
		h.refused(tenant, body, 403, "AUTH_UNAUTHORIZED")
	}
	for _, name := range []string{`"../x"`, `"a/b"`, `".x"`, `7`, `"` + strings.Repeat("x", 65) + `"`} {
		h.refused(h.admin, `["engine.checkpoint",{"name":`+name+`}]`, 400, "INVALID_REQUEST")
	}
	h.expect(`["engine.reopen","default"]`, `null`)
	h.refused(h.admin, `["engine.reopen","nowhere"]`, 404, "NAMESPACE_NOT_FOUND")
	var version int64
	mustDecode(t, h.call(`["stream.version","a-1"]`), &version)
	if version != 2 {
		t.Errorf("after reopening, a-1 is at version %d", version)
	}
	h.refused(h.admin, `["engine.checkpoint",{"name":"first"}]`, 404, "METHOD_NOT_FOUND") // in memory there is no place
}

// shelf is a store that notes which checkpoints are asked for.
type shelf struct {
	store.Store
	names []string
}

func (s *shelf) Checkpoint(_ context.Context, name string) (store.Checkpoint, error) {
	s.names = append(s.names, name)
	return store.Checkpoint{Name: name, Dir: "/data/checkpoints/" + name, Namespaces: 2, Messages: 3, Duration: time.Second}, nil
}

func TestCheckpointReachesTheEngine(t *testing.T) {
	kept := &shelf{}
	h := newHost(t, func(cfg *server.Config) { kept.Store = cfg.Store; cfg.Store = kept })
	h.expect(`["engine.checkpoint",{"name":"first"}]`,
		`{"name":"first","dir":"/data/checkpoints/first","namespaces":2,"messages":3,"duration":1000000000}`)
	h.call(`["engine.checkpoint"]`)
	if got := strings.Join(kept.names, ","); got != "first," {
		t.Errorf("asked for %q", got)
	}
}
