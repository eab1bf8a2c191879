package sqlitestore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// The tables of format 1, as evtui wrote them until November 2026.
const (
	namespaceSchemaOne = `
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL, last_time INTEGER NOT NULL, messages INTEGER NOT NULL, streams INTEGER NOT NULL) STRICT;
INSERT INTO state VALUES (1, 1, 0, 0, 0);
CREATE TABLE categories (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, streams INTEGER NOT NULL, messages INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, last INTEGER NOT NULL, time INTEGER NOT NULL, hash INTEGER) STRICT;
CREATE TABLE messages (gpos INTEGER PRIMARY KEY, category INTEGER NOT NULL, stream INTEGER NOT NULL, position INTEGER NOT NULL, time INTEGER NOT NULL,
	given INTEGER NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL, correlation TEXT, metadata BLOB, data BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX by_stream ON messages (stream, position);
CREATE INDEX by_category ON messages (category, gpos, stream);
CREATE UNIQUE INDEX by_id ON messages (id) WHERE given = 1;`
	registrySchemaOne = `
CREATE TABLE namespaces (id TEXT PRIMARY KEY, file TEXT NOT NULL UNIQUE, description TEXT NOT NULL, metadata BLOB, created INTEGER NOT NULL,
	token BLOB NOT NULL, dirty INTEGER NOT NULL, messages INTEGER NOT NULL, streams INTEGER NOT NULL, last_activity INTEGER NOT NULL) STRICT, WITHOUT ROWID;`
)

// mustWriteOne runs a script on a new file in WAL mode, and says how it is left:
// with its log when it is killed.
func mustWriteOne(t testing.TB, path, script string, killed bool) {
	t.Helper()
	working := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := touch(filesys.Disk{}, filepath.Dir(working), filepath.Base(working)); err != nil {
		t.Fatal(err)
	}
	p, err := openPool(working, 1, 0, writes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.db.Exec(script); err != nil {
		t.Fatal(err)
	}
	if !killed {
		if err := p.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, suffix := range sidecars() {
		if err := copyFile(working+suffix, path+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if killed {
		_ = p.db.Close()
	}
}

// mustLayOne makes a data directory of format 1: namespace "used" holds three
// messages in two streams, "never" has no file since nobody used it.
func mustLayOne(t testing.TB, killed bool) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "ns"), 0o700); err != nil {
		t.Fatal(err)
	}
	token := sha256.Sum256([]byte("token"))
	mustWriteOne(t, filepath.Join(dir, "ns", "used.1.db"), fmt.Sprintf(`BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = 1;
		INSERT INTO categories VALUES (1, 'a', 1, 2, 2), (2, 'b', 1, 1, 3);
		INSERT INTO streams VALUES (1, 'a-1', 1, 2, 1700000000000000002, %d), (2, 'b', 0, 3, 1700000000000000003, NULL);
		INSERT INTO messages VALUES
			(1, 1, 1, 0, 1700000000000000001, 0, x'00000000000000000000000000000001', 'T', NULL, NULL, x'7b7d'),
			(2, 1, 1, 1, 1700000000000000002, 1, x'00000000000000000000000000000002', 'T', 'k', x'7b7d', x'7b2261223a317d'),
			(3, 2, 2, 0, 1700000000000000003, 0, x'00000000000000000000000000000003', 'U', NULL, NULL, x'7b7d');
		UPDATE state SET next = 4, last_time = 1700000000000000003, messages = 3, streams = 2; COMMIT;`,
		namespaceSchemaOne, namespaceApplication, store.Hash("1")), killed)
	dirty := truth(killed)
	mustWriteOne(t, filepath.Join(dir, RegistryFile), fmt.Sprintf(`BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = 1;
		INSERT INTO namespaces VALUES ('used', 'used.1.db', 'in use', x'7b226d223a317d', 1600000000000000000, x'%x', %d, 3, 2, 1700000000000000003),
			('never', 'never.2.db', '', NULL, 1600000000000000001, x'%x', 0, 0, 0, 0); COMMIT;`,
		registrySchemaOne, registryApplication, token, dirty, token), killed)
	return dir
}

// checkUpgraded reads what mustLayOne wrote.
func checkUpgraded(t *testing.T, s *Store) {
	t.Helper()
	list, err := s.Namespaces(t.Context())
	if err != nil || len(list) != 2 || list[0].ID != "never" || list[1].Description != "in use" || string(list[1].Metadata) != `{"m":1}` ||
		list[1].MessageCount != 3 || list[1].StreamCount != 2 || list[0].Damaged || !list[1].CreatedAt.Equal(unixTime(1600000000000000000)) {
		t.Errorf("namespaces %+v, %v", list, err)
	}
	if hash, err := s.TokenHash(t.Context(), "used"); err != nil || hash != sha256.Sum256([]byte("token")) {
		t.Errorf("token hash %x, %v", hash, err)
	}
	m := mustRead(t, s, "used")
	if len(m) != 3 || m[1].Stream != "a-1" || string(m[1].Data) != `{"a":1}` || m[2].Type != "U" {
		t.Errorf("read %+v", m)
	}
	r, err := s.Verify(t.Context(), "used")
	if err != nil || len(r.Findings) > 0 || !strings.Contains(fmt.Sprint(r.Notes), "3 carry no checksum") {
		t.Errorf("verified: %+v, %v", r, err)
	}
	if head, err := s.Head(t.Context(), "never"); err != nil || head != 0 {
		t.Errorf("head of the unused: %d, %v", head, err)
	}
}

// TestUpgrade opens data directories of format 1, first to read and then to
// write, and again.
func TestUpgrade(t *testing.T) {
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed=%t", killed), func(t *testing.T) {
			dir := mustLayOne(t, killed)
			before := picture(t, dir)
			s := mustOpen(t, dir, Options{ReadOnly: true})
			checkUpgraded(t, s)
			mustClose(t, s)
			if after := picture(t, dir); after != before {
				t.Fatalf("reading changed:\n%s\nto\n%s", before, after)
			}
			for range 2 {
				s = mustOpen(t, dir, Options{})
				checkUpgraded(t, s)
				mustClose(t, s)
			}
			s = mustOpen(t, dir, Options{})
			mustAppend(t, s, "used", "a-1", 1)
			mustAppend(t, s, "never", "a-1", 1)
			if r, err := s.Verify(t.Context(), "used"); err != nil || len(r.Findings) > 0 || r.Messages != 4 {
				t.Errorf("verified: %+v, %v", r, err)
			}
			mustClose(t, s)
			checkHeader(t, fileOf(t, dir, "used"), namespaceApplication, format)
			checkHeader(t, filepath.Join(dir, RegistryFile), registryApplication, wallVersion)
			if left, err := filepath.Glob(filepath.Join(dir, "ns", "*.db*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q, %v", left, err)
			}
		})
	}
}

