package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/store/internal/filesys"
)

// errDisk is what a disk that fails, or has lost its power, answers.
var errDisk = errors.New("the disk fails")

// disk is a file system that knows what is durable, and fails when told to.
type disk struct {
	mu     sync.Mutex
	root   *inode
	ops    int // changes so far
	failAt int // the change that fails; 0: none
	dead   bool
	lasts  bool // after failAt all changes fail: the power is gone
	done   bool // the failing change happens before its error is told
	last   string
}

// inode is a file or a directory, as it is and as it is durable.
type inode struct {
	dir     bool
	data    []byte
	synced  []byte
	now     map[string]*inode
	durable map[string]*inode
	pending []func(map[string]*inode) // what makes now of durable
}

func newDirNode() *inode {
	return &inode{dir: true, now: map[string]*inode{}, durable: map[string]*inode{}}
}

func newDisk() *disk { return &disk{root: newDirNode()} }

func parts(name string) []string {
	name = strings.Trim(path.Clean(name), "/")
	if name == "." || name == "" {
		return nil
	}
	return strings.Split(name, "/")
}

func notThere(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

func (d *disk) find(name string) *inode {
	n := d.root
	for _, part := range parts(name) {
		if n == nil || !n.dir {
			return nil
		}
		n = n.now[part]
	}
	return n
}

func (n *inode) change(f func(map[string]*inode)) {
	f(n.now)
	n.pending = append(n.pending, f)
}

// op counts a change. It returns whether it happens, and its error.
func (d *disk) op(format string, args ...any) (bool, error) {
	if d.dead {
		return false, errDisk
	}
	d.ops++
	if d.ops != d.failAt {
		return true, nil
	}
	d.last = fmt.Sprintf(format, args...)
	d.dead = d.lasts
	return d.done, fmt.Errorf("%s: %w", d.last, errDisk)
}

func (d *disk) ReadFile(name string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.find(name)
	if n == nil || n.dir {
		return nil, notThere("read", name)
	}
	return bytes.Clone(n.data), nil
}

func (d *disk) Create(name string) (filesys.File, error) { return d.open(name, true) }
func (d *disk) Append(name string) (filesys.File, error) { return d.open(name, false) }

func (d *disk) open(name string, empty bool) (filesys.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	parent := d.find(path.Dir(name))
	if parent == nil || !parent.dir {
		return nil, notThere("create", name)
	}
	n := d.find(name)
	if n != nil && !empty {
		return &diskFile{d, n, name}, nil
	}
	happens, err := d.op("create %s", name)
	if happens {
		if n == nil {
			n = &inode{}
			made := n
			parent.change(func(m map[string]*inode) { m[path.Base(name)] = made })
		}
		n.data = nil
	}
	if err != nil {
		return nil, err
	}
	return &diskFile{d, n, name}, nil
}

type diskFile struct {
	d    *disk
	n    *inode
	name string
}

func (f *diskFile) Write(p []byte) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	happens, err := f.d.op("write %s", f.name)
	if !happens {
		return 0, err
	}
	if err != nil {
		p = p[:len(p)/2]
	}
	f.n.data = append(f.n.data, p...)
	return len(p), err
}

func (f *diskFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	happens, err := f.d.op("sync %s", f.name)
	if happens {
		f.n.synced = bytes.Clone(f.n.data)
	}
	return err
}

func (f *diskFile) Close() error { return nil }

func (d *disk) Size(name string) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.find(name)
	if n == nil {
		return 0, notThere("stat", name)
	}
	return int64(len(n.data)), nil
}

func (d *disk) List(dir string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.find(dir)
	if n == nil || !n.dir {
		return nil, notThere("list", dir)
	}
	return slices.Sorted(maps.Keys(n.now)), nil
}

func (d *disk) IsDir(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.find(name)
	return n != nil && n.dir
}

