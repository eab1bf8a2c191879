package verify

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
)

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
