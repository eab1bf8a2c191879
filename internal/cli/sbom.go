package cli

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/sbom"
)

func sbomCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "sbom [BINARY]",
		Short: "Print the software bill of materials as CycloneDX JSON",
		Long: "Print the software bill of materials of this evtui, or of another Go binary: each module with its version and " +
			"checksum, and Go's standard library. The binary may be for another system.",
		Example: "  evtui sbom\n  evtui sbom dist/evtui_linux_arm64/evtui --out evtui.cdx.json",
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		document, err := bill(args)
		if err != nil {
			return err
		}
		if out == "" {
			return document.Write(cmd.OutOrStdout())
		}
		file, err := os.Create(out)
		if err != nil {
			return err
		}
		return errors.Join(document.Write(file), file.Close())
	}
	return cmd
}

// bill reads the build information of the binary that is named, or of this one.
func bill(args []string) (sbom.Document, error) {
	if len(args) == 0 {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return sbom.Document{}, errors.New("this binary has no build information: it was not built with modules")
		}
		return sbom.Of(info, command.Version), nil
	}
	info, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return sbom.Document{}, fmt.Errorf("read build information of %s: %w", args[0], err)
	}
	own, ok := debug.ReadBuildInfo()
	if ok && info.Main.Path == own.Main.Path {
		return sbom.Of(info, command.BuildOf(info, true).Version), nil
	}
	return sbom.Of(info, info.Main.Version), nil
}
