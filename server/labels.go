package server

import (
	"context"
	"hash/maphash"
	"runtime/pprof"
	"strings"
	"sync/atomic"
)

// labelSlots is how many sets of profile labels are kept ready: a power of two.
// Each takes about 250 bytes once it is used.
const labelSlots = 1024

// longestLabel is how many bytes a category may have to be a label: what
// clients send must not fill profiles.
const longestLabel = 128

// labels keeps sets of profile labels ready, by what a request does and where,
// so that running under them allocates nothing. Method names are of a fixed
// list; namespaces and categories are not, so the newest sets drive out others.
type labels struct {
	seed  maphash.Seed
	slots [labelSlots]atomic.Pointer[labelSet] // each pair of neighbours holds what hashes to either
}

// labelSet is one set, as a context that carries it.
type labelSet struct {
	method, namespace, category string
	ui                          bool
	ctx                         context.Context
}

func newLabels() *labels { return &labels{seed: maphash.MakeSeed()} }

// set labels the goroutine for profiles, until clearLabels: method, namespace and
// category ("" for none or several), and actor=ui for a request of the terminal
// UI.
func (l *labels) set(method, namespace, category string, ui bool) {
	pprof.SetGoroutineLabels(l.of(method, namespace, category, ui))
}

// clearLabels leaves the goroutine without labels, as net/http made it.
func clearLabels() { pprof.SetGoroutineLabels(context.Background()) }

func (l *labels) of(method, namespace, category string, ui bool) context.Context {
	if len(category) > longestLabel {
		category = ""
	}
	// All parts are hashed, or the methods of one namespace would share a pair.
	at := maphash.String(l.seed, namespace) + maphash.String(l.seed, method)
	if category != "" {
		at += 3 * maphash.String(l.seed, category) // a category may be called as its namespace
	}
	at %= labelSlots
	for _, slot := range [...]uint64{at, at ^ 1} {
		if set := l.slots[slot].Load(); set != nil && set.method == method && set.namespace == namespace && set.category == category && set.ui == ui {
			return set.ctx
		}
	}
	category = strings.Clone(category) // it may be a part of a name that is much longer
	set := &labelSet{method: method, namespace: namespace, category: category, ui: ui, ctx: labelled(method, namespace, category, ui)}
	l.slots[at^1].Store(l.slots[at].Swap(set))
	return set.ctx
}

func labelled(method, namespace, category string, ui bool) context.Context {
	var pairs []string
	if method != "" {
		pairs = append(pairs, "method", method, "namespace", namespace)
	}
	if category != "" {
		pairs = append(pairs, "category", category)
	}
	if ui {
		pairs = append(pairs, "actor", "ui")
	}
	return pprof.WithLabels(context.Background(), pprof.Labels(pairs...))
}
