package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/evtui/evtui/store"
)

// TestEndlessAnswers: a server that answers without end, in any form, ends each
// call in a clear error, and not much more than the bound is read.
func TestEndlessAnswers(t *testing.T) {
	row := `["` + idA + `","a-1","T",0,1,{},null,` + rowTime + `]`
	limits := Limits{Answer: 64 << 10, Message: 64 << 10, Page: 256 << 10, Profile: 64 << 10, Event: 8 << 10}
	for name, form := range map[string]struct{ first, then string }{
		"space": {"", strings.Repeat(" ", 1000)}, "garbage": {"", strings.Repeat("x", 1000)}, "rows": {"[" + row, "," + row},
		"one string": {`[["`, strings.Repeat("x", 1000)}, "deep": {"", strings.Repeat("[", 1000)}, "events": {"", "data: " + strings.Repeat("x", 10_000)},
		"progress": {"", "data: {\"imported\":1}\n\n"}, "rising": {"", "data: {\"imported\":9}\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text := form.first
				for {
					n, err := io.WriteString(w, text)
					sent.Add(int64(n))
					if err != nil {
						return
					}
					text = form.then
				}
			}))
			defer s.Close()
			c := mustNew(t, s.URL, WithLimits(limits))
			for way, err := range everyWay(t, c) {
				if way == "subscribe" {
					continue // it is open, and goes on for as long as events are sane
				}
				if !errors.Is(err, ErrTooLarge) && !errors.Is(err, errAnswer) || Unreachable(err) {
					t.Errorf("%s: %v", way, err)
				}
			}
			sub, err := c.Subscribe(t.Context(), SubscribeQuery{Category: "a"})
			if err != nil {
				t.Fatal(err)
			}
			if name == "events" || name == "garbage" {
				if _, err := sub.Next(t.Context(), make([]store.Announcement, 1)); !errors.Is(err, ErrTooLarge) {
					t.Errorf("subscription: %v", err)
				}
			}
			sub.Close()
			s.CloseClientConnections()
		})
	}
}

// TestEndlessErrors: an error that does not end is told by its status.
func TestEndlessErrors(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	for way, err := range everyWay(t, mustNew(t, s.URL)) {
		if e, ok := errors.AsType[*Error](err); !ok || e.Status != 500 {
			t.Errorf("%s: %v", way, err)
		}
	}
}

// TestPagesAreBoundedByMessage: a page may be far larger than a message, as
// long as each of its messages is not, and there are no more than asked for.
func TestPagesAreBoundedByMessage(t *testing.T) {
	page := func(rows, size int) string {
		row := fmt.Sprintf(`["%s","a-1","T",0,1,{"x]\"[":"%s"},null,%s]`, idA, strings.Repeat(`]\"[x`, size/5), rowTime)
		return "[" + strings.Repeat(row+",", rows-1) + row + "]"
	}
	for _, tt := range []struct {
		text       string
		limit      int
		good       bool
		says, name string
	}{
		{page(100, 5000), 100, true, "", "all that was asked for"},
		{page(100, 5000), store.NoLimit, true, "", "without a limit"},
		{page(101, 5000), 100, false, "more than the 100 that", "one more"},
		{page(3, 5), 2, false, "more than the 2 that", "one more of few"},
		{page(10, 30_000), 10, false, "one of a page takes more than 20000 bytes", "large messages"},
		{page(1000, 5000), 1000, false, "ask for fewer at once", "a large page"},
	} {
		f := newFake(t, always(200, tt.text))
		c := mustNew(t, f.URL, WithLimits(Limits{Message: 20_000, Page: 1 << 20}))
		got, err := c.ReadCategory(t.Context(), CategoryQuery{Limit: tt.limit})
		if tt.good != (err == nil) || !tt.good && (!errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %d messages, %v", tt.name, len(got), err)
		}
	}
}

// TestBoundsAreKeptByFastAnswers: where all of an answer is there at once, no more than a
// little above the bound is taken of it, however large the buffer has become.
func TestBoundsAreKeptByFastAnswers(t *testing.T) {
	row := `["` + strings.Repeat("x", 1<<20) + `"]`
	for name, b := range map[string]bound{
		"cut":   {total: 1 << 30, rows: -1, row: 16 << 20, level: 1, most: PageBytes},
		"total": {total: PageBytes},
	} {
		all := "[" + strings.Repeat(row+",", 40) + row + "]"
		for _, had := range []int{0, PageBytes, 3 * PageBytes / 2, 32 << 20} {
			r := strings.NewReader(all)
			_, err := b.read(make([]byte, 0, had), r, -1)
			if took := len(all) - r.Len(); !errors.Is(err, ErrTooLarge) || took > PageBytes+maxRead {
				t.Errorf("%s, a buffer of %d bytes: took %d of %d, %v", name, had, took, len(all), err)
			}
		}
	}
}

// TestRowsAreCounted compares the count of a page that arrives in pieces of any
// size with how it was made.
func TestRowsAreCounted(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		var text bytes.Buffer
		rows := random.IntN(20)
		text.WriteString("[ ")
		for i := range rows {
			if i > 0 {
				text.WriteString(" , ")
			}
			text.WriteString([]string{`["a",{"b":[1,[2]]}]`, `["]\\\"[",{}]`, `[[],[],"\\"]`, `["{",{"}":"]"}]`}[random.IntN(4)])
		}
		text.WriteString(" ]")
		counter := rowCounter{level: 1}
		for rest := text.Bytes(); len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			counter.count(rest[:n])
			rest = rest[n:]
		}
		if counter.done != rows || counter.seen != text.Len() || counter.depth != 0 {
			t.Fatalf("seed %d: %d rows of %d in %s", seed, counter.done, rows, text.Bytes())
		}
	}
}
