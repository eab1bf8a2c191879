package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/cli/verify"
	"github.com/evtui/evtui/internal/durable"
	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// Command is `evtui backup`.
func Command() *cobra.Command {
	var (
		t  target.Target
		to string
	)
	cmd := &cobra.Command{
		Use:   "backup [DIR OUT]",
		Short: "Back up a data directory, running or stopped",
		Long: "Copy all namespaces of the data directory DIR to OUT, which must not exist yet. OUT becomes a data directory of " +
			"its own, with the same tokens. A server on DIR keeps running; OUT holds everything acknowledged before the start. " +
			"evtui checks the copy before it appears as OUT. If namespaces are damaged, it names them and exits with 1. " +
			"To restore, serve OUT or a copy of it. The next backup cleans up after one that was killed.",
		Example: "  evtui backup /var/lib/evtui /mnt/backup/evtui-monday\n  evtui backup --data /tmp/evdb --to /tmp/copy\n" +
			"  evtui serve --data /tmp/copy",
	}
	t.DataFlag(cmd)
	t.TokenFlags(cmd)
	target.WithoutNamespace(cmd, "a backup holds all namespaces, and evtui export writes one")
	cmd.Flags().StringVar(&to, "to", "", "directory to create")
	out := output.Flag(cmd, output.Table, output.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 2 && !t.Named() && to == "":
			t.Data, to = args[0], args[1]
		case len(args) > 0:
			return command.Usage(cmd, "give the data directory and the directory to create, or both with --data and --to")
		case to == "":
			return command.Usage(cmd, "name directory to create with --to")
		}
		made, err := makeBackup(cmd, &t, to)
		if err != nil {
			return err
		}
		return made.print(cmd, *out)
	}
	return cmd
}

// backedUp is what a backup holds.
type backedUp struct {
	Dir        string   `json:"dir"`
	Namespaces int      `json:"namespaces"`
	Messages   int64    `json:"messages"`
	Damaged    []string `json:"damaged,omitempty"` // namespaces of the source that the backup does not hold whole
}

func (b *backedUp) holds() string {
	return output.Counted(b.Messages, "message") + " in " + output.Counted(int64(b.Namespaces), "namespace")
}

func (b *backedUp) print(cmd *cobra.Command, out output.Format) error {
	w := cmd.ErrOrStderr()
	for _, id := range b.Damaged {
		fmt.Fprintf(w, "namespace %s is damaged: its backup is incomplete; run evtui verify for details\n", text.Sanitize(id))
	}
	if out == output.JSON {
		if err := output.WriteJSON(cmd.OutOrStdout(), b); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(w, "%s copied to %s and verified\n", b.holds(), text.Sanitize(b.Dir))
	}
	if len(b.Damaged) > 0 {
		return fmt.Errorf("%w: %d namespaces are damaged", command.ErrReported, len(b.Damaged))
	}
	return nil
}

// backup is a backup under way.
type backup struct {
	target  *target.Target
	cmd     *cobra.Command
	from    host.Place
	made    backedUp
	part    string   // what is made has this name until it is whole
	held    *os.File // says who makes it
	claimed backedUp // what the source says that the copy holds
}

// The names of what belongs to a backup until it is done.
const (
	partEnd         = ".part"
	backupMark      = "evtui-backup"         // in the directory that is made
	unfinishedEnd   = ".evtui-backup"        // beside the data: the file about a checkpoint of that name
	checkpointBegin = "backup-"              // of the checkpoints' names
	checkpointTime  = "20060102T150405.000Z" // and their end, UTC
)

// makeBackup copies the data directory.
func makeBackup(cmd *cobra.Command, t *target.Target, to string) (made backedUp, err error) {
	b := &backup{target: t, cmd: cmd}
	if b.made.Dir, err = filepath.Abs(to); err != nil {
		return made, fmt.Errorf("find %s: %w", to, err)
	}
	if _, err := os.Lstat(b.made.Dir); !errors.Is(err, fs.ErrNotExist) {
		return made, errors.Join(fmt.Errorf("%s already exists; name a directory that does not", b.made.Dir), err)
	}
	if err := t.DB.Elsewhere("back it up", "use pg_dump, or evtui export"); err != nil {
		return made, err
	}
	if b.from, err = t.DataDir(); err != nil {
		return made, err
	}
	if !b.from.HoldsStore() {
		return made, fmt.Errorf("there is no event store in %s; name a directory with --data", b.from)
	}
	if b.from.Copies() {
		return made, fmt.Errorf("%s holds this machine's copy of what a cluster keeps, and a copy of that could not be put back into one: "+
			"use evtui export, which evtui import puts into any store, or NATS's own nats stream backup", b.from)
	}
	b.part = b.made.Dir + partEnd
	if err := b.begin(); err != nil {
		return made, err
	}
	if err := b.run(cmd.Context()); err != nil {
		return made, errors.Join(fmt.Errorf("back up %s: %w", b.from, err), b.held.Close(), os.RemoveAll(b.part))
	}
	return b.made, nil
}

