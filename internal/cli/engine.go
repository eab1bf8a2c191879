package cli

import (
	"github.com/spf13/cobra"
)

// defaultListen is where others reach the server unless --listen says otherwise.
const defaultListen = "127.0.0.1:8080"

// engineFlags say how an engine in this process works and who reaches it.
type engineFlags struct {
	listen  string
	maxOpen int
	durable durability
}

func (e *engineFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&e.listen, "listen", "l", defaultListen, "address to serve on; port 0 takes a free one, none serves no network")
	cmd.Flags().IntVar(&e.maxOpen, "max-open", 64, "how many namespaces stay open at once")
	cmd.Flags().Var(&e.durable, "durability", "when an append is acknowledged: sync, once it is safe on disk; interval or interval=TIME, up to so much before")
}

func (e *engineFlags) check(cmd *cobra.Command) error {
	if e.maxOpen < 1 {
		return usage(cmd, "--max-open must be at least 1")
	}
	return nil
}
