package wire

import (
	"encoding/json"
	"time"
)

// ActorHeader marks requests that stay out of the figures: those of the terminal
// UI ("ui", or "ui NAME" with a name that tells it from others), and of who looks
// at servers without being on them.
const ActorHeader = "X-Evtui-Actor"

// NamespaceHeader lets the holder of the admin token act on another namespace
// than default. A token may always name its own; with any other it is refused.
const NamespaceHeader = "X-Evtui-Namespace"

// Info answers engine.info.
type Info struct {
	Version    string    `json:"version"`
	Backend    string    `json:"backend"`
	Durability string    `json:"durability"`
	StartedAt  time.Time `json:"startedAt"`
	PID        int       `json:"pid"`
	TestMode   bool      `json:"testMode,omitempty"`
	Exposed    bool      `json:"exposed,omitempty"`  // other hosts reach it, and not by TLS
	ReadOnly   bool      `json:"readOnly,omitempty"` // every write is refused
	Clocks     bool      `json:"clocks,omitempty"`   // times are the writers' clocks: what a time is looked up by is about right
	Witness    bool      `json:"witness,omitempty"`  // others write behind the server's back: its rates of writing are of what appears in the store
	Shared     bool      `json:"shared,omitempty"`   // others write to it as well: who reads is known only as far as it reads here
	Damaged    []Damaged `json:"damaged,omitempty"`  // namespaces that refuse every call, by id
	Notices    []Notice  `json:"notices,omitempty"`  // what else should be known of the store, or of namespaces, the worst first
}

// Sample is one second of the engine (engine.sample, engine.history). Rates
// are per second, times in nanoseconds, sizes in bytes, CPU in cores. Requests
// and subscriptions of the terminal UI are left out.
type Sample struct {
	Time time.Time `json:"time"`
	// Partial is the sample with which a server begins: no second has passed, so
	// that rates, latencies, collections and CPU are not known, and 0.
	Partial     bool              `json:"partial,omitempty"`
	Appends     float64           `json:"appends"` // messages, not calls
	Reads       float64           `json:"reads"`   // messages read
	Announced   float64           `json:"announced"`
	Errors      float64           `json:"errors"`
	Methods     map[string]Method `json:"methods"` // by method, only those called in this second
	Subscribers int               `json:"subscribers"`
	Connections int               `json:"connections"`
	UIs         int               `json:"uis,omitempty"` // terminal UIs that asked for something in the last 10 s
	HeapBytes   uint64            `json:"heapBytes"`
	RSSBytes    uint64            `json:"rssBytes"` // 0 where the system does not tell
	Goroutines  int               `json:"goroutines"`
	GCPause     int64             `json:"gcPause"` // total of this second
	GCs         float64           `json:"gcs"`     // collections
	CPU         float64           `json:"cpu"`     // process, cores busy
	UICPU       float64           `json:"uiCPU"`   // the UI's share of CPU; 0 where it is not known

	DiskFree int64 `json:"diskFree,omitempty"` // left to the server where its data lies
	DiskSize int64 `json:"diskSize,omitempty"` // of that file system; 0: neither is known

	Namespaces []NamespaceRate `json:"namespaces,omitempty"` // the busiest of this second, at most TopRates
	Categories []CategoryRate  `json:"categories,omitempty"` // the busiest of this second, at most TopRates
	Engine     *EngineSample   `json:"engine,omitempty"`     // nil: the engine shows nothing of itself
	Values     []SampledValue  `json:"values,omitempty"`     // the most telling of the engine's sections, at most SampledValues
}

// Method is what one method did in one second.
type Method struct {
	Calls float64 `json:"calls"`
	P50   int64   `json:"p50"`
	P99   int64   `json:"p99"`
	Max   int64   `json:"max"`
}

// Distribution answers category.distribution: how a category's streams fall on
// the members of a consumer group of the given size.
type Distribution struct {
	Category   string   `json:"category"`
	Size       int      `json:"size"`
	Members    []Member `json:"members"`    // by member
	Unassigned Member   `json:"unassigned"` // streams without a cardinal id
	Scanned    int64    `json:"scanned"`    // streams looked at
	Complete   bool     `json:"complete"`   // false: the scan stopped at its limit, numbers are "at least"
	// Next is the cursor of the call that goes on where this one stopped; "" when it
	// is complete, and from servers that cannot go on.
	Next string `json:"next,omitempty"`
	// Moves says what other sizes would move, in the order in which they were asked for.
	Moves []Moves `json:"moves,omitempty"`
}

// Moves are the streams that another member owns once a group has another size.
type Moves struct {
	To       int    `json:"to"` // size
	Streams  int64  `json:"streams"`
	Messages int64  `json:"messages"`
	Top      []Move `json:"top"` // most messages first
}

// Move is one stream that moves.
type Move struct {
	Stream   string `json:"stream"`
	From     int    `json:"from"` // member
	To       int    `json:"to"`
	Messages int64  `json:"messages"`
}

// Member is one member's share.
type Member struct {
	Member   int           `json:"member"`
	Streams  int64         `json:"streams"`
	Messages int64         `json:"messages"`
	Hottest  []StreamCount `json:"hottest"` // most messages first
}

// StreamCount is a stream and how many messages it holds.
type StreamCount struct {
	Stream   string `json:"stream"`
	Messages int64  `json:"messages"`
}

// LogLine is one line of the server's log (engine.log).
type LogLine struct {
	Seq   uint64          `json:"seq"`
	Time  time.Time       `json:"time"`
	Level string          `json:"level"` // DEBUG, INFO, WARN, ERROR
	Text  string          `json:"text"`
	Attrs json.RawMessage `json:"attrs,omitempty"` // object
}
