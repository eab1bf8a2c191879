package cli

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

// onInvalid is what an import does with a record that cannot be stored.
type onInvalid struct {
	skip   bool
	report string // the file that they are written to; "": none
}

// String implements pflag.Value.
func (o *onInvalid) String() string {
	switch {
	case o.report != "":
		return "report=" + o.report
	case o.skip:
		return "skip"
	}
	return "stop"
}

// Type implements pflag.Value.
func (o *onInvalid) Type() string { return "stop|skip|report=FILE" }

// Words are what the flag takes.
func (o *onInvalid) Words() []string { return []string{"stop", "skip", "report="} }

// Set implements pflag.Value.
func (o *onInvalid) Set(given string) error {
	file, named := strings.CutPrefix(given, "report=")
	switch {
	case named && file != "":
		*o = onInvalid{skip: true, report: file}
	case given == "skip":
		*o = onInvalid{skip: true}
	case given == "stop":
		*o = onInvalid{}
	default:
		return fmt.Errorf("must be stop, skip or report=FILE, not %q", given)
	}
	return nil
}

// importedID is the member of the metadata that keeps the id that a message had.
const importedID = "importedId"

// shownFaults is how many records that were left out are named at the end.
const shownFaults = 5

// maxLine is the longest line that a server takes, in bytes.
const maxLine = 4 << 20

// sieve passes on the lines of an import: what cannot be stored is left out, or
// stored another way, as it was asked to. In the place of a line that is left out
// stands a blank one, so that the lines that follow keep their numbers.
type sieve struct {
	lines  *bufio.Reader
	max    int // of a line, in bytes
	skip   bool
	mapped bool // --map
	newIDs bool
	report *json.Encoder // nil: none

	line   int64
	seen   map[uint64]struct{} // what the ids hash to; with newIDs
	rest   []byte              // of the line that is being passed on
	counts sieved
}

// sieved counts what a sieve did. It is written by the goroutine that reads.
type sieved struct {
	leftOut, changed, newIDs atomic.Int64
	faults                   []string // the first of those left out
}

func newSieve(in io.Reader, f *importFlags, report io.Writer) *sieve {
	s := &sieve{
		lines: bufio.NewReaderSize(in, 64<<10), max: maxLine,
		skip: f.invalid.skip, mapped: f.mapped, newIDs: f.newIDs, seen: map[uint64]struct{}{},
	}
	if report != nil {
		s.report = json.NewEncoder(report)
		s.report.SetEscapeHTML(false)
	}
	return s
}

// Read implements io.Reader.
func (s *sieve) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		line, tooLong, err := s.next()
		if err != nil {
			return 0, err
		}
		s.line++
		if s.rest, err = s.pass(line, tooLong); err != nil {
			return 0, fmt.Errorf("line %d: %w", s.line, err)
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// next reads a line, of one that is too long the beginning. io.EOF comes alone.
func (s *sieve) next() (line []byte, tooLong bool, err error) {
	for {
		part, err := s.lines.ReadSlice('\n')
		if room := s.max + 1 - len(line); len(part) > room {
			part, tooLong = part[:room], true
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return append(line, '\n'), tooLong, nil
		default:
			return line, tooLong, err
		}
	}
}

// pass returns what is sent in the place of a line.
func (s *sieve) pass(line []byte, tooLong bool) ([]byte, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return line, nil
	}
	if tooLong {
		return s.leaveOut(line, fmt.Errorf("it is longer than %d bytes: this is its beginning", s.max))
	}
	sent, did, err := s.change(line)
	if err == nil {
		err = server.CheckRecord(sent)
	}
	if err != nil {
		return s.leaveOut(line, err)
	}
	if did.mapped {
		s.counts.changed.Add(1)
	}
	if did.renewed {
		s.counts.newIDs.Add(1)
	}
	if s.newIDs {
		s.seen[did.hash] = struct{}{}
	}
	return sent, nil
}

// leaveOut reports a record that cannot be stored.
func (s *sieve) leaveOut(line []byte, why error) ([]byte, error) {
	if !s.skip {
		return nil, why
	}
	s.counts.leftOut.Add(1)
	if len(s.counts.faults) < shownFaults {
		s.counts.faults = append(s.counts.faults, fmt.Sprintf("line %d: %v", s.line, why))
	}
	if s.report != nil {
		var record any = strings.TrimSpace(string(line))
		if json.Valid(line) {
			record = json.RawMessage(line)
		}
		err := s.report.Encode(struct {
			Line   int64  `json:"line"`
			Error  string `json:"error"`
			Record any    `json:"record"`
		}{s.line, why.Error(), record})
		if err != nil {
			return nil, fmt.Errorf("report what cannot be imported: %w", err)
		}
	}
	return []byte("\n"), nil
}

// changes are what is stored of a line in another way.
type changes struct {
	mapped, renewed bool
	hash            uint64 // of its id; with newIDs
}

