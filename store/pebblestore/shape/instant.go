package shape

// Days are counted as Howard Hinnant's "chrono-Compatible Low-Level Date
// Algorithms" count them: years begin in March, so that the leap day is the last.

const (
	daysOf400Years = 146097
	marchToEpoch   = 719468 // days from 0000-03-01 to 1970-01-01
	dayMillis      = 24 * 60 * 60 * 1000
	maxYear        = 9999
)

// appendInstant packs a time in UTC, of seconds or milliseconds, as RFC 3339 and
// ISO 8601 write it.
func appendInstant(dst, v []byte) ([]byte, bool) {
	const pattern = "dddd-dd-ddTdd:dd:dd.dddZ"
	fractional := len(v) == lenMillis
	for i, c := range v {
		switch p := pattern[i]; {
		case i == lenInstant-1 && !fractional:
			if c != 'Z' {
				return dst, false
			}
		case p == 'd' && (c < '0' || c > '9'), p != 'd' && c != p:
			return dst, false
		}
	}
	year, month, day := two(v)*100+two(v[2:]), two(v[5:]), two(v[8:])
	hour, minute, second := two(v[11:]), two(v[14:]), two(v[17:])
	if year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return dst, false
	}
	millis := uint64(daysSince(year, month, day)*24*60*60+hour*60*60+minute*60+second) * 1000
	flag := uint64(0)
	if fractional {
		millis += uint64(two(v[20:])*10 + int(v[22]-'0'))
		flag = 1
	}
	return appendTag(dst, millis<<1|flag, kindInstant), true
}

func two(v []byte) int { return int(v[0]-'0')*10 + int(v[1]-'0') }

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince counts the days from 1970 to a date.
func daysSince(year, month, day int) int {
	if month <= 2 {
		year--
	}
	era := year / 400
	ofEra := year - era*400
	ofYear := (153*((month+9)%12)+2)/5 + day - 1
	return era*daysOf400Years + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - marchToEpoch
}

// date is daysSince's inverse.
func date(days int) (year, month, day int) {
	days += marchToEpoch
	era := days / daysOf400Years
	ofEra := days - era*daysOf400Years
	year = (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*year + year/4 - year/100)
	fromMarch := (5*ofYear + 2) / 153
	day = ofYear - (153*fromMarch+2)/5 + 1
	month = (fromMarch+2)%12 + 1
	year += era * 400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// joinInstant writes an instant as appendInstant read it.
func joinInstant(dst []byte, millis int64, fractional bool) ([]byte, error) {
	days := millis / dayMillis
	if days > maxYear*366 {
		return dst, ErrValues
	}
	year, month, day := date(int(days))
	if year > maxYear {
		return dst, ErrValues
	}
	rest := int(millis % dayMillis)
	second := rest / 1000
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(appendTwo(append(dst, '-'), month), '-'), day)
	dst = appendTwo(append(dst, 'T'), second/3600)
	dst = appendTwo(append(appendTwo(append(dst, ':'), second/60%60), ':'), second%60)
	if fractional {
		fraction := rest % 1000
		dst = append(appendTwo(append(dst, '.'), fraction/10), byte('0'+fraction%10))
	}
	return append(dst, 'Z'), nil
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
