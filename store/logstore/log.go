package logstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// Log is a log of records, one a namespace, that several evtui append to and follow.
// Methods are called at once from many goroutines. Any of them may return an
// *store.UnavailableError when the log cannot be reached or has no leader: then nothing was changed.
// What changes something may return ErrUnanswered instead, when that is not known; to
// ask again for the same is harmless then.
// Methods that name a namespace return store.ErrNamespaceNotFound when the log has none.
type Log interface {
	// Place names the log for people, without secrets: "nats://a,b,c".
	Place() string
	// MaxRecord is how many bytes a record's subject, body and id may have together.
	MaxRecord() int

	// Namespaces lists all namespaces, in any order, as the log's leader knows them.
	Namespaces(ctx context.Context) ([]Namespace, error)
	// Create makes a namespace with an empty log, durably. It returns store.ErrNamespaceExists
	// when the id is taken, also by one that is made at the same time elsewhere; also when
	// it cannot tell whether that was this very call.
	Create(ctx context.Context, ns Namespace) error
	// Change replaces what a namespace says of itself: change is given what it says now, and
	// may be called again when somebody else changed it meanwhile. Id, identity and
	// subjects stay. It returns change's error.
	Change(ctx context.Context, id string, change func(Namespace) (Namespace, error)) error
	// Delete removes a namespace with its log, if it still has the identity; else it returns
	// store.ErrNamespaceNotFound. First it notes, durably and for good, that this identity was meant to go.
	Delete(ctx context.Context, id, identity string) error
	// Deleted reports whether Delete noted that. A namespace that is missing and was not
	// deleted is lost: whoever has a copy of it keeps it.
	Deleted(ctx context.Context, identity string) (bool, error)
	// Changed is sent to when the set of namespaces, or what one says of itself, may
	// have changed. It has a capacity of 1 and is never closed.
	Changed() <-chan struct{}

	// Publish appends a record of one or more parts, all or none and one behind the other, if
	// the last sequence of its subject is Expected. It returns the sequence of the last part,
	// which is stored safely then. When the record's ID was published lately, nothing
	// is appended and the first sequence is returned. It returns
	// a *WrongLastError when Expected does not hold, ErrInFlight when the log
	// cannot decide that yet, ErrUnanswered when it is not known whether the record
	// was appended or still will be, and an *store.InvalidError when the log takes no such record.
	Publish(ctx context.Context, id string, r Publication) (sequence uint64, err error)
	// Last asks the leader for the last sequence of a subject; 0 when it has none.
	Last(ctx context.Context, id, subject string) (uint64, error)
	// End asks the leader for the last sequence of a namespace, 0 when it has none, and
	// makes sure that it is the leader: that a quorum was with it a moment ago. All that was acknowledged
	// before the call is at or below it.
	End(ctx context.Context, id string) (uint64, error)
	// Drop removes the records below a sequence, which were followed everywhere or are void.
	Drop(ctx context.Context, id string, below uint64) error
	// Follow reads a namespace's records behind a sequence, in order, and goes on with
	// those that come. The caller closes the feed. identity is the namespace's: Follow
	// returns store.ErrNamespaceNotFound when the log has another one of that id.
	Follow(ctx context.Context, id, identity string, after uint64) (Feed, error)

	// Durability says what is known of how safely the log stores what it acknowledged, as
	// store.Description.Durability does: "sync", "interval 2m0s", "sync not known".
	Durability() string
	// Warnings says what is not as it should be for a log that promises durability, in
	// words for the header of the UI: "one of three servers is not reached". It answers from memory.
	Warnings() []string
	// Sections tells of the cluster, as store.Sectioned does.
	Sections() []store.Section
	Close() error
}

// Feed is a reader of records. One goroutine at a time uses it.
type Feed interface {
	// Next waits until there is a record and fills buf with as many as are there. What records
	// point to is the caller's. behind is how many records the log had behind the last
	// one of buf when that was sent. It returns ctx's error when ctx ends first; after another error (an
	// *store.UnavailableError, store.ErrNamespaceNotFound) the caller closes the feed and follows again.
	Next(ctx context.Context, buf []Record) (n int, behind uint64, err error)
	Close()
}

// Namespace is what a log knows of one namespace.
type Namespace struct {
	ID          string
	Identity    string // random: tells two of one id apart
	CreatedAt   time.Time
	Description string
	Metadata    json.RawMessage // JSON object, or nil
	Tokens      []store.Token   // as store.CheckTokens wants them
}

// Publication is a record on its way into the log.
type Publication struct {
	Subject  string   // below the namespace's own prefix, see Subject
	Parts    [][]byte // one, or more when it is larger than MaxRecord
	ID       string   // unlikely ever to be another's; the same when the record is sent again
	Expected uint64   // the last sequence of the subject; 0: it has none
}

// Record is one part of a record in the log.
type Record struct {
	Subject  string // as Publication has it
	Sequence uint64
	Time     time.Time // when the log took it
	Body     []byte
}

// WrongLastError says that a subject's last sequence was not the expected one. The record
// was not appended.
type WrongLastError struct{ Actual uint64 } // 0: not told

func (e *WrongLastError) Error() string {
	return fmt.Sprintf("the subject's last sequence is %d", e.Actual)
}

var (
	// ErrInFlight is returned by Publish while another record of the subject is under way, or the
	// log takes no more just now. The record was not appended. An error that is ErrUnanswered as well
	// says that it may have been: who refused it may have been deposed, and the new leader have it too.
	ErrInFlight = errors.New("another record of the subject is under way")
	// ErrUnanswered is returned by Publish when no answer came: the record may be in the log,
	// or still come there. So may be what Create, Change, Delete and Drop were asked for.
	ErrUnanswered = errors.New("the log did not answer")
)
