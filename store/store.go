package store

import (
	"context"
	"iter"
	"time"
)

// Store is an event store: many namespaces, each with its own global order.
// All methods may be called at once from many goroutines. Every method that
// names a namespace returns ErrNamespaceNotFound when there is none, a
// *DamagedError when what it held is not there, an *InvalidError for illegal
// arguments, an *UnavailableError when it cannot be served now, ErrClosed after
// Close; writes return ErrReadOnly from a store that only reads and a *PoisonedError
// once the namespace's log has failed. What else a store may offer is in
// capability.go and beside it: Importer, Verifier, Repairer, Checkpointer, Reopener, Turner,
// TypeCounter, Engine, TokenKeeper.
type Store interface {
	Describe() Description

	// CreateNamespace makes an empty namespace, durably. It returns
	// ErrNamespaceExists when the id is taken.
	CreateNamespace(ctx context.Context, spec NamespaceSpec) (Namespace, error)
	// DeleteNamespace removes a namespace with all that it holds and returns
	// how many messages that were, or were known to be in one that is damaged,
	// which this call takes too. Its subscriptions end with ErrNamespaceNotFound.
	DeleteNamespace(ctx context.Context, id string) (messages int64, err error)
	// Namespaces lists all namespaces by id.
	Namespaces(ctx context.Context) ([]Namespace, error)
	// Namespace describes one namespace.
	Namespace(ctx context.Context, id string) (Namespace, error)
	// TokenHash returns the SHA-256 of the namespace's token. It is asked on each
	// request: where others may change tokens, the answer is at most a second old.
	TokenHash(ctx context.Context, id string) ([32]byte, error)

	// Append stores w's events, all or none, and returns once they are durable
	// and readable. It returns a *ConflictError when the stream's version is
	// not the expected one, and an *IDConflictError when an event's id is
	// taken by a different message. When all ids of w are stored already, as
	// consecutive messages of that stream with the same types and data, the
	// first answer is given again and nothing is stored twice; this is decided
	// before the expected version is. Ids count that clients gave: an engine
	// need not find those that it made itself.
	//
	// What w points to is borrowed until Append returns. When ctx ends first, it returns an
	// *UnavailableError if nothing was stored nor will be, else an *UncertainError.
	// Writes under way when the log fails get an *UncertainError, later ones the *PoisonedError.
	Append(ctx context.Context, namespace string, w Write) (Appended, error)

	// ReadStream yields the stream's messages by position. The messages are
	// borrowed. An unknown stream yields nothing. An error is yielded once,
	// last. Inside, the iterator pages: for whoever pauses between two messages
	// it holds no snapshot, connection or transaction for long. It ends at the
	// settled head of its beginning.
	ReadStream(ctx context.Context, namespace string, q StreamQuery) iter.Seq2[Message, error]
	// ReadCategory yields messages by global position, borrowed, as ReadStream does.
	ReadCategory(ctx context.Context, namespace string, q CategoryQuery) iter.Seq2[Message, error]
	// LastMessage returns the stream's newest message, of the given type
	// unless that is "". It returns ErrMessageNotFound when there is none.
	LastMessage(ctx context.Context, namespace, stream, messageType string) (Message, error)
	// MessageByID returns the message with the id, or ErrMessageNotFound.
	MessageByID(ctx context.Context, namespace string, id ID) (Message, error)
	// PositionAt returns the global position of the first message whose time
	// is t or later; one past the last message when all are older.
	PositionAt(ctx context.Context, namespace string, t time.Time) (int64, error)
	// Version returns the stream's last position, NoStream when it has none.
	Version(ctx context.Context, namespace, stream string) (int64, error)
	// Head returns the settled head: the global position up to which all
	// messages that there will ever be can be read (imports of lower positions
	// aside), 0 when there is none. What lies below it never appears later, so
	// that a short page means no more only up to it.
	Head(ctx context.Context, namespace string) (int64, error)

	// Streams returns one page of streams by name; its cost is the page's.
	Streams(ctx context.Context, namespace string, q StreamsQuery) ([]Stream, error)
	// Categories returns all categories by name; its cost is their number.
	Categories(ctx context.Context, namespace string) ([]CategoryCount, error)

	// Subscribe opens a subscription. The caller closes it.
	Subscribe(ctx context.Context, namespace string, q SubscribeQuery) (Subscription, error)

	// Close waits for the calls under way, refuses new ones, and leaves
	// everything durable. It may be called twice.
	Close() error
}

// ImportMessage is a Message to import, with the category that its metadata
// correlates it to (see Event.Correlation).
type ImportMessage struct {
	Message
	Correlation string
}

// Subscription is a cursor over announcements, not a mailbox: a slow reader
// falls behind and catches up from the log, and nothing is ever dropped.
// One goroutine at a time uses it.
type Subscription interface {
	// Next fills buf with the announcements that follow the cursor, in order,
	// each exactly once, and returns how many. It waits until there is at least one,
	// and returns ctx's error when ctx ends first; the subscription stays
	// usable after that.
	Next(ctx context.Context, buf []Announcement) (int, error)
	// Close releases the subscription. It may be called twice.
	Close() error
}
