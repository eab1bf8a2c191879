package load_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// serve puts the real server on an empty store in memory and returns an
// admin's client of it, over TCP, with the store to look behind it.
func serve(t testing.TB, options ...servertest.Option) (*client.Client, store.Store) {
	t.Helper()
	st, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	s := servertest.New(t, server.Config{Store: st}, options...)
	c, err := client.New(s.Listen(), client.WithToken(s.Token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, st
}

// heldBack has writes wait, once there are some, until a consumer asks from where it was
// handed something: a machine that lets consumers come late is no fault.
func heldBack(inner http.Handler) http.Handler {
	var writes atomic.Int64
	var once sync.Once
	consumed := make(chan struct{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is cut off is refused below
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch {
		case bytes.Contains(body, []byte(`"consumerGroup"`)) && !bytes.Contains(body, []byte(`"position":1,`)):
			once.Do(func() { close(consumed) })
		case bytes.HasPrefix(body, []byte(`["stream.write"`)) && writes.Add(1) > 300:
			select {
			case <-consumed:
			case <-r.Context().Done():
			}
		}
		inner.ServeHTTP(w, r)
	})
}

// TestLoadAddsUp: after a load, what was acknowledged is what is stored, by
// the server's counts and by the store's own check.
func TestLoadAddsUp(t *testing.T) {
	for name, c := range map[string]load.Config{
		"single":    {Calls: 1500},
		"batches":   {Calls: 200, Batch: 20, Workers: 3},
		"tenant":    {Calls: 1000, Categories: 8, Streams: 10},
		"consumers": {Calls: 1500, Consumers: 3},
	} {
		t.Run(name, func(t *testing.T) {
			var options []servertest.Option
			if c.Consumers > 0 {
				options = append(options, servertest.Behind(heldBack))
			}
			admin, st := serve(t, options...)
			namespace := store.DefaultNamespace
			if name == "tenant" {
				namespace = name
				if _, err := admin.CreateNamespace(t.Context(), namespace, client.NamespaceOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			c.Client, c.Verify = admin.In(namespace), true
			r, err := load.Run(t.Context(), c, nil)
			if err != nil {
				t.Fatalf("%v, %+v", err, r)
			}
			if r.Errors != 0 || r.Unknown != 0 || !r.Verification.OK || r.Verification.After != r.Messages {
				t.Errorf("%+v, %+v", r, r.Verification)
			}
			found, err := st.(store.Verifier).Verify(t.Context(), namespace)
			if err != nil || len(found.Findings) != 0 || found.Messages != r.Messages {
				t.Errorf("%+v, %v", found, err)
			}
			if limit := int64(max(c.Streams, 1000)); found.Streams > limit {
				t.Errorf("%d streams", found.Streams)
			}
			if c.Consumers > 0 && r.Consumed == 0 {
				t.Error("nothing was consumed")
			}
		})
	}
}

// TestLoadCutOff: a load that is ended while it writes leaves nothing that it
// was told is stored and is not.
func TestLoadCutOff(t *testing.T) {
	admin, _ := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := load.Run(ctx, load.Config{Client: admin, Verify: true}, func(load.Report) { cancel() })
	if err != nil || r.Errors != 0 || r.Messages == 0 || !r.Verification.OK {
		t.Errorf("%v, %+v, %+v", err, r, r.Verification)
	}
}

func TestLoadWithoutNamespace(t *testing.T) {
	admin, _ := serve(t)
	if _, err := load.Run(t.Context(), load.Config{Client: admin.In("none"), Calls: 10}, nil); err == nil {
		t.Error("it wrote somewhere")
	}
}

// BenchmarkLoad is a call of the usual mix against the real server, in memory:
// both sides' work.
func BenchmarkLoad(b *testing.B) {
	admin, _ := serve(b)
	b.ReportAllocs()
	b.ResetTimer()
	r, err := load.Run(b.Context(), load.Config{Client: admin, Workers: 10, Calls: int64(b.N)}, nil)
	if err != nil || r.Errors > 0 {
		b.Fatalf("%v, %+v", err, r)
	}
	b.ReportMetric(r.WriteRate, "writes/s")
}
