package server_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

// behind is a store that others write to as well: what they wrote is readable here only
// after Fresh.
type behind struct {
	store.Store
	elsewhere []store.Write // stored by the next Fresh
	fails     error
	stands    bool // Fresh waits until it is given up
	asked     []string
}

func (b *behind) Fresh(ctx context.Context, namespace string) error {
	b.asked = append(b.asked, namespace)
	if b.stands {
		<-ctx.Done()
		return ctx.Err()
	}
	for _, w := range b.elsewhere {
		if _, err := b.Append(ctx, namespace, w); err != nil {
			return err
		}
	}
	b.elsewhere = nil
	return b.fails
}

// TestFreshReads has what somebody wrote elsewhere in each of the answers that ask for it, and
// in no other.
func TestFreshReads(t *testing.T) {
	b := &behind{}
	h := newHost(t, func(c *server.Config) { b.Store, c.Store = c.Store, b })
	write := func() {
		b.elsewhere = []store.Write{{Stream: "a-1", ExpectedVersion: store.AnyVersion, Events: []store.Event{{Type: "T", Data: []byte(`{}`)}}}}
	}
	for i, c := range []struct{ method, more string }{
		{"stream.version", ``}, {"stream.get", `"batchSize":1,"position":POS,`}, {"stream.last", `"type":"T",`}, {"stream.last", ``},
	} {
		write()
		options := strings.ReplaceAll(c.more, "POS", "0")
		before := h.call(`["` + c.method + `","a-1",{` + options + `"fresh":false}]`)
		if again := h.call(`["` + c.method + `","a-1",{` + options + `"fresh":null}]`); again != before || len(b.asked) != i {
			t.Errorf("%s: without fresh it is %s, then %s, after %d fresh reads", c.method, before, again, len(b.asked))
		}
		after := h.call(`["` + c.method + `","a-1",{` + options + `"fresh":true}]`)
		if c.method != "stream.get" && after == before || len(b.asked) != i+1 || b.asked[i] != "default" || b.elsewhere != nil {
			t.Errorf("%s: fresh it is %s, and was %s", c.method, after, before)
		}
	}
	h.expect(`["stream.version","a-1"]`, `3`)
}

// TestFreshThatCannotBe is answered with when to come again, within the time of a write, and
// a value that is no truth value is refused.
func TestFreshThatCannotBe(t *testing.T) {
	b := &behind{}
	h := newHost(t, func(c *server.Config) {
		b.Store, c.Store = c.Store, b
		c.Limits.WriteTime = 50 * time.Millisecond
	})
	for name, set := range map[string]func(){
		"no quorum":   func() { b.fails = &store.UnavailableError{Namespace: "default", Reason: "the log has no quorum"} },
		"no answer":   func() { b.stands = true },
		"none at all": func() { b.fails, b.stands = &store.UnavailableError{Namespace: "default", Reason: "gone"}, false },
	} {
		set()
		for _, method := range []string{"stream.get", "stream.version", "stream.last"} {
			body := `["` + method + `","a-1",{"fresh":true}]`
			h.refused(h.admin, body, http.StatusServiceUnavailable, "UNAVAILABLE")
			if answer, text := h.request("POST", "/rpc", h.admin, body); answer.Header.Get("Retry-After") == "" {
				t.Errorf("%s, %s: no Retry-After: %s", name, method, text)
			}
			h.call(`["` + method + `","a-1"]`)
		}
	}
	for _, wrong := range []string{`"true"`, `1`, `{}`, `[]`, `"`} {
		for _, method := range []string{"stream.get", "stream.version", "stream.last"} {
			h.refused(h.admin, `["`+method+`","a-1",{"fresh":`+wrong+`}]`, http.StatusBadRequest, "INVALID_REQUEST")
		}
	}
}

// TestFreshWhereAllIs takes fresh for what every read is anyway.
func TestFreshWhereAllIs(t *testing.T) {
	h := newHost(t)
	h.call(aWrite)
	for _, method := range []string{"stream.get", "stream.version", "stream.last"} {
		h.expect(`["`+method+`","a-1",{"fresh":true}]`, h.call(`["`+method+`","a-1"]`))
		h.refused(h.admin, `["`+method+`","a-1",{"fresh":"yes"}]`, http.StatusBadRequest, "INVALID_REQUEST")
	}
}
