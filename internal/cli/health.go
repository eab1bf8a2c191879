package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
)

// healthAgain is how long health with --wait rests between two questions.
const healthAgain = 100 * time.Millisecond

// healthCommand is for containers and units, which have no curl.
func healthCommand() *cobra.Command {
	var (
		t       target
		wait    time.Duration
		timeout time.Duration
		quiet   bool
	)
	cmd := &cobra.Command{
		Use:   "health [URL]",
		Short: "Check whether a server is healthy",
		Long: "Exit with 0 if the server reports that it is healthy, with 3 if nobody answers. Ask the server at URL if one is\n" +
			"given, else the one on the data directory. No token is needed.",
		Example: "  evtui health http://127.0.0.1:8080\n" +
			"  evtui health --data /var/lib/evtui --wait 30s",
		Args: arguments(cobra.MaximumNArgs(1)),
	}
	t.dataFlag(cmd)
	t.contextFlag(cmd)
	t.trustFlag(cmd)
	cmd.Flags().StringVar(&t.url, "url", "", "URL of a running server, instead of --data")
	cmd.Flags().DurationVar(&wait, "wait", 0, "keep asking for this long until the server answers")
	cmd.Flags().DurationVar(&timeout, "timeout", 3*time.Second, "how long to wait for one answer")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print nothing if the server is healthy")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			// EVTUI_DATA, as a container has it, and EVTUI_CONTEXT do not stand against it.
			t.url, t.data, t.db, t.context = args[0], "", dbURL{}, ""
		}
		if err := t.resolve(cmd); err != nil {
			return err
		}
		if timeout <= 0 {
			return usage(cmd, "--timeout must be above 0, not %v", timeout)
		}
		url, err := t.awaitHealth(cmd.Context(), timeout, wait)
		if err == nil && !quiet {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ok: %s\n", url)
		}
		return err
	}
	return cmd
}

// awaitHealth asks until the server answers, or for as long as wait says, and
// at least once. It returns where the server is.
func (t *target) awaitHealth(ctx context.Context, timeout, wait time.Duration) (url string, err error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	again := time.NewTicker(healthAgain)
	defer again.Stop()
	for {
		url, err := t.health(ctx, timeout)
		if err == nil || wait <= 0 {
			return url, err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return "", err
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// health asks once. The directory's endpoint is read anew each time: the
// server may only be starting.
func (t *target) health(ctx context.Context, timeout time.Duration) (url string, err error) {
	at := *t
	if url = t.url; url == "" {
		dir, err := t.dataDir()
		if err != nil {
			return "", err
		}
		switch url, _, err = dir.Endpoint(); {
		case err != nil:
			return "", fmt.Errorf("find the server on %s: %w", dir, err)
		case url == "":
			return "", fmt.Errorf("%w: no server runs on %s", errBusy, dir)
		case url == host.NoNetwork:
			return "", fmt.Errorf("%w: the server on %s serves no network", errBusy, dir)
		}
		at.serves = dir
	}
	s, err := at.attach(ctx, url, "", client.WithTimeout(timeout))
	if err != nil {
		return "", err
	}
	return url, s.Close()
}
