package door

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"charm.land/ssh"
	"charm.land/wish/v2"
	"github.com/spf13/cobra"
	gossh "golang.org/x/crypto/ssh"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/terminal"
	"github.com/evtui/evtui/tui"
)

// handshake is how long a connection may take to show its key.
const handshake = 20 * time.Second

// Flags say whether there is a door, and who may come in.
type Flags struct {
	Listen   string
	Keys     string // a file of authorized keys
	HostKey  string // a file, made at the first start
	Sessions int
}

// Add adds the flags to a command.
func (f *Flags) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Listen, "ssh", "", "address to show the terminal UI on over SSH, read-only, such as :2222 (default: nowhere)")
	cmd.Flags().StringVar(&f.Keys, "ssh-authorized-keys", "", "file of the public keys that --ssh lets in, as sshd reads it")
	cmd.Flags().StringVar(&f.HostKey, "ssh-host-key", "", "file of the key that --ssh shows; made if it is not there (default: ssh_host_key in the data directory)")
	cmd.Flags().IntVar(&f.Sessions, "ssh-sessions", 16, "maximum number of terminals that --ssh serves at once")
}

// Check says what is wrong with the flags.
func (f *Flags) Check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	return command.Check(cmd,
		command.When(f.Listen == "" && (given("ssh-authorized-keys") || given("ssh-host-key") || given("ssh-sessions")),
			"the flags --ssh-… are for --ssh: give it an address, such as --ssh :2222"),
		command.When(f.Listen != "" && f.Keys == "", "--ssh needs to know whom to let in: give --ssh-authorized-keys FILE"),
		command.When(f.Listen != "" && f.Sessions < 1, "--ssh-sessions must be at least 1"))
}

// Door is an SSH server. Make it with Open; whoever does so closes it.
type Door struct {
	server   *ssh.Server
	listener net.Listener
	failed   chan error
	end      context.CancelFunc // of every session
}

// Show runs a UI on a terminal until ctx ends or its user quits.
type Show func(ctx context.Context, r tui.Remote) error

// Open listens and lets people in until ctx ends or the door is closed. It
// returns an error when the keys cannot be read, the address cannot be had, or
// there is no place for a key of its own.
func (f *Flags) Open(ctx context.Context, logger *slog.Logger, show Show) (*Door, error) {
	if f.HostKey == "" {
		return nil, errors.New("a server in memory has no place for the key that --ssh shows: give --ssh-host-key FILE")
	}
	_, left, err := keysIn(f.Keys)
	if err != nil {
		return nil, err
	}
	for _, line := range left {
		logger.Warn("a key of --ssh-authorized-keys is left out", "file", f.Keys, "reason", line)
	}
	ctx, end := context.WithCancel(ctx)
	d := &Door{failed: make(chan error, 1), end: end}
	room := make(chan struct{}, f.Sessions)
	server, err := wish.NewServer(
		wish.WithAddress(f.Listen), wish.WithHostKeyPath(f.HostKey), wish.WithPublicKeyAuth(lets(f.Keys, logger)), wish.WithVersion("evtui"),
		func(s *ssh.Server) error {
			s.HandshakeTimeout = handshake
			s.ConnCallback = bounded(4 * f.Sessions)
			return nil
		},
		wish.WithMiddleware(func(ssh.Handler) ssh.Handler {
			return func(s ssh.Session) { admit(ctx, s, room, logger, show) }
		}),
	)
	if err != nil {
		end()
		return nil, fmt.Errorf("prepare --ssh: %w", err)
	}
	if d.listener, err = net.Listen("tcp", f.Listen); err != nil {
		end()
		return nil, fmt.Errorf("listen for --ssh: %w", err)
	}
	d.server = server
	go func() {
		if err := server.Serve(d.listener); !errors.Is(err, ssh.ErrServerClosed) {
			d.failed <- fmt.Errorf("serve --ssh: %w", err)
		}
	}()
	return d, nil
}

