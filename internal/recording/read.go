package recording

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// ErrFormat is returned by Open for a file that is no recording.
var ErrFormat = errors.New("not a recording of evtui")

// Recording is a file read back. Everything is in the order of time.
type Recording struct {
	Header
	Ended    time.Time // when it was ended, or the last line's time
	Torn     string    // what is missing at the end or on the way; "" when nothing is
	Gaps     []Gap     // when the server was not there
	Info     wire.Info // the first; zero when it is not known
	Samples  []wire.Sample
	Events   []store.EngineEvent
	Log      []wire.LogLine
	Profiles []Profile

	looks map[string][]look // answers of which the newest counts, by kind
}

// Gap is a time in which the server reported nothing.
type Gap struct {
	Time   time.Time
	Reason string
}

// Profile is a profile that was taken meanwhile.
type Profile struct {
	About profiler.Session `json:"about"`
	Data  []byte           `json:"data"` // gzipped protobuf
}

// look is an answer at a time.
type look struct {
	at    time.Time
	value json.RawMessage
}

// Open reads a recording. It returns ErrFormat for a file that is none; one
// that ends in the middle is opened up to there.
func Open(path string) (*Recording, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the recording: %w", err)
	}
	defer file.Close()
	r, err := Read(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("open the recording %s: %w", path, err)
	}
	return r, nil
}

// Read is Open for what is in memory or comes from elsewhere.
func Read(in *bufio.Reader) (*Recording, error) {
	r := &Recording{looks: map[string][]look{}}
	if err := r.members(in); err != nil {
		return nil, err
	}
	switch {
	case r.Version == 0 && r.Torn != "":
		return nil, fmt.Errorf("%w, or damaged at its beginning", ErrFormat)
	case r.Version == 0:
		return nil, ErrFormat
	}
	if r.Torn == "" && r.Ended.IsZero() {
		r.Torn = "it was cut off"
	}
	if r.Ended.IsZero() {
		r.Ended = r.Began
	}
	if n := len(r.Samples); n > 0 && r.Samples[n-1].Time.After(r.Ended) {
		r.Ended = r.Samples[n-1].Time
	}
	r.number()
	return r, nil
}

// members reads one member after another, until the end or a tear.
func (r *Recording) members(in *bufio.Reader) error {
	zip, err := gzip.NewReader(in)
	if err != nil {
		return ErrFormat
	}
	for more := true; more; more = r.next(zip, in) {
		zip.Multistream(false)
		text, torn := io.ReadAll(zip)
		if errors.Is(torn, gzip.ErrChecksum) {
			r.Torn = tornPart
			continue
		}
		if err := r.lines(text, torn == nil); err != nil {
			return err
		}
		if torn != nil {
			r.Torn = tornEnd
			break
		}
	}
	return nil
}

// What is reported of a file that is not whole.
const (
	tornPart = "a part is damaged and left out"
	tornEnd  = "it is cut off or damaged at the end" // it ends in the middle of a member
)

// next goes to the next member and reports whether there is one.
func (r *Recording) next(zip *gzip.Reader, in *bufio.Reader) bool {
	err := zip.Reset(in)
	if err != nil && !errors.Is(err, io.EOF) {
		r.Torn = tornEnd
	}
	return err == nil
}

// lines takes a member's lines; only a whole one has a last line that counts.
func (r *Recording) lines(text []byte, whole bool) error {
	for len(text) > 0 {
		raw, rest, ended := bytes.Cut(text, []byte("\n"))
		if !ended && !whole {
			return nil
		}
		text = rest
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			if r.Version == 0 {
				return ErrFormat
			}
			r.Torn = tornPart
			continue
		}
		if err := r.take(l); err != nil {
			return err
		}
	}
	return nil
}

// take puts one line where it belongs.
func (r *Recording) take(l line) error {
	if r.Version == 0 {
		return r.begin(l)
	}
	var err error
	switch l.Kind {
	case kindEnd:
		r.Ended = l.Time
	case kindGap:
		var reason string
		err = json.Unmarshal(l.Value, &reason)
		r.Gaps = append(r.Gaps, Gap{l.Time, reason})
	case kindSample:
		r.Samples, err = also(r.Samples, l.Value)
	case kindEvent:
		r.Events, err = also(r.Events, l.Value)
	case kindLog:
		r.Log, err = also(r.Log, l.Value)
	case kindProfile:
		r.Profiles, err = also(r.Profiles, l.Value)
	case kindInfo:
		if r.Info.Version == "" {
			err = json.Unmarshal(l.Value, &r.Info)
		}
		r.looks[l.Kind] = append(r.looks[l.Kind], look{l.Time, l.Value})
	case kindFigures, kindSections, kindGroups, kindSubscriptions, kindNamespaces, kindCategories:
		r.looks[l.Kind] = append(r.looks[l.Kind], look{l.Time, l.Value})
	}
	if err != nil {
		r.Torn = tornPart
	}
	return nil
}

func (r *Recording) begin(l line) error {
	if l.Kind != kindBegin || json.Unmarshal(l.Value, &r.Header) != nil || r.Version < 1 {
		return ErrFormat
	}
	if r.Version > Version {
		return fmt.Errorf("its format is version %d, made by evtui %s; this evtui knows up to %d", r.Version, r.Evtui, Version)
	}
	return nil
}

// also appends a value in JSON.
func also[T any](list []T, raw json.RawMessage) ([]T, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return list, err
	}
	return append(list, v), nil
}

// number gives events and log lines one sequence: the server may have begun
// again meanwhile, and then so did its numbers.
func (r *Recording) number() {
	for i := range r.Events {
		r.Events[i].Seq = uint64(i + 1)
	}
	for i := range r.Log {
		r.Log[i].Seq = uint64(i + 1)
	}
}

// newest returns the newest answer of a kind up to a time, nil for none.
func (r *Recording) newest(kind string, until time.Time) json.RawMessage {
	var found json.RawMessage
	for _, l := range r.looks[kind] {
		if found != nil && l.at.After(until) {
			break
		}
		found = l.value
	}
	return found
}
