package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
)

func verifyCommand() *cobra.Command {
	var (
		t                            target
		mend, acceptLoss, withDigest bool
	)
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that messages, indexes and counts agree, and mend what does not",
		Long: "Reads everything that a data directory holds, and checks it. No server may run on the directory meanwhile.\n" +
			"What is found names the namespace, the kind of keys and which of them. Exits with 1 when anything is found.\n\n" +
			"--repair makes the indexes and counts of a damaged namespace anew from its messages, in a fresh database\n" +
			"beside it, and keeps the damaged one. It says before what will be lost, and loses messages only with --accept-loss.\n" +
			"--digest adds a sum of all that can be read: two stores with the same one hold the same.",
		Example: "  evtui verify --data /tmp/evdb\n  evtui verify --data /tmp/evdb --ns shop -o json\n" +
			"  evtui verify --data /tmp/evdb --repair\n  evtui verify --data /tmp/copy --digest",
		Args: arguments(cobra.NoArgs),
	}
	t.dataFlag(cmd)
	cmd.Flags().StringVar(&t.namespace, "ns", "", "only this namespace (default: all)")
	cmd.Flags().BoolVar(&mend, "repair", false, "make indexes and counts anew where something is found")
	cmd.Flags().BoolVar(&acceptLoss, "accept-loss", false, "with --repair: keep what can be read where messages are damaged")
	cmd.Flags().BoolVar(&withDigest, "digest", false, "sum up the content, to compare it with another store's")
	out := outputFlag(cmd, formatTable, formatJSON, formatNDJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if acceptLoss && !mend {
			return usage(cmd, "--accept-loss says how far --repair may go: give both")
		}
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
		if err == nil && mend {
			checks, err = repair(cmd, st, checks, acceptLoss)
		}
		if err == nil && withDigest {
			err = addDigests(cmd.Context(), st, checks)
		}
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
	Digest    string          `json:"digest,omitempty"`
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
		c, err := verifyOne(ctx, st, id)
		if err != nil {
			return nil, err
		}
		checks = append(checks, c)
	}
	return checks, nil
}

func verifyOne(ctx context.Context, st store.Store, id string) (check, error) {
	report, err := st.Verify(ctx, id)
	if err != nil {
		return check{}, fmt.Errorf("verify namespace %q: %w", id, err)
	}
	if report.Findings == nil {
		report.Findings = []store.Finding{}
	}
	return check{Namespace: id, Messages: report.Messages, Streams: report.Streams, Findings: report.Findings}, nil
}

// addDigests sums up the namespaces in which nothing was found: the others
// cannot be read as a whole.
func addDigests(ctx context.Context, st store.Store, checks []check) error {
	for i := range checks {
		if len(checks[i].Findings) > 0 {
			continue
		}
		var err error
		if checks[i].Digest, err = digest(ctx, st, checks[i].Namespace); err != nil {
			return err
		}
	}
	return nil
}

// describeFinding puts a finding into one line.
func describeFinding(f store.Finding) string {
	where := f.Where
	if f.Family != "" {
		where = f.Family
	}
	if f.Keys != "" {
		where += ", " + f.Keys
	}
	return text.Sanitize(where) + ": " + text.Sanitize(f.Detail)
}

func printChecks(cmd *cobra.Command, out format, checks []check) error {
	heads := []string{"NAMESPACE", "MESSAGES\t", "STREAMS\t", "FINDINGS\t"}
	digests := slices.ContainsFunc(checks, func(c check) bool { return c.Digest != "" })
	if digests {
		heads = append(heads, "DIGEST")
	}
	err := rows(cmd.OutOrStdout(), out, checks, heads, func(c check) []string {
		cells := []string{c.Namespace, text.Count(c.Messages), text.Count(c.Streams), text.Count(int64(len(c.Findings)))}
		if digests {
			cells = append(cells, c.Digest)
		}
		return cells
	})
	if err != nil {
		return err
	}
	found := 0
	for _, c := range checks {
		for _, f := range c.Findings {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", text.Sanitize(c.Namespace), describeFinding(f))
		}
		found += len(c.Findings)
	}
	if found > 0 {
		return fmt.Errorf("%w: %d findings", errReported, found)
	}
	return nil
}
