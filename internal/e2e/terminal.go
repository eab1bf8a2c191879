package e2e

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/term"
)

// Options says what runs in a Terminal. Zero width and height mean 120 × 40.
type Options struct {
	Binary        string
	Args          []string
	Env           []string  // added to a small, fixed environment; HOME should be among it
	Dir           string    // working directory; "": the caller's
	Width, Height int       // cells
	Copy          io.Writer // gets what the program writes, as it comes; nil: nobody does
}

// Terminal is one program in one pseudo-terminal. All methods may be called
// from any goroutine. [Terminal.Close] ends everything.
type Terminal struct {
	cmd     *exec.Cmd
	outside *os.File    // our end of the pseudo-terminal
	inside  *os.File    // the program's end, held to look at its settings; the waiter closes it
	copy    io.Writer   // Options.Copy
	before  *term.State // settings of the inside before the program started

	mu       sync.Mutex // guards what follows
	emulator *vt.Emulator
	modes    map[ansi.Mode]bool
	hidden   bool          // the cursor
	changed  chan struct{} // closed and replaced at every change of the screen

	drained chan struct{} // closed by the reader once all output is drawn
	ended   chan struct{} // closed by the waiter once the program has ended and all is drawn
	after   *term.State   // settings once the program has ended; valid after ended

	closeOnce sync.Once
}

// Start runs a program in a new pseudo-terminal.
func Start(o Options) (*Terminal, error) {
	if o.Width == 0 || o.Height == 0 {
		o.Width, o.Height = 120, 40
	}
	outside, inside, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open pseudo-terminal: %w", err)
	}
	t := &Terminal{
		outside: outside, inside: inside, copy: o.Copy,
		emulator: vt.NewEmulator(o.Width, o.Height),
		modes:    map[ansi.Mode]bool{},
		changed:  make(chan struct{}),
		drained:  make(chan struct{}),
		ended:    make(chan struct{}),
	}
	t.dress()
	if err := t.run(o); err != nil {
		return nil, errors.Join(err, outside.Close(), inside.Close())
	}
	go t.draw()
	go t.reply()
	go t.wait()
	return t, nil
}

// dress gives the emulator its default colours and keeps the modes it is asked for.
func (t *Terminal) dress() {
	t.emulator.SetDefaultForegroundColor(windowText)
	t.emulator.SetDefaultBackgroundColor(windowBackground)
	t.emulator.SetCallbacks(vt.Callbacks{
		CursorVisibility: func(visible bool) { t.hidden = !visible },
		EnableMode:       func(mode ansi.Mode) { t.modes[mode] = true },
		DisableMode:      func(mode ansi.Mode) { delete(t.modes, mode) },
	})
}

func (t *Terminal) run(o Options) error {
	if err := pty.Setsize(t.outside, &pty.Winsize{Rows: uint16(o.Height), Cols: uint16(o.Width)}); err != nil {
		return fmt.Errorf("size the terminal: %w", err)
	}
	settings, err := term.GetState(int(t.inside.Fd()))
	if err != nil {
		return fmt.Errorf("read the terminal's settings: %w", err)
	}
	t.before = settings
	t.cmd = exec.Command(o.Binary, o.Args...)
	t.cmd.Dir = o.Dir
	t.cmd.Env = append([]string{
		"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), "TZ=UTC",
	}, o.Env...)
	t.cmd.Stdin, t.cmd.Stdout, t.cmd.Stderr = t.inside, t.inside, t.inside
	ownTerminal(t.cmd)
	if err := t.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", o.Binary, err)
	}
	return nil
}