func (d *disk) MakeDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := d.find(dir); n != nil {
		if !n.dir {
			return fs.ErrExist
		}
		return nil
	}
	happens, err := d.op("make %s", dir)
	if !happens {
		return err
	}
	n := d.root
	for _, part := range parts(dir) {
		if n.now[part] == nil {
			fresh := newDirNode()
			n.now[part] = fresh
			n.durable[part] = fresh
		}
		n = n.now[part]
	}
	return err
}

func (d *disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, parent := d.find(from), d.find(path.Dir(to))
	if n == nil || parent == nil {
		return notThere("rename", from)
	}
	if old := d.find(to); old != nil && old.dir {
		return fs.ErrExist
	}
	happens, err := d.op("rename %s to %s", from, to)
	if !happens {
		return err
	}
	source := d.find(path.Dir(from))
	if source == parent {
		parent.change(func(m map[string]*inode) { delete(m, path.Base(from)); m[path.Base(to)] = n })
		return err
	}
	parent.change(func(m map[string]*inode) { m[path.Base(to)] = n })
	source.change(func(m map[string]*inode) { delete(m, path.Base(from)) })
	return err
}

func (d *disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.find(name)
	if n == nil {
		return notThere("remove", name)
	}
	if len(n.now) > 0 {
		return fmt.Errorf("remove %s: not empty", name)
	}
	happens, err := d.op("remove %s", name)
	if happens {
		d.find(path.Dir(name)).change(func(m map[string]*inode) { delete(m, path.Base(name)) })
	}
	return err
}

func (d *disk) RemoveAll(name string) error {
	if !exists(d, name) {
		return nil
	}
	if names, err := d.List(name); err == nil {
		for _, below := range names {
			if err := d.RemoveAll(path.Join(name, below)); err != nil {
				return err
			}
		}
	}
	return d.Remove(name)
}

func (d *disk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.find(dir)
	if n == nil {
		return notThere("sync", dir)
	}
	happens, err := d.op("sync directory %s", dir)
	if happens {
		n.durable, n.pending = maps.Clone(n.now), nil
	}
	return err
}

func (d *disk) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }
func (d *disk) Join(parts ...string) string    { return path.Join(parts...) }

// crashed returns the disk as it may be after the power went: what was synced
// is there, and of the rest anything.
func (d *disk) crashed(random *rand.Rand) *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &disk{root: d.root.crashed(random, map[*inode]*inode{})}
}

func (n *inode) crashed(random *rand.Rand, seen map[*inode]*inode) *inode {
	if c := seen[n]; c != nil {
		return c
	}
	c := &inode{dir: n.dir}
	seen[n] = c
	if !n.dir {
		c.data = bytes.Clone([][]byte{n.synced, n.data}[random.IntN(2)])
		if len(n.data) > len(n.synced) && random.IntN(2) == 0 { // torn, or never written
			c.data = bytes.Clone(n.data[:len(n.synced)+random.IntN(len(n.data)-len(n.synced)+1)])
			if random.IntN(2) == 0 {
				clear(c.data[len(n.synced):])
			}
		}
		c.synced = bytes.Clone(c.data)
		return c
	}
	entries := maps.Clone(n.durable)
	for _, f := range n.pending[:random.IntN(len(n.pending)+1)] {
		f(entries)
	}
	c.now = map[string]*inode{}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		c.now[name] = entries[name].crashed(random, seen)
	}
	c.durable = maps.Clone(c.now)
	return c
}

// tree returns all files and directories, with what they hold.
func (d *disk) tree() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]string{}
	d.root.walk("", all)
	return all
}

func (n *inode) walk(name string, all map[string]string) {
	if !n.dir {
		all[name] = string(n.data)
		return
	}
	all[name+"/"] = ""
	for part, below := range n.now {
		below.walk(path.Join(name, part), all)
	}
}

// clone copies what is there, durable or not.
func (d *disk) clone(t *testing.T) *disk {
	t.Helper()
	c := newDisk()
	for name, data := range d.tree() {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			mustDo(t, c.MakeDir(dir))
			continue
		}
		mustDo(t, c.MakeDir(path.Dir(name)))
		mustDo(t, writeSynced(c, name, []byte(data)))
	}
	return c
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
