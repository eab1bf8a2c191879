package tui

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Remote is a terminal at the other end of a connection.
type Remote struct {
	io.ReadWriter             // its keys, and what it shows
	Environ       []string    // what it says of itself: TERM, COLORTERM, LANG
	Size          Size        // at the beginning
	Resized       <-chan Size // each later size
}

// Size is that of a terminal, in cells.
type Size struct{ Width, Height int }

// RunRemote shows the UI on somebody else's terminal until they quit or ctx
// ends, which it must when the connection does. It only reads: the client must
// refuse to write (client.WithReadOnly). No program is started and no file is
// read or written: of cfg, all that would is left out, and the actions and
// commands that would are not there.
func RunRemote(ctx context.Context, cfg Config, r Remote) error {
	cfg = cfg.remotely()
	output := &meter{to: r}
	options := []tea.ProgramOption{
		tea.WithFPS(30), tea.WithInput(r), tea.WithOutput(output), tea.WithEnvironment(r.Environ), tea.WithWindowSize(r.Size.Width, r.Size.Height),
		// What is written to is no terminal of this machine, which could be asked.
		tea.WithColorProfile(colorprofile.Env(r.Environ)),
		tea.WithoutSignalHandler(), // the signals are the server's
		tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
			if _, ok := msg.(tea.SuspendMsg); ok {
				return nil
			}
			return msg
		}),
	}
	var err error
	labelled(ctx, func(ctx context.Context) {
		a := newApp(ctx, cfg)
		a.clock.sent = output.take
		a.env.Now = a.now()
		a.editor.exec = nil // nothing asks for it
		p := tea.NewProgram(a, options...)
		over, ended := context.WithCancel(ctx)
		resized := make(chan struct{})
		go func() {
			defer close(resized)
			resize(over, p, r.Resized)
		}()
		err = runProgram(ctx, p)
		ended()
		<-resized
		if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
			err = nil
		}
	})
	return err
}

// remotely is the configuration without what is of this machine.
func (cfg Config) remotely() Config {
	cfg.remote, cfg.ReadOnly = true, true
	cfg.Reducers.Runs, cfg.Reducers.For, cfg.Reducers.File = false, nil, nil // sessions start no process and read no file
	cfg.DataDir, cfg.ProfileDir, cfg.State, cfg.StateKey = "", "", nil, ""
	cfg.Contexts, cfg.Connect, cfg.Triggers, cfg.Load, cfg.Recorder = nil, nil, nil, nil, nil
	cfg.Plugins, cfg.WriteToken, cfg.OwnCPU = nil, nil, nil
	cfg.Plain = false
	cfg.Frame = cmp.Or(cfg.Frame, 250*time.Millisecond)
	return cfg
}

// resize tells the program of each size of the terminal.
func resize(ctx context.Context, p *tea.Program, sizes <-chan Size) {
	for {
		select {
		case <-ctx.Done():
			return
		case size, ok := <-sizes:
			if !ok {
				return
			}
			p.Send(tea.WindowSizeMsg{Width: size.Width, Height: size.Height})
		}
	}
}
