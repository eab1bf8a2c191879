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

// memFiles is a file system in memory. Names are as Join makes them.
type memFiles struct {
	mu    sync.Mutex // guards what follows, and the nodes
	nodes map[string]*memNode
}

// memNode is a directory, or a file, which goes on under another name.
type memNode struct {
	files *memFiles
	dir   bool
	data  []byte
}

// NewMemFiles returns an empty file system in memory. It may be used by many
// goroutines.
func NewMemFiles() Files {
	return &memFiles{nodes: map[string]*memNode{".": {dir: true}, "/": {dir: true}}}
}

func notThere(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// find returns a copy of what is there now.
func (m *memFiles) find(op, name string) (memNode, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.nodes[name]; n != nil {
		return *n, nil
	}
	return memNode{}, notThere(op, name)
}

func (m *memFiles) ReadFile(name string) ([]byte, error) {
	n, err := m.find("read", name)
	return bytes.Clone(n.data), err
}

func (m *memFiles) Size(name string) (int64, error) {
	n, err := m.find("stat", name)
	return int64(len(n.data)), err
}

func (m *memFiles) IsDir(name string) bool {
	n, _ := m.find("stat", name)
	return n.dir
}

func (m *memFiles) SyncDir(string) error { return nil }

func (m *memFiles) Join(parts ...string) string { return path.Join(parts...) }

func (m *memFiles) Create(name string) (File, error) { return m.open(name, true) }

func (m *memFiles) Append(name string) (File, error) { return m.open(name, false) }

func (m *memFiles) open(name string, empty bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nodes[path.Dir(name)] == nil {
		return nil, notThere("create", name)
	}
	if m.nodes[name] == nil {
		m.nodes[name] = &memNode{files: m}
	} else if empty {
		m.nodes[name].data = nil
	}
	return m.nodes[name], nil
}

func (n *memNode) Write(p []byte) (int, error) {
	n.files.mu.Lock()
	defer n.files.mu.Unlock()
	n.data = append(n.data, p...)
	return len(p), nil
}

func (n *memNode) Sync() error  { return nil }
func (n *memNode) Close() error { return nil }

func (m *memFiles) List(dir string) (names []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nodes[dir] == nil {
		return nil, notThere("list", dir)
	}
	for name := range m.nodes {
		if path.Dir(name) == dir && name != dir {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

func (m *memFiles) MakeDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ; m.nodes[dir] == nil; dir = path.Dir(dir) {
		m.nodes[dir] = &memNode{dir: true}
	}
	return nil
}

func (m *memFiles) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nodes[from] == nil || m.nodes[path.Dir(to)] == nil {
		return notThere("rename", from)
	}
	for name, n := range m.nodes {
		if rest, ok := strings.CutPrefix(name, from); ok && (rest == "" || rest[0] == '/') {
			delete(m.nodes, name)
			m.nodes[to+rest] = n
		}
	}
	return nil
}

func (m *memFiles) Remove(name string) error {
	if names, _ := m.List(name); len(names) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrExist}
	}
	if _, err := m.find("remove", name); err != nil {
		return err
	}
	return m.RemoveAll(name)
}

func (m *memFiles) RemoveAll(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.nodes {
		if name == dir || strings.HasPrefix(name, dir+"/") {
			delete(m.nodes, name)
		}
	}
	return nil
}

// Lock has nothing to do: nobody else can have these files.
func (m *memFiles) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }
