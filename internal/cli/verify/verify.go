package verify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// verifyFlags say what is checked, and what is done about it.
type verifyFlags struct {
	target.Target
	repair, acceptLoss, digest, yes bool
	accept                          string // a namespace
}

// Command is `evtui verify`.
func Command() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check a data directory for damage, and repair it",
		Long: "Read and check everything in a data directory, or ask the evtui that serves it to. Nothing is changed. Findings " +
			"name the namespace, the kind of key and the keys. Notes are not faults: they report where the end of a log was " +
			"dropped, for example, or files in the directory that evtui does not know. Exit with 1 if a fault is found.\n\n" +
			"--repair needs exclusive access to the directory. It rebuilds a damaged registry from the namespaces, and a " +
			"damaged namespace's indexes and counts from its messages, in a new database beside the damaged one, which it " +
			"keeps. It says beforehand what will be lost, and gives up messages only with --accept-loss. --accept-older " +
			"accepts a namespace that was deliberately restored from an older copy.\n\n" +
			"For a cluster's copy (--db-url nats://…), every message is compared with the log; --repair builds a namespace's copy again " +
			"from there. Where the log has less than the copy, nothing is given up without --accept-loss.\n\n" +
			"--digest adds a checksum of the content: two stores with the same digest hold the same messages.",
		Example: "  evtui verify --data /tmp/evdb\n  evtui verify --data /tmp/evdb --ns shop -o json\n" +
			"  evtui verify --data /tmp/evdb --repair\n  evtui verify --data /tmp/evdb --accept-older shop\n" +
			"  evtui verify --data /tmp/evdb --digest",
	}
	f.DataFlag(cmd)
	cmd.Flags().StringVar(&f.Namespace, "ns", "", "check only this namespace (default: all)")
	cmd.Flags().BoolVar(&f.repair, "repair", false, "rebuild a damaged registry, and damaged indexes and counts")
	cmd.Flags().BoolVar(&f.acceptLoss, "accept-loss", false, "with --repair: give up damaged messages and keep the rest")
	cmd.Flags().StringVar(&f.accept, "accept-older", "", "accept this namespace although it is older than the registry says")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "with --accept-older: do not ask for confirmation")
	cmd.Flags().BoolVar(&f.digest, "digest", false, "compute a checksum of the content, to compare with another store's")
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		checks, err := f.run(cmd)
		if err != nil {
			return err
		}
		return printChecks(cmd, *out, checks)
	}
	return cmd
}

func (f *verifyFlags) run(cmd *cobra.Command) ([]Check, error) {
	if err := cmp.Or(
		command.Check(cmd,
			command.When(f.acceptLoss && !f.repair, "--accept-loss says how far --repair may go: give both"),
			command.When(f.accept != "" && f.repair, "--accept-older takes a namespace as it is, which --repair changes: give one of them"),
			command.When(f.accept != "" && f.Namespace != "" && f.Namespace != f.accept, "--accept-older and --ns name different namespaces"),
			command.When(f.yes && f.accept == "", "--yes answers the question of --accept-older: give both")),
		f.DB.Elsewhere("verify it", "use amcheck and PostgreSQL's checksums")); err != nil {
		return nil, err
	}
	dir, err := f.DataDir()
	if err != nil {
		return nil, err
	}
	if !dir.HoldsStore() {
		return nil, fmt.Errorf("there is no event store in %s; name its directory with --data", dir)
	}
	cfg, err := f.Engine(dir)
	if err != nil {
		return nil, err
	}
	cfg.Logger = slog.New(target.NewEngineWords(cmd.ErrOrStderr()))
	switch {
	case f.accept != "":
		return f.acceptOlder(cmd, cfg)
	case f.repair && dir.Copies():
		return f.repairCopy(cmd, cfg)
	case f.repair:
		return f.repairAll(cmd, cfg)
	}
	cfg.ReadOnly = true
	cfg.Logger = nil // what it would warn of is found, and printed
	return f.look(cmd, cfg)
}

