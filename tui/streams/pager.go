package streams

import "github.com/evtui/evtui/server/client"

// Sizes of the window that a pager keeps.
const (
	pageRows   = 100 // rows of a page
	streamRows = 500 // of a page of streams, whose rows are small
	keepPages  = 12  // pages kept around what is shown
)

// cursor is where a page begins: after a name, or at a position.
type cursor struct {
	name string
	pos  int64
	have int // rows of the page that stand before it
}

// behind is the cursor inside a page that has rows already.
func (c cursor) behind(rows []any) cursor {
	c.have = len(rows)
	return c
}

// same reports whether two pages begin at the same place.
func (c cursor) same(other cursor) bool { return c.name == other.name && c.pos == other.pos }

// pager is a window on a list that is read page by page. Pages far from what
// is shown are let go and read again when needed, so that a million rows take
// the memory of some thousands.
type pager struct {
	size    int // rows of a page
	pages   map[int][]any
	cursors []cursor              // where the pages known so far begin, in order
	random  func(page int) cursor // where any page begins, for lists that know; or nil
	rows    int                   // known so far
	done    bool                  // rows is all there are
	reached bool                  // some page was read
	end     cursor                // where reading stopped, when done
	partial map[int]cursor        // where to go on with pages that a scan left unfinished
}

func newPager(start cursor, size int) pager {
	return pager{size: size, pages: map[int][]any{}, partial: map[int]cursor{}, cursors: []cursor{start}}
}

// newRandomPager knows how many rows there are and where each page begins.
func newRandomPager(rows int, at func(page int) cursor) pager {
	return pager{size: pageRows, pages: map[int][]any{}, partial: map[int]cursor{}, random: at, rows: rows, done: true}
}

// row returns a row, nil when it is not in the window.
func (p *pager) row(i int) any {
	page := p.pages[i/p.size]
	if i < 0 || i%p.size >= len(page) {
		return nil
	}
	return page[i%p.size]
}

// has reports whether a row's place was read, whether or not a message stands
// there.
func (p *pager) has(i int) bool {
	rows, read := p.pages[i/p.size]
	return i >= 0 && read && i%p.size < len(rows)
}

// want returns the first page of the rows [first, last) that must be read, and
// where it begins. Past the rows known, that is the next page.
func (p *pager) want(first, last int) (page int, at cursor, ok bool) {
	for page := max(first, 0) / p.size; page*p.size < max(last, 1); page++ {
		rest, unfinished := p.partial[page]
		if _, have := p.pages[page]; have && !unfinished {
			continue
		}
		switch {
		case unfinished:
			return page, rest, true
		case p.random != nil:
			return page, p.random(page), page*p.size < p.rows
		case page < len(p.cursors):
			return page, p.cursors[page], true
		case !p.done:
			page, at = len(p.cursors)-1, p.cursors[len(p.cursors)-1]
			if rest, unfinished := p.partial[page]; unfinished {
				at = rest
			}
			return page, at, true
		}
		return 0, cursor{}, false
	}
	return 0, cursor{}, false
}

// pageReply is one page as it was read.
type pageReply struct {
	page  int
	rows  []any
	next  cursor // where to go on: with the next page, or with this one when it is unfinished
	last  bool   // there is nothing after it
	first int64  // global position of the first message looked at
	cost  client.ScanCost
}

// take keeps a page that was read, or the next part of an unfinished one.
func (p *pager) take(r pageReply) {
	p.reached = true
	rows := r.rows
	if _, unfinished := p.partial[r.page]; unfinished {
		rows = append(p.pages[r.page], r.rows...)
		delete(p.partial, r.page)
	}
	p.pages[r.page] = rows
	if p.random != nil {
		return
	}
	p.rows = max(p.rows, r.page*p.size+len(rows))
	if r.last {
		p.end = r.next
	}
	switch {
	case !r.last && len(rows) < p.size:
		p.partial[r.page] = r.next.behind(rows)
	case r.page == len(p.cursors)-1:
		p.done = r.last
		if !r.last {
			p.cursors = append(p.cursors, r.next)
		}
	case r.last || !p.cursors[r.page+1].same(r.next):
		p.cut(r)
	}
}

// cut forgets the pages behind one that was read again and ends elsewhere now:
// rows came into it or left it, and none may be missing or stand twice.
func (p *pager) cut(r pageReply) {
	for page := range p.pages {
		if page > r.page {
			delete(p.pages, page)
			delete(p.partial, page)
		}
	}
	p.cursors = p.cursors[:r.page+1]
	p.rows, p.done = r.page*p.size+len(p.pages[r.page]), r.last
	if !r.last {
		p.cursors = append(p.cursors, r.next)
	}
}

// trim lets go of pages far from the rows [first, last).
func (p *pager) trim(first, last int) {
	if len(p.pages) <= keepPages {
		return
	}
	middle := (first + last) / 2 / p.size
	for page := range p.pages {
		if page < middle-keepPages/2 || page > middle+keepPages/2 {
			delete(p.pages, page)
			delete(p.partial, page)
		}
	}
}

// reopen says that there may be rows behind the last one after all.
func (p *pager) reopen() {
	if p.random != nil || !p.done {
		return
	}
	p.done = false
	page := len(p.cursors) - 1
	if len(p.pages[page]) < p.size {
		p.partial[page] = p.end.behind(p.pages[page])
	} else {
		p.cursors = append(p.cursors, p.end)
	}
}
