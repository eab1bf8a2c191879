package logstore

import "strings"

// A stream has a subject of its own, CATEGORY.iID, or CATEGORY._ for a stream without a
// dash, so that what reads the log besides evtui can pick categories and streams by the log's own
// wildcards. Bytes that are not letters, digits or one of "_-+:" are written =XX: none
// of the log's own signs is left, and no two streams have one subject.

// Subject returns the subject of a stream, of tokens that hold only what Token leaves.
func Subject(stream string) string {
	category, id, cut := strings.Cut(stream, "-")
	if !cut {
		return Token(category) + "._"
	}
	return Token(category) + ".i" + Token(id)
}

// controlSubject holds records that are about the namespace as a whole. No stream has it.
const controlSubject = "=._"

// Token writes a name as a part of a subject, or of a name in the log.
func Token(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("_-+:", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('=')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
