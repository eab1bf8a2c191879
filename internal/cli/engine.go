package cli

import (
	"cmp"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/moment"
)

// defaultListen is where others reach the server unless --listen says otherwise.
const defaultListen = "127.0.0.1:8080"

// engineFlags say how an engine in this process works and who reaches it.
type engineFlags struct {
	listen  string
	maxOpen int
	durable target.Durability
	memory  byteSize
	idle    time.Duration
	networkFlags
}

func (e *engineFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&e.listen, "listen", "l", defaultListen, "address to serve on; port 0 picks a free one, none disables the network")
	cmd.Flags().IntVar(&e.maxOpen, "max-open", 64, "maximum number of open namespaces")
	e.memory = host.DefaultMemory
	cmd.Flags().Var(&e.memory, "memory", "memory budget of the process, such as 256MB: sizes caches and memtables, and limits the Go heap")
	cmd.Flags().Var(moment.Flag(&e.idle, 5*time.Minute), "idle-close", "close namespaces that are idle for this long; 0 for never")
	cmd.Flags().Var(&e.durable, "durability", "when to acknowledge an append: sync, once it is synced to disk; interval or interval=TIME, before that, and a crash or a kill loses up to that much")
	e.networkFlags.flags(cmd)
}

func (e *engineFlags) check(cmd *cobra.Command) error {
	return cmp.Or(
		command.Check(cmd,
			command.When(e.maxOpen < 1, "--max-open must be at least 1"),
			command.When(e.memory < leastMemory, "--memory must be at least %s", new(leastMemory).String()),
			command.When(e.idle < 0, "--idle-close must not be negative")),
		e.networkFlags.check(cmd))
}

// leastMemory is what the engine can still work with.
const leastMemory byteSize = 32 << 20

// idleClose is the flag in the engine's terms, where 0 stands for its default.
func (e *engineFlags) idleClose() time.Duration {
	if e.idle == 0 {
		return -1
	}
	return e.idle
}

// limitMemory has the collector keep to the budget, less what the program's own
// pages take of it, unless GOMEMLIMIT says otherwise: whoever sets that knows what else the process shares its memory with.
func (e *engineFlags) limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(e.memory) / 12 * 11)
	}
}
