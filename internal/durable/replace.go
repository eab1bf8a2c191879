package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace has write fill a file, which takes the name only when it is
// whole and on disk: what had the name before is not lost to a server that
// does not answer. What write left when it failed stays beside it, and the
// error says where. Devices and pipes are written to as they are.
func Replace(name string, write func(io.Writer) error) error {
	before, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case before.IsDir():
		return fmt.Errorf("%s is a directory", name)
	case !before.Mode().IsRegular():
		return writeTo(name, os.O_WRONLY, write)
	default:
		// A link goes on leading to the file.
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	}
	part := name + ".part"
	if err := writeTo(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, write); err != nil {
		return leave(part, err)
	}
	if before != nil {
		if err := os.Chmod(part, before.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := os.Rename(part, name); err != nil {
		return err
	}
	return SyncDirectory(filepath.Dir(name))
}

// leave removes what a failure left if it is nothing, and else says where it is.
func leave(part string, failure error) error {
	if info, err := os.Stat(part); err == nil && info.Size() > 0 {
		return fmt.Errorf("%w; what came before is in %s", failure, part)
	}
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(failure, err)
	}
	return failure
}

func writeTo(name string, flags int, write func(io.Writer) error) (err error) {
	file, err := os.OpenFile(name, flags, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := write(file); err != nil {
		return err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return file.Sync()
}

// Write writes a file that its owner alone may read, whole or not at all. It is
// not synced: a crash may leave what was there before.
func Write(name string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
