package recording

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Version is of the format; see the package's description.
const Version = 1

// The kinds of lines.
const (
	kindBegin         = "begin"
	kindEnd           = "end"
	kindGap           = "gap"
	kindInfo          = "info"
	kindSample        = "sample"
	kindEvent         = "event"
	kindLog           = "log"
	kindFigures       = "figures"
	kindSections      = "sections"
	kindGroups        = "groups"
	kindSubscriptions = "subscriptions"
	kindNamespaces    = "namespaces"
	kindCategories    = "categories"
	kindProfile       = "profile"
)

// Header is what a recording says of itself first.
type Header struct {
	Version   int       `json:"version"`
	Evtui     string    `json:"evtui"` // that wrote it
	Server    string    `json:"server"`
	Namespace string    `json:"namespace"` // whose categories are recorded
	Began     time.Time `json:"began"`
}

// line is one line of the file.
type line struct {
	Kind  string          `json:"kind"`
	Time  time.Time       `json:"time"`
	Value json.RawMessage `json:"value,omitempty"`
}

// memberSize is after how many bytes of lines a member of the file ends: a
// checksum stands there, and a damage ends there.
const memberSize = 256 << 10

// Writer appends lines to a recording's file. Make it with [Create]. It is safe
// for concurrent use.
type Writer struct {
	mu      sync.Mutex
	file    *os.File
	zip     *gzip.Writer
	pending int   // bytes of lines in the member
	err     error // the first that writing met; nothing is written after it
}

// Create makes the file, which must not be there, and writes its header.
func Create(path string, h Header) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("record: %s exists, and a recording is never written over: name another file", path)
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	w := &Writer{file: file, zip: gzip.NewWriter(file)}
	h.Version = Version
	if err := errors.Join(w.write(kindBegin, h.Began, h), w.Flush()); err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	return w, nil
}

// write appends one line; a value that is a json.RawMessage stays as it is.
func (w *Writer) write(kind string, at time.Time, value any) error {
	raw, ok := value.(json.RawMessage)
	if !ok && value != nil {
		var err error
		if raw, err = json.Marshal(value); err != nil {
			return fmt.Errorf("record %s: %w", kind, err)
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line{Kind: kind, Time: at.UTC(), Value: raw}); err != nil {
		return fmt.Errorf("record %s: %w", kind, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	n, err := w.zip.Write(text.Bytes())
	w.pending += n
	return w.keepLocked(err)
}

// Flush has all that was written survive the process.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil || w.pending == 0:
		return w.err
	case w.pending < memberSize:
		return w.keepLocked(w.zip.Flush())
	}
	err := w.zip.Close()
	w.zip.Reset(w.file)
	w.pending = 0
	return w.keepLocked(err)
}

func (w *Writer) keepLocked(err error) error {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("write the recording: %w", err)
	}
	return w.err
}

// Size returns how many bytes the file has.
func (w *Writer) Size() (int64, error) {
	info, err := w.file.Stat()
	if err != nil {
		return 0, fmt.Errorf("look at the recording: %w", err)
	}
	return info.Size(), nil
}

// Close ends the recording.
func (w *Writer) Close(at time.Time) error {
	err := w.write(kindEnd, at, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		err = w.keepLocked(errors.Join(w.zip.Close(), w.file.Sync()))
	}
	return errors.Join(err, w.file.Close())
}
