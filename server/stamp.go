package server

import "time"

// stamp writes times as [time.RFC3339Nano] does in UTC. Messages that follow one
// another are of the same second, mostly, so its text is kept: the calendar is
// most of what formatting a time costs.
type stamp struct {
	second int64 // Unix time of text
	text   [len("2006-01-02T15:04:05")]byte
	known  bool
}

// appendTime appends the time to dst.
func (s *stamp) appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	if second := t.Unix(); !s.known || second != s.second {
		if year := t.Year(); year < 1000 || year > 9999 {
			return t.AppendFormat(dst, time.RFC3339Nano)
		}
		t.AppendFormat(s.text[:0], "2006-01-02T15:04:05")
		s.second, s.known = second, true
	}
	dst = append(dst, s.text[:]...)
	if nanos := t.Nanosecond(); nanos != 0 {
		var digits [10]byte
		digits[0] = '.'
		for i := 9; i > 0; i-- {
			digits[i] = byte('0' + nanos%10)
			nanos /= 10
		}
		last := 9
		for digits[last] == '0' {
			last--
		}
		dst = append(dst, digits[:last+1]...)
	}
	return append(dst, 'Z')
}
