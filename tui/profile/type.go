package profile

import (
	"fmt"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/kit"
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

// nothing says why there may be nothing in a profile of it.
func (typ profileType) nothing() string {
	switch typ.kind {
	case profiler.Mutex:
		return "nothing was recorded: nobody waited for a lock, or the program never calls runtime.SetMutexProfileFraction"
	case profiler.Block:
		return "nothing was recorded: nobody was blocked, or the program never calls runtime.SetBlockProfileRate"
	case profiler.CPU:
		return "no samples: the program used almost no CPU time meanwhile"
	default:
		return "nothing to show"
	}
}

// askedValue is the value that commands must ask for; "" where it is the only
// one that anybody looks at.
func (typ profileType) askedValue() string {
	if typ.value == "goroutine" || typ.value == "cpu" && typ.kind == profiler.CPU {
		return ""
	}
	return typ.value
}

// fetchCommand has Go's own tool take such a profile of the server.
func (typ profileType) fetchCommand(url string, seconds int) string {
	path := string(typ.kind)
	if typ.kind == profiler.CPU {
		path = fmt.Sprintf("profile?seconds=%d", seconds)
	}
	command := "go tool pprof"
	if value := typ.askedValue(); value != "" {
		command += " -sample_index=" + kit.ShellQuote(value)
	}
	return command + " " + kit.ShellQuote(url+"/debug/pprof/"+path)
}
