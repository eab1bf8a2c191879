package natsstore

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/store/internal/filesys"
)

// What a directory of an evtui on a cluster holds.
const (
	projectionDir = "projection" // this evtui's copy of the log, with the lock that decides who serves
	clusterFile   = "cluster"    // the URL of the cluster that it is a copy of
)

// remembered returns the URL of the cluster that a directory follows, "" when it follows none.
func remembered(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, clusterFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read which cluster %s follows: %w", dir, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// remember notes the cluster that a directory follows, so that it can be opened by its name
// alone, and so that it can be said of which cluster it is.
func remember(dir string, u *url.URL) error {
	before, err := remembered(dir)
	if err != nil || before == u.String() {
		return err
	}
	if err := writeWhole(dir, clusterFile, u.String()+"\n"); err != nil {
		return fmt.Errorf("note which cluster %s follows: %w", dir, err)
	}
	return nil
}

// writeWhole writes a file that is there whole or not at all, also after a crash.
func writeWhole(dir, name, text string) error {
	var disk filesys.Disk
	part := filepath.Join(dir, name+".part")
	f, err := disk.Create(part)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = disk.Rename(part, filepath.Join(dir, name))
	}
	if err != nil {
		return errors.Join(err, disk.Remove(part))
	}
	return disk.SyncDir(dir)
}

// holds reports whether a directory is one of an evtui on a cluster.
func holds(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, clusterFile))
	return err == nil
}

// hosts is a URL for people: without its query.
func hosts(text string) string {
	bare, _, _ := strings.Cut(text, "?")
	return bare
}

// refuseOther says that a directory follows another cluster.
func refuseOther(dir, opened string) error {
	follows, err := remembered(dir)
	if err != nil || follows == "" {
		follows = "another cluster"
	}
	if hosts(follows) == opened {
		return fmt.Errorf("%s holds a copy of what %s had, and that has it no more: it is another cluster by now, or lost all of it. "+
			"The copy may be the last: keep it (evtui export --db-url pebble://%s prints it), and name another directory with --data", dir, opened, filepath.Join(dir, projectionDir))
	}
	return fmt.Errorf("%s holds a copy of %s, and %s is another cluster: name another directory with --data, or that cluster with --db-url", dir, hosts(follows), opened)
}
