package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

func isNotFound(err error) bool { return errors.Is(err, store.ErrMessageNotFound) }

func isInvalid(err error) bool {
	_, ok := errors.AsType[*store.InvalidError](err)
	return ok
}

func TestErrorsMeanWhatTheStoreMeans(t *testing.T) {
	for code, want := range map[string]error{
		"NAMESPACE_NOT_FOUND": store.ErrNamespaceNotFound,
		"NAMESPACE_EXISTS":    store.ErrNamespaceExists,
		"POSITION_EXISTS":     store.ErrPositionExists,
	} {
		f := newFake(t, always(409, `{"error":{"code":"`+code+`","message":"so it is"}}`))
		_, err := mustNew(t, f.URL).Call(t.Context(), "x")
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Status != 409 || e.Code != code || e.Message != "so it is" {
			t.Errorf("%s: %+v", code, e)
		}
		if errors.Is(err, store.ErrMessageNotFound) || NotOffered(err) || Unreachable(err) || Unauthorized(err) {
			t.Errorf("%s means too much", code)
		}
	}
}

func TestConflict(t *testing.T) {
	f := newFake(t, always(409, `{"error":{"code":"STREAM_VERSION_CONFLICT","message":"no","details":{"expected":5,"actual":3}}}`))
	c := mustNew(t, f.URL)
	_, err := c.Write(t.Context(), "a-1", anEvent, AtVersion(5))
	conflict, ok := errors.AsType[*store.ConflictError](err)
	if !ok || *conflict != (store.ConflictError{Stream: "a-1", Expected: 5, Actual: 3}) {
		t.Errorf("Write: %v", err)
	}
	_, err = c.Append(t.Context(), aWrite)
	if conflict, ok := errors.AsType[*store.ConflictError](err); !ok || conflict.Stream != "a" {
		t.Errorf("Append: %v", err)
	}
}

func TestIDConflict(t *testing.T) {
	f := newFake(t, always(409, `{"error":{"code":"ID_CONFLICT","message":"no"}}`))
	c := mustNew(t, f.URL)
	event := anEvent
	event.ID = mustID(t, idA)
	_, err := c.Write(t.Context(), "a-1", event, AnyVersion())
	if conflict, ok := errors.AsType[*store.IDConflictError](err); !ok || conflict.ID != event.ID {
		t.Errorf("%v", err)
	}
}

func TestUnauthorizedAndNotOffered(t *testing.T) {
	for _, tt := range []struct {
		status                int
		code                  string
		unauthorized, missing bool
		unreachable           bool
	}{
		{401, "AUTH_REQUIRED", true, false, false},
		{401, "AUTH_INVALID_TOKEN", true, false, false},
		{403, "AUTH_UNAUTHORIZED", true, false, false},
		{404, "METHOD_NOT_FOUND", false, true, false},
		{404, "NOT_FOUND", false, false, false},
		{503, "SHUTTING_DOWN", false, false, true},
		{500, "BACKEND_ERROR", false, false, false},
	} {
		f := newFake(t, always(tt.status, `{"error":{"code":"`+tt.code+`","message":"m"}}`))
		_, err := mustNew(t, f.URL).Info(t.Context())
		if Unauthorized(err) != tt.unauthorized || NotOffered(err) != tt.missing || Unreachable(err) != tt.unreachable {
			t.Errorf("%s: unauthorized %v, not offered %v, unreachable %v", tt.code, Unauthorized(err), NotOffered(err), Unreachable(err))
		}
	}
}

// TestForeignErrors: what is not the protocol's (a proxy's page) is an error
// with its status all the same.
func TestForeignErrors(t *testing.T) {
	f := newFake(t, always(502, `<html>bad gateway</html>`))
	_, err := mustNew(t, f.URL).Health(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 502 || !Unreachable(err) {
		t.Errorf("%v", err)
	}
	if !strings.Contains(err.Error(), "502 Bad Gateway") {
		t.Errorf("%v", err)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	c := mustNew(t, "http://"+l.Addr().String(), WithToken("ns_secret"))
	calls := map[string]error{}
	_, calls["write"] = c.Write(t.Context(), "a", anEvent, AnyVersion())
	_, calls["version"] = c.ServerVersion(t.Context())
	_, calls["subscribe"] = c.Subscribe(t.Context(), SubscribeQuery{Category: "a"})
	_, calls["import"] = c.Import(t.Context(), strings.NewReader("{}\n"), false, nil)
	for name, err := range calls {
		if !Unreachable(err) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s tells the token: %v", name, err)
		}
	}
}

// stuck is a server that reads calls and never answers; arrived gets a value
// for each.
func stuck(t *testing.T) (url string, arrived chan struct{}) {
	t.Helper()
	arrived = make(chan struct{}, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // else the server does not see the client go
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	return s.URL, arrived
}

func TestContextEndsACall(t *testing.T) {
	url, arrived := stuck(t)
	c := mustNew(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := c.Write(ctx, "a", anEvent, AnyVersion())
	if !errors.Is(err, context.Canceled) || Unreachable(err) {
		t.Errorf("%v", err)
	}
	if _, err = c.Write(ctx, "a", anEvent, AnyVersion()); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	deadline, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err = c.Health(deadline); !errors.Is(err, context.DeadlineExceeded) || Unreachable(err) {
		t.Errorf("with a deadline: %v", err)
	}
}

func TestSilentServerIsUnreachable(t *testing.T) {
	url, _ := stuck(t)
	c := mustNew(t, url, WithTimeout(20*time.Millisecond))
	if _, err := c.Health(t.Context()); !Unreachable(err) || !errors.Is(err, ErrSilent) {
		t.Errorf("call: %v", err)
	}
	if _, err := c.ServerVersion(t.Context()); !Unreachable(err) || !errors.Is(err, ErrSilent) {
		t.Errorf("get: %v", err)
	}
	if _, err := c.Subscribe(t.Context(), SubscribeQuery{Category: "a"}); !Unreachable(err) || !errors.Is(err, ErrSilent) {
		t.Errorf("subscribe: %v", err)
	}
}
