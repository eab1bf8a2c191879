package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
)

// openServer connects to the server that was named, or brings up one of its
// own. What closes it takes away the directory that was made for it.
func (p *run) openServer(ctx context.Context, cmd *cobra.Command) (closeServer func() error, err error) {
	made, err := p.makeHome()
	if err != nil {
		return nil, err
	}
	if p.session, err = p.connect(ctx, cmd); err != nil {
		return nil, errors.Join(err, removeHome(made))
	}
	if p.session.Host == nil {
		p.URL = p.session.URL()
		made = "" // its holder came first, and has it still
	}
	return func() error { return errors.Join(p.session.Close(), removeHome(made)) }, nil
}

// makeHome makes the directory for a server of its own; "" for one that was
// there already, or that needs none.
func (p *run) makeHome() (made string, err error) {
	p.where = "on a fresh directory"
	switch {
	case !p.Named():
		if p.Data, err = os.MkdirTemp("", "evtui-profile-"); err != nil {
			return "", fmt.Errorf("make a directory for the data: %w", err)
		}
		return p.Data, nil
	case !p.DB.Given():
		return "", nil
	case p.DB.Server != nil:
		p.where = "on " + p.DB.String()
		return "", nil
	case p.DB.Dir == "":
		p.where = "in memory"
		return "", nil
	}
	if err := os.MkdirAll(filepath.Dir(p.DB.Dir), 0o755); err != nil {
		return "", fmt.Errorf("make a directory for the data: %w", err)
	}
	switch err := os.Mkdir(p.DB.Dir, 0o700); {
	case errors.Is(err, fs.ErrExist):
		p.where = "on " + p.DB.Dir
		return "", nil
	case err != nil:
		return "", fmt.Errorf("make a directory for the data: %w", err)
	}
	return p.DB.Dir, nil
}

func removeHome(made string) error {
	if made == "" {
		return nil
	}
	return os.RemoveAll(made)
}

// connect opens the session. An engine in memory, which other commands have no
// use for, is as good as another here.
func (p *run) connect(ctx context.Context, cmd *cobra.Command) (*target.Session, error) {
	if !p.DB.Given() || p.DB.Dir != "" || p.DB.Server != nil {
		return p.Open(ctx, cmd, target.ToMake)
	}
	cfg, err := p.Engine("")
	if err != nil {
		return nil, err
	}
	cfg.Listen, cfg.Token = host.NoNetwork, target.AdminToken(p.Token)
	h, err := host.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s, err := p.Embed(h)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return s, nil
}
