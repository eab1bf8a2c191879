package filter

import (
	"bytes"
	"cmp"
	"strconv"
)

// isNumber reports whether raw is spelled as a JSON number.
func isNumber(raw []byte) bool {
	i := 0
	digits := func() bool {
		start := i
		for i < len(raw) && raw[i] >= '0' && raw[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(raw) && raw[i] == '-' {
		i++
	}
	if !digits() {
		return false
	}
	if i < len(raw) && raw[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(raw) && raw[i]|0x20 == 'e' {
		if i++; i < len(raw) && (raw[i] == '+' || raw[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(raw)
}

// decimal is a number as 0.digits × 10^exponent, its digits without zeros at
// either end; none: zero.
type decimal struct {
	negative    bool
	whole, part []byte // the digits, before and behind where the point stood
	exponent    int64
}

// compareNumbers orders two JSON numbers exactly, whatever their digits.
func compareNumbers(a, b []byte) int {
	x, y := newDecimal(a), newDecimal(b)
	switch {
	case x.zero() && y.zero():
		return 0
	case x.zero():
		return sign(y.negative)
	case y.zero(), x.negative != y.negative:
		return -sign(x.negative)
	}
	order := x.magnitude(y)
	if x.negative {
		return -order
	}
	return order
}

// sign is how zero compares with a number of that sign.
func sign(negative bool) int {
	if negative {
		return 1
	}
	return -1
}

// newDecimal takes apart what isNumber holds for.
func newDecimal(raw []byte) decimal {
	var d decimal
	if raw[0] == '-' {
		d.negative, raw = true, raw[1:]
	}
	var e int64
	if i := bytes.IndexAny(raw, "eE"); i >= 0 {
		var err error
		if e, err = strconv.ParseInt(string(raw[i+1:]), 10, 64); err != nil {
			e = 1 << 40 // beyond all that counts
			if raw[i+1] == '-' {
				e = -e
			}
		}
		e = min(max(e, -1<<40), 1<<40)
		raw = raw[:i]
	}
	d.whole = raw
	if i := bytes.IndexByte(raw, '.'); i >= 0 {
		d.whole, d.part = raw[:i], bytes.TrimRight(raw[i+1:], "0")
	}
	d.whole = bytes.TrimLeft(d.whole, "0")
	d.exponent = int64(len(d.whole)) + e
	if len(d.whole) == 0 {
		part := bytes.TrimLeft(d.part, "0")
		d.exponent -= int64(len(d.part) - len(part))
		d.part = part
	}
	if len(d.part) == 0 {
		d.whole = bytes.TrimRight(d.whole, "0")
	}
	return d
}

func (d decimal) zero() bool { return len(d.whole)+len(d.part) == 0 }

// digit returns the i-th digit, '0' behind the last.
func (d decimal) digit(i int) byte {
	switch {
	case i < len(d.whole):
		return d.whole[i]
	case i < len(d.whole)+len(d.part):
		return d.part[i-len(d.whole)]
	}
	return '0'
}

func (d decimal) magnitude(o decimal) int {
	if d.exponent != o.exponent {
		return cmp.Compare(d.exponent, o.exponent)
	}
	for i := range max(len(d.whole)+len(d.part), len(o.whole)+len(o.part)) {
		if a, b := d.digit(i), o.digit(i); a != b {
			return cmp.Compare(a, b)
		}
	}
	return 0
}
