package moment

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// ParseSpan reads a duration as Go writes it, before which there may be days,
// of 24 hours each: 90s, 1h30m, 3d, -2d12h, 1.5d.
func ParseSpan(s string) (time.Duration, error) {
	days, rest, counted := strings.Cut(s, "d")
	if !counted {
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, spanError(s)
		}
		return d, nil
	}
	sign := days[:len(days)-len(strings.TrimLeft(days, "+-"))]
	whole, err := time.ParseDuration(days + "h") // no unit of Go's is longer
	if strings.Trim(days[len(sign):], ".0123456789") != "" || err != nil || whole.Abs() > math.MaxInt64/24 {
		return 0, spanError(s)
	}
	whole *= 24
	if rest == "" {
		return whole, nil
	}
	d, err := time.ParseDuration(sign + rest)
	sum := whole + d
	if err != nil || strings.Trim(rest[:1], "+-") == "" || (sum < 0) != (whole < 0 || d < 0) {
		return 0, spanError(s)
	}
	return sum, nil
}

func spanError(s string) error {
	return fmt.Errorf("needs a time with its unit, such as 90s, 15m, 1h30m or 2d, got %q", s)
}

// Span is the value of a flag, a duration that ParseSpan reads.
type Span time.Duration

// Flag returns a flag's value that is kept in p, and is value at first.
func Flag(p *time.Duration, value time.Duration) *Span {
	*p = value
	return (*Span)(p)
}

// Set reads the flag's value.
func (s *Span) Set(given string) error {
	d, err := ParseSpan(given)
	if err == nil {
		*s = Span(d)
	}
	return err
}

func (s *Span) String() string { return time.Duration(*s).String() }

// Type names the value in help.
func (s *Span) Type() string { return "duration" }
