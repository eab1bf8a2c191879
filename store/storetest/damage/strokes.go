package damage

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// stroke is what was done to a directory.
type stroke struct {
	kind    string
	what    string
	touched []string // files and directories, below the data directory
}

// striker damages a directory.
type striker struct {
	t      *testing.T
	w      *world
	random *rand.Rand
	dir    string
}

// kindsOfDamage are tried in turn; each returns false when there is nothing to
// do it to.
func kindsOfDamage() []struct {
	name   string
	strike func(*striker) (stroke, bool)
} {
	return []struct {
		name   string
		strike func(*striker) (stroke, bool)
	}{
		{"flip a bit", (*striker).flip},
		{"zero a block", (*striker).zero},
		{"cut a file", (*striker).cut},
		{"remove a file", (*striker).removeFile},
		{"remove the newest", (*striker).removeNewest},
		{"remove empty files", (*striker).removeEmpty},
		{"swap two files", (*striker).swapFiles},
		{"swap two namespaces", (*striker).swapDirs},
		{"remove a directory", (*striker).removeDir},
		{"an older directory", (*striker).olderDir},
		{"an older file", (*striker).olderFile},
		{"the registry", (*striker).registry},
		{"append garbage", (*striker).garbage},
		{"a block elsewhere", (*striker).misdirect},
		{"rename a directory", (*striker).renameDir},
		{"a second directory", (*striker).twin},
		{"another kind of thing", (*striker).replaceKind},
	}
}

// strike damages a copy of the world in one way.
func (w *world) strike(t *testing.T, random *rand.Rand, dir string) stroke {
	t.Helper()
	s := &striker{t: t, w: w, random: random, dir: dir}
	for range 100 {
		kind := pick(random, kindsOfDamage())
		if done, ok := kind.strike(s); ok {
			done.kind = kind.name
			return done
		}
	}
	t.Fatal("nothing could be damaged")
	return stroke{}
}

// files lists what lies below a directory, in order.
func (s *striker) files(below string) []string {
	var list []string
	_ = filepath.WalkDir(filepath.Join(s.dir, below), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, s.short(name))
		}
		return nil
	})
	slices.Sort(list)
	return list
}

// spaces lists the directories of namespaces.
func (s *striker) spaces() []string {
	entries, err := os.ReadDir(filepath.Join(s.dir, "ns"))
	s.must(err)
	var list []string
	for _, e := range entries {
		if e.IsDir() {
			list = append(list, filepath.Join("ns", e.Name()))
		}
	}
	return list
}

func (s *striker) short(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, s.dir), string(filepath.Separator))
}

func (s *striker) path(name string) string { return filepath.Join(s.dir, name) }

func (s *striker) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("damage: %v", err)
	}
}

// full picks a file that is not empty, below a directory.
func (s *striker) full(below string) (name string, data []byte, ok bool) {
	files := slices.DeleteFunc(s.files(below), func(name string) bool {
		info, err := os.Stat(s.path(name))
		return err != nil || info.Size() == 0
	})
	if len(files) == 0 {
		return "", nil, false
	}
	name = pick(s.random, files)
	data, err := os.ReadFile(s.path(name))
	s.must(err)
	return name, data, true
}

// somewhere picks an offset, more often where a file holds something.
func (s *striker) somewhere(data []byte) int {
	if used := len(bytes.TrimRight(data, "\x00")); used > 0 && s.random.IntN(5) > 0 {
		return s.random.IntN(used)
	}
	return s.random.IntN(len(data))
}

func (s *striker) write(name string, data []byte) { s.must(os.WriteFile(s.path(name), data, 0o600)) }

func (s *striker) flip() (stroke, bool) { return s.flipBelow("") }

func (s *striker) flipBelow(below string) (stroke, bool) {
	name, data, ok := s.full(below)
	if !ok {
		return stroke{}, false
	}
	at, bit := s.somewhere(data), s.random.IntN(8)
	data[at] ^= 1 << bit
	s.write(name, data)
	return stroke{what: fmt.Sprintf("bit %d of byte %d of %d of %s is flipped", bit, at, len(data), name), touched: []string{name}}, true
}

func (s *striker) zero() (stroke, bool) { return s.zeroBelow("") }

