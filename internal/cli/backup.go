package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

func backupCommand() *cobra.Command {
	var (
		t  target
		to string
	)
	cmd := &cobra.Command{
		Use:   "backup [DIR OUT]",
		Short: "Copy a data directory, while it is served or not",
		Long: "Copies all namespaces of the data directory DIR into OUT, which must not be there yet: a data directory of its\n" +
			"own, with the same tokens. A server on DIR goes on meanwhile; OUT holds all that was acknowledged before.\n" +
			"The copy is checked before it gets its name. To restore, serve OUT, or a copy of it.",
		Example: "  evtui backup /var/lib/evtui /mnt/backup/evtui-monday\n  evtui backup --data /tmp/evdb --to /tmp/copy\n" +
			"  evtui serve --data /tmp/copy",
		Args: arguments(cobra.MaximumNArgs(2)),
	}
	t.dataFlag(cmd)
	t.tokenFlags(cmd)
	withoutNamespace(cmd, "a backup holds all namespaces, and evtui export writes one")
	cmd.Flags().StringVar(&to, "to", "", "the directory to make")
	_ = cmd.MarkFlagDirname("to")
	out := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 2 && !t.named() && to == "":
			t.data, to = args[0], args[1]
		case len(args) > 0:
			return usage(cmd, "give the directory and the one to make, or both with --data and --to")
		case to == "":
			return usage(cmd, "name the directory to make with --to")
		}
		made, err := t.backup(cmd, to)
		if err != nil {
			return err
		}
		if *out == formatJSON {
			return printJSON(cmd.OutOrStdout(), made)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s in %s are in %s, and checked\n",
			counted(made.Messages, "message"), counted(int64(made.Namespaces), "namespace"), text.Sanitize(made.Dir))
		return nil
	}
	return cmd
}

// backedUp is what a backup holds.
type backedUp struct {
	Dir        string `json:"dir"`
	Namespaces int    `json:"namespaces"`
	Messages   int64  `json:"messages"`
}

// backup has the engine make a checkpoint beside its data, copies that, and
// removes it: links share their bytes with the original, and its damage.
func (t *target) backup(cmd *cobra.Command, to string) (made backedUp, err error) {
	if made.Dir, err = filepath.Abs(to); err != nil {
		return made, fmt.Errorf("find %s: %w", to, err)
	}
	if _, err := os.Lstat(made.Dir); !errors.Is(err, fs.ErrNotExist) {
		return made, errors.Join(fmt.Errorf("%s is there already; name a directory that is not", made.Dir), err)
	}
	dir, err := t.place()
	if err != nil {
		return made, err
	}
	part := made.Dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return made, fmt.Errorf("remove what a backup left: %w", err)
	}
	err = t.with(cmd, false, func(s *session) error { return s.backup(cmd.Context(), dir, part) })
	if err == nil {
		err = made.check(cmd.Context(), hostConfig{Dir: place(part), Backend: t.db.backend})
	}
	if err == nil {
		err = os.Rename(part, made.Dir)
	}
	if err != nil {
		return made, errors.Join(fmt.Errorf("back up %s: %w", dir, err), os.RemoveAll(part))
	}
	return made, syncDirectory(filepath.Dir(made.Dir))
}

func (s *session) backup(ctx context.Context, dir place, part string) (err error) {
	checkpoint, err := s.Checkpoint(ctx, "")
	if client.NotOffered(err) {
		return fmt.Errorf("%w; stop the server and copy the directory, or use evtui export", err)
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(checkpoint.Dir); err != nil {
		return fmt.Errorf("the server made a checkpoint that is not to be seen from here: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(checkpoint.Dir)) }()
	if err := copyTree(ctx, checkpoint.Dir, part); err != nil {
		return err
	}
	// Without the token nobody could ask the restored server for anything but
	// what the tokens of the namespaces allow.
	err = copyFile(dir.tokenFile(), place(part).tokenFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// check verifies the copy and counts what it holds.
func (b *backedUp) check(ctx context.Context, host hostConfig) (err error) {
	st, err := openStore(host)
	if err != nil {
		return fmt.Errorf("open the copy: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	checks, err := verify(ctx, st, "")
	if err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	for _, c := range checks {
		if len(c.Findings) > 0 {
			return fmt.Errorf("the copy of namespace %q is not sound (evtui verify tells more of the original): %s", c.Namespace, describeFinding(c.Findings[0]))
		}
		b.Namespaces++
		b.Messages += c.Messages
	}
	return nil
}

// copyTree copies a directory, durably, for its owner alone.
func copyTree(ctx context.Context, from, to string) error {
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
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			made = append(made, target)
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(name, target)
	})
	for _, dir := range made {
		err = errors.Join(err, syncDirectory(dir))
	}
	return err
}

func copyFile(from, to string) (err error) {
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

// syncDirectory makes the entries of a directory durable, where the system
// can do that.
func syncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
