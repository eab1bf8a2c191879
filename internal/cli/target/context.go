package target

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/server/client"
)

// ContextFlag adds the flag that names a server of the configuration.
func (t *Target) ContextFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.Context, "context", "", "context of the configuration file to connect to")
	_ = cmd.RegisterFlagCompletionFunc("context", CompleteContexts)
}

// CompleteContexts completes a context's name.
func CompleteContexts(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	file, err := settings.Read(cmd, config.Checks{}) // the names are there whatever else is wrong
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return file.ContextNames(), cobra.ShellCompDirectiveNoFileComp
}

// CheckOne makes sure that at most one target is named.
func (t *Target) CheckOne(cmd *cobra.Command) error {
	return command.Check(cmd,
		command.When(t.URL != "" && t.Data != "", "--url and --data name different targets: give one of them"),
		command.When(t.Context != "" && (t.URL != "" || t.Data != ""), "--context names a target as --url and --data do: give one of them"),
		command.When(t.DB.Given() && (t.URL != "" || t.Data != "" && t.DB.Server == nil || t.Context != ""),
			"--db-url names a target as --data, --url and --context do: give one of them"))
}

// UseContext connects to the context that --context names. What the command line
// says of token and namespace wins over what the context says.
func (t *Target) UseContext(ctx context.Context, cmd *cobra.Command, options ...client.Option) (*Session, error) {
	s := settings.Of(ctx)
	c, known := s.File.Context(t.Context)
	if !known {
		return nil, command.Usage(cmd, "%v", s.File.Unknown(t.Context))
	}
	to := *t
	if to.Namespace == "" || !s.Asked("ns") {
		to.Namespace = c.Namespace
	}
	if f := cmd.Flags().Lookup("read-only"); f != nil && f.Value.String() == "false" && s.Asked("read-only") {
		c.ReadOnly = false // read-only is what the context is by default
	}
	return to.DialContext(ctx, c, options...)
}

// Resolve has the target name by its URL what --context names, for a command
// that needs no more than to reach it.
func (t *Target) Resolve(cmd *cobra.Command) error {
	if err := t.CheckOne(cmd); err != nil || t.Context == "" {
		return err
	}
	s := settings.Of(cmd.Context())
	c, known := s.File.Context(t.Context)
	if !known {
		return command.Usage(cmd, "%v", s.File.Unknown(t.Context))
	}
	t.URL, t.Context = c.URL, ""
	t.trusts(s, c)
	return nil
}

// trusts takes whom a context trusts, unless the command line says otherwise.
func (t *Target) trusts(s *settings.Settings, c config.Context) {
	if c.TLSCA != "" && (t.Trusted == "" || !s.Asked("tls-ca")) {
		t.Trusted = c.TLSCA
	}
}

// DialContext connects to a server of the configuration.
func (t *Target) DialContext(ctx context.Context, c config.Context, options ...client.Option) (*Session, error) {
	token := t.Token
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
	to.trusts(settings.Of(ctx), c)
	session, err := to.AttachAny(ctx, c.URL, token, options...)
	if err != nil {
		return nil, err
	}
	session.ContextName = c.Name
	return session, nil
}

// OfFlags returns the target that the flags of a command name, for who has the
// command and not the target that its flags set.
func OfFlags(cmd *cobra.Command) *Target {
	var t Target
	for name, into := range map[string]*string{
		"url": &t.URL, "data": &t.Data, "token": &t.Token, "ns": &t.Namespace, "context": &t.Context, "tls-ca": &t.Trusted,
	} {
		if f := cmd.Flags().Lookup(name); f != nil {
			*into = f.Value.String()
		}
	}
	if f := cmd.Flags().Lookup("db-url"); f != nil {
		if db, ok := f.Value.(*DBURL); ok {
			t.DB = *db
		}
	}
	return &t
}
