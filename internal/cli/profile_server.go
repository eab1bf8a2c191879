package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/host"
)

// openServer connects to the server that was named, or brings up one of its
// own. What closes it takes away the directory that was made for it.
func (p *profileRun) openServer(ctx context.Context, cmd *cobra.Command) (closeServer func() error, err error) {
	made, err := p.makeHome()
	if err != nil {
		return nil, err
	}
	if p.session, err = p.connect(ctx, cmd); err != nil {
		return nil, errors.Join(err, removeHome(made))
	}
	if p.session.host == nil {
		p.url = p.session.URL()
		made = "" // its holder came first, and has it still
	}
	return func() error { return errors.Join(p.session.Close(), removeHome(made)) }, nil
}

// makeHome makes the directory for a server of its own; "" for one that was
// there already, or that needs none.
func (p *profileRun) makeHome() (made string, err error) {
	p.where = "on a fresh directory"
	switch {
	case !p.named():
		if p.data, err = os.MkdirTemp("", "evtui-profile-"); err != nil {
			return "", fmt.Errorf("make a directory for the data: %w", err)
		}
		return p.data, nil
	case !p.db.given():
		return "", nil
	case p.db.dir == "":
		p.where = "in memory"
		return "", nil
	}
	if err := os.MkdirAll(filepath.Dir(p.db.dir), 0o755); err != nil {
		return "", fmt.Errorf("make a directory for the data: %w", err)
	}
	switch err := os.Mkdir(p.db.dir, 0o700); {
	case errors.Is(err, fs.ErrExist):
		p.where = "on " + p.db.dir
		return "", nil
	case err != nil:
		return "", fmt.Errorf("make a directory for the data: %w", err)
	}
	return p.db.dir, nil
}

func removeHome(made string) error {
	if made == "" {
		return nil
	}
	return os.RemoveAll(made)
}

// connect opens the session. An engine in memory, which other commands have no
// use for, is as good as another here.
func (p *profileRun) connect(ctx context.Context, cmd *cobra.Command) (*session, error) {
	if !p.db.given() || p.db.dir != "" {
		return p.open(ctx, cmd, toMake)
	}
	h, err := host.Open(ctx, host.Config{Backend: p.db.backend, Listen: host.NoNetwork, Token: adminToken(p.token), Interval: p.commit.interval, Version: version})
	if err != nil {
		return nil, err
	}
	s, err := p.embed(h)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return s, nil
}
