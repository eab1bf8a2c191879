package server_test

import (
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/pebblestore/failing"
)

// newFailing is a host whose disk breaks when the test says so.
func newFailing(t *testing.T) (*host, *failing.Disk) {
	t.Helper()
	disk := failing.New()
	st, err := pebblestore.Open("data", pebblestore.Options{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() }) // what is broken cannot be closed well
	token, err := server.EnsureDefault(t.Context(), st, "", "")
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t, func(c *server.Config) { c.Store = st })
	h.admin = token
	return h, disk
}

// TestPoisonedNamespaceIsTold breaks the disk under one namespace: whoever
// writes to it, lists it or watches it hears why and what to do, and the
// others go on. Once the disk is mended, reopening is enough.
func TestPoisonedNamespaceIsTold(t *testing.T) {
	h, disk := newFailing(t)
	broken, well := h.namespace("broken"), h.namespace("well")
	expect := func(token, body, want string) {
		t.Helper()
		if got := h.callAs(token, body); got != want {
			t.Errorf("%s answers %s, want %s", body, got, want)
		}
	}
	for _, token := range []string{broken, well} {
		expect(token, aWrite, `{"position":0,"globalPosition":1}`)
	}
	disk.Break("/broken")
	// What was under way may be stored; what comes later is not.
	h.refused(broken, aWrite, 504, "OUTCOME_UNKNOWN")
	for range 2 {
		e := h.refused(broken, aWrite, 500, "BACKEND_ERROR")
		if want := `namespace "broken" is poisoned: sync failed; reopen it, or restart`; !strings.HasSuffix(e.Message, want) {
			t.Errorf("the error says %q, not %q", e.Message, want)
		}
		if details := string(e.Details); details != `{"poisoned":"sync failed"}` {
			t.Errorf("the error's details are %s", details)
		}
		expect(broken, aVersion, `0`)
	}
	for _, body := range []string{`["ns.list"]`, `["ns.info","broken"]`} {
		if _, answer := h.request("POST", "/rpc", h.admin, body); strings.Count(answer, `"fault":"poisoned: sync failed"`) != 1 {
			t.Errorf("%s answers %s", body, answer)
		}
	}
	var f store.EngineFigures
	h.quietly(`["engine.figures"]`, &f)
	for _, n := range f.Namespaces {
		if n.Poisoned != (n.ID == "broken") || n.Poisoned && n.PoisonedBy != "sync failed" {
			t.Errorf("the figures of %s say %v, %q", n.ID, n.Poisoned, n.PoisonedBy)
		}
	}
	if _, metrics := h.request("GET", "/metrics", h.admin, ""); !strings.Contains(metrics, `evtui_namespace_poisoned{namespace="broken"} 1`) ||
		!strings.Contains(metrics, `evtui_namespace_poisoned{namespace="well"} 0`) {
		t.Error("the metrics do not tell it")
	}
	expect(well, aWrite, `{"position":1,"globalPosition":2}`)

	disk.Mend()
	h.expect(`["engine.reopen","broken"]`, `null`)
	var at struct{ Position int64 }
	mustDecode(t, h.callAs(broken, `["stream.write","b-1",{"type":"T","data":{}}]`), &at)
	// What was refused may be there: its sync failed, not its write.
	var page [][]any
	mustDecode(t, h.callAs(broken, aGet), &page)
	if at.Position != 0 || len(page) < 1 || len(page) > 2 {
		t.Errorf("after reopening, a write is at %d and a-1 holds %v", at.Position, page)
	}
}
