package wire

import (
	"slices"
	"time"
)

// TopRates is how many namespaces, and how many categories, a Sample names.
const TopRates = 8

// NamespaceRate is what happened in one namespace: messages a second.
type NamespaceRate struct {
	Namespace string  `json:"namespace"`
	Appends   float64 `json:"appends"`
	Reads     float64 `json:"reads"`
}

// CategoryRate is what happened in one category: messages a second. Reads of a
// whole namespace and of messages by their id belong to none.
type CategoryRate struct {
	Namespace string  `json:"namespace"`
	Category  string  `json:"category"`
	Appends   float64 `json:"appends"`
	Reads     float64 `json:"reads"`
}

// EngineSample sums up the trees of all open namespaces. Where it says worst,
// it is the largest among them. Sizes are in bytes.
type EngineSample struct {
	Open    int `json:"open"`  // namespaces
	Known   int `json:"known"` // namespaces
	MaxOpen int `json:"maxOpen"`

	DiskBytes     int64 `json:"diskBytes"`
	WALBytes      int64 `json:"walBytes"`
	MemtableBytes int64 `json:"memtableBytes"`
	Debt          int64 `json:"debt"`       // estimated compaction debt
	Compacting    int64 `json:"compacting"` // compactions under way

	Sublevels     int    `json:"sublevels"`             // of L0, worst
	SublevelsStop int    `json:"sublevelsStop"`         // writes stop from here on
	SublevelsIn   string `json:"sublevelsIn,omitempty"` // the namespace with the worst
	Memtables     int64  `json:"memtables"`             // worst; young ones are small
	MemtablesStop int    `json:"memtablesStop"`         // the bytes of so many full ones stop writes
	ReadAmp       int    `json:"readAmp"`               // worst
	FsyncP99      int64  `json:"fsyncP99"`              // worst, in nanoseconds, since the namespace was opened
	Stalled       int    `json:"stalled"`               // namespaces whose writes stand still
	Poisoned      int    `json:"poisoned"`              // namespaces whose log has failed
	Damaged       int    `json:"damaged,omitempty"`     // namespaces that refuse every call
	Noticed       int    `json:"noticed,omitempty"`     // notices there are
	CacheBytes    int64  `json:"cacheBytes"`            // of the block cache
	CacheCapacity int64  `json:"cacheCapacity"`
	CacheLookups  int64  `json:"cacheLookups"` // of blocks, since the sample before
	CacheHits     int64  `json:"cacheHits"`    // of CacheLookups
	FilesOpen     int64  `json:"filesOpen"`    // in the file cache
	OpenedSince   int64  `json:"openedSince"`  // namespaces opened since the sample before
	ClosedSince   int64  `json:"closedSince"`  // namespaces closed since the sample before

	Notices []Notice `json:"notices,omitempty"` // the worst first, at most SampledNotices of Noticed
}

// NoticeSum is what an EngineSample has to say in one state.
type NoticeSum struct {
	State   string // as store.NoticeState
	Count   int    // of namespaces, or of what is about the whole store
	AtLeast bool   // there may be more
	Age     int64  // of the oldest, in nanoseconds
	Words   string // of the first that is about the whole store
}

// NoticeSums sums the notices up by state, the worst first.
func (e *EngineSample) NoticeSums() []NoticeSum {
	var list []NoticeSum
	for _, n := range e.Notices {
		at := slices.IndexFunc(list, func(s NoticeSum) bool { return s.State == n.State })
		if at < 0 {
			at = len(list)
			list = append(list, NoticeSum{State: n.State, AtLeast: e.Noticed > len(e.Notices), Words: n.Words})
		}
		list[at].Count++
		list[at].Age = max(list[at].Age, n.Age)
	}
	return list
}

// SampledNotices is how many notices an EngineSample has at most.
const SampledNotices = 16

