package cli

import (
	"fmt"
	"strings"
	"time"
)

// defaultInterval is what --durability=interval means without a time.
const defaultInterval = 100 * time.Millisecond

// durability is the flag of that name: "sync", "interval" or "interval=50ms".
type durability struct {
	interval time.Duration // 0: sync
}

func (d *durability) String() string {
	if d.interval == 0 {
		return "sync"
	}
	return "interval=" + d.interval.String()
}

func (d *durability) Set(text string) error {
	kind, period, timed := strings.Cut(text, "=")
	switch {
	case text == "sync":
		d.interval = 0
		return nil
	case text == "interval":
		d.interval = defaultInterval
		return nil
	case kind == "interval" && timed:
		interval, err := time.ParseDuration(period)
		if err == nil && interval > 0 {
			d.interval = interval
			return nil
		}
	}
	return fmt.Errorf("must be sync, interval, or interval=TIME such as interval=50ms, not %q", text)
}

func (d *durability) Type() string { return "sync|interval[=TIME]" }
