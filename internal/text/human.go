package text

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Count returns n with its thousands apart: 12,431.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Short returns v in at most about five cells, with the SI prefixes k, M, G, T:
// 940, 12.4k, 3.1M. NaN is "–".
func Short(v float64) string {
	return scaled(v, "", []string{"", "k", "M", "G", "T", "P", "E"})
}

// About is a count that may be an estimate: "≈1,234".
func About(n int64, estimated bool) string {
	if estimated {
		return "≈" + Count(n)
	}
	return Count(n)
}

// Bytes returns a size with decimal prefixes: 940 B, 12.4 kB, 3.1 MB.
func Bytes(n float64) string {
	return scaled(n, " ", []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"})
}

// Rate returns a figure per second: 0/s, 0.4/s, 12,431/s. NaN is "–".
func Rate(perSecond float64) string {
	switch {
	case math.IsNaN(perSecond) || math.IsInf(perSecond, 0):
		return "–"
	case perSecond != 0 && math.Abs(perSecond) < 9.95:
		return strconv.FormatFloat(perSecond, 'f', 1, 64) + "/s"
	}
	return Count(int64(math.Round(perSecond))) + "/s"
}

// Unknown stands for a figure that nobody knows.
const Unknown = "?"

// IfKnown writes a figure by form; a NaN, which stands for what is not known, is
// "?".
func IfKnown(v float64, form func(float64) string) string {
	if math.IsNaN(v) {
		return Unknown
	}
	return form(v)
}

// Bound writes a figure that may be only a lower bound, or not known: 43 MB, at
// least 43 MB, "?".
func Bound(figure string, exact, known bool) string {
	switch {
	case !known:
		return Unknown
	case !exact:
		return "at least " + figure
	}
	return figure
}

// Percent returns part of whole as a percentage with one decimal; "–" of
// nothing.
func Percent(part, whole float64) string {
	if whole == 0 || math.IsNaN(part) || math.IsNaN(whole) {
		return "–"
	}
	return strconv.FormatFloat(100*part/whole, 'f', 1, 64) + "%"
}

// Share is a share from 0 to 1 as a percentage with one decimal. What is there is
// never 0.0%, and what is not all is never 100.0%.
func Share(v float64) string {
	switch {
	case v > 0 && v < 0.0005:
		return "<0.1%"
	case v >= 0.9995 && v < 1:
		return ">99.9%"
	}
	return Percent(v, 1)
}

// Duration returns d with three significant digits in the unit that suits it:
// 840 ns, 12.4 µs, 1.8 ms, 2.31 s, 4m 05s, 3h 12m, 5d 04h.
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-d)
	}
	switch {
	case d < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + " ns"
	case d < 999500*time.Nanosecond:
		return digits3(float64(d)/1e3) + " µs"
	case d < 999500*time.Microsecond:
		return digits3(float64(d)/1e6) + " ms"
	case d < time.Minute:
		return digits3(d.Seconds()) + " s"
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < day:
		return fmt.Sprintf("%dh %02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd %02dh", d/day, d%day/time.Hour)
}

// Ago returns how long before now t was: "now", "3s ago", "5m ago", "2h ago",
// "4d ago", beyond a month the date. The zero time is "never".
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	whole := func(unit time.Duration, name string) string {
		return strconv.FormatInt(int64(d/unit), 10) + name + " ago"
	}
	switch {
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return whole(time.Second, "s")
	case d < time.Hour:
		return whole(time.Minute, "m")
	case d < 24*time.Hour:
		return whole(time.Hour, "h")
	case d < 31*24*time.Hour:
		return whole(24*time.Hour, "d")
	}
	return t.Format("2006-01-02")
}

// scaled divides v by 1000 until it has at most three digits before the point.
func scaled(v float64, gap string, units []string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	if v < 0 {
		return "-" + scaled(-v, gap, units)
	}
	unit := 0
	for v >= 999.5 && unit < len(units)-1 {
		v /= 1000
		unit++
	}
	if unit == 0 && v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64) + gap + units[0]
	}
	return digits3(v) + gap + units[unit]
}

// digits3 writes v with three significant digits, without trailing zeros
// behind the point.
func digits3(v float64) string {
	decimals := 2
	switch {
	case v >= 99.95:
		decimals = 0
	case v >= 9.995:
		decimals = 1
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals == 0 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// PerSecond is a rate without its unit, which the head says.
func PerSecond(v float64) string { return strings.TrimSuffix(Rate(v), "/s") }

// Nanos is a duration that may not have been.
func Nanos(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return Duration(time.Duration(v))
}

// Plural is the noun as it stands after n things: "match", "matches".
func Plural(n int64, noun string) string {
	switch {
	case n == 1:
		return noun
	case strings.HasSuffix(noun, "y"):
		return strings.TrimSuffix(noun, "y") + "ies"
	case strings.HasSuffix(noun, "sh"):
		return noun + "es"
	}
	return noun + "s"
}

// Clock is when an event was: the clock for today, else the day as well, and in
// another year that too.
func Clock(at, now time.Time) string {
	return clock(at, now, time.TimeOnly, time.DateTime)
}

// PreciseClock writes a time of a list as short as it is clear from now: today's as
// 14:02:07.123, others as 01-15 14:02:07, and no wider those of another year, as
// 20250115 14:02.
func PreciseClock(at, now time.Time) string {
	return clock(at, now, "15:04:05.000", "20060102 15:04")
}

// PreciseClockWidth is how many cells PreciseClock takes at most.
const PreciseClockWidth = len("01-15 14:02:07")

// clock writes a time by the form for today, or the one for another year.
func clock(at, now time.Time, today, distant string) string {
	at = at.In(now.Location())
	switch {
	case at.Year() != now.Year():
		return at.Format(distant)
	case at.YearDay() != now.YearDay():
		return at.Format("01-02 15:04:05")
	}
	return at.Format(today)
}
