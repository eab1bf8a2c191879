package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
)

var errNoRepair = errors.New("this engine has no repair: bring back a backup, or export what can be read")

// printFindings prints findings, each on a line of its own.
func printFindings(w io.Writer, name, kind string, list []store.Finding) {
	for _, f := range list {
		fmt.Fprintf(w, "%s: %s%s\n", text.Sanitize(name), kind, DescribeFinding(f))
	}
}

// openAlone opens a directory to repair it: nobody else may have it.
func openAlone(ctx context.Context, cfg host.Config) (store.Store, error) {
	st, err := host.OpenStore(ctx, cfg)
	if host.Locked(err) {
		return nil, fmt.Errorf("%w; stop the evtui that serves %s first", err, cfg.Dir)
	}
	return st, err
}

// openRepaired opens a directory whose registry is repaired before, if it is
// damaged or does not name what lies there.
func openRepaired(cmd *cobra.Command, cfg host.Config) (store.Store, error) {
	st, err := openAlone(cmd.Context(), cfg)
	if _, ok := host.DamagedRegistry(err); !ok && err != nil {
		return nil, err
	}
	if err == nil {
		beside, err := Engine{st}.Inspect(cmd.Context())
		if err != nil || len(beside.Findings) == 0 {
			return st, err
		}
		if err := st.Close(); err != nil {
			return nil, err
		}
	}
	if err := rebuildRegistry(cmd, cfg); err != nil {
		return nil, err
	}
	return openAlone(cmd.Context(), cfg)
}

// repairAll repairs the registry if need be, then the namespaces in which something
// is found, and checks all again.
func (f *verifyFlags) repairAll(cmd *cobra.Command, cfg host.Config) (checks []Check, err error) {
	ctx := cmd.Context()
	st, err := openRepaired(cmd, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return f.mend(ctx, st, func(one Check) error {
		if err := repairOne(cmd, st, one.Namespace, f.acceptLoss); err != nil {
			return fmt.Errorf("repair namespace %q: %w", one.Namespace, err)
		}
		return nil
	})
}

// mend has repair mend each namespace in which something is found, and checks those again. One
// that cannot be mended does not keep the others from it.
func (f *verifyFlags) mend(ctx context.Context, st store.Store, repair func(Check) error) ([]Check, error) {
	c := Engine{st}
	checks, err := All(ctx, c, f.Namespace)
	if err != nil {
		return nil, err
	}
	var failed []error
	for i, one := range checks {
		if len(one.Findings) == 0 || one.Namespace == "" {
			continue
		}
		if err := repair(one); err != nil {
			failed = append(failed, err)
			continue
		}
		if checks[i], err = verifyOne(ctx, c, one.Namespace); err != nil {
			return nil, err
		}
	}
	if f.digest {
		failed = append(failed, addDigests(ctx, c, checks))
	}
	return checks, errors.Join(failed...)
}

// rebuildRegistry says what a rebuilt registry would hold and what would be
// lost, and then rebuilds it.
func rebuildRegistry(cmd *cobra.Command, cfg host.Config) error {
	w := cmd.ErrOrStderr()
	one, u, err := cfg.Dir.Locate(cfg.Backend)
	if err != nil {
		return err
	}
	if one.Rebuild == nil {
		return errNoRepair
	}
	look := cfg.Options()
	look.ReadOnly = true
	plan, err := one.Rebuild(cmd.Context(), u, look)
	if err != nil {
		return fmt.Errorf("look what a rebuilt registry would hold: %w", err)
	}
	if plan.Changed {
		fmt.Fprintf(w, "the registry is rebuilt with %s: %s\n", output.Counted(int64(len(plan.Namespaces)), "namespace"),
			text.Sanitize(strings.Join(plan.Namespaces, ", ")))
	}
	printFindings(w, "registry", "", plan.Done)
	printFindings(w, "registry", "cannot be saved: ", plan.Lost)
	if !plan.Changed {
		return nil
	}
	done, err := one.Rebuild(cmd.Context(), u, cfg.Options())
	if err != nil {
		return fmt.Errorf("rebuild the registry: %w", err)
	}
	if done.Kept != "" {
		fmt.Fprintf(w, "the registry is rebuilt; the damaged one is kept in %s\n", text.Sanitize(done.Kept))
	}
	return nil
}

func repairOne(cmd *cobra.Command, st store.Store, namespace string, acceptLoss bool) error {
	engine, ok := st.(store.Repairer)
	if !ok {
		return errNoRepair
	}
	w := cmd.ErrOrStderr()
	plan, err := engine.Repair(cmd.Context(), namespace, store.RepairOptions{DryRun: true, AcceptLoss: true})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is nothing to repair it from: put its directory back from a backup and take that with --accept-older %s, "+
			"or give the namespace up with evtui ns delete %s: %w", namespace, namespace, err)
	}
	if err != nil {
		return err
	}
	printPlan(w, namespace, plan)
	if len(plan.Lost) > 0 && !acceptLoss {
		return fmt.Errorf("%w; bring back a backup, or keep the rest with --accept-loss", store.ErrMessagesDamaged)
	}
	done, err := engine.Repair(cmd.Context(), namespace, store.RepairOptions{AcceptLoss: acceptLoss})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: repaired: %s messages in %s streams; the damaged database is kept in %s\n",
		text.Sanitize(namespace), text.Count(done.Messages), text.Count(done.Streams), text.Sanitize(done.Kept))
	return nil
}

