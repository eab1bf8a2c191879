package store

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits on names, in bytes. The protocol fixes the first (section 1); the
// others are evtui's own, far above what real systems use.
const (
	MaxNamespaceID = 128
	MaxStreamName  = 1024
	MaxTypeName    = 256
)

// DefaultNamespace is the namespace that always exists and whose token is the
// admin token (protocol section 3).
const DefaultNamespace = "default"

// Category returns what stands before the first dash of a stream's name; a
// name without a dash is a category by itself (protocol section 1).
func Category(stream string) string {
	category, _, _ := strings.Cut(stream, "-")
	return category
}

// CardinalID returns the stream's id up to its first plus sign, or "" when
// the stream has no id: account-123+retry gives 123.
func CardinalID(stream string) string {
	_, id, _ := strings.Cut(stream, "-")
	cardinal, _, _ := strings.Cut(id, "+")
	return cardinal
}

// CheckNamespaceID returns an [*InvalidError] unless id is a legal namespace
// id: 1 to 128 bytes of valid UTF-8, no slash, backslash or control
// character, not "." or "..".
func CheckNamespaceID(id string) error {
	if id == "." || id == ".." {
		return invalid("namespace", "must not be %q", id)
	}
	if strings.ContainsAny(id, `/\`) {
		return invalid("namespace", `must not contain "/" or "\"`)
	}
	return checkName("namespace", id, MaxNamespaceID)
}

// CheckStreamName returns an [*InvalidError] unless name can be a stream's: 1
// to 1024 bytes of valid UTF-8 without control characters, with something
// before its first dash.
func CheckStreamName(name string) error {
	if strings.HasPrefix(name, "-") {
		return invalid("stream", "needs a category before the first dash")
	}
	return checkName("stream", name, MaxStreamName)
}

// CheckCategory returns an [*InvalidError] unless name can be a category's:
// as a stream's name, without a dash.
func CheckCategory(name string) error {
	if strings.Contains(name, "-") {
		return invalid("category", "must not contain a dash: a category is what stands before the first one")
	}
	return checkName("category", name, MaxStreamName)
}

// CheckType returns an [*InvalidError] unless name can be a message's type: 1
// to 256 bytes of valid UTF-8 without control characters.
func CheckType(name string) error {
	return checkName("type", name, MaxTypeName)
}

func checkName(field, name string, limit int) error {
	switch {
	case name == "":
		return invalid(field, "must not be empty")
	case len(name) > limit:
		return invalid(field, "must be at most %d bytes, got %d", limit, len(name))
	}
	for i := range len(name) {
		c := name[i]
		if c < 0x20 || c == 0x7f {
			return invalid(field, "must not contain control characters (byte %d)", i)
		}
		if c >= utf8.RuneSelf {
			return checkUnicode(field, name)
		}
	}
	return nil
}

// checkUnicode is the slow half of checkName, for names beyond ASCII.
func checkUnicode(field, name string) error {
	for i, r := range name {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(name[i:]); size == 1 {
				return invalid(field, "must be valid UTF-8 (byte %d)", i)
			}
		}
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return invalid(field, "must not contain control characters (byte %d)", i)
		}
	}
	return nil
}

func invalid(field, format string, args ...any) error {
	return &InvalidError{Field: field, Reason: fmt.Sprintf(format, args...)}
}
