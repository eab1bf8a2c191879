package target

import (
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/moment"
)

// defaultInterval is what --durability=interval means without a time.
const defaultInterval = 100 * time.Millisecond

// Durability is the flag of that name: "sync", "interval" or "interval=50ms".
type Durability struct {
	Interval time.Duration // 0: sync
}

func (d *Durability) String() string {
	if d.Interval == 0 {
		return "sync"
	}
	return "interval=" + d.Interval.String()
}

// Set reads the flag's value.
func (d *Durability) Set(text string) error {
	kind, period, timed := strings.Cut(text, "=")
	switch {
	case text == "sync":
		d.Interval = 0
		return nil
	case text == "interval":
		d.Interval = defaultInterval
		return nil
	case kind == "interval" && timed:
		interval, err := moment.ParseSpan(period)
		if err == nil && interval > 0 {
			d.Interval = interval
			return nil
		}
	}
	return fmt.Errorf("must be sync, interval, or interval=TIME such as interval=50ms, not %q", text)
}

// Type names the value in help.
func (d *Durability) Type() string { return "sync|interval[=TIME]" }