// printPlan says what a repair will keep, and what it cannot.
func printPlan(w io.Writer, namespace string, plan store.RepairReport) {
	name := text.Sanitize(namespace)
	if len(plan.Lost) == 0 {
		fmt.Fprintf(w, "%s: all %s messages are whole: indexes and counts are built again from them\n", name, text.Count(plan.Messages))
		return
	}
	missing := "an unknown number"
	if plan.Missing >= 0 {
		missing = text.Count(plan.Missing)
	}
	fmt.Fprintf(w, "%s: %s messages can be read, %s are lost:\n", name, text.Count(plan.Messages), missing)
	printFindings(w, namespace, "", plan.Lost)
}

// acceptOlder takes a namespace as it is, after asking.
func (f *verifyFlags) acceptOlder(cmd *cobra.Command, cfg host.Config) (checks []Check, err error) {
	ctx := cmd.Context()
	if !f.yes {
		if err := f.confirmOlder(cmd, cfg); err != nil {
			return nil, err
		}
	}
	st, err := openAlone(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	engine, ok := st.(store.Repairer)
	if !ok {
		return nil, errNoRepair
	}
	if err := engine.Accept(ctx, f.accept); err != nil {
		return nil, err
	}
	one, err := verifyOne(ctx, Engine{st}, f.accept)
	if err != nil {
		return nil, err
	}
	checks = []Check{one}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s: taken as it is, with %s messages\n", text.Sanitize(f.accept), text.Count(one.Messages))
	if f.digest {
		err = addDigests(ctx, Engine{st}, checks)
	}
	return checks, err
}

// confirmOlder shows what is known of a namespace that is to be taken as it
// is, and has its name typed.
func (f *verifyFlags) confirmOlder(cmd *cobra.Command, cfg host.Config) error {
	cfg.ReadOnly, cfg.Logger = true, nil
	st, err := openAlone(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	n, err := st.Namespace(cmd.Context(), f.accept)
	if err = errors.Join(err, st.Close()); err != nil {
		return fmt.Errorf("look at namespace %q: %w", f.accept, err)
	}
	fault := cmp.Or(n.Fault, "nothing is wrong with it")
	return command.Confirm(cmd, f.accept, command.Question{
		What: fmt.Sprintf("This takes namespace %s as it is (%s): what is missing in it counts as never written.", text.Sanitize(f.accept), text.Sanitize(fault)),
		Flag: fmt.Sprintf("this takes %q as it is, and what is missing in it as never written", f.accept), Refused: "nothing was changed",
	})
}

// repairCopy builds a cluster's namespaces again in this machine's copy of it, from the log,
// where something is found in the copy; all of them when its registry is damaged.
func (f *verifyFlags) repairCopy(cmd *cobra.Command, cfg host.Config) (checks []Check, err error) {
	ctx := cmd.Context()
	st, err := openAlone(ctx, cfg)
	if _, damaged := host.DamagedRegistry(err); damaged {
		if err := putAside(cmd, cfg, err); err != nil {
			return nil, err
		}
		st, err = openAlone(ctx, cfg)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return f.mend(ctx, st, func(one Check) error {
		printFindings(cmd.ErrOrStderr(), one.Namespace, "", one.Findings)
		if err := rebuildCopy(cmd, st, one.Namespace, f.acceptLoss); err != nil {
			return fmt.Errorf("build namespace %q again: %w", one.Namespace, err)
		}
		return nil
	})
}

// putAside keeps a copy that cannot be opened beside the one that is built next.
func putAside(cmd *cobra.Command, cfg host.Config, why error) error {
	one, u, err := cfg.Dir.Locate(cfg.Backend)
	if err != nil {
		return err
	}
	done, err := one.Rebuild(cmd.Context(), u, cfg.Options())
	if err != nil {
		return fmt.Errorf("put the damaged copy aside: %w", err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%v\n", why)
	printFindings(cmd.ErrOrStderr(), "the copy", "", done.Done)
	fmt.Fprintf(cmd.ErrOrStderr(), "the damaged one is kept in %s\n", text.Sanitize(done.Kept))
	return nil
}

// rebuildCopy has one namespace copied again, with progress.
func rebuildCopy(cmd *cobra.Command, st store.Store, namespace string, acceptLoss bool) error {
	engine, ok := st.(store.Repairer)
	if !ok {
		return errNoRepair
	}
	w, name := cmd.ErrOrStderr(), text.Sanitize(namespace)
	plan, err := engine.Repair(cmd.Context(), namespace, store.RepairOptions{DryRun: true, AcceptLoss: true})
	if err != nil {
		return err
	}
	if len(plan.Lost) > 0 {
		printFindings(w, namespace, "would be lost with this copy: ", plan.Lost)
		if !acceptLoss {
			return errors.New("the log does not have all that this copy has: save that with evtui export, and then give it up with --accept-loss")
		}
	}
	fmt.Fprintf(w, "%s: the copy is thrown away and built again from the log\n", name)
	type outcome struct {
		store.RepairReport
		error
	}
	over := make(chan outcome, 1)
	go func() {
		done, err := engine.Repair(cmd.Context(), namespace, store.RepairOptions{AcceptLoss: acceptLoss})
		over <- outcome{done, err}
	}()
	progress, tell := output.NewProgress(cmd, true), time.NewTicker(time.Second)
	defer tell.Stop()
	for {
		select {
		case done := <-over:
			progress.Done()
			if done.error == nil {
				fmt.Fprintf(w, "%s: built again: %s messages in %s streams\n", name, text.Count(done.Messages), text.Count(done.Streams))
			}
			return done.error
		case <-tell.C:
			if ns, err := st.Namespace(cmd.Context(), namespace); err == nil { // it comes and goes meanwhile
				progress.Line("%s: %s messages copied", name, text.Count(ns.MessageCount))
			}
		}
	}
}
