package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

// repairer is an engine that can make a namespace's indexes anew.
type repairer interface {
	Repair(ctx context.Context, namespace string, o pebblestore.RepairOptions) (pebblestore.RepairReport, error)
}

var errNoRepair = errors.New("this engine has no repair: bring back a backup, or export what can be read")

// repair mends the namespaces in which something was found, each told of
// before, and checks them again. A namespace that would lose messages is left
// alone unless acceptLoss says otherwise.
func repair(cmd *cobra.Command, st store.Store, checks []check, acceptLoss bool) ([]check, error) {
	for i, c := range checks {
		if len(c.Findings) == 0 {
			continue
		}
		engine, ok := st.(repairer)
		if !ok {
			return checks, errNoRepair
		}
		if err := repairOne(cmd, engine, c.Namespace, acceptLoss); err != nil {
			return checks, fmt.Errorf("repair namespace %q: %w", c.Namespace, err)
		}
		again, err := verifyOne(cmd.Context(), st, c.Namespace)
		if err != nil {
			return checks, err
		}
		checks[i] = again
	}
	return checks, nil
}

func repairOne(cmd *cobra.Command, engine repairer, namespace string, acceptLoss bool) error {
	w := cmd.ErrOrStderr()
	plan, err := engine.Repair(cmd.Context(), namespace, pebblestore.RepairOptions{DryRun: true, AcceptLoss: true})
	if err != nil {
		return err
	}
	tellPlan(w, namespace, plan)
	if len(plan.Lost) > 0 && !acceptLoss {
		return fmt.Errorf("%w; bring back a backup, or keep the rest with --accept-loss", pebblestore.ErrMessagesDamaged)
	}
	done, err := engine.Repair(cmd.Context(), namespace, pebblestore.RepairOptions{AcceptLoss: acceptLoss})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: repaired: %s messages in %s streams; the damaged database is kept in %s\n",
		text.Sanitize(namespace), text.Count(done.Messages), text.Count(done.Streams), text.Sanitize(done.Kept))
	return nil
}

// tellPlan says what a repair will keep, and what it cannot.
func tellPlan(w io.Writer, namespace string, plan pebblestore.RepairReport) {
	name := text.Sanitize(namespace)
	if len(plan.Lost) == 0 {
		fmt.Fprintf(w, "%s: all %s messages are whole: indexes and counts are made anew from them\n", name, text.Count(plan.Messages))
		return
	}
	missing := "an unknown number"
	if plan.Missing >= 0 {
		missing = text.Count(plan.Missing)
	}
	fmt.Fprintf(w, "%s: %s messages can be read, %s are lost:\n", name, text.Count(plan.Messages), missing)
	for _, f := range plan.Lost {
		fmt.Fprintf(w, "%s: %s\n", name, describeFinding(f))
	}
}
