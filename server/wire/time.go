package wire

import (
	"errors"
	"time"
)

// ErrTime is returned by ParseTime.
var ErrTime = errors.New("must be a time in RFC 3339 with at most nine digits of a second, as in 2026-01-15T10:30:00.123456789Z")

// maxFraction is how many digits of a second a time may have: a tenth would be
// lost without a word.
const maxFraction = 9

// ParseTime reads a time as the protocol writes it (section 1): RFC 3339 to
// the letter, with up to nine digits of a second. An offset other than Z is
// taken, since it names an instant all the same; the time returned is in UTC.
func ParseTime[T string | []byte](text T) (time.Time, error) {
	if !hasTimeForm(text) {
		return time.Time{}, ErrTime
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return time.Time{}, ErrTime
	}
	return t.UTC(), nil
}

// hasTimeForm checks what time.Parse lets pass: commas, hours of one digit,
// offsets of 99 hours, and fractions whose tenth digit it cuts off.
func hasTimeForm[T string | []byte](text T) bool {
	const form = "0000-00-00T00:00:00"
	if len(text) <= len(form) || !fits(text[:len(form)], form) {
		return false
	}
	rest := text[len(form):]
	if rest[0] == '.' {
		digits := 1
		for digits < len(rest) && isDigit(rest[digits]) {
			digits++
		}
		if digits == 1 || digits > 1+maxFraction {
			return false
		}
		rest = rest[digits:]
	}
	if len(rest) == 1 {
		return rest[0] == 'Z'
	}
	return (fits(rest, "+00:00") || fits(rest, "-00:00")) && string(rest[1:3]) < "24"
}

// fits reports whether text is like form, in which 0 stands for any digit.
func fits[T string | []byte](text T, form string) bool {
	if len(text) != len(form) {
		return false
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(text[i]) || form[i] != '0' && text[i] != form[i] {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
