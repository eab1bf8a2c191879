package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// byteSize is a flag that takes a size: 256MB, 1GiB, 500000.
type byteSize int64

type sizeUnit struct {
	name  string
	bytes byteSize
}

// sizeUnits has the largest first, and last the one that the others end with.
func sizeUnits() []sizeUnit {
	return []sizeUnit{{"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"KB", 1e3}, {"B", 1}}
}

// String writes the size so that Set reads it back.
func (b *byteSize) String() string {
	for _, u := range sizeUnits()[:4] { // smaller ones would not be read at a glance
		if *b >= u.bytes && *b%u.bytes == 0 {
			return strconv.FormatInt(int64(*b/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(*b), 10)
}

// Type names the value in help.
func (b *byteSize) Type() string { return "SIZE" }

// Set reads a size.
func (b *byteSize) Set(given string) error {
	number, factor := strings.ToUpper(strings.TrimSpace(given)), 1.0
	for _, u := range sizeUnits() {
		if rest, ok := strings.CutSuffix(number, strings.ToUpper(u.name)); ok {
			number, factor = strings.TrimSpace(rest), float64(u.bytes)
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n*factor < 1<<62) {
		return fmt.Errorf("must be a size such as 256MB or 1GiB, not %q", given)
	}
	*b = byteSize(n * factor)
	return nil
}
