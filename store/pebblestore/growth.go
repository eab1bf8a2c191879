package pebblestore

import (
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/evtui/evtui/store/internal/engine"
)

// extent is the beginning of a file, with its CRC-32C: two files of one length
// are told apart by it, and a file whose first bytes are not those that were
// written.
type extent struct {
	size int64
	sum  uint32
}

// growth is how far one log or manifest is written, and synced. Its methods do
// nothing for nil.
type growth struct {
	mu              sync.Mutex // guards what follows
	written, synced extent
}

// with is what the file will hold once p is written behind the rest.
func (g *growth) with(p []byte) extent {
	if g == nil {
		return extent{}
	}
	now := g.now()
	return extent{now.size + int64(len(p)), crc32.Update(now.sum, castagnoli, p)}
}

func (g *growth) wrote(e extent) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.written = e
}

func (g *growth) now() extent {
	if g == nil {
		return extent{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.written
}

// reached says that what was written by then is synced.
func (g *growth) reached(e extent) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if e.size > g.synced.size {
		g.synced = e
	}
}

func (g *growth) durable() extent {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.synced
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
	g := &growth{}
	gs.files[name] = g
	return g
}

// resume takes over logs of an earlier opening, which are there until Pebble has
// flushed what they hold.
func (gs *growing) resume(marked []engine.FileMark, there func(name string) bool) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	for _, f := range marked {
		if f.Sum != 0 && isLog(f.Name) && there(f.Name) {
			e := extent{f.Covered(), f.Sum}
			gs.files[f.Name] = &growth{written: e, synced: e}
		}
	}
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
	for _, name := range slices.Sorted(maps.Keys(gs.files)) {
		e := gs.files[name].durable()
		if e.size > 0 && (name == gs.current || !strings.HasPrefix(name, manifestPrefix)) {
			list = append(list, engine.FileMark{Name: name, Size: e.size, Sum: e.sum, Grows: true})
		}
	}
	return list
}

// counts reports whether a manifest is the one that counts, as far as that is
// known.
func (gs *growing) counts(name string) bool {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	return gs.current == "" || gs.current == name
}

// mark is a file of a database that was closed. What stands behind what was
// written counts for nothing: a log that took an older one's place ends in that.
func (gs *growing) mark(name string, size int64) engine.FileMark {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	f := engine.FileMark{Name: name, Size: size}
	e := gs.files[name].now()
	if e.size > size {
		return f
	}
	f.Sum = e.sum
	if e.size < size {
		f.Summed = e.size
	}
	return f
}

// Extent says which files there are.
func (d *database) Extent(exact bool) ([]engine.FileMark, error) {
	if !exact {
		return d.files.growing.marks(), nil
	}
	names, err := files{d.files}.List(d.files.dir)
	if err != nil {
		return nil, err
	}
	list := make([]engine.FileMark, 0, len(names))
	for _, name := range names {
		path := d.files.PathJoin(d.files.dir, name)
		// A manifest that does not count was perhaps never synced.
		if d.files.kindOf(path) == foreign || isManifest(name) && !d.files.growing.counts(name) {
			continue
		}
		info, err := d.files.Stat(path)
		if err != nil {
			return nil, err
		}
		list = append(list, d.files.growing.mark(name, info.Size()))
	}
	return list, nil
}
