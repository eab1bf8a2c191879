package server_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// newDamaged is a host on a directory with the namespaces default, shop and
// well, of which some lost their files while nobody served it. The tokens are
// those of shop and well.
func newDamaged(t *testing.T, damaged ...string) (h *host, shop, well string) {
	t.Helper()
	dir := t.TempDir()
	open := func() *pebblestore.Store {
		st, err := pebblestore.Open(dir, pebblestore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	st := open()
	admin, err := server.EnsureDefault(t.Context(), st, "", filepath.Join(dir, "token"))
	if err != nil {
		t.Fatal(err)
	}
	shop, well = wire.NewToken("shop"), wire.NewToken("well")
	for id, token := range map[string]string{"shop": shop, "well": well} {
		if _, err := st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: id, TokenHash: wire.HashToken(token)}); err != nil {
			t.Fatal(err)
		}
		w := store.Write{Stream: "a-1", ExpectedVersion: store.AnyVersion, Events: []store.Event{{Type: "T", Data: []byte("{}")}}}
		if _, err := st.Append(t.Context(), id, w); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	for _, id := range damaged {
		found, err := filepath.Glob(filepath.Join(dir, "ns", id+".*"))
		if err != nil || len(found) != 1 {
			t.Fatalf("the files of %s are %q, %v", id, found, err)
		}
		if err := os.RemoveAll(found[0]); err != nil {
			t.Fatal(err)
		}
	}
	st = open()
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	// At the next start the token is that of the file, whatever became of default.
	if again, err := server.EnsureDefault(t.Context(), st, "", filepath.Join(dir, "token")); err != nil || again != admin {
		t.Fatalf("the token is %q, %v, and was %q", again, err, admin)
	}
	h = newHost(t, func(c *server.Config) { c.Store = st })
	h.store, h.admin = st, admin
	return h, shop, well
}

// TestDamagedNamespaceIsTold: what lost its files says so to whoever asks for
// it, and to the admin, and the others go on.
func TestDamagedNamespaceIsTold(t *testing.T) {
	h, shop, well := newDamaged(t, "shop")
	for _, body := range []string{aWrite, aGet, aVersion, `["category.get","a"]`, `["category.scan","a"]`, `["stream.scan","a-1"]`, `["ns.streams"]`, `["ns.head"]`} {
		if e := h.refused(shop, body, 503, "NAMESPACE_DAMAGED"); !strings.Contains(e.Message, `"shop"`) {
			t.Errorf("%s: the error does not say what: %s", body, e.Message)
		}
		if answer, _ := h.request("POST", "/rpc", shop, body); answer.Header.Get("Retry-After") != "" {
			t.Errorf("%s: trying again is said to help", body)
		}
		h.callAs(well, body)
	}
	for _, path := range []string{"/import?force=true", "/import"} {
		answer, text := h.request("POST", path, shop, record(1))
		h.fault(path, answer, text, 503, "NAMESPACE_DAMAGED")
	}
	answer, text := h.request("GET", "/subscribe?all=true", shop, "")
	h.fault("a subscription", answer, text, 503, "NAMESPACE_DAMAGED")
	h.refused(wire.NewToken("shop"), aGet, 403, "AUTH_UNAUTHORIZED") // its token still counts, and no other

	var health struct{ Status, Damaged string }
	mustDecode(t, h.callAs(shop, `["sys.health"]`), &health)
	if health.Status != "ok" || health.Damaged == "" || strings.HasPrefix(health.Damaged, "damaged") {
		t.Errorf("sys.health of the damaged one says %+v", health)
	}
	if text := h.callAs(well, `["sys.health"]`); strings.Contains(text, "damaged") || strings.Contains(text, "shop") {
		t.Errorf("sys.health of another says %s", text)
	}
	for _, body := range []string{`["ns.list"]`, `["ns.info","shop"]`} {
		if text := h.call(body); strings.Count(text, `"damaged":true`) != 1 || strings.Count(text, `"fault":"damaged: `) != 1 {
			t.Errorf("%s answers %s", body, text)
		}
	}
	var info wire.Info
	h.quietly(`["engine.info"]`, &info)
	if len(info.Damaged) != 1 || info.Damaged[0] != (wire.Damaged{Namespace: "shop", Reason: health.Damaged}) {
		t.Errorf("engine.info tells of %+v", info.Damaged)
	}
	if s := h.sample(); s.Engine == nil || s.Engine.Damaged != 1 {
		t.Errorf("the sample's engine is %+v", s.Engine)
	}
	if _, metrics := h.request("GET", "/metrics", h.admin, ""); !strings.Contains(metrics, `evtui_namespace_damaged{namespace="shop"} 1`) ||
		!strings.Contains(metrics, `evtui_namespace_damaged{namespace="well"} 0`) {
		t.Error("the metrics do not tell it")
	}
}

// TestHealthTellsTheAdminAlone which namespaces are damaged.
func TestHealthTellsTheAdminAlone(t *testing.T) {
	h, shop, _ := newDamaged(t, "shop")
	for _, token := range []string{"", "nonsense", shop, wire.NewToken("default")} {
		if answer, text := h.request("GET", "/health", token, ""); answer.StatusCode != 200 || text != `{"status":"ok"}` {
			t.Errorf("with %q /health answers %s %s", token, answer.Status, text)
		}
	}
	var health struct {
		Status  string
		Damaged []wire.Damaged
	}
	_, text := h.request("GET", "/health", h.admin, "")
	mustDecode(t, text, &health)
	if health.Status != "ok" || len(health.Damaged) != 1 || health.Damaged[0].Namespace != "shop" || health.Damaged[0].Reason == "" {
		t.Errorf("/health tells the admin %s", text)
	}
	h, _, _ = newDamaged(t)
	if _, text := h.request("GET", "/health", h.admin, ""); text != `{"status":"ok","damaged":[]}` {
		t.Errorf("where nothing is damaged /health tells the admin %s", text)
	}
}

// TestDamagedDefault keeps neither the server from starting nor its admin from
// what is not damaged.
func TestDamagedDefault(t *testing.T) {
	h, _, well := newDamaged(t, "default")
	h.refused(h.admin, aGet, 503, "NAMESPACE_DAMAGED")
	h.refused(h.admin, aWrite, 503, "NAMESPACE_DAMAGED")
	for _, body := range []string{`["ns.list"]`, `["ns.info","default"]`, `["sys.health"]`, `["engine.info"]`, `["engine.figures"]`, `["engine.groups"]`, `["ns.create","new"]`, `["ns.delete","new"]`} {
		h.call(body)
	}
	h.callAs(well, aWrite)
	if answer, text := h.request("POST", "/rpc", h.admin, aWrite, wire.NamespaceHeader, "well"); answer.StatusCode != 200 {
		t.Errorf("the admin's write to another namespace: %s", text)
	}
}

// TestVerifyOverTheWire tells what is wrong, and that nothing is.
func TestVerifyOverTheWire(t *testing.T) {
	h, shop, well := newDamaged(t, "shop")
	var report wire.VerifyReport
	mustDecode(t, h.callAs(well, `["ns.verify","well"]`), &report)
	if report.Namespace != "well" || report.Messages != 1 || report.Streams != 1 || report.Findings == nil || len(report.Findings) > 0 {
		t.Errorf("the report of a namespace that is well is %+v", report)
	}
	mustDecode(t, h.callAs(shop, `["ns.verify","shop"]`), &report)
	if len(report.Findings) == 0 || report.Findings[0].Where == "" || report.Findings[0].Detail == "" {
		t.Errorf("the report of a namespace that is damaged is %+v", report)
	}
	h.refused(well, `["ns.verify","shop"]`, 403, "AUTH_UNAUTHORIZED")
	h.refused(h.admin, `["ns.verify","nowhere"]`, 404, "NAMESPACE_NOT_FOUND")

	var found wire.Inspection
	mustDecode(t, h.call(`["engine.inspect"]`), &found)
	if found.Findings == nil || found.Notes == nil {
		t.Errorf("the inspection is %+v", found)
	}
	h = newHost(t, func(c *server.Config) { c.Store = noEngine{c.Store} })
	for _, body := range []string{`["ns.verify","default"]`, `["engine.inspect"]`, `["engine.reopen","default"]`, `["engine.checkpoint"]`} {
		h.refused(h.admin, body, 404, "METHOD_NOT_FOUND")
	}
	answer, text := h.request("POST", "/import", h.admin, record(1))
	h.fault("an import", answer, text, 404, "METHOD_NOT_FOUND")
}

// verifying is a store whose verification goes on until it may end.
type verifying struct {
	store.Store
	begun chan struct{}
	may   chan struct{}
}

func (s *verifying) Verify(ctx context.Context, _ string) (store.VerifyReport, error) {
	s.begun <- struct{}{}
	select {
	case <-s.may:
		return store.VerifyReport{Notes: []store.Finding{{Where: "log", Detail: "7 bytes were dropped", Family: "m", Keys: "a"}}}, nil
	case <-ctx.Done():
		return store.VerifyReport{}, ctx.Err()
	}
}

func (s *verifying) Inspect(context.Context) (store.Inspection, error) {
	return store.Inspection{Notes: []store.Finding{{Where: "ns/copy", Detail: "nobody knows it"}}}, nil
}

// TestVerifiesAtOnce are two: each reads all there is.
func TestVerifiesAtOnce(t *testing.T) {
	slow := &verifying{begun: make(chan struct{}), may: make(chan struct{})}
	h := newHost(t, func(c *server.Config) { slow.Store = c.Store; c.Store = slow })
	answers := make(chan string)
	for range 2 {
		go func() { answers <- h.call(`["ns.verify","default"]`) }()
		<-slow.begun
	}
	h.refused(h.admin, `["ns.verify","default"]`, 503, "UNAVAILABLE")
	close(slow.may)
	for range 2 {
		if got, want := <-answers, `{"namespace":"default","messages":0,"streams":0,"findings":[],"notes":[{"where":"log","detail":"7 bytes were dropped","family":"m","keys":"a"}]}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	h.expect(`["engine.inspect"]`, `{"findings":[],"notes":[{"where":"ns/copy","detail":"nobody knows it"}]}`)
}

// TestAClockInTheFutureIsTold: messages get its time until then.
func TestAClockInTheFutureIsTold(t *testing.T) {
	h := newHost(t)
	if text := h.call(`["sys.health"]`); strings.Contains(text, "notice") {
		t.Errorf("sys.health says %s", text)
	}
	h.importAll("", strings.Replace(record(1), "2026-01-15", "2262-01-15", 1))
	for _, body := range []string{`["sys.health"]`, `["ns.info","default"]`, `["ns.list"]`} {
		if text := h.call(body); !strings.Contains(text, `"notice":"its clock stands at 2262-01-15`) {
			t.Errorf("%s says %s", body, text)
		}
	}
}

// reader is a store that only reads.
type reader struct{ store.Store }

func (r reader) Describe() store.Description {
	d := r.Store.Describe()
	d.ReadOnly = true
	return d
}

func (r reader) Append(context.Context, string, store.Write) (store.Appended, error) {
	return store.Appended{}, store.ErrReadOnly
}

// TestAStoreThatOnlyReads says so, and gets no token file.
func TestAStoreThatOnlyReads(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Store = reader{c.Store} })
	h.refused(h.admin, aWrite, 403, "READ_ONLY")
	answer, text := h.request("POST", "/import", h.admin, record(1))
	h.fault("an import", answer, text, 403, "READ_ONLY")
	var info wire.Info
	if h.quietly(`["engine.info"]`, &info); !info.ReadOnly {
		t.Error("engine.info does not say it")
	}
	file := filepath.Join(t.TempDir(), "token")
	if token, err := server.EnsureDefault(t.Context(), reader{h.store}, h.admin, file); err != nil || token != h.admin {
		t.Errorf("got %q, %v", token, err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the token is kept: %v", err)
	}
}
