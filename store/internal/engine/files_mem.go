package engine

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// MemFiles is a file system in memory. It may be used by many goroutines.
type MemFiles struct {
	mu    sync.Mutex // guards what follows
	nodes map[string]*memNode
	locks map[string]bool
}

// memNode is a directory, or a file.
type memNode struct {
	dir  bool
	data []byte
}

var _ Files = (*MemFiles)(nil)

// NewMemFiles returns an empty file system.
func NewMemFiles() *MemFiles {
	return &MemFiles{nodes: map[string]*memNode{".": {dir: true}, "/": {dir: true}}, locks: map[string]bool{}}
}

func notThere(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// ReadFile implements Files.
func (m *MemFiles) ReadFile(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.nodes[path.Clean(name)]
	if n == nil || n.dir {
		return nil, notThere("read", name)
	}
	return bytes.Clone(n.data), nil
}

// Create implements Files.
func (m *MemFiles) Create(name string) (File, error) { return m.write(name, true) }

// Append implements Files.
func (m *MemFiles) Append(name string) (File, error) { return m.write(name, false) }

func (m *MemFiles) write(name string, empty bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	if parent := m.nodes[path.Dir(name)]; parent == nil || !parent.dir {
		return nil, notThere("create", name)
	}
	n := m.nodes[name]
	switch {
	case n == nil:
		n = &memNode{}
		m.nodes[name] = n
	case n.dir:
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrInvalid}
	case empty:
		n.data = nil
	}
	return &memFile{files: m, node: n}, nil
}

// memFile is a file that is written. It goes on under another name.
type memFile struct {
	files *MemFiles
	node  *memNode
}

func (f *memFile) Write(p []byte) (int, error) {
	f.files.mu.Lock()
	defer f.files.mu.Unlock()
	f.node.data = append(f.node.data, p...)
	return len(p), nil
}

func (f *memFile) Sync() error  { return nil }
func (f *memFile) Close() error { return nil }

// Size implements Files.
func (m *MemFiles) Size(name string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.nodes[path.Clean(name)]
	if n == nil {
		return 0, notThere("stat", name)
	}
	return int64(len(n.data)), nil
}

// List implements Files.
func (m *MemFiles) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir = path.Clean(dir)
	if n := m.nodes[dir]; n == nil || !n.dir {
		return nil, notThere("list", dir)
	}
	var names []string
	for name := range m.nodes {
		if name != dir && path.Dir(name) == dir {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// IsDir implements Files.
func (m *MemFiles) IsDir(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.nodes[path.Clean(name)]
	return n != nil && n.dir
}

// MakeDir implements Files.
func (m *MemFiles) MakeDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for dir = path.Clean(dir); m.nodes[dir] == nil; dir = path.Dir(dir) {
		m.nodes[dir] = &memNode{dir: true}
	}
	if !m.nodes[dir].dir {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: fs.ErrExist}
	}
	return nil
}

// Rename implements Files.
func (m *MemFiles) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to = path.Clean(from), path.Clean(to)
	n, parent := m.nodes[from], m.nodes[path.Dir(to)]
	if n == nil || parent == nil || !parent.dir {
		return notThere("rename", from)
	}
	if old := m.nodes[to]; old != nil && (old.dir || n.dir) {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	}
	delete(m.nodes, from)
	m.nodes[to] = n
	for name, below := range m.nodes {
		if rest, ok := strings.CutPrefix(name, from+"/"); ok {
			delete(m.nodes, name)
			m.nodes[to+"/"+rest] = below
		}
	}
	return nil
}

// Remove implements Files.
func (m *MemFiles) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	if m.nodes[name] == nil {
		return notThere("remove", name)
	}
	for other := range m.nodes {
		if strings.HasPrefix(other, name+"/") {
			return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrExist}
		}
	}
	delete(m.nodes, name)
	return nil
}

// RemoveAll implements Files.
func (m *MemFiles) RemoveAll(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir = path.Clean(dir)
	for name := range m.nodes {
		if name == dir || strings.HasPrefix(name, dir+"/") {
			delete(m.nodes, name)
		}
	}
	return nil
}

// SyncDir implements Files.
func (m *MemFiles) SyncDir(dir string) error {
	if !m.IsDir(dir) {
		return notThere("sync", dir)
	}
	return nil
}

// Lock implements Files.
func (m *MemFiles) Lock(name string) (io.Closer, error) {
	f, err := m.Append(name)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	if m.locks[name] {
		return nil, ErrLocked
	}
	m.locks[name] = true
	return &memLock{File: f, files: m, name: name}, nil
}

type memLock struct {
	File
	files *MemFiles
	name  string
}

func (l *memLock) Close() error {
	l.files.mu.Lock()
	defer l.files.mu.Unlock()
	delete(l.files.locks, l.name)
	return nil
}

// Join implements Files.
func (m *MemFiles) Join(parts ...string) string { return path.Join(parts...) }
