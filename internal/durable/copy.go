package durable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// CopyTree copies a directory, durably, for its owner alone: the files and
// directories of which wanted, given their names below it, says so. Links are
// followed; what is neither file nor directory is left out.
func CopyTree(ctx context.Context, from, to string, wanted func(name string) bool) error {
	var made []string
	err := filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if relative != "." && !wanted(relative) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			made = append(made, target)
			return os.MkdirAll(target, 0o700)
		}
		return copyEntry(ctx, name, target, relative, wanted)
	})
	for _, dir := range made {
		err = errors.Join(err, SyncDirectory(dir))
	}
	return err
}

// copyEntry copies what is no directory, but may lead to one.
func copyEntry(ctx context.Context, name, target, relative string, wanted func(string) bool) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		inside := func(below string) bool { return wanted(filepath.Join(relative, below)) }
		real, err := filepath.EvalSymlinks(name)
		if err != nil {
			return err
		}
		return CopyTree(ctx, real, target, inside)
	case !info.Mode().IsRegular():
		return nil
	}
	return CopyFile(name, target)
}

// CopyFile copies a file to one that must not be there yet.
func CopyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return out.Sync()
}

// SyncDirectory makes the entries of a directory durable, where the system
// can do that.
func SyncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