// checkHeader reads what versions before look at, as sqlite.org/fileformat2.html
// section 1.3 says where.
func checkHeader(t *testing.T, path string, application, version uint32) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if a, v := binary.BigEndian.Uint32(b[68:]), binary.BigEndian.Uint32(b[60:]); a != application || v != version {
		t.Errorf("%s is application %#x's, of format %d", path, a, v)
	}
}

// crashing fails at the n-th change, and at all after it.
type crashing struct {
	filesys.Files
	left *int
}

var errCrash = errors.New("crashed here")

func (c crashing) step() error {
	if *c.left--; *c.left < 0 {
		return errCrash
	}
	return nil
}

func (c crashing) Create(name string) (filesys.File, error) {
	if err := c.step(); err != nil {
		return nil, err
	}
	return c.Files.Create(name)
}

func (c crashing) Append(name string) (filesys.File, error) {
	if err := c.step(); err != nil {
		return nil, err
	}
	return c.Files.Append(name)
}

func (c crashing) MakeDir(dir string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Files.MakeDir(dir)
}

func (c crashing) Rename(from, to string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Files.Rename(from, to)
}

func (c crashing) Remove(name string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Files.Remove(name)
}

func (c crashing) SyncDir(dir string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.Files.SyncDir(dir)
}

// TestUpgradeCrashes cuts the upgrade off at every step and begins again.
func TestUpgradeCrashes(t *testing.T) {
	for step := 0; ; step++ {
		dir := mustLayOne(t, step%2 == 1)
		left := step
		b := newBackend(crashing{filesys.Disk{}, &left}, Options{}, false)
		s, err := engine.Open(b, dir, b.shared())
		if err == nil { // the upgrade has fewer steps
			_ = s.Close()
			if step < 8 {
				t.Errorf("it took %d steps", step)
			}
			return
		}
		if !errors.Is(err, errCrash) {
			t.Fatalf("step %d: %v", step, err)
		}
		s = mustOpen(t, dir, Options{})
		checkUpgraded(t, s)
		mustClose(t, s)
		if t.Failed() {
			t.Fatalf("after a crash at step %d", step)
		}
	}
}

// TestLegacyDamageIsRefused damages registries of format 1: none may be taken
// for empty, and nothing may change.
func TestLegacyDamageIsRefused(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"missing":  os.Remove,
		"empty":    func(path string) error { return os.Truncate(path, 0) },
		"cut":      func(path string) error { return os.Truncate(path, 6000) },
		"no magic": func(path string) error { return overwrite(path, 0, "no database file") },
		"page":     func(path string) error { return overwrite(path, pageBytes, strings.Repeat("\x00", pageBytes)) },
		"no table": func(path string) error { return overwrite(path, 100, strings.Repeat("\xff", 8)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := mustLayOne(t, false)
			if err := damage(filepath.Join(dir, RegistryFile)); err != nil {
				t.Fatal(err)
			}
			before := picture(t, filepath.Join(dir, "ns"))
			for _, readOnly := range []bool{true, false} {
				s, err := Open(dir, Options{ReadOnly: readOnly})
				if err == nil {
					t.Error("opened")
					mustClose(t, s)
				}
				var damaged *store.DamagedError
				if !errors.As(err, &damaged) {
					t.Errorf("refused with %v", err)
				}
			}
			if after := picture(t, filepath.Join(dir, "ns")); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
}

func overwrite(path string, at int64, with string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(with), at)
	return errors.Join(err, f.Close())
}

// TestLegacyNewerFormat refuses a registry of a format that nobody knows yet.
func TestLegacyNewerFormat(t *testing.T) {
	dir := mustLayOne(t, false)
	mustExec(t, filepath.Join(dir, RegistryFile), fmt.Sprintf("PRAGMA user_version = %d", wallVersion+1))
	before := picture(t, filepath.Join(dir, "ns"))
	var newer *engine.FormatError
	for _, readOnly := range []bool{true, false} {
		if _, err := Open(dir, Options{ReadOnly: readOnly}); !errors.As(err, &newer) {
			t.Errorf("opened: %v", err)
		}
	}
	if after := picture(t, filepath.Join(dir, "ns")); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}