// Addr is where the door is.
func (d *Door) Addr() net.Addr { return d.listener.Addr() }

// Fingerprint is that of the key which the door shows, as ssh asks about it at the
// first visit.
func (d *Door) Fingerprint() string {
	if len(d.server.HostSigners) == 0 {
		return ""
	}
	return gossh.FingerprintSHA256(d.server.HostSigners[0].PublicKey())
}

// Failed brings the error that ended the door before its time; never of a door
// that is nil.
func (d *Door) Failed() <-chan error {
	if d == nil {
		return nil
	}
	return d.failed
}

// Close ends the sessions and the door. A door that is nil is closed.
func (d *Door) Close() error {
	if d == nil {
		return nil
	}
	d.end()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := d.server.Shutdown(ctx); err != nil {
		return d.server.Close() // who does not go is put out
	}
	return nil
}

// admit shows the UI, if there is a terminal to show it on and room for it.
func admit(ctx context.Context, s ssh.Session, room chan struct{}, logger *slog.Logger, show Show) {
	pty, windows, ok := s.Pty()
	switch {
	case len(s.Command()) > 0:
		refuse(s, "evtui shows its terminal UI here and runs no commands")
		return
	case !ok:
		refuse(s, "evtui needs a terminal: ssh -t")
		return
	}
	select {
	case room <- struct{}{}:
	default:
		refuse(s, fmt.Sprintf("evtui shows %d terminals already, and no more: try again later", cap(room)))
		return
	}
	defer func() { <-room }()
	here, cancel := context.WithCancel(s.Context())
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	logger.Info("ssh session", "user", s.User(), "from", s.RemoteAddr().String())
	err := show(here, tui.Remote{
		ReadWriter: s, Environ: environment(s, pty.Term), Size: tui.Size{Width: pty.Window.Width, Height: pty.Window.Height}, Resized: sizes(here, windows),
	})
	logger.Info("ssh session ended", "user", s.User(), "from", s.RemoteAddr().String())
	if err != nil && here.Err() == nil {
		logger.Error("ssh session", "error", err)
		refuse(s, "evtui: the terminal UI ended; the server's log says why")
		return
	}
	_ = s.Exit(0)
}

// refuse says why and ends the session.
func refuse(s ssh.Session, reason string) {
	wish.Errorln(s, reason)
	_ = s.Exit(1)
}

// environment is what a terminal says of itself, and no more.
func environment(s ssh.Session, name string) []string {
	env := []string{"TERM=" + name}
	for _, one := range s.Environ() {
		switch key, _, _ := strings.Cut(one, "="); key {
		case "COLORTERM", "COLORFGBG", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "TERM_PROGRAM":
			env = append(env, one)
		}
	}
	return env
}

// Terminal is what is known of the terminal with that environment.
func Terminal(environ []string) terminal.Terminal {
	return terminal.Read(func(name string) string {
		for _, one := range environ {
			if key, value, _ := strings.Cut(one, "="); key == name {
				return value
			}
		}
		return ""
	})
}

// sizes passes on the terminal's sizes.
func sizes(ctx context.Context, windows <-chan ssh.Window) <-chan tui.Size {
	out := make(chan tui.Size)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case w, ok := <-windows:
				if !ok {
					return
				}
				select {
				case out <- tui.Size{Width: w.Width, Height: w.Height}:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

// counted is a connection that gives its place back when it is closed.
type counted struct {
	net.Conn
	gone func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	defer c.gone()
	return c.Conn.Close()
}

// bounded refuses connections beyond a number of them.
func bounded(most int) ssh.ConnCallback {
	room := make(chan struct{}, most)
	return func(_ ssh.Context, c net.Conn) net.Conn {
		select {
		case room <- struct{}{}:
			return &counted{Conn: c, gone: sync.OnceFunc(func() { <-room })}
		default:
			_ = c.Close()
			return nil
		}
	}
}
