package server_test

import (
	"bytes"
	"context"
	"net/http"
	"runtime/pprof"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// held is a store whose appends wait to be let go.
type held struct {
	store.Store
	began chan struct{}
	let   chan struct{}
}

func (h *held) Append(ctx context.Context, ns string, w store.Write) (store.Appended, error) {
	h.began <- struct{}{}
	<-h.let
	return h.Store.Append(ctx, ns, w)
}

// labelled counts this process's goroutines that carry the labels.
func labelled(t *testing.T, labels map[string]string) (n int64) {
	t.Helper()
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 0); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
samples:
	for _, s := range p.Sample {
		for key, value := range labels {
			if !s.HasLabel(key, value) && (value != "" || len(s.Label[key]) > 0) {
				continue samples
			}
		}
		n += s.Value[0]
	}
	return n
}

// TestRequestsCarryLabels looks at the goroutines while requests are held.
func TestRequestsCarryLabels(t *testing.T) {
	slow := &held{began: make(chan struct{}), let: make(chan struct{})}
	h := newHost(t, func(c *server.Config) {
		slow.Store = c.Store
		c.Store = slow
	})
	tenant := h.namespace("labelled-tenant")
	const body = `["stream.write","a-1",{"type":"T","data":{}}]`
	for _, ui := range []string{"", "ui"} {
		var more []string
		if ui != "" {
			more = []string{wire.ActorHeader, ui}
		}
		answered := make(chan int)
		go func() {
			answer, _ := h.request("POST", "/rpc", tenant, body, more...)
			answered <- answer.StatusCode
		}()
		<-slow.began
		want := map[string]string{"method": "stream.write", "namespace": "labelled-tenant", "category": "a", "actor": ui}
		if n := labelled(t, want); n != 1 {
			t.Errorf("%d goroutines work under %v", n, want)
		}
		slow.let <- struct{}{}
		if code := <-answered; code != http.StatusOK {
			t.Errorf("the write was answered with %d", code)
		}
		h.eventually("the labels are off", func() bool {
			return labelled(t, map[string]string{"namespace": "labelled-tenant"}) == 0
		})
	}
	if labelled(t, map[string]string{"actor": "sampler"}) == 0 {
		t.Error("the sampler does not say who it is")
	}
}
