package cli

import (
	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server/client"
)

func attachCommand() *cobra.Command {
	var (
		t  target
		sf screenFlags
	)
	cmd := &cobra.Command{
		Use:   "attach URL",
		Short: "Open the terminal UI on a running server",
		Long: "Opens the terminal UI on a running evtui, or on another server that speaks the EventoDB protocol: pages that\n" +
			"need evtui's additions say so there.",
		Example: "  evtui attach http://127.0.0.1:8080 --token \"$(cat /var/lib/evtui/token)\"\n" +
			"  EVTUI_TOKEN=ns_… evtui attach http://db.internal:8080 --read-only",
		Args: arguments(cobra.ExactArgs(1)),
	}
	t.tokenFlags(cmd)
	sf.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := needTerminal(cmd); err != nil {
			return err
		}
		s, err := t.attach(cmd.Context(), args[0], t.token, client.WithActor("ui"))
		if err != nil {
			return err
		}
		return sf.show(cmd.Context(), s, t.namespace, "")
	}
	return cmd
}
