package filter

import (
	"bytes"
	"strings"

	"github.com/evtui/evtui/store"
)

// Compare orders two messages by the column: what has no such value before what
// has one, numbers by their exact value and before all else, the rest by its
// text.
func (c Column) Compare(a, b *store.Message) int {
	if !c.Document() {
		return strings.Compare(c.Text(a), c.Text(b))
	}
	x, hasX := c.JSON(a)
	y, hasY := c.JSON(b)
	return CompareJSON(x, y, hasX, hasY)
}

// CompareJSON orders two values that [Column.JSON] returned.
func CompareJSON(x, y []byte, hasX, hasY bool) int {
	switch {
	case !hasX || !hasY:
		return rank(hasX) - rank(hasY)
	case isNumber(x) && isNumber(y):
		return compareNumbers(x, y)
	case isNumber(x) != isNumber(y):
		return rank(isNumber(y)) - rank(isNumber(x))
	}
	return bytes.Compare(x, y)
}

func rank(on bool) int {
	if on {
		return 1
	}
	return 0
}
