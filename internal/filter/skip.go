package filter

import "bytes"

// skipSpace returns where the next token begins.
func skipSpace(raw []byte, at int) int {
	for at < len(raw) && (raw[at] == ' ' || raw[at] == '\n' || raw[at] == '\t' || raw[at] == '\r') {
		at++
	}
	return at
}

// skipString returns the place behind the string that begins at at; the end of
// raw when it does not end.
func skipString(raw []byte, at int) int {
	for i := at + 1; i < len(raw); {
		n := bytes.IndexByte(raw[i:], '"')
		if n < 0 {
			return len(raw)
		}
		i += n
		slashes := 0
		for j := i - 1; j > at && raw[j] == '\\'; j-- {
			slashes++
		}
		i++
		if slashes%2 == 0 {
			return i
		}
	}
	return len(raw)
}

// skipValue returns the place behind the value that begins at at. It counts
// brackets and passes over strings: what it walks was checked when it was
// stored.
func skipValue(raw []byte, at int) int {
	if at >= len(raw) {
		return len(raw)
	}
	switch raw[at] {
	case '"':
		return skipString(raw, at)
	case '{', '[':
		return skipNested(raw, at)
	}
	for i := at; i < len(raw); i++ {
		switch raw[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
	}
	return len(raw)
}

func skipNested(raw []byte, at int) int {
	depth := 0
	for i := at; i < len(raw); {
		switch raw[i] {
		case '"':
			i = skipString(raw, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(raw)
}
