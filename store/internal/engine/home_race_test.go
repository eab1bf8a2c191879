package engine

import (
	"fmt"
	"sync"
	"testing"
)

// TestManyAtOnce has namespaces made, replaced, marked and deleted while the
// directory is inspected: what is under way is nothing unknown.
func TestManyAtOnce(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	var workers, watcher sync.WaitGroup
	done := make(chan struct{})
	watcher.Go(func() {
		for {
			if found := h.inspect(); len(found.Findings)+len(found.Notes) > 0 {
				t.Errorf("found %v", found)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for w := range 4 {
		workers.Go(func() {
			for i := range 20 {
				id := fmt.Sprintf("w%d-%d", w, i)
				e, err := makeNamespace(d, h, id)
				if err == nil {
					err = h.marks(map[string]Mark{id: {Known: true, Head: int64(i)}})
				}
				fresh := e
				if err == nil {
					fresh, err = h.create(e)
				}
				if err == nil && i%3 == 0 {
					err = h.remove(fresh)
				} else if err == nil {
					err = replaceContent(h, e, fresh)
					e = fresh
				}
				if err == nil && i%2 == 0 {
					err = h.remove(e)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	close(done)
	watcher.Wait()
	if n := len(h.entries()); n != 40 {
		t.Errorf("%d namespaces", n)
	}
	mustDo(t, h.close(true))
	h = mustOpen(t, d)
	names, err := d.List("data/ns")
	mustDo(t, err)
	if len(names) != 40 || len(h.entries()) != 40 {
		t.Errorf("%d namespaces in %d directories", len(h.entries()), len(names))
	}
}