// Disk is what the data takes on disk, in bytes. Only open namespaces are
// measured: it is exact where all are open, at least so much where some are
// closed, and not known where none is open.
func (e *EngineSample) Disk() (bytes int64, exact, known bool) {
	return e.DiskBytes, e.Open == e.Known, e.Open > 0 || e.Known == 0
}

// SampledValues is how many values of an engine's sections a Sample has at most.
const SampledValues = 24

// SampledValue is a value of one of an engine's sections (engine.sections).
type SampledValue struct {
	Section   string  `json:"section"`
	Namespace string  `json:"namespace,omitempty"`
	Name      string  `json:"name"`
	Unit      string  `json:"unit"` // as store.Unit
	Number    float64 `json:"number,omitempty"`
	Text      string  `json:"text,omitempty"`
	Verdict   string  `json:"verdict,omitempty"` // as store.Verdict
}

// Kinds of events that the server adds to the engine's own (engine.events).
const (
	// EventProfile is a profile taken over /debug/pprof: Reason says which and
	// by whom, Duration how long it took.
	EventProfile = "profile"
)

// Kinds of subscriptions.
const (
	KindStream   = "stream"
	KindCategory = "category"
	KindAll      = "all"
)

// Subscription is one that is open (engine.subscriptions).
type Subscription struct {
	ID        uint64    `json:"id"`
	Namespace string    `json:"namespace"`
	Kind      string    `json:"kind"`           // KindStream, KindCategory or KindAll
	Name      string    `json:"name,omitempty"` // of the stream or category
	Member    int       `json:"member"`         // of the consumer group
	Size      int       `json:"size,omitempty"` // of the consumer group; 0: none
	Cursor    *int64    `json:"cursor"`         // global position of the last message announced, or before the start; nil: not known
	Lag       *int64    `json:"lag"`            // global positions between the cursor and the head; nil: not known
	Sent      int64     `json:"sent"`           // announcements
	Waiting   bool      `json:"waiting"`        // for something to announce, not for its reader
	Since     time.Time `json:"since"`
	Remote    string    `json:"remote"` // the client's address
	UI        bool      `json:"ui,omitempty"`
}

// Ways in which a consumer was heard of.
const (
	ViaRead         = "category.get"
	ViaSubscription = "subscription"
	ViaPosition     = "position stream" // what the consumer itself recorded, by the Eventide convention
)

// GroupMember is what is known of one member of a consumer group
// (engine.groups). A member of a known group that was never heard of has no Via,
// and nil for all that is not known.
type GroupMember struct {
	Namespace   string `json:"namespace"`
	Category    string `json:"category"` // "": the whole namespace
	Correlation string `json:"correlation,omitempty"`
	Size        int    `json:"size"` // 0 for ViaPosition
	Member      int    `json:"member"`
	Consumer    string `json:"consumer,omitempty"` // for ViaPosition: the id of the position stream
	Via         string `json:"via,omitempty"`

	// Position is the global position last asked for, inclusive; what a
	// subscription would announce next; or one past what the consumer recorded.
	Position *int64 `json:"position"`
	Given    *int64 `json:"given"` // global position of the last message handed out to it
	Head     *int64 `json:"head"`  // global position of the category's last message
	// Lag is how many global positions there are from Position to Head, those of
	// other members' messages included; 0 once a read found nothing more.
	Lag *int64 `json:"lag"`
	// Messages is how many messages of the category are before it, of its own share
	// where it is a member of a group; nil when it is not known, or was not asked for.
	Messages  *int64     `json:"messages,omitempty"`
	AtLeast   bool       `json:"atLeast,omitempty"` // Messages is a lower bound: it is still being counted
	Once      bool       `json:"once,omitempty"`    // it was heard of once, and may be no consumer
	Calls     int64      `json:"calls"`
	LastHeard *time.Time `json:"lastHeard"`
	SilentFor *int64     `json:"silentFor"`           // nanoseconds since LastHeard
	From      string     `json:"from,omitempty"`      // the client's address
	Connected int        `json:"connected,omitempty"` // its open subscriptions
}
