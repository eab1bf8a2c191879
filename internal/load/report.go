package load

import (
	"time"
)

// Report is how a load goes or went. Counts are since the start. Rates and
// latencies are, in a progress report, those since the report before, and in
// the final one those of the whole run.
type Report struct {
	Elapsed     time.Duration `json:"elapsed"` // nanoseconds since the start
	Workers     int           `json:"workers"`
	Writes      int64         `json:"writes"`   // acknowledged calls that write
	Reads       int64         `json:"reads"`    // answered calls that read, consumers' aside
	Messages    int64         `json:"messages"` // acknowledged messages
	Consumed    int64         `json:"consumed,omitempty"`
	Errors      int64         `json:"errors"`
	Retries     int64         `json:"retries,omitempty"` // calls that found no server and came back
	Missed      int64         `json:"missed,omitempty"`  // paced starts given up: the server was a second late
	Unknown     int64         `json:"unknown,omitempty"` // messages sent whose answer was lost: stored or not
	WriteRate   float64       `json:"writeRate"`         // writing calls per second
	ReadRate    float64       `json:"readRate"`          // reading calls per second
	MessageRate float64       `json:"messageRate"`       // messages written per second
	// Latency is by method: "stream.write", "stream.get" and so on, and
	// "consumer" for the category.get of consumers. Only methods that were
	// called are in it.
	Latency      map[string]Latency `json:"latency"`
	FirstError   string             `json:"firstError,omitempty"`
	Verification *Verification      `json:"verification,omitempty"`
}

// Latency sums up how long calls of one method took, in nanoseconds, to two
// significant digits (Mean and Max included).
type Latency struct {
	Count int64         `json:"count"`
	Mean  time.Duration `json:"mean"`
	P50   time.Duration `json:"p50"`
	P99   time.Duration `json:"p99"`
	Max   time.Duration `json:"max"`
}

// Verification compares what the server counts with what it acknowledged. It
// holds only if nobody else wrote to the namespace.
type Verification struct {
	Before       int64 `json:"before"` // messages in the namespace
	After        int64 `json:"after"`
	Acknowledged int64 `json:"acknowledged"`
	Unknown      int64 `json:"unknown"` // may be stored or not
	OK           bool  `json:"ok"`      // Acknowledged <= After-Before <= Acknowledged+Unknown
}
