package shape

import (
	"bytes"
	"encoding/binary"
)

// mark stands in an outline where a value was. JSON text cannot hold it.
const mark = 0

// Bounds of what is cut. Longer outlines belong to data that does not repeat.
const (
	MaxOutline = 4 << 10  // bytes of an outline
	maxText    = 64 << 10 // bytes of metadata and data together
	maxDepth   = 63       // levels of nesting
)

// headLen is what stands before an outline's texts: the lengths of type and
// metadata as 16 bits each.
const headLen = 4

// Cut appends a message's outline to outline and its values to values. Not ok
// means that the message is better stored as it is: it is too long, too deep
// or not JSON. Metadata nil stands for none.
func Cut(outline, values []byte, messageType string, metadata, data []byte) (o, v []byte, ok bool) {
	if len(metadata)+len(data) > maxText || len(messageType) > MaxOutline || metadata != nil && len(metadata) == 0 {
		return outline, values, false
	}
	start := len(outline)
	outline = append(outline, make([]byte, headLen)...)
	outline = append(outline, messageType...)
	texts := len(outline)
	if outline, values, ok = cutText(outline, values, metadata, start+MaxOutline); !ok {
		return outline, values, false
	}
	binary.BigEndian.PutUint16(outline[start:], uint16(len(messageType)))
	binary.BigEndian.PutUint16(outline[start+2:], uint16(len(outline)-texts))
	return cutText(outline, values, data, start+MaxOutline)
}

// cutText follows a text's structure no further than to tell keys from values.
// That joining gives the text back does not depend on its being valid: what is
// not a value goes into the outline as it is, which may grow to limit bytes.
func cutText(outline, values, text []byte, limit int) (o, v []byte, ok bool) {
	if bytes.IndexByte(text, mark) >= 0 {
		return outline, values, false
	}
	var objects uint64 // a bit for each level that is an object
	depth, key := 0, false
	from := 0 // what lies before it is in the outline
	for i := 0; i < len(text); {
		c := text[i]
		switch c {
		case '{', '[':
			if depth++; depth > maxDepth {
				return outline, values, false
			}
			objects &^= 1 << depth
			if key = c == '{'; key {
				objects |= 1 << depth
			}
			i++
			continue
		case '}', ']':
			if depth--; depth < 0 {
				return outline, values, false
			}
			i++
			continue
		case ',':
			key = objects>>depth&1 != 0
			i++
			continue
		case ':':
			key = false
			i++
			continue
		case ' ', '\t', '\n', '\r':
			i++
			continue
		}
		start, end, next := extent(text, i)
		if end < 0 || len(outline) > limit {
			return outline, values, false
		}
		if !key {
			outline = append(append(outline, text[from:start]...), mark)
			values = appendValue(values, text[start:end])
			from = end
		}
		i = next
	}
	outline = append(outline, text[from:]...)
	return outline, values, depth == 0 && len(outline) <= limit
}

// extent finds the value or key that begins at i: its text without quotes, and
// where to go on. An end of -1 says that there is none.
func extent(text []byte, i int) (start, end, next int) {
	if text[i] == '"' {
		if end = stringEnd(text, i+1); end < 0 {
			return i, -1, i
		}
		return i + 1, end, end + 1
	}
	for end = i; end < len(text) && bare[text[end]]; end++ {
	}
	if end == i {
		return i, -1, i
	}
	return i, end, end
}

// stringEnd finds the quote that ends the string that goes on at i, or -1.
func stringEnd(text []byte, i int) int {
	n := bytes.IndexByte(text[i:], '"')
	switch {
	case n < 0:
		return -1
	case n == 0 || text[i+n-1] != '\\':
		return i + n
	}
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

// bare are the bytes of numbers and of true, false and null.
var bare = func() (set [256]bool) {
	for _, c := range "0123456789+-.Eabcdefghijklmnopqrstuvwxyz" {
		set[c] = true
	}
	return set
}()