func (s *striker) zeroBelow(below string) (stroke, bool) {
	name, data, ok := s.full(below)
	if !ok {
		return stroke{}, false
	}
	size := pick(s.random, []int{16, 512, 4096})
	at := s.somewhere(data) / size * size
	end := min(at+size, len(data))
	if len(bytes.Trim(data[at:end], "\x00")) == 0 {
		return stroke{}, false
	}
	clear(data[at:end])
	s.write(name, data)
	return stroke{what: fmt.Sprintf("bytes %d to %d of %d of %s are zeroes", at, end, len(data), name), touched: []string{name}}, true
}

func (s *striker) cut() (stroke, bool) { return s.cutBelow("") }

func (s *striker) cutBelow(below string) (stroke, bool) {
	name, data, ok := s.full(below)
	if !ok {
		return stroke{}, false
	}
	at := s.somewhere(data)
	switch s.random.IntN(4) {
	case 0:
		at = 0
	case 1: // where a line or a page ends
		if nl := bytes.LastIndexByte(data[:at], '\n'); nl >= 0 {
			at = nl + 1
		} else {
			at = at / 4096 * 4096
		}
	}
	s.write(name, data[:at])
	return stroke{what: fmt.Sprintf("%s is cut to %d of %d bytes", name, at, len(data)), touched: []string{name}}, true
}

func (s *striker) removeFile() (stroke, bool) { return s.removeBelow("") }

func (s *striker) removeBelow(below string) (stroke, bool) {
	files := s.files(below)
	if len(files) == 0 {
		return stroke{}, false
	}
	name := pick(s.random, files)
	s.must(os.Remove(s.path(name)))
	return stroke{what: name + " is removed", touched: []string{name}}, true
}

// removeNewest removes the files that were written last, of all or of one
// namespace.
func (s *striker) removeNewest() (stroke, bool) {
	below := ""
	if s.random.IntN(3) > 0 {
		below = pick(s.random, s.spaces())
	}
	files := s.files(below)
	if len(files) == 0 {
		return stroke{}, false
	}
	slices.SortStableFunc(files, func(a, b string) int { return s.age(b).Compare(s.age(a)) })
	newest := files[:min(1+s.random.IntN(2), len(files))]
	for _, name := range newest {
		s.must(os.Remove(s.path(name)))
	}
	return stroke{what: "the newest are removed: " + strings.Join(newest, ", "), touched: newest}, true
}

// age is when a file was last written.
func (s *striker) age(name string) time.Time {
	info, err := os.Stat(s.path(name))
	s.must(err)
	return info.ModTime()
}

// removeEmpty removes the empty files below a directory.
func (s *striker) removeEmpty() (stroke, bool) {
	below := pick(s.random, append(s.spaces(), "", "registry"))
	var empty []string
	for _, name := range s.files(below) {
		if info, err := os.Stat(s.path(name)); err == nil && info.Size() == 0 {
			s.must(os.Remove(s.path(name)))
			empty = append(empty, name)
		}
	}
	return stroke{what: fmt.Sprintf("all empty files of %q are removed: %s", below, strings.Join(empty, ", ")), touched: empty}, len(empty) > 0
}

// kindOf tells what a file is: files of one kind can be taken for each other.
func kindOf(name string) string {
	base := filepath.Base(name)
	kind := filepath.Ext(base)
	if begin, _, ok := strings.Cut(base, "-"); ok {
		kind = begin + kind
	}
	if kind == "" {
		return base
	}
	return kind
}

func (s *striker) swapFiles() (stroke, bool) {
	files := s.files("")
	one := pick(s.random, files)
	alike := slices.DeleteFunc(slices.Clone(files), func(name string) bool { return name == one || kindOf(name) != kindOf(one) })
	if len(alike) == 0 {
		return stroke{}, false
	}
	other := pick(s.random, alike)
	return s.swap(one, other)
}

func (s *striker) swapDirs() (stroke, bool) {
	list := s.spaces()
	if len(list) < 2 {
		return stroke{}, false
	}
	s.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return s.swap(list[0], list[1])
}

func (s *striker) swap(one, other string) (stroke, bool) {
	aside := s.path("aside")
	s.must(os.Rename(s.path(one), aside))
	s.must(os.Rename(s.path(other), s.path(one)))
	s.must(os.Rename(aside, s.path(other)))
	return stroke{what: fmt.Sprintf("%s and %s are swapped", one, other), touched: []string{one, other}}, true
}

func (s *striker) removeDir() (stroke, bool) {
	name := pick(s.random, append(s.spaces(), "registry"))
	if s.random.IntN(10) == 0 {
		name = "ns"
	}
	s.must(os.RemoveAll(s.path(name)))
	return stroke{what: name + " is removed", touched: []string{name}}, true
}

