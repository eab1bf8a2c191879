package client

import (
	"cmp"
	"time"

	"github.com/evtui/evtui/store"
)

// ScanQuery selects messages by a filter, among those of the whole namespace,
// of some categories, or of one stream.
type ScanQuery struct {
	// Categories are those to look through; none stands for the whole namespace.
	Categories []string
	// Stream is the one stream to look through instead.
	Stream string
	// Filter is a line of evtui's filter language, such as
	// type~Dep* data.amount>100. "" keeps all.
	Filter string
	// From is the first position to look at: in the stream for Stream, else
	// global. Backward takes Before instead. 0 leaves out nothing.
	From int64
	// Backward looks at the newest first. Only evtui's servers offer it.
	Backward bool
	// Before leaves out the positions from it on, with Backward. 0 leaves out
	// nothing.
	Before int64
	// GlobalPosition, with Stream, leaves out what lies before it in the
	// namespace; backward, what lies after it. 0 leaves out nothing.
	GlobalPosition int64
	// Group keeps the streams of one member; zero keeps all.
	Group Group
	// Correlation keeps messages correlated to this category; "" keeps all.
	Correlation string
	// Limit is how many messages at most. For ScanPage 0 is [DefaultLimit], for
	// Scan all.
	Limit int
	// Ordinals asks for ScanPage.Ordinals.
	Ordinals bool

	// What one page may look at, whether or not the filter keeps it: it ends with
	// the message that reaches one of them. 0: 100,000 messages, 8 MiB, 1 s.
	MaxMessages int64
	MaxBytes    int64
	MaxTime     time.Duration

	// Progress, unless nil, is told by Scan what it took so far, after each page,
	// from the caller's goroutine.
	Progress func(ScanCost)

	size *PageSize // of pages that are filtered here; nil: nothing is known
}

// ScanCost is what a scan took.
type ScanCost struct {
	Messages int64         // looked at
	Bytes    int64         // of their data and metadata
	Time     time.Duration // as the server measured it, or the client where it filtered
	Here     bool          // the server does not scan: the client read all, and filtered
}

// Add returns both together.
func (c ScanCost) Add(other ScanCost) ScanCost {
	return ScanCost{Messages: c.Messages + other.Messages, Bytes: c.Bytes + other.Bytes, Time: c.Time + other.Time, Here: c.Here || other.Here}
}

// ScanPage is a part of a scan.
type ScanPage struct {
	Messages []Message // that are kept
	// Ordinals says for each of Messages the how many-eth it is of those that were
	// looked at, from 0. Nil unless asked for, and for several categories.
	Ordinals []int64
	Read     ScanCost
	// Next is where to go on, as From or Before of a query says it.
	Next int64
	// Complete says that there is nothing more to look at, up to the log's end.
	Complete bool

	size *PageSize
}

// After returns the query of what follows a page.
func (q ScanQuery) After(p ScanPage) ScanQuery {
	if q.size = p.size; q.Backward {
		q.Before = p.Next
	} else {
		q.From = p.Next
	}
	return q
}

func (q ScanQuery) check() error {
	switch {
	case q.Stream != "" && (len(q.Categories) > 0 || !q.Group.IsZero() || q.Correlation != ""):
		return &store.InvalidError{Field: "query", Reason: "must name a stream, or what to look for in categories, not both"}
	case q.Stream == "" && q.GlobalPosition != 0:
		return &store.InvalidError{Field: "globalPosition", Reason: "is for a stream: From and Before are global otherwise"}
	case q.From < 0 || q.Before < 0 || q.MaxMessages < 0 || q.MaxBytes < 0 || q.MaxTime < 0:
		return &store.InvalidError{Field: "query", Reason: "must not have negative positions or bounds"}
	case q.Backward && q.From != 0:
		return &store.InvalidError{Field: "from", Reason: "is where looking forward begins: backward takes Before"}
	case !q.Backward && q.Before != 0:
		return &store.InvalidError{Field: "before", Reason: "is for looking backward"}
	}
	return nil
}

// What a page may look at unless the query says otherwise: so little that a
// page of nothing but matches is bounded, and progress is told a few times a
// second.
const (
	defaultScanMessages = 100_000
	defaultScanBytes    = 8 << 20
	defaultScanTime     = time.Second
)

func (q ScanQuery) withDefaults() ScanQuery {
	q.Limit = limitOf(q.Limit)
	q.MaxMessages = cmp.Or(q.MaxMessages, defaultScanMessages)
	q.MaxBytes = cmp.Or(q.MaxBytes, defaultScanBytes)
	q.MaxTime = cmp.Or(q.MaxTime, defaultScanTime)
	return q
}
