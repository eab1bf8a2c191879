package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

func namespaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ns",
		Short:   "Create, list, show and delete namespaces, and their tokens",
		Long:    "A namespace is a tenant: its own streams, its own global order, its own token.",
		Example: "  evtui ns list\n  evtui ns create shop",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return command.Usage(cmd, "which command? evtui ns create, list, info, token or delete")
		},
	}
	cmd.AddCommand(namespaceCreate(), namespaceList(), namespaceInfo(), namespaceToken(), namespaceDelete())
	return cmd
}

// namespaceRow is how the commands print a namespace.
type namespaceRow struct {
	Namespace    string          `json:"namespace"`
	Description  string          `json:"description"`
	CreatedAt    time.Time       `json:"createdAt"`
	MessageCount int64           `json:"messageCount"`
	StreamCount  *int64          `json:"streamCount,omitempty"`  // ns.info reports it
	LastActivity *time.Time      `json:"lastActivity,omitempty"` // absent when empty, or not reported
	Metadata     json.RawMessage `json:"metadata,omitempty"`
	Fault        string          `json:"fault,omitempty"`     // such as "poisoned: sync failed"; absent when it is well
	Damaged      bool            `json:"damaged,omitempty"`   // the fault is that something is missing
	Notice       string          `json:"notice,omitempty"`    // such as the end of a log that was dropped; absent when there is none
	Estimated    bool            `json:"estimated,omitempty"` // the counts are
}

func rowOf(n store.Namespace) namespaceRow {
	row := namespaceRow{
		Namespace: n.ID, Description: n.Description, CreatedAt: n.CreatedAt,
		MessageCount: n.MessageCount, Metadata: n.Metadata, Fault: n.Fault, Damaged: n.Damaged, Notice: n.Notice, Estimated: n.Estimated,
	}
	if !n.LastActivity.IsZero() {
		row.LastActivity = &n.LastActivity
	}
	return row
}

func namespaceList() *cobra.Command {
	var t target.Target
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List all namespaces (admin token)",
		Example: "  evtui ns list --data /tmp/evdb\n  evtui ns list --url http://127.0.0.1:8080 -o ndjson",
	}
	t.Flags(cmd)
	target.WithoutNamespace(cmd, "all namespaces are listed")
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return t.With(cmd, target.ToRead, func(s *target.Session) error {
			all, err := s.Namespaces(cmd.Context())
			if err != nil {
				return err
			}
			return printNamespaces(cmd, *out, all)
		})
	}
	return cmd
}

// printNamespaces lists namespaces, with a column of what is wrong where
// something is.
func printNamespaces(cmd *cobra.Command, out output.Format, all []store.Namespace) error {
	list := make([]namespaceRow, len(all))
	faults := false
	for i := range all {
		list[i] = rowOf(all[i])
		faults = faults || all[i].Fault != ""
	}
	heads := []string{"NAMESPACE", "MESSAGES\t", "CREATED", "DESCRIPTION"}
	if faults {
		heads = append(heads, "FAULT")
	}
	return output.Rows(cmd.OutOrStdout(), out, list, heads, func(n namespaceRow) []string {
		cells := []string{n.Namespace, text.About(n.MessageCount, n.Estimated), momentOr(n.CreatedAt, time.RFC3339), n.Description}
		if faults {
			cells = append(cells, n.Fault)
		}
		return cells
	})
}

