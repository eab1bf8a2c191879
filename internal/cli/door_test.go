package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/internal/cli/door"
	"github.com/evtui/evtui/internal/host"
)

// doorway is a server with a door, and a key that opens it.
type doorway struct {
	t       *testing.T
	address string
	keys    string // the file of authorized keys
	key     gossh.Signer
}

func newKey(t *testing.T) (gossh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(gossh.MarshalAuthorizedKey(signer.PublicKey()))
}

func openDoor(t *testing.T, sessions int) *doorway {
	t.Helper()
	dir := t.TempDir()
	h := mustHost(t, host.Config{Dir: host.Place(filepath.Join(dir, "db")), Listen: host.NoNetwork})
	signer, line := newKey(t)
	w := &doorway{t: t, key: signer, keys: filepath.Join(dir, "keys")}
	w.authorize("# who may look\n\n" + line)
	f := serveFlags{door: door.Flags{Listen: "127.0.0.1:0", Keys: w.keys, Sessions: sessions}}
	d, err := f.openDoor(t.Context(), slog.New(slog.DiscardHandler), h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	w.address = d.Addr().String()
	return w
}

func (w *doorway) authorize(text string) {
	w.t.Helper()
	if err := os.WriteFile(w.keys, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *doorway) dial(auth ...gossh.AuthMethod) (*gossh.Client, error) {
	return gossh.Dial("tcp", w.address, &gossh.ClientConfig{User: "me", Auth: auth, HostKeyCallback: gossh.InsecureIgnoreHostKey(), Timeout: time.Minute})
}

// screenful is what a terminal was sent.
type screenful struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newScreenful() *screenful { return &screenful{more: make(chan struct{}, 1)} }

// Write implements io.Writer.
func (s *screenful) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

func (s *screenful) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// waitFor returns once one of the texts came, and which.
func (s *screenful) waitFor(ctx context.Context, texts ...string) (string, error) {
	for {
		all := s.all()
		for _, one := range texts {
			if strings.Contains(all, one) {
				return one, nil
			}
		}
		select {
		case <-s.more:
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for %q, got %q", texts, all)
		}
	}
}

// look opens a terminal on a connection and starts what is behind the door.
func look(c *gossh.Client) (*gossh.Session, io.Writer, *screenful, error) {
	s, err := c.NewSession()
	if err != nil {
		return nil, nil, nil, err
	}
	seen := newScreenful()
	s.Stdout, s.Stderr = seen, seen
	keys, err := s.StdinPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	if err := s.RequestPty("xterm-256color", 24, 80, gossh.TerminalModes{}); err != nil {
		return nil, nil, nil, err
	}
	return s, keys, seen, s.Shell()
}

func TestDoorShowsTheUIAndNothingElse(t *testing.T) {
	w := openDoor(t, 4)
	c, err := w.dial(gossh.PublicKeys(w.key))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, keys, seen, err := look(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ press, want string }{{"", "Overview"}, {"", "read-only"}, {"2", "namespaces"}, {":create shop\r", "read-only"}} {
		if _, err := io.WriteString(keys, step.press); err != nil {
			t.Fatal(err)
		}
		if _, err := seen.waitFor(t.Context(), step.want); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.WindowChange(12, 50); err != nil {
		t.Error(err)
	}
	if _, err := io.WriteString(keys, "\x03\x03"); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("the session ended with %v", err)
	}
	refused := func(what, want string, start func(*gossh.Session) error) {
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		said := newScreenful()
		s.Stdout, s.Stderr = said, said
		err = start(s)
		if err == nil {
			err = s.Wait()
		}
		if text := said.all(); err == nil || !strings.Contains(text, want) {
			t.Errorf("%s: %v, %q, want %q", what, err, text, want)
		}
	}
	refused("a command", "runs no commands", func(s *gossh.Session) error { return s.Start("id") })
	refused("a command on a terminal", "runs no commands", func(s *gossh.Session) error {
		return errors.Join(s.RequestPty("xterm", 24, 80, nil), s.Start("sh"))
	})
	refused("no terminal", "needs a terminal", func(s *gossh.Session) error { return s.Shell() })
	refused("sftp", "", func(s *gossh.Session) error { return s.RequestSubsystem("sftp") })
	if _, err := c.Dial("tcp", w.address); err == nil {
		t.Error("forwards to an address of the server")
	}
	if l, err := c.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
		t.Error("listens for the client")
	}
	if _, _, err := c.OpenChannel("x11", nil); err == nil {
		t.Error("opens a channel of X11")
	}
}

func TestDoorOpensToKeysAlone(t *testing.T) {
	w := openDoor(t, 4)
	other, line := newKey(t)
	for what, auth := range map[string][]gossh.AuthMethod{
		"nothing": nil, "a password": {gossh.Password("secret")}, "another key": {gossh.PublicKeys(other)},
		"an answer": {gossh.KeyboardInteractive(func(string, string, []string, []bool) ([]string, error) { return nil, nil })},
	} {
		if c, err := w.dial(auth...); err == nil {
			c.Close()
			t.Errorf("%s opens the door", what)
		}
	}
	// The file is read anew each time. A key that may do less than look is left out.
	for text, opens := range map[string]bool{line: true, "from=\"192.0.2.1\" " + line: false, "nonsense\n" + line: true, "": false} {
		w.authorize(text)
		c, err := w.dial(gossh.PublicKeys(other))
		if err == nil {
			c.Close()
		}
		if (err == nil) != opens {
			t.Errorf("with the keys %q: %v", text, err)
		}
	}
	if err := os.Remove(w.keys); err != nil {
		t.Fatal(err)
	}
	if c, err := w.dial(gossh.PublicKeys(other)); err == nil {
		c.Close()
		t.Error("opens without a file of keys")
	}
}

// A hundred come at once: as many as there is room for look, the others are
// told so, and who leaves makes room.
func TestDoorIsBounded(t *testing.T) {
	const room, come = 5, 100
	w := openDoor(t, room)
	var (
		g          errgroup.Group
		mu         sync.Mutex
		inside     []*gossh.Client
		told, shut int
	)
	g.SetLimit(20)
	for range come {
		g.Go(func() error {
			c, err := w.dial(gossh.PublicKeys(w.key))
			if err != nil { // beyond what may be on its way in
				mu.Lock()
				defer mu.Unlock()
				shut++
				return nil
			}
			_, _, seen, err := look(c)
			if err != nil {
				return err
			}
			what, err := seen.waitFor(t.Context(), "Overview", "5 terminals already")
			mu.Lock()
			defer mu.Unlock()
			if what == "Overview" {
				inside = append(inside, c)
				return err
			}
			told++
			return errors.Join(err, c.Close())
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(inside) != room || told+shut != come-room {
		t.Errorf("%d look, %d were told that there is no room, %d could not connect", len(inside), told, shut)
	}
	for _, c := range inside {
		c.Close()
	}
	for {
		c, err := w.dial(gossh.PublicKeys(w.key))
		if err != nil {
			continue // a place is given back once its connection has ended
		}
		_, _, seen, err := look(c)
		if err != nil {
			t.Fatal(err)
		}
		what, err := seen.waitFor(t.Context(), "Overview", "5 terminals already")
		c.Close()
		if err != nil {
			t.Fatal(err)
		}
		if what == "Overview" {
			return
		}
	}
}

func TestDoorFlags(t *testing.T) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys")
	if err := os.WriteFile(keys, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"whom to let in":      {"--ssh", "127.0.0.1:0"},
		"are for --ssh":       {"--ssh-authorized-keys", keys},
		"must be at least 1":  {"--ssh", "127.0.0.1:0", "--ssh-authorized-keys", keys, "--ssh-sessions", "0"},
		"authorized keys":     {"--ssh", "127.0.0.1:0", "--ssh-authorized-keys", filepath.Join(dir, "missing")},
		"give --ssh-host-key": {"--ssh", "127.0.0.1:0", "--ssh-authorized-keys", keys, "--db-url", "pebble://memory"},
	} {
		if want != "give --ssh-host-key" {
			args = append(args, "--data", filepath.Join(dir, "db"))
		}
		_, _, err := runCommand(t, append([]string{"serve", "--config", "none", "--listen", "127.0.0.1:0"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
}
