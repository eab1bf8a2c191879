package filesys

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// memory is a file system in memory. Names are as Join makes them.
type memory struct {
	mu    sync.Mutex // guards what follows, and the nodes
	nodes map[string]*node
}

// node is a directory, or a file, which goes on under another name.
type node struct {
	files *memory
	dir   bool
	data  []byte
}

// NewMemory returns an empty file system in memory. It may be used by many
// goroutines.
func NewMemory() Files {
	return &memory{nodes: map[string]*node{".": {dir: true}, "/": {dir: true}}}
}

func notThere(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// find returns a copy of what is there now.
func (m *memory) find(op, name string) (node, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.nodes[name]; n != nil {
		return *n, nil
	}
	return node{}, notThere(op, name)
}

func (m *memory) ReadFile(name string) ([]byte, error) {
	n, err := m.find("read", name)
	return bytes.Clone(n.data), err
}

func (m *memory) Size(name string) (int64, error) {
	n, err := m.find("stat", name)
	return int64(len(n.data)), err
}

func (m *memory) IsDir(name string) bool {
	n, _ := m.find("stat", name)
	return n.dir
}

func (m *memory) SyncDir(string) error { return nil }

func (m *memory) Join(parts ...string) string { return path.Join(parts...) }

func (m *memory) Create(name string) (File, error) { return m.open(name, true) }

func (m *memory) Append(name string) (File, error) { return m.open(name, false) }

func (m *memory) open(name string, empty bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nodes[path.Dir(name)] == nil {
		return nil, notThere("create", name)
	}
	if m.nodes[name] == nil {
		m.nodes[name] = &node{files: m}
	} else if empty {
		m.nodes[name].data = nil
	}
	return m.nodes[name], nil
}

func (n *node) Write(p []byte) (int, error) {
	n.files.mu.Lock()
	defer n.files.mu.Unlock()
	n.data = append(n.data, p...)
	return len(p), nil
}

func (n *node) Sync() error  { return nil }
func (n *node) Close() error { return nil }

func (m *memory) List(dir string) (names []string, err error) {
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

func (m *memory) MakeDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ; m.nodes[dir] == nil; dir = path.Dir(dir) {
		m.nodes[dir] = &node{dir: true}
	}
	return nil
}

func (m *memory) Rename(from, to string) error {
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

func (m *memory) Remove(name string) error {
	if names, _ := m.List(name); len(names) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrExist}
	}
	if _, err := m.find("remove", name); err != nil {
		return err
	}
	return m.RemoveAll(name)
}

func (m *memory) RemoveAll(dir string) error {
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
func (m *memory) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }
