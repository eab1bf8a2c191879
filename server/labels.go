package server

import (
	"context"
	"hash/maphash"
	"runtime/pprof"
	"sync/atomic"
)

// labelSlots is how many sets of profile labels are kept ready: a power of two.
// Each takes about 250 bytes once it is used.
const labelSlots = 1024

// labels keeps sets of profile labels ready, by what a request does and where,
// so that running under them allocates nothing. Method names are of a fixed
// list; namespaces are not, so the newest sets drive out others.
type labels struct {
	seed  maphash.Seed
	slots [labelSlots]atomic.Pointer[labelSet] // each pair of neighbours holds what hashes to either
}

// labelSet is one set, as a context that carries it.
type labelSet struct {
	method, namespace string
	ui                bool
	ctx               context.Context
}

func newLabels() *labels { return &labels{seed: maphash.MakeSeed()} }

// wear labels the goroutine for profiles, until takeOff: method and namespace,
// and actor=ui for a request of the terminal UI.
func (l *labels) wear(method, namespace string, ui bool) {
	pprof.SetGoroutineLabels(l.of(method, namespace, ui))
}

// takeOff leaves the goroutine without labels, as net/http made it.
func takeOff() { pprof.SetGoroutineLabels(context.Background()) }

func (l *labels) of(method, namespace string, ui bool) context.Context {
	// Both halves are hashed, or the methods of one namespace would share a pair.
	at := (maphash.String(l.seed, namespace) + maphash.String(l.seed, method)) % labelSlots
	for _, slot := range [...]uint64{at, at ^ 1} {
		if set := l.slots[slot].Load(); set != nil && set.method == method && set.namespace == namespace && set.ui == ui {
			return set.ctx
		}
	}
	set := &labelSet{method: method, namespace: namespace, ui: ui, ctx: labelled(method, namespace, ui)}
	l.slots[at^1].Store(l.slots[at].Swap(set))
	return set.ctx
}

func labelled(method, namespace string, ui bool) context.Context {
	var pairs []string
	if method != "" {
		pairs = append(pairs, "method", method, "namespace", namespace)
	}
	if ui {
		pairs = append(pairs, "actor", "ui")
	}
	return pprof.WithLabels(context.Background(), pprof.Labels(pairs...))
}

// actAs labels a goroutine of the server's own.
func actAs(actor string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("actor", actor)))
}
