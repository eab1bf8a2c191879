package compare

import (
	"cmp"
	"slices"
	"time"

	"github.com/evtui/evtui/internal/load"
)

// Session is what one load on one server measured. Sizes are in bytes; zero
// stands for what was not measured.
type Session struct {
	Engine string      `json:"engine"`
	Run    int         `json:"run"`   // from 1
	Place  int         `json:"place"` // 1: the first of its run
	Dir    string      `json:"dir"`   // its files, beside the comparison
	Load   load.Report `json:"load"`

	CPU        time.Duration `json:"cpu"`        // of the server during the load
	AllocBytes int64         `json:"allocBytes"` // on the server's Go heap during the load
	Allocs     int64         `json:"allocs"`
	PeakMemory int64         `json:"peakMemory"` // most resident since the server's start
	HeapBytes  int64         `json:"heapBytes"`  // of Go, at the load's end
	DiskLeft   int64         `json:"diskLeft"`   // log and all, as the load left it
	DiskPacked int64         `json:"diskPacked"` // tables and indexes, flushed and compacted
	SyncP50    time.Duration `json:"syncP50"`    // of the log, as the engine reports
	SyncP99    time.Duration `json:"syncP99"`

	Top   []Function `json:"top"`   // of the server's processor time
	Kinds []Kind     `json:"kinds"` // what that time went through
}

// Function is a function with the share of the processor time, 0 to 1, that was
// spent in itself.
type Function struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

// Kind is a kind of stacks with their share of the processor time, 0 to 1. A
// stack can be of several kinds. A layer is all that evtui's own code does or
// calls there, which says less than what it calls.
type Kind struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
	Layer bool    `json:"layer,omitempty"`
}

// calls is how many calls of the load were answered.
func (s *Session) calls() int64 { return s.Load.Writes + s.Load.Reads }

// Setup is what all sessions have in common.
type Setup struct {
	Began      time.Time     `json:"began"`
	Duration   time.Duration `json:"duration"`
	Workers    int           `json:"workers"`
	Writes     int           `json:"writes"` // of the mix …
	Reads      int           `json:"reads"`  // … of calls
	Batch      int           `json:"batch"`
	Runs       int           `json:"runs"`
	Durability string        `json:"durability"`
	Version    string        `json:"version"` // of evtui
	System     string        `json:"system"`  // such as linux/amd64
	Cores      int           `json:"cores"`
	Place      string        `json:"place"` // where the data was
}

// Comparison is the whole of it. Engines names the two, in the order in which
// they are shown.
type Comparison struct {
	Setup    Setup     `json:"setup"`
	Engines  [2]string `json:"engines"`
	Sessions []Session `json:"sessions"`
}

// of returns an engine's sessions.
func (c *Comparison) of(engine string) []*Session {
	var list []*Session
	for i := range c.Sessions {
		if c.Sessions[i].Engine == engine {
			list = append(list, &c.Sessions[i])
		}
	}
	return list
}

// Errors returns how many calls of all loads failed, and the first failure.
func (c *Comparison) Errors() (count int64, first string) {
	for i := range c.Sessions {
		if r := &c.Sessions[i].Load; r.Errors > 0 {
			if count == 0 {
				first = c.Sessions[i].Engine + ": " + r.FirstError
			}
			count += r.Errors
		}
	}
	return count, first
}

// middle returns the session whose throughput is the median of its engine's,
// the lower of two: what profiles are shown of.
func (c *Comparison) middle(engine string) *Session {
	list := c.of(engine)
	if len(list) == 0 {
		return &Session{Engine: engine}
	}
	slices.SortStableFunc(list, func(a, b *Session) int { return cmp.Compare(a.Load.MessageRate, b.Load.MessageRate) })
	return list[(len(list)-1)/2]
}
