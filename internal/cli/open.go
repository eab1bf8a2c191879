package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/recording"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/inprocess"
	"github.com/evtui/evtui/server/wire"
)

func openCommand() *cobra.Command {
	var (
		sf    screenFlags
		until string
	)
	cmd := &cobra.Command{
		Use:   "open FILE",
		Short: "Open a recording in the terminal UI, without a server",
		Long: "Open the terminal UI on a file made by evtui record or :record. It shows the last hour of the recording, or the " +
			"hour up to --until; move through it with the time cursor. Pages say what was not recorded, such as messages.",
		Example: "  evtui open run.evt\n  evtui open night.evt --until -2h",
	}
	cmd.Flags().StringVar(&until, "until", "", "show the hour before this time: -90m before the recording's end, 03:30, 2026-11-23 03:30 or RFC 3339")
	sf.lookFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := recording.Open(args[0])
		if err != nil {
			return err
		}
		at, err := momentOf(cmd, r, until)
		if err != nil {
			return err
		}
		if err := needTerminal(cmd); err != nil {
			return err
		}
		return sf.replay(cmd.Context(), r, args[0], at)
	}
	return cmd
}

// momentOf reads --until, which must lie in the recording.
func momentOf(cmd *cobra.Command, r *recording.Recording, given string) (time.Time, error) {
	if given == "" {
		return r.Ended, nil
	}
	at, err := command.Time(cmd, "until", given, r.Ended.Local())
	if err != nil {
		return at, err
	}
	first := r.Began
	if len(r.Samples) > 0 && r.Samples[0].Time.Before(first) {
		first = r.Samples[0].Time
	}
	if at.Before(first) || at.After(r.Ended) {
		return at, command.Usage(cmd, "--until must be a time in the recording, from %s to %s, or a time before its end such as -90m, not %q",
			first.Format(time.RFC3339), r.Ended.Format(time.RFC3339), given)
	}
	return at, nil
}

// replay shows a recording: a server in this process answers with it, and the
// UI is that server's client.
func (sf *screenFlags) replay(ctx context.Context, r *recording.Recording, file string, until time.Time) (err error) {
	profiles, err := os.MkdirTemp("", "evtui-open-")
	if err != nil {
		return fmt.Errorf("unpack the recording's profiles: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(profiles)) }()
	if err := r.Unpack(profiles); err != nil {
		return err
	}
	c, stop, err := serveRecording(r, until)
	if err != nil {
		return err
	}
	defer stop()
	shown, err := sf.looks(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	shown.Client, shown.Admin, shown.ReadOnly = c, true, true
	shown.Address, shown.Version = "recording "+filepath.Base(file), command.Version
	shown.ProfileDir, shown.Triggers = profiles, nil
	// The clock of the recording, so that times and ages are those of then.
	shown.Now = func() time.Time { return until.Local().Add(time.Since(began)) }
	defer quiet()()
	return runScreen(ctx, shown)
}

// serveRecording has a recording answer as a server in this process. The
// caller calls stop.
func serveRecording(r *recording.Recording, until time.Time) (c *client.Client, stop func(), err error) {
	listener := inprocess.Listen()
	web := &http.Server{Handler: r.Handler(until)}
	// The token only names the namespace: nobody checks it.
	c, err = client.New("http://recording.internal", client.WithToken(wire.NewToken(r.Namespace)),
		client.WithDialer(listener.Dial), client.WithActor("ui"), client.WithReadOnly())
	if err != nil {
		return nil, nil, err
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(listener) // it ends by stop alone
	}()
	return c, func() {
		c.Close()
		_ = web.Close()
		<-served
	}, nil
}