// look checks a directory, and changes nothing.
func (f *verifyFlags) look(cmd *cobra.Command, cfg host.Config) (checks []Check, err error) {
	ctx := cmd.Context()
	st, err := host.OpenStore(ctx, cfg)
	if host.Locked(err) {
		return f.ask(ctx, cfg.Dir)
	}
	if damaged, ok := host.DamagedRegistry(err); ok {
		return []Check{registryCheck(damaged, cfg.Dir)}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return f.verify(ctx, Engine{st})
}

// ask has the server on a directory check it.
func (f *verifyFlags) ask(ctx context.Context, dir host.Place) (checks []Check, err error) {
	s, err := f.AttachDir(ctx, dir, client.WithTimeout(0)) // it reads everything
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	checks, err = f.verify(ctx, serverChecker{s.Client})
	if client.NotOffered(err) {
		return nil, fmt.Errorf("the evtui that serves %s cannot check it while it serves: stop it first: %w", dir, err)
	}
	return checks, err
}

func (f *verifyFlags) verify(ctx context.Context, c checker) ([]Check, error) {
	checks, err := All(ctx, c, f.Namespace)
	if err == nil && f.digest {
		err = addDigests(ctx, c, checks)
	}
	return checks, err
}

// checker checks namespaces: an engine, or a server that asks one.
type checker interface {
	Namespaces(ctx context.Context) ([]store.Namespace, error)
	Verify(ctx context.Context, namespace string) (store.VerifyReport, error)
	Inspect(ctx context.Context) (store.Inspection, error)
	messages(ctx context.Context, namespace string) iter.Seq2[store.Message, error]
}

// Engine is an engine in this process.
type Engine struct{ store.Store }

// Verify implements checker.
func (e Engine) Verify(ctx context.Context, namespace string) (store.VerifyReport, error) {
	v, ok := e.Store.(store.Verifier)
	if !ok {
		return store.VerifyReport{}, store.ErrNotOffered
	}
	return v.Verify(ctx, namespace)
}

// Inspect implements checker.
func (e Engine) Inspect(ctx context.Context) (store.Inspection, error) {
	v, ok := e.Store.(store.Verifier)
	if !ok {
		return store.Inspection{}, store.ErrNotOffered
	}
	return v.Inspect(ctx)
}

func (e Engine) messages(ctx context.Context, namespace string) iter.Seq2[store.Message, error] {
	return e.ReadCategory(ctx, namespace, store.CategoryQuery{GlobalPosition: 1, Limit: store.NoLimit})
}

// serverChecker is a server that checks its own engine.
type serverChecker struct{ *client.Client }

// Verify implements checker.
func (s serverChecker) Verify(ctx context.Context, namespace string) (report store.VerifyReport, err error) {
	return report, s.decode(ctx, &report, "ns.verify", namespace)
}

// Inspect implements checker.
func (s serverChecker) Inspect(ctx context.Context) (found store.Inspection, err error) {
	return found, s.decode(ctx, &found, "engine.inspect")
}

func (s serverChecker) decode(ctx context.Context, v any, method string, args ...any) error {
	answer, err := s.Call(ctx, method, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, v); err != nil {
		return fmt.Errorf("read the answer to %s: %w", method, err)
	}
	return nil
}

func (s serverChecker) messages(ctx context.Context, namespace string) iter.Seq2[store.Message, error] {
	return s.In(namespace).Category(ctx, client.CategoryQuery{GlobalPosition: 1})
}

// Check is what was found in a namespace, or with Namespace "" in the data
// directory beside them.
type Check struct {
	Namespace string          `json:"namespace"`
	Messages  int64           `json:"messages"`
	Streams   int64           `json:"streams"`
	Findings  []store.Finding `json:"findings"`
	Notes     []store.Finding `json:"notes,omitempty"`
	Digest    string          `json:"digest,omitempty"`
}

// name is what was checked, for people.
func (c Check) name() string {
	if c.Namespace == "" {
		return "(data directory)"
	}
	return c.Namespace
}

// registryCheck is what is found where the registry cannot be read.
func registryCheck(damaged *store.DamagedError, dir host.Place) Check {
	return Check{Findings: []store.Finding{{
		Where: "registry",
		Detail: fmt.Sprintf("%s; nothing was changed; evtui verify --data %s --repair rebuilds it from the namespaces, and says what it takes",
			damaged.Reason, dir),
	}}}
}

// All checks a namespace, or with "" all of them and what lies beside.
func All(ctx context.Context, c checker, only string) ([]Check, error) {
	if only != "" {
		one, err := verifyOne(ctx, c, only)
		return []Check{one}, err
	}
	all, err := c.Namespaces(ctx)
	if err != nil {
		return nil, err
	}
	checks := make([]Check, 0, len(all)+1)
	for _, n := range all {
		one, err := verifyOne(ctx, c, n.ID)
		if err != nil {
			return nil, err
		}
		checks = append(checks, one)
	}
	beside, err := c.Inspect(ctx)
	if err != nil {
		return nil, fmt.Errorf("inspect the data directory: %w", err)
	}
	if len(beside.Findings) > 0 || len(beside.Notes) > 0 {
		checks = append(checks, Check{Findings: append([]store.Finding{}, beside.Findings...), Notes: beside.Notes})
	}
	return checks, nil
}

func verifyOne(ctx context.Context, c checker, id string) (Check, error) {
	report, err := c.Verify(ctx, id)
	if err != nil {
		return Check{}, fmt.Errorf("verify namespace %q: %w", id, err)
	}
	return Check{
		Namespace: id, Messages: report.Messages, Streams: report.Streams, Findings: append([]store.Finding{}, report.Findings...), Notes: report.Notes,
	}, nil
}

// addDigests sums up the namespaces in which nothing was found: the others
// cannot be read as a whole.
func addDigests(ctx context.Context, c checker, checks []Check) error {
	for i := range checks {
		if len(checks[i].Findings) > 0 || checks[i].Namespace == "" {
			continue
		}
		var err error
		if checks[i].Digest, err = digest(checks[i].Namespace, c.messages(ctx, checks[i].Namespace)); err != nil {
			return err
		}
	}
	return nil
}

// DescribeFinding puts a finding into one line.
func DescribeFinding(f store.Finding) string {
	where := cmp.Or(f.Family, f.Where)
	if f.Keys != "" {
		where += ", " + f.Keys
	}
	return text.Sanitize(where) + ": " + text.Sanitize(f.Detail)
}

func printChecks(cmd *cobra.Command, out output.Format, checks []Check) error {
	heads := []string{"NAMESPACE", "MESSAGES\t", "STREAMS\t", "FINDINGS\t"}
	notes := slices.ContainsFunc(checks, func(c Check) bool { return len(c.Notes) > 0 })
	digests := slices.ContainsFunc(checks, func(c Check) bool { return c.Digest != "" })
	if notes {
		heads = append(heads, "NOTES\t")
	}
	if digests {
		heads = append(heads, "DIGEST")
	}
	err := output.Rows(cmd.OutOrStdout(), out, checks, heads, func(c Check) []string {
		cells := []string{c.name(), text.Count(c.Messages), text.Count(c.Streams), text.Count(int64(len(c.Findings)))}
		if c.Namespace == "" {
			cells[1], cells[2] = "", ""
		}
		if notes {
			cells = append(cells, text.Count(int64(len(c.Notes))))
		}
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
		printFindings(cmd.ErrOrStderr(), c.name(), "", c.Findings)
		printFindings(cmd.ErrOrStderr(), c.name(), "note: ", c.Notes)
		found += len(c.Findings)
	}
	if found > 0 {
		return fmt.Errorf("%w: %d findings", command.ErrReported, found)
	}
	return nil
}
