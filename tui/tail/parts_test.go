package tail

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// writeLarge stores n messages of half a megabyte in streams of three categories.
func (s *stage) writeLarge(r *rand.Rand, n int) {
	s.Helper()
	for range n {
		_, err := s.Store.Append(s.Context(), store.DefaultNamespace, store.Write{
			Stream: fmt.Sprintf("c%d-1", r.IntN(3)), ExpectedVersion: store.AnyVersion,
			Events: []store.Event{{Type: "Large", Data: fmt.Appendf(nil, `{"n":1,"pad":%q}`, strings.Repeat("x", 1<<19))}},
		})
		if err != nil {
			s.Fatal(err)
		}
	}
}

// kept is what the rows on hand weigh, in bytes.
func (s *stage) kept() (bytes int) {
	for _, r := range s.tail().list.buffer.rows {
		if r.m != nil {
			bytes += weight(r.m)
		}
	}
	return bytes
}

// TestTailIsBoundedByBytes follows messages of half a megabyte between small
// ones, walks, and loads folds: what is kept stays bounded, and every message
// is accounted for.
func TestTailIsBoundedByBytes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	s := newStage(t, 100, 24, nil)
	s.Frames(1)
	var written int64
	bound := tailBytes + partBytes + 2<<20 // a fold that was loaded is above the rows' bound until more comes
	for _, keys := range []string{"", "k", "gg", "enter", "j", "G", "pgup", "enter", "f", ""} {
		n := 20 + r.IntN(30)
		s.writeLarge(r, n)
		s.Write("c1-2", 30)
		written += int64(n) + 30
		s.Frames(2)
		if keys != "" {
			s.Press(keys)
		}
		s.Frames(2)
		s.checkTail(written)
		if kept := s.kept(); kept > bound {
			t.Fatalf("after %q %d bytes are kept in %d rows", keys, kept, len(s.tail().list.buffer.rows))
		}
	}
	if s.kept() < tailBytes/4 {
		t.Errorf("only %d bytes are kept: the test shows little", s.kept())
	}
	s.Press("f")
	s.Frames(1)
	s.See("Written") // the newest
}

// TestPartsFollowTheSize: the first part is small, those after it are as large
// as the messages let them be, and none is of nothing.
func TestPartsFollowTheSize(t *testing.T) {
	large := store.Message{Data: make([]byte, 1<<20)}
	small := store.Message{Data: make([]byte, 100)}
	var p parts
	if n := p.next(2000); n != firstPart {
		t.Errorf("the first part is of %d", n)
	}
	if p.took([]store.Message{large, large, large, large, large, large, large, large}) {
		t.Error("there is room for more than 4 MiB")
	}
	if p.fits < 1 || p.fits > 8 {
		t.Errorf("after messages of a megabyte %d are read at once", p.fits)
	}
	p = parts{fits: p.fits}
	for range 4 {
		p.took([]store.Message{small})
	}
	if n := p.next(2000); n < 500 {
		t.Errorf("after small messages only %d are read at once", n)
	}
	if n := p.next(3); n != 3 {
		t.Errorf("%d of 3 that are missing", n)
	}
}
