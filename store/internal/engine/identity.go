package engine

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// homeFormat is the format of a data directory: of its registry, and of the
// files that say what a directory is. The formats before had number 1.
const homeFormat = 2

// Names of files in a namespace's directory that are no engine's.
const (
	identityFile = "identity"
	// deletedFile is a tombstone: the directory is to be removed, and nothing
	// in it is needed any more.
	deletedFile = "deleted"
	// unfinishedFile says that the directory is being made. It is removed once
	// the registry names the directory.
	unfinishedFile = "unfinished"
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
	reader := e.Reader
	if reader == "" {
		reader = "a newer evtui"
	}
	return fmt.Sprintf("%s has format %d, newer than this evtui reads (%d): open it with %s", e.What, e.Found, e.Known, reader)
}

// formatReader is the first evtui that reads homeFormat.
const formatReader = "evtui 0.1.0 or later"

// identity is what a namespace's directory says of itself, so that the
// registry can be built again and a directory in another's place be noticed.
type identity struct {
	Format      int       `json:"format"`
	Reader      string    `json:"reader"`
	ID          string    `json:"id"`
	Identity    string    `json:"identity"`           // random, 32 hex digits: of this content
	Replaces    string    `json:"replaces,omitempty"` // the identity of the content that this one took the place of
	TokenHash   tokenHash `json:"tokenHash"`
	Description string    `json:"description,omitempty"`
	Metadata    []byte    `json:"metadata,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
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
	return identity{
		Format: homeFormat, Reader: formatReader, ID: e.ID, Identity: e.Identity, Replaces: replaces,
		TokenHash: e.TokenHash, Description: e.Description, Metadata: e.Metadata, CreatedAt: e.CreatedAt,
	}
}

func (i identity) entry(dir string) entry {
	return entry{
		ID: i.ID, Dir: dir, Identity: i.Identity, Description: i.Description,
		Metadata: i.Metadata, CreatedAt: i.CreatedAt, TokenHash: i.TokenHash,
	}
}

// sign is what a tombstone or an unfinished file says. It names the directory,
// so that it says nothing in a copy under another name.
type sign struct {
	Format   int    `json:"format"`
	Reader   string `json:"reader"`
	Says     string `json:"says"` // the file's name
	Dir      string `json:"dir"`
	Identity string `json:"identity"` // of the namespace's content, or of the data directory
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

// readLine reads a file that is one checksummed line. what is its name in
// errors: a *FormatError when its format is another, else what is wrong with it.
func readLine(files Files, name, what string, v any) error {
	data, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	line, ended := strings.CutSuffix(string(data), "\n")
	if !ended || strings.Contains(line, "\n") {
		return errLine
	}
	text, err := checkLine([]byte(line))
	if err != nil {
		return err
	}
	if err := checkFormat(text, what); err != nil {
		return err
	}
	return json.Unmarshal(text, v)
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
func writeWhole(files Files, dir, name string, data []byte) error {
	aside := files.Join(dir, name+asideEnd)
	if err := writeSynced(files, aside, data); err != nil {
		return errors.Join(err, removeIfThere(files, aside))
	}
	if err := files.Rename(aside, files.Join(dir, name)); err != nil {
		return errors.Join(err, removeIfThere(files, aside))
	}
	return files.SyncDir(dir)
}

// Ends of names.
const (
	asideEnd = ".new"  // of files and directories that are not whole yet
	goneEnd  = ".gone" // of directories that hold nothing any more and are being removed
)

func writeSynced(files Files, name string, data []byte) error {
	f, err := files.Create(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

func removeIfThere(files Files, name string) error {
	if err := files.Remove(name); err != nil && !IsNotExist(err) {
		return err
	}
	return nil
}

func exists(files Files, name string) bool {
	_, err := files.Size(name)
	return !IsNotExist(err)
}

// writeIdentity writes who a directory is, durably.
func writeIdentity(files Files, dir string, i identity) error {
	line, err := encodeLine(i)
	if err != nil {
		return fmt.Errorf("encode identity of namespace %q: %w", i.ID, err)
	}
	if err := writeWhole(files, dir, identityFile, line); err != nil {
		return fmt.Errorf("write identity of namespace %q: %w", i.ID, err)
	}
	return nil
}

// readIdentity reads who a directory is. It returns fs.ErrNotExist when the
// directory does not say, a *FormatError, or what is wrong with the file.
func readIdentity(files Files, dir string) (identity, error) {
	var i identity
	if err := readLine(files, files.Join(dir, identityFile), "a namespace's identity", &i); err != nil {
		return identity{}, err
	}
	if err := store.CheckNamespaceID(i.ID); err != nil {
		return identity{}, err
	}
	if len(i.Identity) != 32 {
		return identity{}, errors.New("it names no identity")
	}
	return i, nil
}

// checkIdentity holds what a directory says against the registry's entry. It
// returns a *DamageError, or a *FormatError.
func checkIdentity(files Files, dir string, e entry) error {
	if !files.IsDir(dir) {
		return Damaged(nil, "its directory is missing")
	}
	found, err := readIdentity(files, dir)
	var format *FormatError
	switch {
	case IsNotExist(err):
		return Damaged(err, "file %s is missing, so that nothing says whose this directory is", identityFile)
	case errors.As(err, &format):
		return err
	case err != nil:
		return Damaged(err, "file %s cannot be read: %v", identityFile, err)
	case found.ID != e.ID:
		return Damaged(nil, "its directory is namespace %q's", found.ID)
	case found.Identity != e.Identity:
		return Damaged(nil, "its directory holds other content of this name: identity %s, not %s", found.Identity, e.Identity)
	}
	return nil
}

// writeSign puts a tombstone or an unfinished file into a directory, durably.
func writeSign(files Files, dir, says, name, identity string) error {
	line, err := encodeLine(sign{Format: homeFormat, Reader: formatReader, Says: says, Dir: name, Identity: identity})
	if err != nil {
		return err
	}
	return writeWhole(files, dir, says, line)
}

// readSign returns what a tombstone or an unfinished file says of a directory
// with that name; ok is false when there is none that means this directory.
func readSign(files Files, dir, says, name string) (s sign, ok bool) {
	err := readLine(files, files.Join(dir, says), "a directory's file "+says, &s)
	return s, err == nil && s.Says == says && s.Dir == name
}

// damagedMark stands in the name of a directory that a repair put aside.
const damagedMark = ".damaged-"

// damagedName is the name under which a repair keeps what it replaced.
func damagedName(name string, now time.Time) string {
	return name + damagedMark + now.UTC().Format("20060102T150405.000Z")
}

// maxEscaped is how long an escaped id may be in the name of a directory.
const maxEscaped = 80

// escapeID keeps lower-case letters, digits and dashes of a namespace id and
// makes every other byte _XX, cut to 80 characters. It need not be unique.
func escapeID(id string) string {
	var b strings.Builder
	for i := range len(id) {
		c := id[i]
		if plain(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02X", c)
		}
	}
	escaped := b.String()
	return escaped[:min(len(escaped), maxEscaped)]
}

func plain(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' }

// unescapeID is escapeID's inverse; ok is false when the text is none of its
// results, or may have been cut.
func unescapeID(escaped string) (id string, ok bool) {
	if len(escaped) >= maxEscaped {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		switch c := escaped[i]; {
		case plain(c):
			b.WriteByte(c)
		case c == '_' && i+2 < len(escaped):
			n, err := strconv.ParseUint(escaped[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(n))
			i += 2
		default:
			return "", false
		}
	}
	id = b.String()
	return id, store.CheckNamespaceID(id) == nil && escapeID(id) == escaped
}

// splitDir takes the name of a namespace's directory apart; ok is false when
// evtui gives no such names.
func splitDir(name string) (escaped string, serial int, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 1 {
		return "", 0, false
	}
	serial, err := strconv.Atoi(name[dot+1:])
	if err != nil || serial < 1 || strconv.Itoa(serial) != name[dot+1:] {
		return "", 0, false
	}
	escaped = name[:dot]
	for i := range len(escaped) {
		if c := escaped[i]; !plain(c) && c != '_' && (c < 'A' || c > 'F') {
			return "", 0, false
		}
	}
	return escaped, serial, true
}

// serialOf returns the number in the name of a directory, also of one that a
// repair put aside, or that is being made or
// removed; 0 when there is none.
func serialOf(name string) int {
	name, _, _ = strings.Cut(name, damagedMark)
	_, serial, _ := splitDir(strings.TrimSuffix(strings.TrimSuffix(name, asideEnd), goneEnd))
	return serial
}
