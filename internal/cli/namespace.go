package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

func namespaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ns",
		Short:   "Create, list, show and delete namespaces",
		Long:    "A namespace is a tenant: its own streams, its own global order, its own token.",
		Example: "  evtui ns list\n  evtui ns create shop",
		Args:    arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage(cmd, "which command? evtui ns create, list, info or delete")
		},
	}
	cmd.AddCommand(namespaceCreate(), namespaceList(), namespaceInfo(), namespaceDelete())
	return cmd
}

// namespaceRow is how the commands print a namespace.
type namespaceRow struct {
	Namespace    string          `json:"namespace"`
	Description  string          `json:"description"`
	CreatedAt    time.Time       `json:"createdAt"`
	MessageCount int64           `json:"messageCount"`
	StreamCount  *int64          `json:"streamCount,omitempty"`  // ns.info tells it
	LastActivity *time.Time      `json:"lastActivity,omitempty"` // absent when empty, or not told
	Metadata     json.RawMessage `json:"metadata,omitempty"`
	Fault        string          `json:"fault,omitempty"`   // such as "poisoned: sync failed"; absent when it is well
	Damaged      bool            `json:"damaged,omitempty"` // the fault is that something is missing
	Notice       string          `json:"notice,omitempty"`  // such as the end of a log that was dropped; absent when there is none
}

func rowOf(n store.Namespace) namespaceRow {
	row := namespaceRow{
		Namespace: n.ID, Description: n.Description, CreatedAt: n.CreatedAt,
		MessageCount: n.MessageCount, Metadata: n.Metadata, Fault: n.Fault, Damaged: n.Damaged, Notice: n.Notice,
	}
	if !n.LastActivity.IsZero() {
		row.LastActivity = &n.LastActivity
	}
	return row
}

func namespaceList() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List all namespaces (admin token)",
		Example: "  evtui ns list --data /tmp/evdb\n  evtui ns list --url http://127.0.0.1:8080 -o ndjson",
		Args:    arguments(cobra.NoArgs),
	}
	t.flags(cmd)
	withoutNamespace(cmd, "all namespaces are listed")
	out := outputFlag(cmd, formatTable, formatJSON, formatNDJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return t.with(cmd, toRead, func(s *session) error {
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
func printNamespaces(cmd *cobra.Command, out format, all []store.Namespace) error {
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
	return rows(cmd.OutOrStdout(), out, list, heads, func(n namespaceRow) []string {
		cells := []string{n.Namespace, text.Count(n.MessageCount), momentOr(n.CreatedAt, time.RFC3339), n.Description}
		if faults {
			cells = append(cells, n.Fault)
		}
		return cells
	})
}

func namespaceInfo() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:     "info [NAMESPACE]",
		Short:   "Show a namespace",
		Example: "  evtui ns info shop --data /tmp/evdb",
		Args:    arguments(cobra.MaximumNArgs(1)),
	}
	t.flags(cmd)
	out := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.with(cmd, toRead, func(s *session) error {
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
			if *out == formatJSON {
				return printJSON(cmd.OutOrStdout(), row)
			}
			lines := [][]string{
				{"namespace", n.ID},
				{"description", n.Description},
				{"created", momentOr(n.CreatedAt, time.RFC3339Nano)},
				{"messages", text.Count(n.MessageCount)},
				{"streams", text.Count(n.StreamCount)},
				{"last activity", text.Ago(n.LastActivity, time.Now())},
			}
			if n.Fault != "" {
				lines = append(lines, []string{"fault", n.Fault})
			}
			if n.Notice != "" {
				lines = append(lines, []string{"notice", n.Notice})
			}
			return printTable(cmd.OutOrStdout(), lines)
		})
	}
	return cmd
}

func namespaceCreate() *cobra.Command {
	var (
		t        target
		o        client.NamespaceOptions
		metadata string
	)
	cmd := &cobra.Command{
		Use:   "create NAMESPACE",
		Short: "Create a namespace and print its token (admin token)",
		Long:  "Create a namespace and print its token. The token is shown only once: the store keeps only its hash.",
		Example: "  evtui ns create shop --data /tmp/evdb --description 'the shop'\n" +
			"  evtui ns create shop --url http://127.0.0.1:8080 -o json",
		Args: arguments(cobra.ExactArgs(1)),
	}
	t.flags(cmd)
	withoutNamespace(cmd, "the namespace to create is the argument")
	cmd.Flags().StringVar(&o.Description, "description", "", "description of the namespace")
	cmd.Flags().StringVar(&o.Token, "with-token", "", "token to use (default: a random one)")
	cmd.Flags().StringVar(&metadata, "metadata", "", "metadata of the namespace, a JSON object")
	out := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if metadata != "" {
			o.Metadata = json.RawMessage(metadata)
			if !json.Valid(o.Metadata) {
				return usage(cmd, "--metadata is not JSON")
			}
		}
		return t.with(cmd, toMake, func(s *session) error {
			created, err := s.CreateNamespace(cmd.Context(), args[0], o)
			if err != nil {
				return err
			}
			if *out == formatJSON {
				return printJSON(cmd.OutOrStdout(), created)
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
		t   target
		yes bool
	)
	cmd := &cobra.Command{
		Use:     "delete NAMESPACE",
		Short:   "Delete a namespace and all its messages (admin token)",
		Example: "  evtui ns delete shop --data /tmp/evdb\n  evtui ns delete shop --url http://127.0.0.1:8080 --yes",
		Args:    arguments(cobra.ExactArgs(1)),
	}
	t.flags(cmd)
	withoutNamespace(cmd, "the namespace to delete is the argument")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation")
	out := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !yes {
			err := confirm(cmd, args[0], question{
				what: fmt.Sprintf("This permanently deletes namespace %s and all its messages.", text.Sanitize(args[0])),
				flag: fmt.Sprintf("this deletes all of %q", args[0]), refused: "nothing was deleted",
			})
			if err != nil {
				return err
			}
		}
		return t.with(cmd, toWrite, func(s *session) error {
			n, err := s.DeleteNamespace(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if *out == formatJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"namespace": args[0], "messagesDeleted": n})
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "namespace %s deleted, with %s\n", text.Sanitize(args[0]), counted(n, "message"))
			return nil
		})
	}
	return cmd
}

// question is what confirm asks.
type question struct {
	what    string // in a sentence
	flag    string // what --yes does without being asked, as the beginning of one
	refused string // what holds when the name is not typed
}

// confirm has the name typed in full, by a person at a terminal.
func confirm(cmd *cobra.Command, name string, q question) error {
	if !isTerminal(cmd.InOrStdin()) {
		return usage(cmd, "%s: add --yes to skip the confirmation", q.flag)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s\nType its name to continue: ", q.what)
	line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if err == nil && strings.TrimRight(line, "\r\n") == name {
		return nil
	}
	return fmt.Errorf("%s: %q is not the name", q.refused, strings.TrimSpace(line))
}

// momentOr is a time, or "?" where the store does not know it.
func momentOr(t time.Time, layout string) string {
	if t.IsZero() {
		return "?"
	}
	return t.Format(layout)
}
