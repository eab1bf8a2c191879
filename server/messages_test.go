package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

// watched is a store that knows how many reads are under way.
type watched struct {
	store.Store
	under, begun atomic.Int64
}

func (s *watched) watch(seq iter.Seq2[store.Message, error]) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		s.begun.Add(1)
		s.under.Add(1)
		defer s.under.Add(-1)
		seq(yield)
	}
}

func (s *watched) ReadCategory(ctx context.Context, ns string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return s.watch(s.Store.ReadCategory(ctx, ns, q))
}

func (s *watched) ReadStream(ctx context.Context, ns string, q store.StreamQuery) iter.Seq2[store.Message, error] {
	return s.watch(s.Store.ReadStream(ctx, ns, q))
}

// newWatched is a host whose streams a-0 and a-1 hold 1000 and 100 messages of 8 KB: more than sockets do.
func newWatched(t *testing.T) (*host, *watched) {
	w := &watched{}
	h := newHost(t, func(c *server.Config) {
		w.Store = c.Store
		c.Store = w
	})
	one := `{"type":"T","data":{"x":"` + strings.Repeat("x", 8000) + `"}}`
	for i := range 11 {
		h.call(fmt.Sprintf(`["stream.append","a-%d",[%s]]`, i/10, strings.TrimSuffix(strings.Repeat(one+",", 100), ",")))
	}
	return h, w
}

// ask makes a call whose answer is not read yet, over a connection that holds little.
func (h *host) ask(body string) *bufio.Reader {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		h.t.Fatal(err)
	}
	fmt.Fprint(conn, head("POST", "/rpc", h.admin, fmt.Sprintf("Content-Length: %d", len(body)), "")+body)
	return bufio.NewReader(conn)
}

// TestAReaderThatStopsHoldsNothing: while a reply waits for its client, no read
// of the store is under way, and in the end the reply is whole.
func TestAReaderThatStopsHoldsNothing(t *testing.T) {
	h, w := newWatched(t)
	for _, body := range []string{
		`["category.get","a",{"batchSize":-1}]`,
		`["category.get","",{"batchSize":1099}]`,
		`["category.get","a",{"batchSize":10000,"backward":true}]`,
		`["category.get","a",{"position":50,"batchSize":1051,"consumerGroup":{"member":0,"size":1}}]`,
		`["stream.get","a-0",{"batchSize":-1}]`,
		`["stream.get","a-0",{"batchSize":999,"backward":true}]`,
	} {
		want := h.call(body)
		w.begun.Store(0)
		in := h.ask(body)
		// Between two parts no read is under way either.
		h.eventually("the reply waits", func() bool {
			return w.begun.Load() > 0 && w.under.Load() == 0 && h.stands(&w.begun)
		})
		if n := w.under.Load(); n != 0 {
			t.Errorf("%s: %d reads are under way though nobody reads", body, n)
		}
		waiting := w.begun.Load()
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		if err != nil || string(got) != want {
			t.Errorf("%s: a slow reader got %d bytes, %v, others get %d", body, len(got), err, len(want))
		}
		if n := w.begun.Load(); n <= waiting {
			t.Errorf("%s: all %d parts were read though nobody had taken the first", body, n)
		}
	}
}

// TestALongReplyEnds though others write as fast as its client reads.
func TestALongReplyEnds(t *testing.T) {
	h, w := newWatched(t)
	for _, body := range []string{`["category.get","a",{"batchSize":-1}]`, `["stream.get","a-0",{"batchSize":-1}]`} {
		w.begun.Store(0)
		in := h.ask(body)
		h.eventually("the reply waits", func() bool { return w.begun.Load() > 0 && w.under.Load() == 0 })
		had := h.messages("default")
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		// Each part of the reply is followed by more to read.
		var got strings.Builder
		for piece := make([]byte, 64<<10); ; {
			n, err := io.ReadFull(answer.Body, piece)
			got.Write(piece[:n])
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Len() > 60<<20 {
				t.Fatalf("%s: the reply does not end", body)
			}
			h.call(`["stream.append","a-0",[` + strings.TrimSuffix(strings.Repeat(`{"type":"New","data":{"x":"`+strings.Repeat("y", 4000)+`"}},`, 20), ",") + `]]`)
		}
		if !strings.HasSuffix(got.String(), "]]") {
			t.Errorf("%s: the reply of %d bytes is not whole", body, got.Len())
		}
		// What stood when it first waited is there; of what came later, what was
		// written until it went on.
		if n := strings.Count(got.String(), `"T",`) + strings.Count(got.String(), `"New",`); strings.HasPrefix(body, `["category`) && int64(n) < had {
			t.Errorf("%s: %d messages of %d", body, n, had)
		}
	}
}

// TestAReplyOfTwoContentsIsCut: when the namespace's content is replaced while a
// reply waits, the reply never looks whole.
func TestAReplyOfTwoContentsIsCut(t *testing.T) {
	for _, messages := range []int{10, 5000} { // fewer than there were, and more
		h, w := newWatched(t)
		w.begun.Store(0)
		in := h.ask(`["category.get","a",{"batchSize":-1}]`)
		h.eventually("the reply waits", func() bool { return w.begun.Load() > 0 && w.under.Load() == 0 })
		replacement, err := h.store.(store.Importer).Replace(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		var batch []store.ImportMessage
		for i := range messages {
			batch = append(batch, store.ImportMessage{Message: store.Message{Stream: "a-9", Type: "Other", Position: int64(i), GlobalPosition: int64(i + 1), Data: []byte(`{}`)}})
		}
		if err := errors.Join(replacement.Import(t.Context(), batch), replacement.Commit(t.Context()), replacement.Discard()); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(answer.Body); err == nil {
			t.Errorf("the reply of %d bytes ends as if it were whole: …%s", len(text), text[max(0, len(text)-100):])
		}
	}
}
