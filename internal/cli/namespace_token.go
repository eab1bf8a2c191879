package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// keepOld is how long the token before stays valid unless the command says.
const keepOld = 24 * time.Hour

// tokenFlags are what evtui ns token knows.
type tokenFlags struct {
	target.Target
	fresh  bool
	given  string
	reads  bool
	keep   time.Duration
	revoke string
}

func namespaceToken() *cobra.Command {
	var f tokenFlags
	cmd := &cobra.Command{
		Use:   "token NAMESPACE",
		Short: "List, replace and revoke tokens of a namespace (admin token)",
		Long: "List the valid tokens of a namespace: the id is the beginning of the token's SHA-256, so that tokens can be " +
			"told apart without showing them. --new makes a token and prints it, once; the one before stays valid for --keep-old. " +
			"With --read-only it is a token that reads its namespace and changes nothing.\n\n" +
			"The token of the namespace default is the admin token. If it is lost, stop the server and make a new one: " +
			"on a data directory that no server has open, this command needs no token.",
		Example: "  evtui ns token shop --data /tmp/evdb\n" +
			"  evtui ns token shop --data /tmp/evdb --new --keep-old 1h\n" +
			"  evtui ns token shop --data /tmp/evdb --new --read-only\n" +
			"  evtui ns token default --data /tmp/evdb --new",
	}
	f.Flags(cmd)
	target.WithoutNamespace(cmd, "the namespace is the argument")
	cmd.Flags().BoolVar(&f.fresh, "new", false, "make a new token and print it")
	cmd.Flags().BoolVar(&f.reads, "read-only", false, "with --new: a token that only reads, beside the one that writes")
	cmd.Flags().StringVar(&f.given, "with-token", "", "with --new: token to use (default: a random one)")
	cmd.Flags().DurationVar(&f.keep, "keep-old", keepOld, "with --new: how long the one before stays valid; 0 ends it at once")
	cmd.Flags().StringVar(&f.revoke, "revoke", "", "end the token with this id at once")
	out := output.Flag(cmd, output.Table, output.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(cmd); err != nil {
			return err
		}
		do := target.ToRead
		if f.fresh || f.revoke != "" {
			do = target.ToReset
		}
		return f.With(cmd, do, func(s *target.Session) error { return f.run(cmd, s, args[0], *out) })
	}
	return cmd
}

func (f *tokenFlags) check(cmd *cobra.Command) error {
	faults := []command.Fault{
		command.When(f.fresh && f.revoke != "", "--new and --revoke do not go together: a new token ends the one before after --keep-old"),
		command.When(f.keep < 0, "--keep-old must not be negative"),
	}
	for _, name := range []string{"read-only", "with-token", "keep-old"} {
		faults = append(faults, command.When(!f.fresh && cmd.Flags().Changed(name), "--%s goes with --new", name))
	}
	return command.Check(cmd, faults...)
}

// tokenRow is how the command prints a token.
type tokenRow struct {
	ID         string     `json:"id"`
	ReadOnly   bool       `json:"readOnly"`
	CreatedAt  time.Time  `json:"createdAt"`
	ValidUntil *time.Time `json:"validUntil"` // null: until it is replaced or revoked
}

func (f *tokenFlags) run(cmd *cobra.Command, s *target.Session, namespace string, out output.Format) error {
	var (
		fresh string
		all   []client.Token
		err   error
	)
	switch {
	case f.fresh:
		fresh, all, err = s.NewToken(cmd.Context(), namespace, client.TokenOptions{ReadOnly: f.reads, Token: f.given, Keep: f.keep, Now: f.keep == 0})
	case f.revoke != "":
		all, err = s.RevokeToken(cmd.Context(), namespace, f.revoke)
	default:
		all, err = s.Tokens(cmd.Context(), namespace)
	}
	if err != nil {
		return err
	}
	switch {
	case out == output.JSON:
		return printTokensJSON(cmd, namespace, fresh, all)
	case f.revoke != "":
		fmt.Fprintf(cmd.ErrOrStderr(), "token %s of namespace %s ended\n", text.Sanitize(f.revoke), text.Sanitize(namespace))
		return nil
	case f.fresh:
		f.announce(cmd, namespace, all)
		fmt.Fprintln(cmd.OutOrStdout(), text.Sanitize(fresh))
		return nil
	}
	return printTokens(cmd, all)
}

// announce says what a new token means for the ones before.
func (f *tokenFlags) announce(cmd *cobra.Command, namespace string, all []client.Token) {
	w, kind := cmd.ErrOrStderr(), "token"
	if f.reads {
		kind = "read-only token"
	}
	fmt.Fprintf(w, "new %s of namespace %s, shown only once", kind, text.Sanitize(namespace))
	for _, t := range all {
		if t.ReadOnly == f.reads && !t.ValidUntil.IsZero() {
			fmt.Fprintf(w, "; %s is valid until %s", text.Sanitize(t.ID), t.ValidUntil.Format(time.RFC3339))
		}
	}
	fmt.Fprintln(w, ":")
}

func printTokens(cmd *cobra.Command, all []client.Token) error {
	rows := [][]string{{"TOKEN", "MAY", "CREATED", "VALID UNTIL"}}
	for _, t := range all {
		may, until := "write", "replaced"
		if t.ReadOnly {
			may = "read"
		}
		if !t.ValidUntil.IsZero() {
			until = t.ValidUntil.Format(time.RFC3339)
		}
		rows = append(rows, []string{t.ID, may, momentOr(t.CreatedAt, time.RFC3339), until})
	}
	return output.WriteTable(cmd.OutOrStdout(), rows)
}

func printTokensJSON(cmd *cobra.Command, namespace, fresh string, all []client.Token) error {
	rows := make([]tokenRow, len(all))
	for i, t := range all {
		rows[i] = tokenRow{ID: t.ID, ReadOnly: t.ReadOnly, CreatedAt: t.CreatedAt}
		if !t.ValidUntil.IsZero() {
			rows[i].ValidUntil = &t.ValidUntil
		}
	}
	return output.WriteJSON(cmd.OutOrStdout(), struct {
		Namespace string     `json:"namespace"`
		Token     string     `json:"token,omitempty"`
		Tokens    []tokenRow `json:"tokens"`
	}{namespace, fresh, rows})
}
