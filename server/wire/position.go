package wire

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Kinds of streams that consumers keep beside a category.
const (
	PositionKind = "position" // how far a consumer is, by the Eventide convention
	ParkedKind   = "parked"   // messages that a consumer could not handle
	RetryKind    = "retry"    // which of those it is asked to try again
)

// RecordedType is the type of a message that says how far a consumer is.
const RecordedType = "Recorded"

// RecordedPosition reads the data of such a message: the global position of the last
// message that was handled. It is nil when the data says nothing of the kind.
func RecordedPosition(data []byte) *int64 {
	var recorded struct {
		Position *int64 `json:"position"`
	}
	if json.Unmarshal(data, &recorded) != nil || recorded.Position != nil && *recorded.Position < 0 {
		return nil
	}
	return recorded.Position
}

// BesideCategory names the category of a kind of streams beside a category: one that has a
// type gets another, as Eventide has it (account:command+position).
func BesideCategory(category, kind string) string {
	if strings.Contains(category, ":") {
		return category + "+" + kind
	}
	return category + ":" + kind
}

// BesideStream names the stream of a consumer; "" is one without an identifier.
func BesideStream(category, kind, consumer string) string {
	if consumer == "" {
		return BesideCategory(category, kind)
	}
	return BesideCategory(category, kind) + "-" + consumer
}

// CategoryBeside is BesideCategory the other way round: which category a category of
// streams of a kind is beside.
func CategoryBeside(name, kind string) (category string, ok bool) {
	if category, ok = strings.CutSuffix(name, "+"+kind); ok && strings.Contains(category, ":") {
		return category, true
	}
	category, ok = strings.CutSuffix(name, ":"+kind)
	return category, ok && category != "" && !strings.Contains(category, ":")
}

// MemberName is the identifier of a group's member: its consumer's name, and -M-of-N
// unless it is alone (size 0).
func MemberName(name string, member, size int) string {
	if size == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d-of-%d", name, member, size)
}

// SplitMember is MemberName the other way round; size 0 is a consumer that says of no
// group.
func SplitMember(identifier string) (name string, member, size int) {
	head, last := cutLast(identifier, "-of-")
	name, first := cutLast(head, "-")
	if _, err := fmt.Sscanf(first+"/"+last, "%d/%d", &member, &size); err != nil || member < 0 || member >= size || MemberName(name, member, size) != identifier {
		return identifier, 0, 0
	}
	return name, member, size
}

// cutLast cuts around the last separator.
func cutLast(s, separator string) (before, after string) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):]
	}
	return s, ""
}
