package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/server/client"
)

// contextFlag adds the flag that names a server of the configuration.
func (t *target) contextFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.context, "context", "", "context of the configuration file to connect to")
	_ = cmd.RegisterFlagCompletionFunc("context", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		file, err := readConfig(cmd)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return file.ContextNames(), cobra.ShellCompDirectiveNoFileComp
	})
}

// one makes sure that at most one target is named.
func (t *target) one(cmd *cobra.Command) error {
	switch {
	case t.url != "" && t.data != "":
		return usage(cmd, "--url and --data name different targets: give one of them")
	case t.context != "" && (t.url != "" || t.data != ""):
		return usage(cmd, "--context names a target as --url and --data do: give one of them")
	case t.db.given() && (t.url != "" || t.data != "" && t.db.server == nil || t.context != ""):
		return usage(cmd, "--db-url names a target as --data, --url and --context do: give one of them")
	}
	return nil
}

// useContext connects to the context that --context names. What the command line
// says of token and namespace wins over what the context says.
func (t *target) useContext(ctx context.Context, cmd *cobra.Command, options ...client.Option) (*session, error) {
	s := settingsOf(ctx)
	c, known := s.file.Context(t.context)
	if !known {
		return nil, usage(cmd, "%v", s.file.Unknown(t.context))
	}
	to := *t
	if to.namespace == "" || !s.asked("ns") {
		to.namespace = c.Namespace
	}
	if f := cmd.Flags().Lookup("read-only"); f != nil && f.Value.String() == "false" && s.asked("read-only") {
		c.ReadOnly = false // read-only is what the context is by default
	}
	return to.dialContext(ctx, c, options...)
}

// resolve has the target name by its URL what --context names, for a command
// that needs no more than to reach it.
func (t *target) resolve(cmd *cobra.Command) error {
	if err := t.one(cmd); err != nil || t.context == "" {
		return err
	}
	s := settingsOf(cmd.Context())
	c, known := s.file.Context(t.context)
	if !known {
		return usage(cmd, "%v", s.file.Unknown(t.context))
	}
	t.url, t.context = c.URL, ""
	t.trusts(s, c)
	return nil
}

// trusts takes whom a context trusts, unless the command line says otherwise.
func (t *target) trusts(s *settings, c config.Context) {
	if c.TLSCA != "" && (t.trusted == "" || !s.asked("tls-ca")) {
		t.trusted = c.TLSCA
	}
}

// dialContext connects to a server of the configuration.
func (t *target) dialContext(ctx context.Context, c config.Context, options ...client.Option) (*session, error) {
	token := t.token
	if token == "" {
		var err error
		if token, err = c.Secret(); err != nil {
			return nil, err
		}
	}
	if c.ReadOnly {
		options = append(options, client.WithReadOnly())
	}
	to := *t
	to.trusts(settingsOf(ctx), c)
	session, err := to.attachAny(ctx, c.URL, token, options...)
	if err != nil {
		return nil, err
	}
	session.named = c.Name
	return session, nil
}
