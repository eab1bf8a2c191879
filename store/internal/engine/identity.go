package engine

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// homeFormat is the format of a data directory: of its registry, and of the
// files that say what a directory is. The formats before had number 1.
const homeFormat = 2

// What a directory may say of itself besides who it is.
const (
	// stateUnfinished: it is being made, until the registry names it.
	stateUnfinished = "unfinished"
	// stateDeleted is the tombstone: the directory is to be removed, and
	// nothing in it is needed any more.
	stateDeleted = "deleted"
)

// The files that say so.
const (
	identityFile = "identity"   // in a namespace's directory
	partFile     = "unfinished" // in a checkpoint that is being made; it holds the data directory's identity
)

// FormatError says that something was written in a format that this evtui does
// not read. It is no damage, and there is nothing to repair.
type FormatError struct {
	What   string // what has the format, such as "the data directory"
	Found  int
	Known  int    // what this evtui reads
	Reader string // which evtui reads it, if what was found says so
}

func (e *FormatError) Error() string {
	if e.Found < e.Known {
		return fmt.Sprintf("%s has format %d, which this evtui does not read: it reads %d", e.What, e.Found, e.Known)
	}
	return fmt.Sprintf("%s has format %d, newer than this evtui reads (%d): open it with %s", e.What, e.Found, e.Known, cmp.Or(e.Reader, "a newer evtui"))
}

// formatReader is the first evtui that reads homeFormat.
const formatReader = "evtui 0.1.0 or later"

// identity is what a directory says of itself, in one checksummed line, so that
// the registry can be built again, a directory in another's place be noticed,
// and nothing be removed but what is to be.
type identity struct {
	Format   int    `json:"format"`
	Reader   string `json:"reader"`
	State    string `json:"state,omitempty"`    // counts only in the directory that is named: not in a copy
	Replaces string `json:"replaces,omitempty"` // the identity of the content that this one took the place of
	entry
}

// tokenHash is a SHA-256, written as hex digits.
type tokenHash [32]byte

