package load

import (
	"fmt"
	"strconv"
	"strings"
)

// Mix is a flag that sets Writes and Reads of a Config: "10:1".
type Mix struct{ Config *Config }

// String returns the mix so that Set reads it back.
func (m *Mix) String() string {
	if m.Config == nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", m.Config.Writes, m.Config.Reads)
}

// Type names the value in help.
func (m *Mix) Type() string { return "W:R" }

// Set reads writes to reads, of which one may be 0.
func (m *Mix) Set(given string) error {
	left, right, ok := strings.Cut(given, ":")
	writes, err1 := strconv.Atoi(left)
	reads, err2 := strconv.Atoi(right)
	if !ok || err1 != nil || err2 != nil || writes < 0 || reads < 0 || writes+reads == 0 {
		return fmt.Errorf("must be writes to reads such as 10:1, not %q", given)
	}
	m.Config.Writes, m.Config.Reads = writes, reads
	return nil
}
