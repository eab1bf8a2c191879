package profiler

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is a kind of profile.
type Kind string

// The kinds of profile that a Go process can give.
const (
	CPU       Kind = "cpu"
	Heap      Kind = "heap"
	Allocs    Kind = "allocs"
	Goroutine Kind = "goroutine"
	Mutex     Kind = "mutex"
	Block     Kind = "block"
)

// Kinds returns all kinds, in the order in which they are offered.
func Kinds() []Kind { return []Kind{CPU, Heap, Allocs, Goroutine, Mutex, Block} }

// ParseKind returns the kind of that name; "profile", the path under
// /debug/pprof, is another name for CPU.
func ParseKind(name string) (Kind, error) {
	k := Kind(strings.ToLower(name))
	if k == "profile" {
		return CPU, nil
	}
	if !slices.Contains(Kinds(), k) {
		return "", fmt.Errorf("unknown kind of profile %q: must be cpu, heap, allocs, goroutine, mutex or block", name)
	}
	return k, nil
}

// Timed says whether the kind covers a span of time; the others are snapshots.
func (k Kind) Timed() bool { return k == CPU || k == Mutex || k == Block }

// Explain says in two sentences what a profile of this kind shows.
func (k Kind) Explain() string {
	switch k {
	case CPU:
		return "Where the processor's time went while it was taken, by samples of running goroutines. Time spent waiting is not in it: for that there are block and mutex."
	case Heap:
		return "What is in use on the heap now, by where it was allocated. It is sampled once per 512 kB, so small entries are rough."
	case Allocs:
		return "All that was allocated since the process began, freed or not, by where. It tells what keeps the garbage collector busy."
	case Goroutine:
		return "Every goroutine there is, by where it stands. Many on one line that should be few is a leak."
	case Mutex:
		return "How long others waited for locks, counted where the lock was released. It names who held it, not who waited."
	case Block:
		return "How long goroutines waited on channels, locks and conditions, counted where they waited. Waiting for work is in it as well and is no fault."
	default:
		return ""
	}
}
