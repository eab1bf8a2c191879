package profile

import (
	"slices"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/page"
)

// profileType is what is captured and which of its values is looked at.
type profileType struct {
	kind         profiler.Kind // "": what somebody else's file holds
	value, title string
}

// profileTypes are those that can be captured, in the order of t.
func profileTypes() []profileType {
	return []profileType{
		{profiler.CPU, "cpu", "CPU time"},
		{profiler.Heap, "inuse_space", "heap in use"},
		{profiler.Heap, "inuse_objects", "objects in use"},
		{profiler.Allocs, "alloc_space", "bytes allocated"},
		{profiler.Allocs, "alloc_objects", "objects allocated"},
		{profiler.Goroutine, "goroutine", "goroutines"},
		{profiler.Mutex, "delay", "waiting for locks, by holder"},
		{profiler.Block, "delay", "blocked time"},
	}
}

// types are all that t goes through: of a kind of which no profile is there
// what a capture would show, of one that is there every value that it has.
func (p drawing) types() []profileType {
	var list []profileType
	for _, kind := range append(profiler.Kinds(), "") {
		held := p.loaded[kind]
		for _, t := range profileTypes() {
			if t.kind == kind && (held == nil || held.profile.Has(t.value)) {
				list = append(list, t)
			}
		}
		if held == nil {
			continue
		}
		values := held.profile.Types()
		preferred := slices.Index(values, held.profile.Default())
		for _, v := range slices.Concat(values[preferred:], values[:preferred]) {
			if !slices.ContainsFunc(list, func(t profileType) bool { return t.kind == kind && t.value == v.Type }) {
				list = append(list, profileType{kind, v.Type, titleOf(kind, v)})
			}
		}
	}
	return list
}

// titleOf names a value that is not among those that captures are for.
func titleOf(kind profiler.Kind, v profiler.ValueType) string {
	title := v.Type
	if v.Unit != "" && v.Unit != "count" {
		title += " (" + v.Unit + ")"
	}
	if kind == "" {
		return "from a file: " + title
	}
	return string(kind) + ": " + title
}

func (p *profilePage) nextType(t *page.Turn) {
	types := p.drawing().types()
	at := slices.IndexFunc(types, func(o profileType) bool { return o.kind == p.typ.kind && o.value == p.typ.value })
	p.typ = types[(at+1)%len(types)]
	p.fault = ""
	p.look(t)
}

// choose looks at a kind: at the value that was looked at if it has it, else at
// the one that the profile prefers.
func (p *profilePage) choose(kind profiler.Kind) {
	held := p.loaded[kind]
	switch {
	case held == nil && p.typ.kind == kind:
		return
	case held != nil && p.typ.kind == kind && held.profile.Has(p.typ.value):
		return
	}
	for _, t := range p.drawing().types() {
		if t.kind != kind {
			continue
		}
		if held == nil || t.value == held.profile.Default().Type {
			p.typ = t
			return
		}
	}
}
