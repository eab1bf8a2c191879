// Command evtui is an event store and the terminal UI that looks into it.
package main

import (
	"os"

	"github.com/evtui/evtui/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
