package shape

import "time"

const maxYear = 9999

// appendInstant packs a time in UTC, of seconds or milliseconds, as RFC 3339 and
// ISO 8601 write it. By its length it has no other offset; what package time takes
// besides is an hour of one digit, and a comma before the fraction.
func appendInstant(dst, v []byte) ([]byte, bool) {
	var t time.Time
	if v[len(v)-1] != 'Z' || v[13] != ':' || v[19] == ',' || t.UnmarshalText(v) != nil || t.Year() < 1970 {
		return dst, false
	}
	n := uint64(t.UnixMilli()) << 1
	if len(v) == lenMillis {
		n |= 1
	}
	return appendTag(dst, n, kindInstant), true
}

// joinInstant writes an instant as appendInstant read it.
func joinInstant(dst []byte, millis int64, fractional bool) ([]byte, error) {
	t := time.UnixMilli(millis).UTC()
	if t.Year() > maxYear {
		return dst, ErrValues
	}
	dst = t.AppendFormat(dst, time.RFC3339)
	if !fractional {
		return dst, nil
	}
	// Not by a layout with a fraction, which takes several times as long.
	fraction := int(millis % 1000)
	return append(dst[:len(dst)-1], '.', byte('0'+fraction/100), byte('0'+fraction/10%10), byte('0'+fraction%10), 'Z'), nil
}
