package natsstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/pebblestore"
)

// patience is how long the cluster may take to answer when a store is opened: an evtui that
// starts with its machines, as systemd starts it, finds a cluster that has no leader yet.
const patience = 30 * time.Second

// Opener opens stores by nats://HOST,HOST,HOST, and by tls:// where servers must show
// a certificate.
func Opener() store.Opener {
	return store.Opener{
		Scheme: jetlog.Scheme, Aliases: []string{jetlog.SchemeTLS},
		Form: "nats://HOST,HOST,HOST",
		Dir: func(u *url.URL) (string, error) {
			_, err := Parse(u)
			return "", err
		},
		URL: func(dir string) string {
			u, err := remembered(dir)
			if err != nil { // Open says so
				return ""
			}
			return u
		},
		Holds:  holds,
		Copies: true, Secrets: "in EVTUI_NATS_PASSWORD, in a file with ?creds= or ?nkey=",
		Place: func(u *url.URL) (string, error) {
			p, err := Parse(u)
			if err != nil {
				return "", err
			}
			return p.name(), nil
		},
		Rebuild: rebuild,
		Open:    open,
	}
}

// open opens the cluster of a URL with the copy in o.Dir.
func open(ctx context.Context, u *url.URL, o store.OpenOptions) (store.Store, error) {
	p, err := Parse(u)
	if err != nil {
		return nil, fmt.Errorf("the URL of the cluster %w", err)
	}
	if o.Interval != 0 {
		return nil, errors.New("the cluster decides how durable its log is: leave --durability out, and set sync_interval: always in the servers' configuration")
	}
	access, err := p.access(o, os.Getenv)
	if err != nil {
		return nil, err
	}
	options := logstore.Options{
		Logger: o.Logger, Memory: o.Dir == "",
		Projection: pebblestore.Options{Logger: o.Logger, MaxOpen: o.MaxOpen, IdleClose: o.IdleClose, Memory: o.Memory, ReadOnly: o.ReadOnly},
	}
	if o.Dir != "" && !o.ReadOnly {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the directory for this evtui's copy of the log: %w", err)
		}
	}
	connect := func(ctx context.Context) (logstore.Log, error) { return dial(ctx, p, access) }
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := logstore.Connect(ctx, connect, filepath.Join(o.Dir, projectionDir), options)
	other, isOther := errors.AsType[*logstore.OtherLogError](err)
	switch {
	case isOther:
		return nil, refuseOther(o.Dir, other.Log)
	case err != nil:
		return nil, err
	case o.Dir == "" || o.ReadOnly:
		return s, nil
	}
	if err := remember(o.Dir, u); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// dial connects to the cluster, and says after a while that it waits for it.
func dial(ctx context.Context, p Place, o jetlog.Options) (logstore.Log, error) {
	waits := time.AfterFunc(3*time.Second, func() {
		cmp.Or(o.Logger, slog.New(slog.DiscardHandler)).Warn("the cluster does not answer yet", "cluster", hosts(p.cluster.String()), "for", patience.String())
	})
	defer waits.Stop()
	return jetlog.Open(ctx, p.cluster, o)
}

// rebuild puts a copy aside whose registry cannot be read: the next Open makes another from the
// log. What it put aside stays.
func rebuild(_ context.Context, _ *url.URL, o store.OpenOptions) (store.RebuildReport, error) {
	report := store.RebuildReport{
		Changed: true, Kept: fmt.Sprintf("%s.damaged-%s", projectionDir, time.Now().UTC().Format("20060102T150405Z")),
		Done: []store.Finding{{Where: projectionDir, Detail: "is put aside; every namespace is copied again from the cluster"}},
	}
	if o.ReadOnly {
		return report, nil
	}
	var disk filesys.Disk
	err := disk.Rename(filepath.Join(o.Dir, projectionDir), filepath.Join(o.Dir, report.Kept))
	return report, errors.Join(err, disk.SyncDir(o.Dir))
}
