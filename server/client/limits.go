package client

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Limits bound what the client takes from a server in one answer, in bytes, so
// that one that answers without end, or is no event store at all, ends in an
// error (see [ErrTooLarge]) instead of all memory. The zero value of each field
// stands for the value named with it. Answers with a figure or two (to writes,
// Version, Head, Ping) are bounded by 1 MiB, those to Health, Info and Sample by
// 4 MiB, errors by 64 KiB and headers by 256 KiB.
type Limits struct {
	// Answer bounds what comes as one: lists, samples, metrics, whatever Call
	// asks for. 64 MiB: the list of two hundred thousand namespaces, or hours of
	// samples.
	Answer int64
	// Message bounds each message of a page and of an export, with its names, and
	// each row of other lists that come in pages. 16 MiB: none can be larger than
	// the call that wrote it.
	Message int64
	// Page bounds what is on one page together. 1 GiB; pages hold no more than
	// was asked for in any case.
	Page int64
	// Profile bounds what Profile captures. 256 MiB.
	Profile int64
	// Event bounds each event of a subscription and each report of an import.
	// 64 KiB: an announcement of the longest stream name takes 7.
	Event int
}

// WithLimits bounds what the client takes from a server. Without it, the values
// are those named with [Limits].
func WithLimits(l Limits) Option { return func(s *shared) { s.limits = l } }

func (l Limits) withDefaults() Limits {
	l.Answer = cmp.Or(max(l.Answer, 0), 64<<20)
	l.Message = cmp.Or(max(l.Message, 0), 16<<20)
	l.Page = cmp.Or(max(l.Page, 0), 1<<30)
	l.Profile = cmp.Or(max(l.Profile, 0), 256<<20)
	l.Event = cmp.Or(max(l.Event, 0), 64<<10)
	return l
}

// ErrTooLarge is returned for an answer that is larger than the client's
// [Limits] let it be. What the answer said is not known then; a write may have
// been stored.
var ErrTooLarge = errors.New("the answer is too large")

func tooLarge(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTooLarge, fmt.Sprintf(format, args...))
}

// answerKind is what a call is answered with, for its bound.
type answerKind int

const (
	shortAnswer answerKind = iota // a figure or two
	listAnswer                    // whatever it is, as one
	lookAnswer                    // what is asked for again and again to see how the server does
	messageAnswer
	pageAnswer
)

const (
	// maxShort bounds an answer that is a figure or two, in bytes.
	maxShort = 1 << 20
	// maxLook bounds the answers to Health, Info and Sample: the names of some ten
	// thousand damaged namespaces. Who asks each second must not be given 64 MiB
	// each second by what is no event store.
	maxLook = 4 << 20
)

// bound is what one answer may come to.
type bound struct {
	total int64
	rows  int   // of a page, at most; negative: no limit
	row   int64 // each of them, in bytes; 0: the answer is no page
	level int   // how deep they lie: 1 is in the answer's array
	most  int64 // bytes at which such an array is cut; 0: it is not
}

// errCut comes with the rows of a page that was too large in one piece.
var errCut = tooLarge("a page is cut behind a message")

func (c *Client) bound(x *exchange) bound {
	l := c.shared.limits
	switch x.kind {
	case listAnswer:
		return bound{total: l.Answer}
	case lookAnswer:
		return bound{total: min(maxLook, l.Answer)}
	case messageAnswer:
		return bound{total: l.Message}
	case pageAnswer:
		return bound{total: l.Page, rows: x.rows, row: l.Message, level: max(x.level, 1), most: min(x.most, l.Page)}
	}
	return bound{total: min(maxShort, l.Answer)}
}

const (
	// maxPrealloc bounds what a length that a server claims makes us allocate.
	maxPrealloc = 1 << 20
	// maxRead bounds what is read between two looks at the bounds, in bytes: the
	// free end of a large buffer takes megabytes, and the network may have them.
	maxRead = 256 << 10
)

// read appends all of r, whose length is known unless it is negative, to dst.
func (b bound) read(dst []byte, r io.Reader, length int64) ([]byte, error) {
	if length > b.total {
		return dst, b.exceeded()
	}
	if length > 0 {
		// One byte more, so that the end is seen without growing.
		dst = slices.Grow(dst, int(min(length, maxPrealloc))+1)
	}
	start := len(dst)
	rows := rowCounter{level: b.level}
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, 512)
		}
		n, err := r.Read(dst[len(dst):min(len(dst)+maxRead, cap(dst))])
		dst = dst[:len(dst)+n]
		size := int64(len(dst) - start)
		if b.most > 0 && size > b.most {
			rows.count(dst[start+rows.seen:])
			if rows.done > 0 {
				return append(dst[:start+rows.began], ']'), errCut
			}
		}
		if size > b.total {
			return dst, b.exceeded()
		}
		// A page that is no larger than one message may be needs no look.
		if b.row > 0 && size > b.row {
			rows.count(dst[start+rows.seen:])
			if err := rows.check(b); err != nil {
				return dst, err
			}
		}
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

func (b bound) exceeded() error {
	if b.row > 0 {
		return tooLarge("a page of more than %d bytes; ask for fewer at once", b.total)
	}
	return tooLarge("more than %d bytes", b.total)
}

// rowCounter follows a page while it arrives: how many rows there are, and how
// large the one under way is.
type rowCounter struct {
	level    int
	seen     int // bytes
	began    int // where the row under way, or what is between two, begins
	done     int // rows
	largest  int // of those, in bytes
	depth    int
	quoted   bool
	escaping bool
}

// count takes in the bytes that follow those seen.
func (r *rowCounter) count(arrived []byte) {
	for _, c := range arrived {
		r.seen++
		switch {
		case r.escaping:
			r.escaping = false
		case r.quoted:
			r.escaping = c == '\\'
			r.quoted = c != '"'
		case c == '"':
			r.quoted = true
		case c == '[' || c == '{':
			r.depth++
		case c == ']' || c == '}':
			if r.depth--; r.depth == r.level {
				r.done++
				r.largest = max(r.largest, r.seen-r.began)
				r.began = r.seen
			}
		}
	}
}

func (r *rowCounter) check(b bound) error {
	switch {
	case int64(max(r.largest, r.seen-r.began)) > b.row:
		return tooLarge("one of a page takes more than %d bytes", b.row)
	case b.rows >= 0 && r.done > b.rows:
		return tooLarge("more than the %d that were asked for", b.rows)
	}
	return nil
}
