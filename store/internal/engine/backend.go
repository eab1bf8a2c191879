package engine

import (
	"context"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// Backend is what one engine does differently from the others: it keeps
// databases, one a namespace, each in a directory of its own.
type Backend interface {
	// Describe names the engine and says what it promises. The shared layer
	// fills in Durability, InMemory and ReadOnly.
	Describe() store.Description
	// Files is where the data directory lies.
	Files() filesys.Files
	// Open opens the database in o.Dir. It must delete, cut and overwrite
	// nothing before it has found all that o.Mark says was there, and return a
	// *DamageError when it has not. Nothing may be written with o.ReadOnly.
	Open(o Opening) (Database, error)
	// Salvage opens a database that is damaged, to read what can be read. It changes
	// nothing.
	Salvage(ctx context.Context, o Opening) (Salvage, error)
	// Close releases what all databases share. They are closed by then.
	Close() error
}

// Opening says which database to open, and how.
type Opening struct {
	ID       string // the namespace's; for logs
	Dir      string // below Backend.Files; it is there
	Create   bool   // make an empty database: there is none yet
	ReadOnly bool
	Interval time.Duration // 0: Batch.Sync waits until the batch is durable
	// Mark is what is known to have been there; the zero Mark when nothing is.
	// The shared layer has compared Files when Clean is set, and compares the
	// counts with what Load returns.
	Mark Mark
	// Failed is told once when the log has failed, with a reason in words that
	// clients may see, such as "sync failed". It must be told before anybody is
	// told of success falsely.
	Failed func(reason string, err error)
	// Changing is called once, after all checks and before anything of the
	// database's files is changed. When it returns an error, Open returns that
	// and changes nothing. Nil when nothing needs to be noted.
	Changing func() error
	// Note remembers an engine event. It never waits.
	Note func(store.EngineEvent)
}

// Database is one namespace's open database. Methods are called at once from
// many goroutines, but for those of a Batch.
type Database interface {
	// Load reads what the shared layer keeps in memory.
	Load() (Loaded, error)
	// Dropped says which bytes at the ends of logs Open could not take for
	// whole records, and left out.
	Dropped() []Dropped

	// Prepare takes an append's messages apart outside of the committer. It may
	// return nil; what it returns is given to Batch.Put and then released.
	Prepare(messages Messages) Prepared
	// Begin starts the next batch. There is one at a time until Apply.
	Begin() (Batch, error)

	// End finds a stream's last message with a global position of at most bound
	// (below 0: no bound). Its Version is store.NoStream when there is none. It
	// sees what was applied, durable or not.
	End(stream string, bound int64) (End, error)
	// ByID returns the global position of the message with an id that a client
	// gave, 0 when there is none. It sees what was applied, durable or not.
	ByID(id store.ID) (int64, error)
	// Taken reports whether a message is at a stream's position, or with stream
	// "" at a global position. It sees what was applied.
	Taken(stream string, position int64) (bool, error)
	// Next returns the global position and time of the first message at or
	// after a global position; found is false when there is none.
	Next(position int64) (found bool, at int64, written time.Time, err error)

	// ReadStream and ReadCategory visit messages as the queries say, but for
	// none above the global position bound. They call w.Step for each row that
	// they look at; when that returns ErrTurn they give back what they hold and
	// return it together with the position to go on from: inclusive, of the
	// kind that orders the query.
	ReadStream(w *Watch, q store.StreamQuery, bound int64, v Visit) (next int64, err error)
	ReadCategory(w *Watch, q store.CategoryQuery, bound int64, v Visit) (next int64, err error)
	// Streams returns one page of streams by name, each as of the global
	// position bound.
	Streams(w *Watch, q store.StreamsQuery, bound int64) ([]store.Stream, error)

	// Kept visits the records that batches keep for the shared layer, all of them as of
	// one moment, by key, borrowed. They follow from the messages.
	Kept(visit func(key, value []byte) error) error
	// Verify checks that messages, indexes and counts agree.
	Verify(w *Watch) (store.VerifyReport, error)
	// CopyTo writes a copy of the database as of one moment during the call,
	// with all that was durable before, into a directory that it makes, durably. One in
	// memory returns store.ErrNotOffered.
	CopyTo(ctx context.Context, dir string) error

	// Figures fills in what the shared layer does not know. Figures and Sections, which
	// are without namespace and time, take microseconds.
	Figures(f *store.NamespaceFigures)
	Sections() []store.Section
	Storage(ctx context.Context) (store.Storage, error)
	Flush(ctx context.Context) error
	Compact(ctx context.Context) error

	// Extent says which files there are and up to where each is durable, for a
	// Mark. With exact it is called after Close and lists all files with their
	// sizes; otherwise it lists only those that grow, and costs microseconds.
	Extent(exact bool) ([]FileMark, error)
	// Sync makes what was applied durable; only with an Interval.
	Sync() error
	// Close leaves everything durable. Nobody uses the database any more.
	Close() error
}

// Batch stores a group of messages, all or none. One goroutine fills and
// applies it; Sync and Close may be called from another. Its methods are called in
// this order: Put for each message, Keep and Forget, Seal, Apply, Sync, Close; Close
// alone discards it.
type Batch interface {
	// Put adds a message, with its index entries. i is its index in what
	// Prepare was given. h is the head of its stream as it was before.
	// It may keep what m points to until Seal returns.
	Put(h *Head, m *Record, p Prepared, i int) error
	// Keep stores a record of the shared layer's, in the place of one of the same key. It
	// copies both.
	Keep(key, value []byte) error
	// Forget removes all such records, those that the batch itself stored before too.
	Forget() error
	// Seal adds the counts. Afterwards nothing of what Put was given is needed.
	Seal(state State, touched []*Category) error
	// Apply makes the batch visible to Database's methods.
	Apply() error
	// Sync waits until the batch is durable.
	Sync() error
	Close() error
}

// Messages gives Prepare one message at a time.
type Messages interface {
	Len() int
	At(i int) (messageType string, metadata, data []byte)
}

// Prepared is what Prepare made of messages.
type Prepared interface{ Release() }

// Record is a message on its way into a batch. Its strings and bytes belong to
// whoever appends.
type Record struct {
	ID             store.ID
	Given          bool  // the id came from a client, and is looked up by ByID
	Time           int64 // Unix nanoseconds
	Position       int64
	GlobalPosition int64
	Type           string
	Correlation    string // "": none
	Metadata       []byte // nil: none
	Data           []byte
}

// Loaded is what a database knows at opening.
type Loaded struct {
	State      State
	Last       time.Time // of the message with the highest global position; zero when there is none
	Categories []*Category
}

// State is what a namespace counts, as of the end of a batch.
type State struct {
	Next     int64 // the next global position
	LastTime int64 // Unix nanoseconds; no message that is appended is older
	Messages int64
	Streams  int64
	Sparse   bool // an import left streams that do not start at position 0, or have gaps
}

// End is a stream's last message. Ref is the backend's own.
type End struct {
	Version        int64 // store.NoStream: there is none
	GlobalPosition int64
	Time           int64
	Ref            int64
	TypeSum        uint16 // TypeSum of its type
	Typed          bool   // the backend knows TypeSum
}

// Visit is told of each message of a scan, borrowed, and says whether to go on.
type Visit func(store.Message) bool

// Dropped is the end of a log that no whole record could be read from.
type Dropped struct {
	File   string `json:"file"` // below the namespace's directory
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
}

// Salvage is a damaged database that is read, and left as it is.
type Salvage interface {
	// Messages yields all messages that can be read, borrowed, in any order,
	// each with whether a client gave its id. What cannot be read, or not be
	// believed, goes to lost.
	Messages(ctx context.Context, yield func(m store.ImportMessage, given bool) error, lost func(store.Finding)) error
	// Next is the next global position that was to be given, 0 when that
	// cannot be read. Count is how many messages counts and indexes tell of at
	// most, -1 when they cannot be read.
	Next() int64
	Count() int64
	// Verify looks for faults as far as the database can be read.
	Verify(w *Watch) (store.VerifyReport, error)
	Close() error
}

// Shared is a backend whose databases share caches.
type Shared interface {
	SharedFigures(f *store.EngineFigures)
}
