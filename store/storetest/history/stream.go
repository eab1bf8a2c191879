package history

import (
	"encoding/binary"
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/evtui/evtui/store"
)

// opKind is what a call of a history asks for.
type opKind int

const (
	opNone opKind = iota
	opAppend
	opRead
	opVersion
)

// streamOp is one call on one stream.
type streamOp struct {
	kind     opKind
	stream   string
	expected int64 // of an append
	first, n int32 // of an append: its events
}

// streamSaid is the answer to a streamOp.
type streamSaid struct {
	unknown     bool  // none came: an append may or may not have been stored
	conflict    bool  // last is the actual version
	first, last int64 // positions of an append; last is the version of the others
	events      []byte
}

// Kinds of answers to appends: of events that are new, and of those that were
// answered before.
const (
	appended      = "appended"
	appendedAgain = "appended again"
)

// kind names an answer, to count.
func (s streamSaid) kind(op streamOp) string {
	switch {
	case s.unknown:
		return "unknown"
	case s.conflict:
		return "conflict"
	case op.kind == opRead:
		return "read"
	case op.kind == opVersion:
		return "version"
	}
	return appended
}

// streamHistory says what one stream may do. Its state is its events, four
// bytes each, in a string.
func streamHistory() porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			byStream := map[string][]porcupine.Operation{}
			for _, op := range history {
				stream := op.Input.(streamOp).stream
				byStream[stream] = append(byStream[stream], op)
			}
			var parts [][]porcupine.Operation
			for _, part := range byStream {
				parts = append(parts, part)
			}
			return parts
		},
		Init: func() any { return "" },
		Step: func(state, input, output any) (bool, any) {
			return stepStream(state.(string), input.(streamOp), output.(streamSaid))
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
	}
}

// stepStream reports whether a stream in the state may answer so, and its state
// after that.
func stepStream(state string, op streamOp, said streamSaid) (bool, string) {
	version := int64(len(state)/4) - 1
	switch op.kind {
	case opVersion:
		return said.last == version, state
	case opRead:
		return string(said.events) == state, state
	}
	if at := eventAt(state, op.first); at >= 0 {
		// Stored already: the first answer again, whatever is expected.
		return said.unknown || !said.conflict && said.first == at && said.last == at+int64(op.n)-1, state
	}
	if op.expected != store.AnyVersion && op.expected != version {
		return said.unknown || said.conflict && said.last == version, state
	}
	if !said.unknown && (said.conflict || said.first != version+1 || said.last != version+int64(op.n)) {
		return false, state
	}
	after := []byte(state)
	for i := range op.n {
		after = binary.BigEndian.AppendUint32(after, uint32(op.first+i))
	}
	return true, string(after)
}

// eventAt returns an event's position, -1 if it is not there.
func eventAt(state string, event int32) int64 {
	var want [4]byte
	binary.BigEndian.PutUint32(want[:], uint32(event))
	for i := 0; i < len(state); i += 4 {
		if state[i:i+4] == string(want[:]) {
			return int64(i / 4)
		}
	}
	return -1
}