func namespaceInfo() *cobra.Command {
	var t target.Target
	cmd := &cobra.Command{
		Use:     "info [NAMESPACE]",
		Short:   "Show a namespace",
		Example: "  evtui ns info shop --data /tmp/evdb",
	}
	t.Flags(cmd)
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.With(cmd, target.ToRead, func(s *target.Session) error {
			id := s.Namespace()
			if len(args) == 1 {
				id = args[0]
			}
			n, err := s.NamespaceInfo(cmd.Context(), id)
			if err != nil {
				return err
			}
			row := rowOf(n)
			row.StreamCount = &n.StreamCount
			if *out != output.Table {
				return output.WriteOne(cmd.OutOrStdout(), *out, row)
			}
			lines := [][]string{
				{"namespace", n.ID},
				{"description", n.Description},
				{"created", momentOr(n.CreatedAt, time.RFC3339Nano)},
				{"messages", text.About(n.MessageCount, n.Estimated)},
				{"streams", text.About(n.StreamCount, n.Estimated)},
				{"last activity", text.Ago(n.LastActivity, time.Now())},
			}
			for _, said := range [][]string{{"fault", n.Fault}, {"notice", n.Notice}} {
				if said[1] != "" {
					lines = append(lines, said)
				}
			}
			return output.WriteTable(cmd.OutOrStdout(), lines)
		})
	}
	return cmd
}

func namespaceCreate() *cobra.Command {
	var (
		t        target.Target
		o        client.NamespaceOptions
		metadata string
	)
	cmd := &cobra.Command{
		Use:   "create NAMESPACE",
		Short: "Create a namespace and print its token (admin token)",
		Long:  "Create a namespace and print its token. The token is shown only once: the store keeps only its hash.",
		Example: "  evtui ns create shop --data /tmp/evdb --description 'the shop'\n" +
			"  evtui ns create billing --url http://127.0.0.1:8080 -o json",
	}
	t.Flags(cmd)
	target.WithoutNamespace(cmd, "the namespace to create is the argument")
	cmd.Flags().StringVar(&o.Description, "description", "", "description of the namespace")
	cmd.Flags().StringVar(&o.Token, "with-token", "", "token to use (default: a random one)")
	cmd.Flags().StringVar(&metadata, "metadata", "", "metadata of the namespace, a JSON object")
	out := output.Flag(cmd, output.Table, output.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if metadata != "" {
			o.Metadata = json.RawMessage(metadata)
			if !json.Valid(o.Metadata) {
				return command.Usage(cmd, "--metadata is not JSON")
			}
		}
		return t.With(cmd, target.ToMake, func(s *target.Session) error {
			created, err := s.CreateNamespace(cmd.Context(), args[0], o)
			if err != nil {
				return err
			}
			if *out == output.JSON {
				return output.WriteJSON(cmd.OutOrStdout(), created)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "namespace %s created; its token, shown only once:\n", text.Sanitize(created.Namespace))
			fmt.Fprintln(cmd.OutOrStdout(), text.Sanitize(created.Token))
			return nil
		})
	}
	return cmd
}

func namespaceDelete() *cobra.Command {
	var (
		t   target.Target
		yes bool
	)
	cmd := &cobra.Command{
		Use:     "delete NAMESPACE",
		Short:   "Delete a namespace and all its messages (admin token)",
		Example: "  evtui ns delete shop --data /tmp/evdb\n  evtui ns delete copy --url http://127.0.0.1:8080 --yes",
	}
	t.Flags(cmd)
	target.WithoutNamespace(cmd, "the namespace to delete is the argument")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation")
	out := output.Flag(cmd, output.Table, output.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !yes {
			err := command.Confirm(cmd, args[0], command.Question{
				What: fmt.Sprintf("This permanently deletes namespace %s and all its messages.", text.Sanitize(args[0])),
				Flag: fmt.Sprintf("this deletes all of %q", args[0]), Refused: "nothing was deleted",
			})
			if err != nil {
				return err
			}
		}
		return t.With(cmd, target.ToWrite, func(s *target.Session) error {
			n, err := s.DeleteNamespace(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if *out == output.JSON {
				return output.WriteJSON(cmd.OutOrStdout(), map[string]any{"namespace": args[0], "messagesDeleted": n})
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "namespace %s deleted, with %s\n", text.Sanitize(args[0]), output.Counted(n, "message"))
			return nil
		})
	}
	return cmd
}

// momentOr is a time, or "?" where the store does not know it.
func momentOr(t time.Time, layout string) string {
	if t.IsZero() {
		return "?"
	}
	return t.Format(layout)
}
