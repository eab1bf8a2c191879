package profiler

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoSession is returned when a session is not, or no longer, there.
var ErrNoSession = errors.New("no such profile is kept")

// Session is a kept profile.
type Session struct {
	ID       string          `json:"-"` // its file's name without .pb.gz
	Kind     Kind            `json:"kind"`
	Time     time.Time       `json:"time"`               // when it was begun
	Duration time.Duration   `json:"duration,omitempty"` // nanoseconds
	Target   string          `json:"target,omitempty"`
	Note     string          `json:"note,omitempty"`    // what a user or a trigger says of it
	Base     string          `json:"base,omitempty"`    // ID of the profile that it is to be compared with; it may be gone
	Load     json.RawMessage `json:"load,omitempty"`    // what load ran, as the load generator reports it
	Figures  json.RawMessage `json:"figures,omitempty"` // the engine's sample at the time
	Size     int64           `json:"-"`                 // bytes of the file
}

// Sessions is a directory of kept profiles. Each is NAME.pb.gz, which
// `go tool pprof` opens, and NAME.json, which says what it is; a .pb.gz put
// there by hand is listed as well. Files are private to the user. It is safe
// for concurrent use, by several processes too.
type Sessions struct {
	dir    string
	limits Limits
}

const (
	profileExt = ".pb.gz"
	aboutExt   = ".json"
)

// OpenSessions returns the sessions in a directory, which is made (0700) if
// it is missing.
func OpenSessions(dir string, limits Limits) (*Sessions, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open profiles: %w", err)
	}
	return &Sessions{dir: dir, limits: limits}, nil
}

// Dir returns the directory.
func (s *Sessions) Dir() string { return s.dir }

// Path returns the file of a session, for `go tool pprof`.
func (s *Sessions) Path(id string) string { return SessionPath(s.dir, id) }

// SessionPath returns the file of a session in a directory.
func SessionPath(dir, id string) string { return filepath.Join(dir, id+profileExt) }

// Keep stores a recording. Of about, only Note, Base, Load and Figures are used. The
// session is there whole or not at all.
func (s *Sessions) Keep(r *Recording, about Session) (Session, error) {
	about.Kind, about.Time, about.Duration, about.Target = r.Kind, r.Began.UTC(), r.Took, r.Target
	about.ID = newSessionID(r.Kind, r.Began)
	about.Size = int64(len(r.Data))
	text, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return Session{}, fmt.Errorf("keep profile: %w", err)
	}
	// The profile goes last: it is what makes the session exist.
	if err := writeFile(filepath.Join(s.dir, about.ID+aboutExt), append(text, '\n')); err != nil {
		return Session{}, fmt.Errorf("keep profile: %w", err)
	}
	if err := writeFile(s.Path(about.ID), r.Data); err != nil {
		_ = os.Remove(filepath.Join(s.dir, about.ID+aboutExt))
		return Session{}, fmt.Errorf("keep profile: %w", err)
	}
	return about, nil
}

// newSessionID sorts by time and does not collide.
func newSessionID(kind Kind, at time.Time) string {
	var salt [3]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24
	return fmt.Sprintf("%s-%s-%s", at.UTC().Format("20060102T150405Z"), kind, hex.EncodeToString(salt[:]))
}

// writeFile writes a private file so that it is there whole or not at all.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// List returns what is kept, the newest first. A session whose JSON is missing
// or damaged is listed with what its file shows.
func (s *Sessions) List() ([]Session, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list profiles: %w", err)
	}
	var list []Session
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), profileExt)
		if !ok || checkID(id) != nil || !e.Type().IsRegular() {
			continue
		}
		session, err := s.Find(id)
		if errors.Is(err, ErrNoSession) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		list = append(list, session)
	}
	slices.SortFunc(list, func(a, b Session) int {
		return cmp.Or(b.Time.Compare(a.Time), strings.Compare(b.ID, a.ID))
	})
	return list, nil
}

// Find returns one session. It returns ErrNoSession when it is not there.
func (s *Sessions) Find(id string) (Session, error) {
	if err := checkID(id); err != nil {
		return Session{}, err
	}
	info, err := os.Stat(s.Path(id))
	if err != nil {
		return Session{}, s.wrap("find profile", id, err)
	}
	session := Session{Time: info.ModTime().UTC()}
	if text, err := os.ReadFile(filepath.Join(s.dir, id+aboutExt)); err == nil && json.Unmarshal(text, &session) != nil {
		session = Session{Time: info.ModTime().UTC(), Note: "its description is damaged"}
	}
	session.ID, session.Size = id, info.Size()
	return session, nil
}

// Open parses a session's profile. It returns ErrNoSession when it is not
// there, and OpenFile's errors.
func (s *Sessions) Open(id string) (*Profile, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	p, err := OpenFile(s.Path(id), s.limits)
	if err != nil {
		return nil, s.wrap("open profile", id, err)
	}
	return p, nil
}

// Delete removes a session. It returns ErrNoSession when it is not there.
func (s *Sessions) Delete(id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	if err := os.Remove(s.Path(id)); err != nil {
		return s.wrap("delete profile", id, err)
	}
	if err := os.Remove(filepath.Join(s.dir, id+aboutExt)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.wrap("delete profile", id, err)
	}
	return nil
}

func (s *Sessions) wrap(step, id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNoSession
	}
	return fmt.Errorf("%s %q: %w", step, id, err)
}

// checkID keeps an id from leaving the directory.
func checkID(id string) error {
	if id == "" || strings.HasPrefix(id, ".") || strings.ContainsAny(id, "/\\:\x00") {
		return fmt.Errorf("%w: %q is not a session's name", ErrNoSession, id)
	}
	return nil
}
