package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

// faulty is a store whose calls fail as the test says.
type faulty struct {
	store.Store
	err   error
	panic bool
	after int // messages that a read yields before it fails
}

func (s *faulty) fail() error {
	if s.panic {
		panic("as the test says, at /work/secret.go:1")
	}
	return s.err
}

func (s *faulty) Append(context.Context, string, store.Write) (store.Appended, error) {
	return store.Appended{}, s.fail()
}

func (s *faulty) Version(context.Context, string, string) (int64, error) { return 0, s.fail() }

func (s *faulty) Import(context.Context, string, []store.ImportMessage) error { return s.fail() }

func (s *faulty) Truncate(context.Context, string) error { return s.fail() }

func (s *faulty) Replace(context.Context, string) (store.Replacement, error) { return nil, s.fail() }

func (s *faulty) ReadStream(context.Context, string, store.StreamQuery) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		for i := range s.after {
			m := store.Message{Type: "T", Position: int64(i), GlobalPosition: int64(i + 1), Data: []byte(`{"x":"` + strings.Repeat("x", 200) + `"}`)}
			if !yield(m, nil) {
				return
			}
		}
		yield(store.Message{}, s.fail())
	}
}

func newFaulty(t *testing.T) (*host, *faulty) {
	f := &faulty{}
	h := newHost(t, func(c *server.Config) {
		f.Store = c.Store
		c.Store = f
	})
	return h, f
}

// TestOnlyWhatWasNotDoneMayComeAgain: clients take Retry-After for a promise
// that nothing was stored.
func TestOnlyWhatWasNotDoneMayComeAgain(t *testing.T) {
	h, f := newFaulty(t)
	for _, c := range []struct {
		err  error
		want string
	}{
		{&store.UnavailableError{}, "1"},
		{&store.UnavailableError{After: time.Millisecond}, "1"},
		{&store.UnavailableError{After: 2 * time.Second}, "2"},
		{&store.UnavailableError{After: 2*time.Second + 1}, "3"},
		{store.ErrClosed, "1"},
		{&store.UncertainError{Err: &store.UnavailableError{}}, ""},
		{&store.DamagedError{Namespace: "default"}, ""},
		{&store.PoisonedError{Namespace: "default"}, ""},
		{store.ErrReadOnly, ""},
		{errors.New("anything else"), ""},
	} {
		f.err = c.err
		answer, text := h.request("POST", "/rpc", h.admin, aWrite)
		if got := answer.Header.Get("Retry-After"); got != c.want {
			t.Errorf("%#v: Retry-After is %q, want %q: %s", c.err, got, c.want, text)
		}
	}
}

const (
	aWrite   = `["stream.write","a-1",{"type":"T","data":{}}]`
	aGet     = `["stream.get","a-1"]`
	aVersion = `["stream.version","a-1"]`
)

func TestErrorsOfTheStore(t *testing.T) {
	h, f := newFaulty(t)
	disk := errors.New("open /work/data/000001.sst: input/output error")
	for _, c := range []struct {
		err    error
		status int
		code   string
		logged bool
	}{
		{fmt.Errorf("commit: %w", disk), 500, "BACKEND_ERROR", true},
		{&store.PoisonedError{Namespace: "default", Err: disk}, 500, "BACKEND_ERROR", true},
		{store.ErrNamespaceNotFound, 404, "NAMESPACE_NOT_FOUND", false},
		{fmt.Errorf("step: %w", store.ErrClosed), 503, "SHUTTING_DOWN", false},
		{fmt.Errorf("step: %w", &store.UnavailableError{Namespace: "default", Reason: "it is being replaced"}), 503, "UNAVAILABLE", false},
		{fmt.Errorf("step: %w", &store.UncertainError{Namespace: "default", Reason: "its log failed", Err: &store.PoisonedError{Err: disk}}), 504, "OUTCOME_UNKNOWN", true},
		{&store.UncertainError{Namespace: "default", Reason: "its deadline passed", Err: store.ErrClosed}, 504, "OUTCOME_UNKNOWN", true},
		{fmt.Errorf("step: %w", &store.DamagedError{Namespace: "default", Reason: "its files are missing", Err: disk}), 503, "NAMESPACE_DAMAGED", false},
		{fmt.Errorf("step: %w", store.ErrReadOnly), 403, "READ_ONLY", false},
		{fmt.Errorf("step: %w", store.ErrCheckpointExists), 409, "CHECKPOINT_EXISTS", false},
		{fmt.Errorf("step: %w", store.ErrReplaced), 409, "NAMESPACE_REPLACED", false},
		{fmt.Errorf("step: %w", store.ErrChanged), 409, "NAMESPACE_CHANGED", false},
		{&store.InvalidError{Field: "x", Reason: "is wrong"}, 400, "INVALID_REQUEST", false},
		{fmt.Errorf("step: %w", &store.ConflictError{Stream: "a-1", Expected: 1, Actual: 2}), 409, "STREAM_VERSION_CONFLICT", false},
		{&store.IDConflictError{}, 409, "ID_CONFLICT", false},
		{context.DeadlineExceeded, 500, "BACKEND_ERROR", true},
	} {
		f.err = c.err
		before := len(h.log.String())
		for _, body := range []string{aWrite, aGet, aVersion} {
			e := h.refused(h.admin, body, c.status, c.code)
			if c.code == "BACKEND_ERROR" && !strings.Contains(e.Message, body[2:12]) {
				t.Errorf("the message does not name the step: %s", e.Message)
			}
		}
		if logged := strings.Contains(h.log.String()[before:], "request failed"); logged != c.logged {
			t.Errorf("%v: logged %v, want %v", c.err, logged, c.logged)
		}
	}
	f.err = fmt.Errorf("commit: %w", disk)
	got := h.importAll("", record(1))
	if len(got) != 1 || !strings.HasPrefix(got[0], `{"error":"IMPORT_FAILED"`) || strings.Contains(got[0], "/work") {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(h.log.String(), "000001.sst") {
		t.Error("the log does not say why")
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	h, f := newFaulty(t)
	f.panic = true
	for _, body := range []string{aWrite, aGet, aVersion} {
		h.refused(h.admin, body, 500, "BACKEND_ERROR")
	}
	if log := h.log.String(); !strings.Contains(log, "request panicked") || !strings.Contains(log, "failure_test.go") {
		t.Errorf("the log does not say where: %s", log)
	}
	f.panic = false
	h.expect(aVersion, `0`)
}

// TestABrokenReplyNeverLooksWhole: an error after a part of the reply is out
// breaks the connection; before that it is answered as any.
func TestABrokenReplyNeverLooksWhole(t *testing.T) {
	for _, panics := range []bool{false, true} {
		for after, broken := range map[int]bool{0: false, 100: false, 1000: true, 5000: true} {
			// One each: a handler may outlive the connection that it broke.
			h, f := newFaulty(t)
			f.err, f.panic, f.after = errors.New("gone"), panics, after
			if !broken {
				h.refused(h.admin, aGet, 500, "BACKEND_ERROR")
				continue
			}
			req, err := http.NewRequest("POST", h.url+"/rpc", strings.NewReader(aGet))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+h.admin)
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				continue // broken even before the status
			}
			text, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err == nil {
				t.Errorf("after %d messages the reply of %d bytes ends as if it were whole", after, len(text))
			}
		}
	}
}
