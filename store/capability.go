package store

import (
	"context"
	"slices"
	"time"
)

// What a store may offer besides Store. Ask with a type assertion: a store that
// does not implement one of these, or that returns ErrNotOffered, has no such
// thing.
type (
	// Importer takes messages that carry their own positions.
	Importer interface {
		// Import stores messages with the positions, ids and times they carry, all
		// or none, durably. It returns an *ImportError that wraps
		// ErrPositionExists when a global position, or a position in a stream, is
		// taken, or an *InvalidError.
		Import(ctx context.Context, namespace string, messages []ImportMessage) error
		// Truncate removes all messages of a namespace but keeps the namespace.
		// Subscriptions go on with the new messages from the start.
		Truncate(ctx context.Context, namespace string) error
		// Replace begins to build other content for a namespace beside what it
		// holds. The caller ends it with Commit or Discard.
		Replace(ctx context.Context, namespace string) (Replacement, error)
	}

	// Replacement is new content for a namespace that nobody sees yet. One
	// goroutine at a time uses it.
	Replacement interface {
		// Import adds messages, as Importer.Import does.
		Import(ctx context.Context, messages []ImportMessage) error
		// Commit checks the new content and puts it in the place of the old, at
		// once and durably. It returns ErrChanged, and keeps the old content, when
		// a write was acknowledged since Replace. Meanwhile writes get an
		// *UnavailableError; subscriptions end with ErrReplaced.
		Commit(ctx context.Context) error
		// Discard gives the new content up. After Commit it does nothing.
		Discard() error
	}

	// CategoryCounter counts some categories without listing all of them.
	CategoryCounter interface {
		// CountCategories returns the counts of those of the named categories that
		// hold messages, in the order of names, and what all categories come to, all
		// as of one moment.
		CountCategories(ctx context.Context, namespace string, names []string) ([]CategoryCount, CategoryTotals, error)
	}

	// TypeCounter counts messages by type, and knows which types follow each other.
	TypeCounter interface {
		// CountTypes returns the counts by type of a category, of all of them when
		// it is "". It costs what it returns.
		CountTypes(ctx context.Context, namespace, category string) (TypeCounts, error)
		// Transitions returns which types followed which in the streams of a
		// category, of all of them when it is "". It costs what it returns.
		Transitions(ctx context.Context, namespace, category string) (Transitions, error)
	}

	// Verifier checks what it holds.
	Verifier interface {
		// Verify reads everything that the namespace holds and checks that
		// messages, indexes and counts agree. Faults are findings, not errors.
		Verify(ctx context.Context, namespace string) (VerifyReport, error)
		// Inspect looks at what belongs to no one namespace: the registry, and
		// what lies in the data directory that nobody knows.
		Inspect(ctx context.Context) (Inspection, error)
	}

	// Repairer repairs what Verify finds.
	Repairer interface {
		// Repair builds a namespace's indexes and counts again from its messages, in a new
		// place, and keeps the damaged one beside it. When messages themselves are
		// damaged it returns ErrMessagesDamaged, with a report that says which,
		// unless the options accept that.
		Repair(ctx context.Context, namespace string, o RepairOptions) (RepairReport, error)
		// Accept takes a namespace as it is, though it is older than what was known of it.
		Accept(ctx context.Context, namespace string) error
	}

	// Checkpointer can copy itself while it runs.
	Checkpointer interface {
		// Checkpoint makes a copy of all namespaces, each as of one moment during
		// the call, in a place of the engine's own under a name that must be new
		// (else ErrCheckpointExists); "" makes one of the time. The copy is
		// whole, checked against what Checkpoint returns, or not there.
		Checkpoint(ctx context.Context, name string) (Checkpoint, error)
	}

	// Ailing says what is wrong with it, from memory.
	Ailing interface {
		// Damaged lists the namespaces that refuse every call, by id.
		Damaged() []*DamagedError
	}

	// Noticing says what readers should know of it that is no fault, from memory: that
	// what they see is old, or not all yet.
	Noticing interface {
		// Notices lists that, the worst first, then by namespace. The result is the caller's.
		Notices() []Notice
	}

	// Turner shares out the processors among those who read the past: its own
	// subscriptions that catch up, and whoever above it reads as much.
	Turner interface {
		// Turn waits until few enough others read the past. The caller calls end
		// after a few milliseconds, and holds nothing of the store's while it waits
		// for its next turn. It returns ctx's error when that ends first, and
		// ErrClosed after Close.
		Turn(ctx context.Context) (end func(), err error)
	}

	// Fresher is offered by a store whose reads may be behind what was acknowledged
	// elsewhere: it is a projection of a log that others write to as well.
	Fresher interface {
		// Fresh waits until reads show all that was acknowledged anywhere before the call.
		// It returns an *UnavailableError when that cannot be known before ctx ends.
		Fresh(ctx context.Context, namespace string) error
	}

	// Reopener can open namespaces again after their log has failed, without a
	// restart.
	Reopener interface {
		Reopen(ctx context.Context, namespace string) error
	}
)

// Notice is something that readers of a namespace should know, and that is no fault.
type Notice struct {
	Namespace string // "": it is about the whole store
	State     NoticeState
	Words     string        // for people, as Namespace.Notice has it
	Age       time.Duration // how old what is read is; 0: as far as is known, it is not
}

// NoticeState is what a Notice is about, in a word or two.
type NoticeState string

// The states, the worst first.
const (
	NoticeApart    NoticeState = "not following" // what is read contradicts the log that it came from: somebody has to decide
	NoticeCutOff   NoticeState = "cut off"       // what is read is as old as Age says
	NoticeBuilding NoticeState = "building"      // what is read is not all yet
	NoticeBehind   NoticeState = "behind"        // what others wrote is on its way
	NoticeForeign  NoticeState = "foreign"       // there is something that nobody can read
	NoticeWarning  NoticeState = "warning"       // something is not as it should be for what is promised
)

// Rank orders states, the worst first, from 0.
func (s NoticeState) Rank() int {
	return slices.Index([]NoticeState{NoticeApart, NoticeCutOff, NoticeWarning, NoticeBuilding, NoticeBehind, NoticeForeign}, s)
}

// RepairOptions say how far Repair may go. The zero value repairs only what
// can be repaired without loss.
type RepairOptions struct {
	DryRun     bool // only say what would be
	AcceptLoss bool // keep what can still be read of damaged messages
}

// RepairReport says what Repair found and did.
type RepairReport struct {
	Messages int64     // that can be read, and were kept
	Streams  int64     // with at least one of them
	Missing  int64     // messages that the counts tell of, and that cannot be read; -1 when the counts cannot be read either
	Lost     []Finding // where messages are damaged
	Kept     string    // where the damaged database lies now; "" when nothing was changed
}

// Inspection is what a store found beside its namespaces.
type Inspection struct {
	Findings []Finding // what is wrong
	Notes    []Finding // what should be known, and is not wrong
}