// draw feeds the program's output to the emulator until the last writer of
// the pseudo-terminal is gone.
func (t *Terminal) draw() {
	defer close(t.drained)
	buf := make([]byte, 32<<10)
	for {
		n, err := t.outside.Read(buf)
		t.mu.Lock()
		if n > 0 {
			_, _ = t.emulator.Write(buf[:n])
			if t.copy != nil {
				_, _ = t.copy.Write(buf[:n])
			}
		}
		close(t.changed)
		t.changed = make(chan struct{})
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// reply sends the emulator's answers (colours, cursor position, modes) to the
// program. It goes on reading when nobody listens any more, since the
// emulator would wait otherwise.
func (t *Terminal) reply() {
	buf := make([]byte, 4<<10)
	for {
		n, err := t.emulator.Read(buf)
		if n > 0 {
			_, _ = t.outside.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// wait keeps the settings that the program leaves, then lets go of its end of
// the terminal, so that the reader comes to the end.
func (t *Terminal) wait() {
	_ = t.cmd.Wait() // the exit code stands in ProcessState
	t.after, _ = term.GetState(int(t.inside.Fd()))
	_ = t.inside.Close()
	<-t.drained
	close(t.ended)
}

// Screen returns what stands on the terminal now.
func (t *Terminal) Screen() Screen {
	t.mu.Lock()
	defer t.mu.Unlock()
	return snapshot(t.emulator)
}

// Await returns the first screen for which the condition holds. Its error
// names what was waited for and shows the last screen; it comes at the
// deadline, or when the program ends before.
func (t *Terminal) Await(what string, limit time.Duration, holds func(Screen) bool) (Screen, error) {
	deadline := time.After(limit)
	for {
		t.mu.Lock()
		screen, changed := snapshot(t.emulator), t.changed
		t.mu.Unlock()
		if holds(screen) {
			return screen, nil
		}
		select {
		case <-changed:
		case <-t.ended:
			if screen = t.Screen(); holds(screen) {
				return screen, nil
			}
			return screen, fmt.Errorf("waited for %s: the program ended (%v); the screen was\n%s", what, t.cmd.ProcessState, screen.Text())
		case <-deadline:
			return screen, fmt.Errorf("waited %v for %s; the screen is\n%s", limit, what, screen.Text())
		}
	}
}

// Settle returns the first screen that nothing is written to for the time
// quiet: one that is drawn to its end. After limit it returns what there is.
func (t *Terminal) Settle(quiet, limit time.Duration) Screen {
	deadline := time.After(limit)
	for {
		t.mu.Lock()
		screen, changed := snapshot(t.emulator), t.changed
		t.mu.Unlock()
		select {
		case <-changed:
		case <-time.After(quiet):
			return screen
		case <-deadline:
			return screen
		}
	}
}

// Type sends text as it stands.
func (t *Terminal) Type(text string) error {
	_, err := io.WriteString(t.outside, text)
	return err
}

// Press sends keys by name: single characters, "enter", "esc", "up", "ctrl+c"…
func (t *Terminal) Press(names ...string) error {
	for _, name := range names {
		bytes, err := keyBytes(name)
		if err != nil {
			return err
		}
		if err := t.Type(bytes); err != nil {
			return err
		}
	}
	return nil
}

// Resize makes the window w × h cells, as dragging its corner does.
func (t *Terminal) Resize(w, h int) error {
	t.mu.Lock()
	t.emulator.Resize(w, h)
	t.mu.Unlock()
	return pty.Setsize(t.outside, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
}

// Signal sends the program a signal.
func (t *Terminal) Signal(signal os.Signal) error { return t.cmd.Process.Signal(signal) }

// Wait waits for the program's end and returns its exit code. The screen then
// shows all that it wrote.
func (t *Terminal) Wait(limit time.Duration) (int, error) {
	deadline := time.After(limit)
	select {
	case <-t.ended:
		return t.cmd.ProcessState.ExitCode(), nil
	case <-deadline:
		return -1, fmt.Errorf("the program still runs after %v; the screen is\n%s", limit, t.Screen().Text())
	}
}

// Close kills the program if it still runs and frees the terminal. It may be
// called twice.
func (t *Terminal) Close() {
	t.closeOnce.Do(func() {
		_ = t.cmd.Process.Kill()
		_ = t.outside.Close()
		<-t.ended
		if pipe, ok := t.emulator.InputPipe().(io.Closer); ok {
			_ = pipe.Close()
		}
	})
}
