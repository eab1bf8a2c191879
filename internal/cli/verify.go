package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/text"
)

func verifyCommand() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that messages, indexes and counts agree",
		Long: "Reads everything that a data directory holds, and checks it. No server may run on the directory meanwhile.\n" +
			"Exits with 1 when anything is found.",
		Example: "  evtui verify --data /tmp/evdb\n  evtui verify --data /tmp/evdb --ns shop -o json",
		Args:    arguments(cobra.NoArgs),
	}
	t.dataFlag(cmd)
	cmd.Flags().StringVar(&t.namespace, "ns", "", "only this namespace (default: all)")
	out := outputFlag(cmd, formatTable, formatJSON, formatNDJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		dir, err := t.place()
		if err != nil {
			return err
		}
		if !dir.holdsStore() {
			return fmt.Errorf("there is no event store in %s; name its directory with --data", dir)
		}
		st, err := openStore(hostConfig{Dir: dir, Backend: t.db.backend})
		if isLocked(err) {
			return fmt.Errorf("%w; stop the evtui that serves %s first", err, dir)
		}
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, st.Close()) }()
		checks, err := verify(cmd.Context(), st, t.namespace)
		if err != nil {
			return err
		}
		return printChecks(cmd, *out, checks)
	}
	return cmd
}

// check is what a namespace's Verify found.
type check struct {
	Namespace string          `json:"namespace"`
	Messages  int64           `json:"messages"`
	Streams   int64           `json:"streams"`
	Findings  []store.Finding `json:"findings"`
}

func verify(ctx context.Context, st store.Store, only string) ([]check, error) {
	ids := []string{only}
	if only == "" {
		all, err := st.Namespaces(ctx)
		if err != nil {
			return nil, err
		}
		ids = ids[:0]
		for _, n := range all {
			ids = append(ids, n.ID)
		}
	}
	checks := make([]check, 0, len(ids))
	for _, id := range ids {
		report, err := st.Verify(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("verify namespace %q: %w", id, err)
		}
		if report.Findings == nil {
			report.Findings = []store.Finding{}
		}
		checks = append(checks, check{Namespace: id, Messages: report.Messages, Streams: report.Streams, Findings: report.Findings})
	}
	return checks, nil
}

func printChecks(cmd *cobra.Command, out format, checks []check) error {
	heads := []string{"NAMESPACE", "MESSAGES\t", "STREAMS\t", "FINDINGS\t"}
	err := rows(cmd.OutOrStdout(), out, checks, heads, func(c check) []string {
		return []string{c.Namespace, text.Count(c.Messages), text.Count(c.Streams), text.Count(int64(len(c.Findings)))}
	})
	if err != nil {
		return err
	}
	found := 0
	for _, c := range checks {
		for _, f := range c.Findings {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s: %s\n", text.Sanitize(c.Namespace), text.Sanitize(f.Where), text.Sanitize(f.Detail))
		}
		found += len(c.Findings)
	}
	if found > 0 {
		return fmt.Errorf("%w: %d findings", errReported, found)
	}
	return nil
}
