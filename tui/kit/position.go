package kit

import (
	"fmt"
	"strconv"
	"strings"
)

// ParsePosition reads a position as people write it, with or without commas.
func ParsePosition(s string) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("needs a position, such as 88120, got %q", s)
	}
	return n, nil
}
