package state

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// Argument is what the binary is started with to be the child that runs a
// reducer, alone. Nobody else should.
const Argument = "reduce-for-parent"

// Parent and child talk over the child's standard input and output in frames: four
// bytes with the length, the highest first, and so many bytes of JSON. The parent
// begins with an [Opening], which is answered; then for each [Batch], which is
// followed by its state, if it has one, and its messages, a frame each, there is
// at least one [Answer], the last of which is followed by a state.

// maxFrame bounds a frame: a state, or a message in its frame.
const maxFrame = MaxBytes + 1<<20

// Opening says what the child is to run.
type Opening struct {
	Reducer   string `json:"reducer"`   // in jq; "" merges
	Condition string `json:"condition"` // in jq; "": none
	Memory    int64  `json:"memory"`    // bytes of its heap at most
	PerMillis int64  `json:"perMillis"` // that a message may take
	AllMillis int64  `json:"allMillis"` // that a batch may take before it is answered in part
}

// Batch says what follows.
type Batch struct {
	State  bool `json:"state"` // a state to begin with, else the one before
	Events int  `json:"events"`
	Each   bool `json:"each"` // say before each message that it comes
}

// Kinds of answers.
const (
	AnswerReady  = "ready"  // the programs can be run
	AnswerWrong  = "wrong"  // they cannot: What and Reason say why
	AnswerAt     = "at"     // message Applied comes
	AnswerDone   = "done"   // Applied messages are, and a state follows
	AnswerFault  = "fault"  // the same, and the next one could not be: Reason
	AnswerMemory = "memory" // the child ends, its memory is used up
)

// Answer is what the child says.
type Answer struct {
	Kind    string `json:"kind"`
	What    string `json:"what,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Applied int    `json:"applied"`
	Held    int    `json:"held"` // the first message at which the condition held; -1
}

// WriteFrame writes a frame in one piece.
func WriteFrame(w io.Writer, v any) error {
	buf := bytes.NewBuffer(make([]byte, 4, 256))
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	return writeFramed(w, buf.Bytes())
}

// WriteRaw writes JSON as a frame.
func WriteRaw(w io.Writer, raw []byte) error {
	return writeFramed(w, append(make([]byte, 4, len(raw)+4), raw...))
}

// writeFramed fills in the length of a frame and writes it.
func writeFramed(w io.Writer, frame []byte) error {
	if len(frame)-4 > maxFrame {
		return fmt.Errorf("a frame of %d bytes, which is too large", len(frame)-4)
	}
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	_, err := w.Write(frame)
	return err
}

// ReadRaw reads a frame. Its bytes are the caller's.
func ReadRaw(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return nil, fmt.Errorf("a frame of %d bytes, which is too large", n)
	}
	raw := make([]byte, n)
	_, err := io.ReadFull(r, raw)
	return raw, err
}

// ReadFrame reads a frame into v.
func ReadFrame(r io.Reader, v any) error {
	raw, err := ReadRaw(r)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

// AppendEvent appends a message as programs see it, as $event.
func AppendEvent(dst []byte, m *store.Message) []byte {
	dst = append(dst, `{"id":"`...)
	dst = append(dst, m.ID.String()...)
	dst = rawjson.AppendString(append(dst, `","stream":`...), m.Stream)
	dst = rawjson.AppendString(append(dst, `,"type":`...), m.Type)
	dst = fmt.Appendf(dst, `,"position":%d,"globalPosition":%d,"time":"`, m.Position, m.GlobalPosition)
	dst = m.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = appendDocument(append(dst, `","data":`...), m.Data)
	dst = appendDocument(append(dst, `,"metadata":`...), m.Metadata)
	return append(dst, '}')
}

func appendDocument(dst, raw []byte) []byte {
	if len(raw) == 0 {
		return append(dst, "null"...)
	}
	return append(dst, raw...)
}
