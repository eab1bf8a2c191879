package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server/client"
)

func attachCommand() *cobra.Command {
	var (
		t  target
		sf screenFlags
	)
	cmd := &cobra.Command{
		Use:   "attach [URL]",
		Short: "Open the terminal UI on a running server",
		Long: "Open the terminal UI on a running evtui, or on another server that speaks the EventoDB protocol. Pages that\n" +
			"need evtui's extensions say so there. --context attaches to a server that the configuration file names.\n\n" +
			"On any other Go program that serves /debug/pprof the Profile page opens: capture, flame graph, differences, and\n" +
			"triggers on goroutines and heap. It is sent no token.",
		Example: "  evtui attach http://127.0.0.1:8080 --token \"$(cat /var/lib/evtui/token)\"\n" +
			"  EVTUI_TOKEN=ns_… evtui attach http://db.internal:8080 --read-only\n" +
			"  evtui attach --context prod\n" +
			"  evtui attach http://127.0.0.1:6060",
		Args: arguments(cobra.MaximumNArgs(1)),
	}
	t.contextFlag(cmd)
	t.tokenFlags(cmd)
	sf.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			t.url = args[0]
			if settingsOf(cmd.Context()).origins["context"] != "flag" {
				t.context = ""
			}
		}
		if err := t.one(cmd); err != nil {
			return err
		}
		if t.url == "" && t.context == "" {
			return usage(cmd, "which server? Give its URL, or a context of the configuration file with --context")
		}
		if err := needTerminal(cmd); err != nil {
			return err
		}
		s, err := t.look(cmd.Context(), cmd, sf.options()...)
		if err != nil {
			return err
		}
		return sf.show(cmd.Context(), s, t.namespace, "")
	}
	return cmd
}

// look attaches to the context or URL that is named, to look into it: an event
// store, or a Go program that serves its profiles.
func (t *target) look(ctx context.Context, cmd *cobra.Command, options ...client.Option) (*session, error) {
	t.programs = true
	if t.context != "" {
		return t.useContext(ctx, cmd, options...)
	}
	return t.attachAny(ctx, t.url, t.token, options...)
}

// attachAny attaches to an event store, or to a Go program that is none where
// that will do.
func (t *target) attachAny(ctx context.Context, url, token string, options ...client.Option) (*session, error) {
	s, err := t.attach(ctx, url, token, options...)
	if !t.programs {
		return s, err
	}
	program, wrong := t.programAt(ctx, url, err)
	switch {
	case wrong == nil && program == nil:
		return s, err
	case s != nil:
		s.Client.Close()
	}
	return program, wrong
}
