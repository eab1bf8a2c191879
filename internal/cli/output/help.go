package output

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/evtui/evtui/internal/text"
)

// WrapHelp breaks the long descriptions of all commands between words, to the
// width of standard output, if the arguments ask for help. Fang would break a
// line behind any hyphen, that of a flag too, and then make it a cell too long.
// Elsewhere a paragraph stays one line: a man page breaks it itself.
func WrapHelp(root *cobra.Command, args []string) {
	if slices.ContainsFunc(args, func(arg string) bool { return arg == "help" || arg == "--help" || arg == "-h" }) {
		wrapLong(root, helpWidth(os.Stdout))
	}
}

// helpWidth is how wide a description may be: as fang has it, without the margin.
func helpWidth(out *os.File) int {
	const widest, margin = 120, 2
	w, _, err := term.GetSize(int(out.Fd()))
	if err != nil || w <= 0 {
		w = widest
	}
	return min(w, widest) - margin
}

func wrapLong(cmd *cobra.Command, w int) {
	paragraphs := strings.Split(cmd.Long, "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(text.Wrap(p, w), "\n")
	}
	cmd.Long = strings.Join(paragraphs, "\n\n")
	for _, sub := range cmd.Commands() {
		wrapLong(sub, w)
	}
}
