package client

import (
	"cmp"
	"errors"
)

// PageBytes is a MaxBytes for pages of a run of messages: above it a page is cut.
// They should weigh a third of it.
const PageBytes = 12 << 20

const (
	firstFits = 8             // messages of the first page, whose size is not known
	goodBytes = PageBytes / 3 // what a page should weigh
)

// PageSize says how many messages to ask for at once, so that pages are bounded
// in bytes: one message may have a megabyte, and a thousand a few hundred
// kilobytes together. It learns from the pages before. The zero value begins.
// Queries have [PageBytes] as their MaxBytes, for what it cannot foresee.
type PageSize struct {
	fits int // 0: nothing was read yet
}

// Next returns how many messages to ask for, limit at most.
func (p *PageSize) Next(limit int) int {
	p.fits = cmp.Or(p.fits, firstFits)
	return min(p.fits, limit)
}

// Took learns from what came when so many were asked for: a page, and the
// error with it. It reports whether there is more to read, behind the page, if
// it holds any message, and returns the error unless it only says that the page
// was too large in one piece.
func (p *PageSize) Took(asked int, page []Message, err error) (more bool, failed error) {
	bytes := 0
	for i := range page {
		bytes += Weight(&page[i])
	}
	return p.took(asked, len(page), bytes, err)
}

// took is Took of a page of count messages.
func (p *PageSize) took(asked, count, bytes int, err error) (more bool, failed error) {
	tooLarge := errors.Is(err, ErrTooLarge)
	switch {
	case err != nil && (!tooLarge || asked < 2):
		return false, err
	case count > 0:
		// As many as there is room for at their mean size, but not many times more
		// at once.
		p.fits = max(min(count*goodBytes/max(bytes, 1), 8*max(p.fits, 1)), 1)
	case tooLarge:
		p.fits = max(asked/8, 1)
	}
	return tooLarge || count >= asked, nil
}

// Weight is about how many bytes a message takes.
func Weight(m *Message) int { return len(m.Data) + len(m.Metadata) + 256 }
