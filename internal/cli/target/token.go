package target

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/host"
)

// maxTokenFile is far above what a token takes, and keeps a wrong name, such
// as that of a device, from being read for ever.
const maxTokenFile = 64 << 10

// TokenFileFlag adds --token-file, which stands for --token and, unlike it, is
// not shown to everybody who may list the processes of the machine.
func TokenFileFlag(cmd *cobra.Command) {
	cmd.Flags().String("token-file", "", "file with the token, readable only by its owner")
}

// FromTokenFile sets --token to what --token-file holds.
func FromTokenFile(cmd *cobra.Command) error {
	flag := cmd.Flags().Lookup("token-file")
	if flag == nil || flag.Value.String() == "" || !SendsToken(cmd, flag.Name) {
		return nil
	}
	if cmd.Flags().Lookup("token").Value.String() != "" {
		return command.Usage(cmd, "--token and --token-file both name a token: give one of them")
	}
	token, err := tokenIn(flag.Value.String())
	if err != nil {
		return err
	}
	if warning := host.OpenToOthers(flag.Value.String()); warning != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "evtui: "+warning)
	}
	return cmd.Flags().Set("token", token)
}

// TypedToken marks commands that send a token only when it was typed: they go
// to addresses that the token of the environment or the configuration, which is
// an event store's, is not for.
const TypedToken = "typed token"

// SendsToken reports whether the command sends the token that the flag names.
func SendsToken(cmd *cobra.Command, flag string) bool {
	return cmd.Annotations[TypedToken] == "" || settings.Of(cmd.Context()).Origins[flag] == "flag"
}

// tokenIn returns the one line that a file holds.
func tokenIn(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxTokenFile))
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	// What it holds instead is not shown: it may be another secret.
	switch {
	case token == "":
		return "", fmt.Errorf("read the token: %s is empty", name)
	case bytes.ContainsAny([]byte(token), " \t\r\n"):
		return "", fmt.Errorf("read the token: %s must hold a token and nothing else", name)
	}
	return token, nil
}