func (h tokenHash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

func (h *tokenHash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("a token hash has %d digits, not %d", hex.EncodedLen(len(h)), len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

func identityOf(e entry, replaces string) identity {
	e.Mark, e.LastActivity, e.Leaving, e.Accept, e.Place = Mark{}, time.Time{}, nil, false, ""
	return identity{Format: homeFormat, Reader: formatReader, Replaces: replaces, entry: e}
}

// newIdentity makes 32 random hex digits.
func newIdentity() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails
	return hex.EncodeToString(random[:])
}

// checksum is CRC-32C.
func checksum(data []byte) uint32 {
	return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
}

// errLine is returned for a line whose checksum does not fit what it says.
var errLine = errors.New("the checksum is wrong")

// encodeLine makes a checksummed line of JSON.
func encodeLine(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", checksum(text), text), nil
}

// sumDigits is how long the checksum at the beginning of a line is.
const sumDigits = 8

// checkLine returns the JSON of a line, without its end, or errLine.
func checkLine(line []byte) ([]byte, error) {
	if len(line) <= sumDigits || line[sumDigits] != ' ' {
		return nil, errLine
	}
	text := line[sumDigits+1:]
	if string(line[:sumDigits]) != fmt.Sprintf("%08x", checksum(text)) {
		return nil, errLine
	}
	return text, nil
}

// checkFormat refuses every format but ours.
func checkFormat(text []byte, what string) error {
	var head struct {
		Format *int   `json:"format"`
		Reader string `json:"reader"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return err
	}
	if head.Format == nil {
		return errors.New("it names no format")
	}
	if *head.Format != homeFormat {
		return &FormatError{What: what, Found: *head.Format, Known: homeFormat, Reader: head.Reader}
	}
	return nil
}

// writeWhole writes a file aside, and then in its place: after a crash it
// holds all of data, or is as it was.
func writeWhole(files filesys.Files, dir, name string, data []byte) error {
	aside := files.Join(dir, name+asideEnd)
	err := writeSynced(files, aside, data)
	if err == nil {
		err = files.Rename(aside, files.Join(dir, name))
	}
	if err != nil {
		return errors.Join(err, removeIfThere(files, aside))
	}
	return files.SyncDir(dir)
}

// Ends of names.
const (
	asideEnd = ".new"  // of files and directories that are not whole yet
	goneEnd  = ".gone" // of directories that hold nothing any more and are being removed
)

func writeSynced(files filesys.Files, name string, data []byte) error {
	f, err := files.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func removeIfThere(files filesys.Files, name string) error {
	if err := files.Remove(name); err != nil && !filesys.IsNotExist(err) {
		return err
	}
	return nil
}

func exists(files filesys.Files, name string) bool {
	_, err := files.Size(name)
	return !filesys.IsNotExist(err)
}

// writeIdentity writes what a directory says of itself, durably.
func writeIdentity(files filesys.Files, dir, name string, i identity) error {
	line, err := encodeLine(i)
	if err == nil {
		err = writeWhole(files, dir, name, line)
	}
	if err != nil {
		return fmt.Errorf("write %s of %s: %w", name, i.Dir, err)
	}
	return nil
}

// readIdentity reads it. It returns fs.ErrNotExist when the directory does not
// say, a *FormatError, or what is wrong with the file.
func readIdentity(files filesys.Files, dir, name string) (i identity, err error) {
	data, err := files.ReadFile(files.Join(dir, name))
	if err != nil {
		return i, err
	}
	line, ended := bytes.CutSuffix(data, []byte("\n"))
	if !ended || bytes.ContainsRune(line, '\n') {
		return i, errLine
	}
	text, err := checkLine(line)
	if err == nil {
		err = checkFormat(text, "a namespace's identity")
	}
	if err == nil {
		err = json.Unmarshal(text, &i)
	}
	if err == nil && name == identityFile {
		err = store.CheckNamespaceID(i.ID)
	}
	if err == nil && len(i.Identity) != 32 {
		err = errors.New("it names no identity")
	}
	if err != nil {
		return identity{}, err
	}
	return i, nil
}

// damagedMark stands in the name of a directory that a repair put aside.
const damagedMark = ".damaged-"

// damagedName is the name under which a repair keeps what it replaced.
func damagedName(name string, now time.Time) string {
	return name + damagedMark + now.UTC().Format("20060102T150405.000Z")
}

// maxEscaped is how long an escaped id may be in the name of a directory.
const maxEscaped = 80

var (
	harmful     = regexp.MustCompile(`[^a-z0-9-]`)
	escapedByte = regexp.MustCompile(`_[0-9A-F]{2}`)
	dirName     = regexp.MustCompile(`^([a-z0-9A-F_-]+)\.([1-9][0-9]*)$`)
)

// escapeID keeps lower-case letters, digits and dashes of a namespace id and
// makes every other byte _XX, cut to 80 characters. It need not be unique.
func escapeID(id string) string {
	escaped := harmful.ReplaceAllStringFunc(id, func(s string) string {
		return strings.ReplaceAll(fmt.Sprintf("% X", "\x00"+s)[2:], " ", "_")
	})
	return escaped[:min(len(escaped), maxEscaped)]
}

// unescapeID is escapeID's inverse; ok is false when the text is none of its
// results, or may have been cut.
func unescapeID(escaped string) (id string, ok bool) {
	id = escapedByte.ReplaceAllStringFunc(escaped, func(s string) string {
		n, _ := hex.DecodeString(s[1:]) // it is two digits
		return string(n)
	})
	return id, len(escaped) < maxEscaped && store.CheckNamespaceID(id) == nil && escapeID(id) == escaped
}

// splitDir takes the name of a namespace's directory apart, also of one that a
// repair put aside, or that is being made or removed; serial is 0 when evtui
// gives no such names.
func splitDir(name string) (escaped string, serial int) {
	name, _, _ = strings.Cut(name, damagedMark)
	found := dirName.FindStringSubmatch(ownName(name))
	if found == nil {
		return "", 0
	}
	serial, err := strconv.Atoi(found[2])
	if err != nil {
		return "", 0
	}
	return found[1], serial
}

func serialOf(name string) int {
	_, serial := splitDir(name)
	return serial
}

// ownName is the name of a directory when it is neither being made nor removed.
func ownName(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, asideEnd), goneEnd)
}