// olderDir puts an older copy of a directory in its place.
func (s *striker) olderDir() (stroke, bool) {
	name := pick(s.random, append(s.spaces(), "registry"))
	if _, err := os.Stat(filepath.Join(s.w.older, name)); err != nil {
		return stroke{}, false
	}
	s.must(os.RemoveAll(s.path(name)))
	s.must(copyTree(filepath.Join(s.w.older, name), s.path(name)))
	return stroke{what: name + " is as it was earlier", touched: []string{name}}, true
}

// olderFile puts an older copy of a file in its place.
func (s *striker) olderFile() (stroke, bool) {
	name := pick(s.random, s.files(""))
	before, err := os.ReadFile(filepath.Join(s.w.older, name))
	if err != nil {
		return stroke{}, false
	}
	now, err := os.ReadFile(s.path(name))
	s.must(err)
	if bytes.Equal(before, now) {
		return stroke{}, false
	}
	s.write(name, before)
	return stroke{what: name + " is as it was earlier", touched: []string{name}}, true
}

// registry damages what knows the namespaces.
func (s *striker) registry() (stroke, bool) {
	return pick(s.random, []func(string) (stroke, bool){s.flipBelow, s.zeroBelow, s.cutBelow, s.removeBelow})("registry")
}

// garbage adds bytes to the end of a file.
func (s *striker) garbage() (stroke, bool) {
	name, data, ok := s.full("")
	if !ok {
		return stroke{}, false
	}
	more := make([]byte, 1+s.random.IntN(300))
	for i := range more {
		more[i] = byte(s.random.Uint32())
	}
	s.write(name, append(data, more...))
	return stroke{what: fmt.Sprintf("%d bytes of garbage follow %s", len(more), name), touched: []string{name}}, true
}

// misdirect writes a block of a file over another, as a disk may.
func (s *striker) misdirect() (stroke, bool) {
	name, data, ok := s.full("")
	if !ok {
		return stroke{}, false
	}
	size := pick(s.random, []int{512, 4096})
	from, to := s.somewhere(data)/size*size, s.somewhere(data)/size*size
	block := bytes.Clone(data[from:min(from+size, len(data))])
	block = block[:min(len(block), len(data)-to)]
	if bytes.Equal(block, data[to:to+len(block)]) {
		return stroke{}, false
	}
	copy(data[to:], block)
	s.write(name, data)
	return stroke{what: fmt.Sprintf("%d bytes at %d of %s stand at %d too", len(block), from, name, to), touched: []string{name}}, true
}

// renameDir gives a namespace's directory another name.
func (s *striker) renameDir() (stroke, bool) {
	list := s.spaces()
	if len(list) == 0 {
		return stroke{}, false
	}
	name := pick(s.random, list)
	other := name + pick(s.random, []string{"1", ".bak", "~"})
	s.must(os.Rename(s.path(name), s.path(other)))
	return stroke{what: name + " is " + other, touched: []string{name, other}}, true
}

// twin adds a copy of a namespace's directory beside it, of now or of earlier.
func (s *striker) twin() (stroke, bool) {
	list := s.spaces()
	if len(list) == 0 {
		return stroke{}, false
	}
	name := pick(s.random, list)
	other := filepath.Join("ns", pick(s.random, []string{"shop.77", "copy", "twice.1", filepath.Base(name) + "-old"}))
	from := filepath.Join(pick(s.random, []string{s.w.dir, s.w.older}), name)
	if _, err := os.Stat(s.path(other)); err == nil {
		return stroke{}, false
	}
	if _, err := os.Stat(from); err != nil {
		return stroke{}, false
	}
	s.must(copyTree(from, s.path(other)))
	return stroke{what: fmt.Sprintf("%s is a copy of %s", other, name), touched: []string{other}}, true
}

// replaceKind puts a directory in the place of a file, or a file in that of a
// directory.
func (s *striker) replaceKind() (stroke, bool) {
	if list := s.spaces(); s.random.IntN(3) == 0 && len(list) > 0 {
		name := pick(s.random, list)
		s.must(os.RemoveAll(s.path(name)))
		s.write(name, []byte("a file"))
		return stroke{what: name + " is a file", touched: []string{name}}, true
	}
	files := s.files("")
	if len(files) == 0 {
		return stroke{}, false
	}
	name := pick(s.random, files)
	s.must(os.Remove(s.path(name)))
	s.must(os.Mkdir(s.path(name), 0o700))
	return stroke{what: name + " is a directory", touched: []string{name}}, true
}
