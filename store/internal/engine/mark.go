package engine

import (
	"fmt"
	"strings"

	"github.com/evtui/evtui/store/internal/filesys"
)

// Mark is what is known to be in a namespace, kept outside of its database, so
// that what is missing at the next opening is noticed. It is written at a clean
// stop, when it is exact, and about once a second while the namespace is
// written to, when it is a lower bound.
type Mark struct {
	Known    bool       `json:"known,omitempty"` // false: nothing was noted yet
	Clean    bool       `json:"clean,omitempty"` // the namespace was closed, and nothing was written since
	Head     int64      `json:"head,omitempty"`  // the last global position
	Messages int64      `json:"messages,omitempty"`
	Streams  int64      `json:"streams,omitempty"`
	LastTime int64      `json:"lastTime,omitempty"` // of the last message, Unix nanoseconds; 0: not known
	Files    []FileMark `json:"files,omitempty"`
}

// FileMark is a file of a namespace's directory.
type FileMark struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	// Grows says that Size is how much of the file is durable: more may follow,
	// and a newer file may take its place. Without, the file is Size bytes long,
	// for good.
	Grows bool `json:"grows,omitempty"`
	// Sum is the CRC-32C of the first Covered bytes; 0: not known.
	Sum uint32 `json:"sum,omitempty"`
	// Summed is how many bytes Sum is of; 0: of all Size. A file that took an
	// older one's place ends in what that had held.
	Summed int64 `json:"summed,omitempty"`
}

// Covered is how many bytes Sum is of.
func (f FileMark) Covered() int64 {
	if f.Summed > 0 {
		return f.Summed
	}
	return f.Size
}

// DamageError says that what was known to be in a namespace is not there.
type DamageError struct {
	Reason string // in words for operators: names files below the namespace's directory, no paths
	Err    error  // what was found; may be nil
}

func (e *DamageError) Error() string { return e.Reason }

// Unwrap returns what was found.
func (e *DamageError) Unwrap() error { return e.Err }

// Damaged makes a DamageError.
func Damaged(err error, format string, args ...any) error {
	return &DamageError{Reason: fmt.Sprintf(format, args...), Err: err}
}

// check compares a directory's files with what the mark of a clean stop lists.
func (m Mark) check(files filesys.Files, dir string) error {
	if !m.Clean {
		return nil
	}
	var missing []string
	for _, f := range m.Files {
		size, err := files.Size(files.Join(dir, f.Name))
		switch {
		case filesys.IsNotExist(err):
			missing = append(missing, f.Name)
		case err != nil:
			return Damaged(err, "file %s cannot be looked at", f.Name)
		case size < f.Size:
			return Damaged(nil, "file %s has %d bytes, and had %d when the namespace was closed", f.Name, size, f.Size)
		case size > f.Size:
			return Damaged(nil, "file %s has %d bytes, and had %d when the namespace was closed: something wrote to it since", f.Name, size, f.Size)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	const most = 3
	words := strings.Join(missing[:min(most, len(missing))], ", ")
	if more := len(missing) - most; more > 0 {
		words += fmt.Sprintf(" and %d more", more)
	}
	return Damaged(nil, "missing: %s", words)
}

// Compare holds what a database counts against the mark, and returns a
// *DamageError when it is less than what was there.
func (m Mark) Compare(s State) error {
	head := s.Next - 1
	switch {
	case !m.Known:
		return nil
	case head < m.Head:
		return Damaged(nil, "it ends at global position %d, and had %d: it is older or shorter than what was there", head, m.Head)
	case s.Messages < m.Messages || s.Streams < m.Streams:
		return Damaged(nil, "it holds %d messages in %d streams, and had %d in %d", s.Messages, s.Streams, m.Messages, m.Streams)
	case m.Clean && (head > m.Head || s.Messages > m.Messages):
		return Damaged(nil, "it ends at global position %d, and had %d when it was closed: something wrote to it since", head, m.Head)
	}
	return nil
}
