package streams

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestPagerAgainstAList compares the window with the whole list, under random
// scrolling, with pages of any completeness.
func TestPagerAgainstAList(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	for range 40 {
		n := r.IntN(3000)
		p := newPager(cursor{}, pageRows)
		read := func(at cursor) pageReply {
			rows := min(pageRows, n-int(at.pos))
			part := rows
			if r.IntN(3) == 0 {
				part = r.IntN(rows + 1)
			}
			reply := pageReply{next: cursor{pos: at.pos + int64(part)}, last: int(at.pos)+part >= n}
			for i := range part {
				reply.rows = append(reply.rows, int(at.pos)+i)
			}
			return reply
		}
		for range 300 {
			first := r.IntN(p.rows + 50)
			last := first + r.IntN(60)
			if page, at, ok := p.want(first, last); ok {
				if rest := pageRows - len(p.pages[page]); rest < pageRows {
					reply := read(at)
					reply.rows = reply.rows[:min(len(reply.rows), rest)]
					reply.next.pos = at.pos + int64(len(reply.rows))
					reply.last = int(reply.next.pos) >= n
					reply.page = page
					p.take(reply)
				} else {
					reply := read(at)
					reply.page = page
					p.take(reply)
				}
			}
			p.trim(first, last)
			if n := len(p.pages); n > keepPages+2 {
				t.Fatalf("%d pages are kept", n)
			}
			for i := range p.rows + 5 {
				if row := p.row(i); row != nil && row != i {
					t.Fatalf("row %d of %d is %v", i, n, row)
				}
			}
			if p.done && p.rows != n {
				t.Fatalf("done with %d rows of %d", p.rows, n)
			}
		}
	}
}
