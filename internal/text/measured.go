package text

import (
	"strconv"
	"time"
)

// Measured is a value of a unit as people read it, with the words that stand beside it.
// The units are those of store.Unit.
func Measured(unit string, n float64, words string) string {
	var figure string
	switch unit {
	case "":
		return "–"
	case "text":
		return words
	case "count":
		figure = Count(int64(n))
	case "bytes":
		figure = Bytes(n)
	case "seconds":
		figure = seconds(n)
	case "share":
		figure = strconv.FormatFloat(100*n, 'f', 1, 64) + " %"
	default:
		figure = strconv.FormatFloat(n, 'f', 2, 64)
	}
	if words != "" {
		figure += " " + words
	}
	return figure
}

func seconds(n float64) string {
	switch {
	case n == 0:
		return "0 s"
	case n < 1:
		return Duration(time.Duration(n * float64(time.Second)))
	}
	return Duration(time.Duration(n * float64(time.Second)).Truncate(100 * time.Millisecond))
}