// change stores another way what the flags say. A line that it cannot read, or
// has nothing to change in, it returns as it is.
func (s *sieve) change(line []byte) (sent []byte, did changes, err error) {
	if !s.mapped && !s.newIDs {
		return line, did, nil
	}
	var r importRecord
	if json.Unmarshal(line, &r) != nil {
		return line, did, nil //nolint:nilerr // what is wrong with it is said by who checks it
	}
	did.mapped = s.mapped && r.makeObjects()
	if s.newIDs {
		var usable bool
		if did.hash, usable = hashID(r.ID); !usable || s.met(did.hash) {
			if err := r.renew(); err != nil {
				return line, did, err
			}
			did.renewed = true
			did.hash, _ = hashID(r.ID)
		}
	}
	if !did.mapped && !did.renewed {
		return line, did, nil
	}
	return r.line(), did, nil
}

// met reports whether a message was passed on whose id hashes to that. Of two ids
// that do, which is one in some 10¹⁹ pairs, the second is renewed too.
func (s *sieve) met(hash uint64) bool {
	_, met := s.seen[hash]
	return met
}

// hashID returns what an id hashes to, and whether it can be stored: it is a UUID,
// and not the nil UUID.
func hashID(raw json.RawMessage) (hash uint64, usable bool) {
	var name string
	if json.Unmarshal(raw, &name) != nil {
		return 0, false
	}
	id, err := store.ParseID(name)
	if err != nil || id.IsZero() {
		return 0, false
	}
	sum := sha256.Sum256(id[:])
	return binary.BigEndian.Uint64(sum[:]), true
}

// importRecord is a line of the import format, of which everything comes back as it
// was but what is changed.
type importRecord struct {
	ID     json.RawMessage `json:"id"`
	Stream json.RawMessage `json:"stream"`
	Type   json.RawMessage `json:"type"`
	Pos    json.RawMessage `json:"pos"`
	GPos   json.RawMessage `json:"gpos"`
	Data   json.RawMessage `json:"data"`
	Meta   json.RawMessage `json:"meta"`
	Time   json.RawMessage `json:"time"`
}

// line writes the record, its values byte for byte. Members that were not there
// are null, which the check refuses as it refuses their absence.
func (r *importRecord) line() []byte {
	values := []json.RawMessage{r.ID, r.Stream, r.Type, r.Pos, r.GPos, r.Data, r.Meta, r.Time}
	for i, v := range values {
		if len(v) == 0 {
			values[i] = json.RawMessage("null")
		}
	}
	return fmt.Appendf(nil, `{"id":%s,"stream":%s,"type":%s,"pos":%s,"gpos":%s,"data":%s,"meta":%s,"time":%s}`+"\n",
		values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7])
}

// makeObjects makes {} of data that is null or not there, and {"value":…} of
// other data and metadata that are no objects.
func (r *importRecord) makeObjects() (changed bool) {
	if len(r.Data) == 0 || string(r.Data) == "null" {
		r.Data, changed = json.RawMessage("{}"), true
	}
	for _, value := range []*json.RawMessage{&r.Data, &r.Meta} {
		if v := *value; len(v) > 0 && v[0] != '{' && string(v) != "null" {
			*value, changed = json.RawMessage(`{"value":`+string(v)+`}`), true
		}
	}
	return changed
}

// renew gives the record an id that is the same each time it is imported, and
// keeps the one that it had in the metadata.
func (r *importRecord) renew() error {
	meta := bytes.TrimSpace(r.Meta)
	if len(meta) == 0 || string(meta) == "null" {
		meta = []byte("{}")
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(meta, &members) != nil {
		return errors.New("its id cannot be kept in metadata that is no object: see --map")
	}
	if _, taken := members[importedID]; taken {
		return fmt.Errorf("its id cannot be kept: the metadata has an %s already", importedID)
	}
	old := r.ID
	if len(old) == 0 {
		old = json.RawMessage("null")
	}
	comma := ","
	if len(members) == 0 {
		comma = ""
	}
	end := bytes.LastIndexByte(meta, '}')
	r.Meta = fmt.Appendf(nil, `%s%s"%s":%s}`, meta[:end], comma, importedID, old)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", r.GPos, old))
	id := store.ID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8: its own making (RFC 9562)
	r.ID = json.RawMessage(`"` + id.String() + `"`)
	return nil
}

// print prints what was left out and changed; nothing where there was nothing.
func (c *sieved) print(w io.Writer, report string) {
	if n := c.newIDs.Load(); n > 0 {
		fmt.Fprintf(w, "%s got a new id; the old one is %s in its metadata\n", output.Counted(n, "message"), importedID)
	}
	if n := c.changed.Load(); n > 0 {
		fmt.Fprintf(w, "%s with data or metadata that were no objects were stored as --map says\n", output.Counted(n, "message"))
	}
	n := c.leftOut.Load()
	if n == 0 {
		return
	}
	fmt.Fprintf(w, "%s could not be imported and were left out", output.Counted(n, "message"))
	if report != "" {
		fmt.Fprintf(w, "; they are in %s", text.Sanitize(report))
	}
	fmt.Fprintln(w)
	for _, fault := range c.faults {
		fmt.Fprintln(w, " ", text.Sanitize(fault))
	}
	if more := n - int64(len(c.faults)); more > 0 {
		fmt.Fprintf(w, "  and %s more\n", text.Count(more))
	}
}
