package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// shareCommand writes what packages put under /usr/share.
func shareCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "share DIR",
		Short: "Write man pages and shell completions to a directory",
		Long: "Write what packages install under /usr/share: man pages, and completions for bash, zsh and fish where these look " +
			"for them. Completions for PowerShell go to powershell/.",
		Example: "  evtui share ~/.local/share",
		Hidden:  true,
		RunE:    func(cmd *cobra.Command, args []string) error { return writeShare(args[0], cmd.Root()) },
	}
}

// writeShare writes all files. The same evtui writes the same bytes.
func writeShare(dir string, root *cobra.Command) error {
	for file, write := range map[string]func(io.Writer) error{
		"bash-completion/completions/evtui":    func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"zsh/site-functions/_evtui":            root.GenZshCompletion,
		"fish/vendor_completions.d/evtui.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell/evtui.ps1":                 root.GenPowerShellCompletionWithDesc,
	} {
		if err := shareFile(dir, file, write); err != nil {
			return err
		}
	}
	for _, cmd := range manCommands(root) {
		page := func(w io.Writer) error { return writeManPage(w, cmd) }
		if err := shareFile(dir, "man/man1/"+manName(cmd)+".1", page); err != nil {
			return err
		}
	}
	return nil
}

func shareFile(dir, name string, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content.Bytes(), 0o644)
}
