package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// healthAgain is how long health with --wait rests between two questions.
const healthAgain = 100 * time.Millisecond

// healthCommand is for containers and units, which have no curl.
func healthCommand() *cobra.Command {
	var (
		t       target.Target
		wait    time.Duration
		timeout time.Duration
		quiet   bool
	)
	cmd := &cobra.Command{
		Use:   "health [URL]",
		Short: "Check whether a server is healthy",
		Long: "Exit with 0 if the server reports that it is healthy, with 3 if nobody answers. Ask the server at URL if one is " +
			"given, else the one on the data directory. No token is needed. With --db-url of a database server, look into that " +
			"database: exit with 0 if it can be read. For a server on this machine, also print warnings: on a cluster, " +
			"how the log syncs if that is not always, and how far this evtui is behind. That does not make it unhealthy.",
		Example: "  evtui health http://127.0.0.1:8080\n" +
			"  evtui health --data /var/lib/evtui --wait 30s\n" +
			"  evtui health --db-url postgres://evtui@localhost/message_store",
	}
	t.DataFlag(cmd)
	t.ContextFlag(cmd)
	t.TrustFlag(cmd)
	cmd.Flags().StringVar(&t.URL, "url", "", "server's URL, instead of --data")
	cmd.Flags().Var(moment.Flag(&wait, 0), "wait", "keep asking for this long until the server answers")
	cmd.Flags().Var(moment.Flag(&timeout, 3*time.Second), "timeout", "how long to wait for one answer")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print nothing if the server is healthy")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			// EVTUI_DATA, as a container has it, and EVTUI_CONTEXT do not stand against it.
			t.URL, t.Data, t.DB, t.Context = args[0], "", target.DBURL{}, ""
		}
		if err := t.Resolve(cmd); err != nil {
			return err
		}
		if timeout <= 0 {
			return command.Usage(cmd, "--timeout must be above 0, not %v", timeout)
		}
		found, err := awaitHealth(cmd, &t, timeout, wait)
		if err == nil && !quiet {
			err = found.print(cmd.OutOrStdout())
		}
		return err
	}
	return cmd
}

// healthy is a server that says that it is healthy.
type healthy struct {
	url  string
	info wire.Info // zero: nobody told the token, or it does not say
}

func (h healthy) print(w io.Writer) error {
	said := fmt.Sprintf("ok: %s\n", h.url)
	if h.info.Shared && !h.info.ReadOnly && h.info.Durability != "sync" {
		said += fmt.Sprintf("warning: how durable the log is depends on its servers: %s\n", text.Sanitize(h.info.Durability))
	}
	for _, n := range h.info.Notices {
		about := ""
		if n.Namespace != "" {
			about = "namespace " + text.Sanitize(n.Namespace) + ": "
		}
		said += fmt.Sprintf("warning: %s%s\n", about, text.Sanitize(n.Words))
	}
	_, err := io.WriteString(w, said)
	return err
}

// awaitHealth asks until the server answers, or for as long as wait says, and
// at least once. It returns where the server is.
func awaitHealth(cmd *cobra.Command, t *target.Target, timeout, wait time.Duration) (found healthy, err error) {
	ctx, ask := cmd.Context(), health
	if t.URL == "" && t.DB.Guest() {
		ask = func(ctx context.Context, t *target.Target, timeout time.Duration) (healthy, error) {
			url, err := healthElsewhere(ctx, cmd, t, timeout)
			return healthy{url: url}, err
		}
	}
	err = command.Retry(ctx, healthAgain, wait, func() (done bool, err error) {
		found, err = ask(ctx, t, timeout)
		return err == nil || wait <= 0, err
	})
	return found, err
}

// healthElsewhere looks into a database that another program's server keeps: no evtui
// announces itself there, so what is checked is that it can be reached and read.
func healthElsewhere(ctx context.Context, cmd *cobra.Command, t *target.Target, timeout time.Duration) (url string, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	s, err := t.Open(ctx, cmd, target.ToRead)
	if errors.Is(err, context.DeadlineExceeded) {
		return "", fmt.Errorf("%w: no answer in %s", command.ErrBusy, timeout)
	}
	if err != nil {
		return "", err
	}
	if _, err = s.Head(ctx); err != nil {
		err = fmt.Errorf("look into %s: %w", t.DB.String(), err)
	}
	return t.DB.String(), errors.Join(err, s.Close())
}

// health asks once. The directory's endpoint is read again each time: the
// server may only be starting.
func health(ctx context.Context, t *target.Target, timeout time.Duration) (found healthy, err error) {
	at := *t
	if found.url = t.URL; found.url == "" {
		dir, err := t.DataDir()
		if err != nil {
			return found, err
		}
		switch found.url, _, err = dir.Endpoint(); {
		case err != nil:
			return found, fmt.Errorf("find the server on %s: %w", dir, err)
		case found.url == "":
			return found, fmt.Errorf("%w: no server runs on %s", command.ErrBusy, dir)
		case found.url == host.NoNetwork:
			return found, fmt.Errorf("%w: the server on %s serves no network", command.ErrBusy, dir)
		}
		at.Serves = dir
	}
	token := target.KeptToken(ctx, found.url)
	s, err := at.Attach(ctx, found.url, token, client.WithTimeout(timeout))
	if err != nil {
		return found, err
	}
	if token != "" {
		if info, err := s.Info(ctx); err == nil { // what else should be known is no matter of health
			found.info = info
		}
	}
	return found, s.Close()
}