// begin cleans up after backups that were killed, and makes the directory.
func (b *backup) begin() error {
	if err := b.clearPart(); err != nil {
		return err
	}
	if err := b.clearCheckpoints(); err != nil {
		return err
	}
	err := os.Mkdir(b.part, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.MkdirAll(b.part, 0o700)
	}
	if err == nil {
		who := ownership{Source: string(b.from), Destination: b.made.Dir}
		b.held, err = who.claim(filepath.Join(b.part, backupMark))
	}
	if err != nil {
		return fmt.Errorf("make %s: %w", b.part, err)
	}
	return nil
}

// run copies, checks, and gives the copy its name.
func (b *backup) run(ctx context.Context) error {
	err := b.copyAlone(ctx)
	if host.Locked(err) {
		err = b.copyServed(ctx)
	}
	if err == nil {
		err = b.check(ctx)
	}
	if err != nil {
		return err
	}
	// From here on it is whole. What says otherwise goes last: a kill before that
	// leaves one file too many.
	if err := b.held.Close(); err != nil {
		return err
	}
	if err := os.Rename(b.part, b.made.Dir); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(b.made.Dir, backupMark)); err != nil {
		return err
	}
	return errors.Join(durable.SyncDirectory(b.made.Dir), durable.SyncDirectory(filepath.Dir(b.made.Dir)))
}

// copyAlone copies a directory that no server has open as it is. It is open
// meanwhile, only to read, which keeps those out who would write.
func (b *backup) copyAlone(ctx context.Context) (err error) {
	st, err := host.OpenStore(ctx, host.Config{Dir: b.from, Backend: b.target.DB.Backend, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	all, err := st.Namespaces(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Damaged {
			b.made.Damaged = append(b.made.Damaged, all[i].ID)
			continue
		}
		b.claimed.Namespaces++
		b.claimed.Messages += all[i].MessageCount
	}
	return durable.CopyTree(ctx, string(b.from), b.part, b.isData)
}

// isData reports whether a file or directory of the source, by its name below
// it, belongs into a copy.
func (b *backup) isData(name string) bool {
	top, rest, _ := strings.Cut(filepath.ToSlash(name), "/")
	switch {
	case strings.HasPrefix(top, "."), strings.HasSuffix(top, unfinishedEnd):
		return false
	case slices.Contains([]string{host.CheckpointsDir, "profiles", "endpoint", "endpoint.crt", backupMark}, top):
		return false // of the place and of the commands
	}
	return top != "ns" || !strings.Contains(rest, damagedMark)
}

// damagedMark is in the names of what a repair put aside.
const damagedMark = ".damaged-"

// copyServed has the server make a checkpoint beside its data, copies that,
// and removes it: links share their bytes with the original, and its damage.
func (b *backup) copyServed(ctx context.Context) (err error) {
	s, err := b.target.AttachDir(ctx, b.from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	name := checkpointBegin + time.Now().UTC().Format(checkpointTime)
	who := ownership{Source: string(b.from), Destination: b.made.Dir, Checkpoint: name}
	file := filepath.Join(string(b.from), name+unfinishedEnd)
	held, err := who.claim(file)
	if err != nil {
		return err
	}
	dir := filepath.Join(string(b.from), host.CheckpointsDir, name)
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s already exists: try again", dir), err, held.Close(), os.Remove(file))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir), held.Close(), os.Remove(file)) }()
	checkpoint, err := s.Checkpoint(ctx, name)
	if client.NotOffered(err) {
		return fmt.Errorf("%w; stop the server and try again, or use evtui export", err)
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("the server created a checkpoint that is not visible from here: %w", err)
	}
	b.made.Damaged = checkpoint.Damaged
	b.claimed = backedUp{Namespaces: checkpoint.Namespaces, Messages: checkpoint.Messages}
	if err := durable.CopyTree(ctx, dir, b.part, func(string) bool { return true }); err != nil {
		return err
	}
	// Without the token nobody could ask the restored server for anything but
	// what the tokens of the namespaces allow.
	err = durable.CopyFile(b.from.TokenFile(), host.Place(b.part).TokenFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// check verifies the copy, and holds it against what the source says.
func (b *backup) check(ctx context.Context) (err error) {
	st, err := host.OpenStore(ctx, host.Config{Dir: host.Place(b.part), Backend: b.target.DB.Backend, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("open the copy: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	checks, err := verify.All(ctx, verify.Engine{Store: st}, "")
	if err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	for _, c := range checks {
		if c.Namespace == "" || slices.Contains(b.made.Damaged, c.Namespace) {
			continue
		}
		if len(c.Findings) > 0 {
			return fmt.Errorf("the copy of namespace %q is damaged (run evtui verify on the original for details): %s", c.Namespace, verify.DescribeFinding(c.Findings[0]))
		}
		b.made.Namespaces++
		b.made.Messages += c.Messages
	}
	if b.made.Namespaces != b.claimed.Namespaces || b.made.Messages < b.claimed.Messages {
		return fmt.Errorf("the copy holds %s, and should hold %s", b.made.holds(), b.claimed.holds())
	}
	return nil
}
