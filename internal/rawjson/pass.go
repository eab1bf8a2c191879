package rawjson

import "bytes"

// maxTrusted is how deep Pass goes: far beyond what anybody accepts.
const maxTrusted = 10_000

// Space returns where the first token from at on begins.
func Space(data []byte, at int) int { return skipSpace(data, at) }

// Pass returns the place behind the value that begins at at, of a text that
// was checked before: it matches brackets and strings and checks nothing else.
// It returns -1 when no value begins there, or it does not end.
func Pass(data []byte, at int) int {
	if at >= len(data) {
		return -1
	}
	switch data[at] {
	case '"':
		return PassString(data, at)
	case '{', '[':
		return passNested(data, at)
	}
	end := at
	for end < len(data) && inScalar(data[end]) {
		end++
	}
	if end == at {
		return -1
	}
	return end
}

// PassString is Pass for the string whose opening quote stands at at.
func PassString(data []byte, at int) int {
	for from := at + 1; ; {
		i := bytes.IndexByte(data[from:], '"')
		if i < 0 {
			return -1
		}
		quote, slashes := from+i, 0
		for data[quote-1-slashes] == '\\' {
			slashes++
		}
		from = quote + 1
		if slashes%2 == 0 {
			return from
		}
	}
}

// passNested keeps which kind each open bracket is of, so that [} is no pair.
func passNested(data []byte, at int) int {
	var few [64]byte
	open := few[:0]
	for at < len(data) {
		switch c := data[at]; c {
		case '"':
			if at = PassString(data, at); at < 0 {
				return -1
			}
			continue
		case '{', '[':
			if len(open) == maxTrusted {
				return -1
			}
			open = append(open, c+2) // '[' and '{' stand two before their partners
		case '}', ']':
			if open[len(open)-1] != c {
				return -1
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return at + 1
			}
		}
		at++
	}
	return -1
}

// inScalar reports what numbers, true, false and null are made of.
func inScalar(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}
