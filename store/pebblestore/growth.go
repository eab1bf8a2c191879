package pebblestore

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/evtui/evtui/store/internal/engine"
)

// growth is how far one log or manifest is written, and synced. Its methods do
// nothing for nil.
type growth struct{ written, synced atomic.Int64 }

func (g *growth) wrote(n int) {
	if g != nil {
		g.written.Add(int64(n))
	}
}

func (g *growth) now() int64 {
	if g == nil {
		return 0
	}
	return g.written.Load()
}

// reached tells that the first n bytes are synced.
func (g *growth) reached(n int64) {
	if g != nil {
		g.synced.Store(max(n, g.synced.Load()))
	}
}

// growing are the files of a database that grow: its logs, and its manifest.
type growing struct {
	mu      sync.Mutex // guards what follows
	files   map[string]*growth
	current string // the manifest that counts, durably
	next    string // what the marker names, once its directory is synced
}

// manifestMarker begins the name of the file that names the manifest.
const manifestMarker = "marker.manifest."

// begin is told of a file that is written from its beginning. It returns nil
// for one that does not grow.
func (gs *growing) begin(name string) *growth {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if rest, ok := strings.CutPrefix(name, manifestMarker); ok {
		_, gs.next, _ = strings.Cut(rest, ".")
		return nil
	}
	if !strings.HasSuffix(name, ".log") && !strings.HasPrefix(name, manifestPrefix) {
		return nil
	}
	if gs.files == nil {
		gs.files = map[string]*growth{}
	}
	g := &growth{}
	gs.files[name] = g
	return g
}

// settle is told that the directory is synced.
func (gs *growing) settle() {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if gs.next != "" {
		gs.current, gs.next = gs.next, ""
	}
}

// end is told of a file that is there no more.
func (gs *growing) end(name string) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	delete(gs.files, name)
}

// marks says up to where each file is synced, by name. A log of which nothing
// is synced may be gone after a crash, and so may a manifest that does not
// count yet.
func (gs *growing) marks() []engine.FileMark {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	list := make([]engine.FileMark, 0, len(gs.files))
	for name, g := range gs.files {
		size := g.synced.Load()
		if size > 0 && (name == gs.current || !strings.HasPrefix(name, manifestPrefix)) {
			list = append(list, engine.FileMark{Name: name, Size: size, Grows: true})
		}
	}
	slices.SortFunc(list, func(a, b engine.FileMark) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Extent says which files there are.
func (d *database) Extent(exact bool) ([]engine.FileMark, error) {
	if !exact {
		return d.files.growing.marks(), nil
	}
	names, err := d.files.List(d.files.dir)
	if err != nil {
		return nil, err
	}
	list := make([]engine.FileMark, 0, len(names))
	for _, name := range names {
		path := d.files.PathJoin(d.files.dir, name)
		if d.files.kindOf(path) == foreign {
			continue
		}
		info, err := d.files.Stat(path)
		if err != nil {
			return nil, err
		}
		list = append(list, engine.FileMark{Name: name, Size: info.Size()})
	}
	slices.SortFunc(list, func(a, b engine.FileMark) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
